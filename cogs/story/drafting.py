"""What the storyteller writes for a piece of work: drafts, until one answers its turn as it stands."""

from typing import Final

import structlog

from bot.llm import Caller
from bot.stories import Teller
from bot.stories.aims import Aim
from bot.stories.book import StoryBook
from bot.stories.kept import About, NewDraft, Story, Taken
from bot.stories.state import StoryState
from bot.stories.told import Told
from cogs.story.work_id import Task, WorkId

_log = structlog.get_logger(__name__)

# How often an answer is written, since somebody wrote or changed something while it was.
_MOST_DRAFTS: Final = 3
_AIMS: Final = {Task.CHAPTER: Aim.CHAPTER, Task.EPILOGUE: Aim.EPILOGUE}


class Drafting:
    """Has drafts written and kept.

    Args:
        book: Where stories are kept.
        teller: Who writes.
    """

    def __init__(self, book: StoryBook, teller: Teller) -> None:
        self._book = book
        self._teller = teller

    async def write(self, work: WorkId, taken: Taken, parent_id: int, changes: int) -> None:
        """Have drafts written and kept until one answers its turn as it stands by then.

        Args:
            work: What they are for.
            taken: The story, as it was when the work took it up.
            parent_id: The link that is answered.
            changes: How often its words had been changed before it was taken up.
        """
        joins = work.task is Task.TURN
        state, aim, written, fits = taken.state, await self._aim(work), len(taken.drafts), False
        while not fits and written < _MOST_DRAFTS:
            state = state.at(state.tree.move(parent_id))
            told = await self._teller.tell(state, caller=_caller(work, taken.story, state), aim=aim)
            _log.info("story.told", job=str(work), calls=told.calls, rejected=told.rejected)
            # Of words that were changed meanwhile nothing is remembered; then another draft is written.
            unchanged = self._book.replies.changes_of(work.story_id) == changes
            fits = await self._book.drafts.keep(
                work.guild_id,
                work.story_id,
                f"{work}.{written}",
                _draft(told, state, aim, with_memory=unchanged),
                join=joins,
            )
            written += 1
            if not fits and written < _MOST_DRAFTS:
                changes = self._book.replies.changes_of(work.story_id)
                state = await self._book.state(work.guild_id, work.story_id)

    async def _aim(self, work: WorkId) -> Aim:
        """Say what the part is for; one that is tried again is for what it was for."""
        if work.task is Task.RETRY:
            link = await self._book.drafts.part(work.guild_id, work.link_id)
            return link.about.aim if link is not None else Aim.LINK
        return _AIMS.get(work.task, Aim.LINK)


def parent_of(work: WorkId, taken: Taken) -> int | None:
    """Give the link that is to be answered; None if there is none."""
    tree = taken.state.tree
    match work.task:
        case Task.TURN:
            return taken.turn_id
        case Task.RETRY:
            if tree.head != work.link_id and not taken.drafts:
                return None
            link = tree.links.get(work.link_id)
            return link.parent_id if link is not None else None
        case Task.CHAPTER | Task.EPILOGUE:
            return work.link_id if tree.head == work.link_id or taken.drafts else None
        case _:
            return tree.head if tree.head is not None and tree.links[tree.head].human else None


def _caller(work: WorkId, story: Story, state: StoryState) -> Caller:
    """Say whose call it is: of who asked for it, else of who wrote last; with the words of all who wrote."""
    path = state.tree.path
    writers = (author for link in reversed(path) for author in reversed(link.authors))
    writer = next((author for author in writers if author.user_id), None)
    payer = story.working_for or (writer.user_id if writer is not None else story.started_by)
    return Caller(
        guild_id=work.guild_id,
        member_id=payer,
        job=str(work),
        author_ids=tuple({one.user_id for link in path for one in link.authors} - {0}),
    )


def _draft(told: Told, state: StoryState, aim: Aim, *, with_memory: bool) -> NewDraft:
    path = state.tree.path
    # A memory that could not be made anew says nothing of what was written last.
    ends = told.memory.reads_as_ending and told.memory.covers == len(path)
    return NewDraft(
        parent_id=path[-1].id,
        text=told.text or "",
        about=About(
            card=told.event.card if told.event is not None else None,
            measures=told.verdict.measures if told.verdict is not None else None,
            event=told.event.words if told.event is not None else "",
            label=told.label,
            aim=aim,
            behind_an_end=ends and aim is not Aim.EPILOGUE,
        ),
        memory=(told.memory, told.memo) if with_memory else None,
    )
