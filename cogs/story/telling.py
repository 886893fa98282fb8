"""Answering turns: a kind of durable work, one piece at a time for each story."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import ClassVar, Final

import discord
import structlog
from discord.utils import time_snowflake

from bot import metrics
from bot.client import Inkcircle
from bot.discord_io import incidents
from bot.discord_io.escape import escape, one_line
from bot.discord_io.split import split_text
from bot.durable import Item
from bot.llm import Caller
from bot.store import StoreUnavailableError
from bot.stories import NoSuchLinkError, Teller
from bot.stories.aims import Aim
from bot.stories.book import StoryBook
from bot.stories.kept import About, Draft, EndedError, NewDraft, Story, Taken
from bot.stories.state import StoryState
from bot.stories.told import Told
from cogs.story.buttons import last_part
from cogs.story.paying import Paying
from cogs.story.standing import StandingButtons
from cogs.story.thread import (
    Poster,
    ThreadClosedError,
    make_thread,
    opening_card,
    pages_of,
    shown_as_typing,
    thread_of,
)
from cogs.story.work_id import Task, WorkId

_log = structlog.get_logger(__name__)

_LONGEST_WAIT: Final = 60.0
# How often an answer is written, since somebody wrote or changed something while it was.
_MOST_DRAFTS: Final = 3
_LOOK_BACK: Final = timedelta(minutes=1)
# In seconds; well within the three in which a press must be answered.
_MOMENT: Final = 1.0
# Between the attempts to post, in seconds; after the last one it is given up.
_PAUSES: Final = (1.0, 4.0, 15.0, 60.0, 180.0)
_NOTHING: Final = discord.AllowedMentions.none()
_AIMS: Final = {Task.CHAPTER: Aim.CHAPTER, Task.EPILOGUE: Aim.EPILOGUE}


class Telling:
    """Goes on with stories.

    Args:
        client: The client.
        book: Where stories are kept.
        teller: Who writes.
        quiet: Seconds without a reply after which a turn is answered; what comes within them is one turn.

    Attributes:
        paying: Sees whether a turn can be paid.
        buttons: Keeps a story's buttons under one message.
    """

    name: ClassVar[str] = "story"
    steps: ClassVar[tuple[str, ...]] = ("tell", "post")
    seatless: ClassVar[frozenset[str]] = frozenset({"post"})

    def __init__(self, client: Inkcircle, book: StoryBook, teller: Teller, *, quiet: float) -> None:
        self._client = client
        self._book = book
        self._teller = teller
        self._quiet = quiet
        self._poster = Poster(client)
        self.paying = Paying(client, book, teller, again=self.reply_came)
        self.buttons = StandingButtons(client, book)
        self._closing: dict[int, asyncio.Task[None]] = {}
        self._first: dict[int, float] = {}
        # Begun by this process: nothing of them can have been posted by an earlier one.
        self._ours: set[str] = set()
        # Set when the story is let go of.
        self._idle: dict[int, asyncio.Event] = {}

    # Beginning

    def reply_came(self, guild_id: int, story_id: int) -> None:
        """Answer soon: when nobody has written for a moment."""
        now = asyncio.get_running_loop().time()
        first = self._first.setdefault(story_id, now)
        pause = min(self._quiet, max(0.0, first + _LONGEST_WAIT - now))
        if (waiting := self._closing.get(story_id)) is not None:
            waiting.cancel()
        task = asyncio.create_task(self._close_later(guild_id, story_id, pause), name=f"turn-{story_id}")
        self._closing[story_id] = task

    async def begin(self, work: WorkId, member_id: int) -> bool:
        """Begin a piece of work; False if the story is being worked on already."""
        if not await self._book.claims.claim(work.guild_id, work.story_id, str(work)):
            return False
        self.begin_claimed(work, member_id)
        return True

    def begin_claimed(self, work: WorkId, member_id: int) -> None:
        """Begin a piece of work that has its story in hand."""
        self._ours.add(str(work))
        self._idle[work.story_id] = asyncio.Event()
        metrics.job(self.name, "begun")
        self._client.durable.begin(self.name, Item(str(work), work.guild_id, member_id))

    async def answer(self, guild_id: int, story_id: int) -> None:
        """Answer a turn that was left without an answer, if there is one."""
        story = await self._book.get(guild_id, story_id)
        if story.ended or story.head_id is None or await self._book.link(guild_id, story.head_id) is not None:
            return
        await self.begin(WorkId.new(Task.ANSWER, guild_id, story_id), story.started_by)

    async def _close_later(self, guild_id: int, story_id: int, pause: float) -> None:
        await asyncio.sleep(pause)
        self._first.pop(story_id, None)
        self._closing.pop(story_id, None)
        try:
            await self._close_turn(guild_id, story_id)
        except StoreUnavailableError as error:
            # What was written is kept, and is answered with the next reply or after the next start.
            incidents.report(error, where="story turn", guild=guild_id)

    async def _close_turn(self, guild_id: int, story_id: int) -> None:
        if not await self.paying.may_answer(guild_id, story_id):
            return
        work = WorkId.new(Task.TURN, guild_id, story_id)
        started_by = await self._book.claims.take_turn(guild_id, story_id, str(work))
        if started_by is not None:
            self.begin_claimed(work, started_by)

    def close(self) -> None:
        """Wait for nobody any more; what waits is found at the next start."""
        for task in self._closing.values():
            task.cancel()
        self._closing.clear()
        self.paying.close()

    # The kind of work

    async def open_items(self) -> Sequence[Item]:
        """Give what was under way, and wait again for the turns that were not closed."""
        items: list[Item] = []
        busy: set[int] = set()
        for story in await self._book.claims.worked_on():
            work = WorkId.parse(story.working or "")
            if work.task is Task.MOVE:
                # Such a move is one transaction: it was made, or it was not.
                await self._book.claims.release(story.guild_id, story.id, str(work))
            else:
                items.append(Item(str(work), story.guild_id, story.started_by))
                busy.add(story.id)
        for guild_id, story_id in await self._book.claims.unfinished():
            if story_id not in busy:
                self.reply_came(guild_id, story_id)
        return items

    async def do(self, step: str, item_id: str) -> bool:
        """Do a step."""
        work = WorkId.parse(item_id)
        if step == "tell" and await self._client.store.patiently(lambda: self._tell(work)):
            return True
        posted = await self._post(work) if step == "post" else None
        await self._client.store.patiently(lambda: self._done(work))
        if posted is not None and posted[1].text:
            await self.buttons.after_part(work, *posted)
        return False

    async def failed(self, item_id: str, error: Exception) -> None:
        """Let go of the story, and say in its thread that something went wrong."""
        work = WorkId.parse(item_id)
        sentence = incidents.report(error, where="story", guild=work.guild_id)
        metrics.job(self.name, "failed")
        await self._release(work)
        try:
            thread = await thread_of(self._client, await self._book.get(work.guild_id, work.story_id))
            await thread.send(
                f"-# {sentence} What you wrote is kept: write on, and I try again.",
                nonce=f"{work.token}-failed",
                allowed_mentions=_NOTHING,
            )
        except (ThreadClosedError, NoSuchLinkError, discord.HTTPException) as untold:
            _log.warning("story.untold", guild=work.guild_id, kind=type(untold).__name__)

    async def pause(self, item_ids: Sequence[str]) -> None:
        """The story goes on after the start; its thread stays as it is."""

    async def idle(self, story_id: int) -> None:
        """Have a moment's patience with work at a story: a part can be seen before the head is on it."""
        idle = self._idle.get(story_id)
        if idle is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(idle.wait(), _MOMENT)

    async def _release(self, work: WorkId) -> None:
        await self._book.claims.release(work.guild_id, work.story_id, str(work))
        if (idle := self._idle.pop(work.story_id, None)) is not None:
            idle.set()

    async def _done(self, work: WorkId) -> None:
        """Let go of the story, and answer what came too late for this turn."""
        self._ours.discard(str(work))
        await self._release(work)
        metrics.job(self.name, "done")
        await self._close_turn(work.guild_id, work.story_id)

    # Writing

    async def _tell(self, work: WorkId) -> bool:
        """Have an answer written and kept; False if there is nothing to answer."""
        changes = self._book.replies.changes_of(work.story_id)
        joins = work.task is Task.TURN
        try:
            taken = await self._book.take_up(work.guild_id, work.story_id, str(work), close=joins)
            story = taken.story
            if work.task is Task.OPEN and story.thread_id < 0:
                story = await self._open_thread(work, taken)
        except (EndedError, NoSuchLinkError, ThreadClosedError) as error:
            _log.info("story.not_told", guild=work.guild_id, kind=type(error).__name__)
            return False
        parent_id = _parent(work, taken)
        if parent_id is None:
            return False
        fits = bool(taken.drafts) and await self._book.still_fits(
            work.guild_id, work.story_id, parent_id, join=joins
        )
        if fits:
            return True
        async with shown_as_typing(self._client, story):
            await self._write(work, taken, parent_id, changes)
        return True

    async def _write(self, work: WorkId, taken: Taken, parent_id: int, changes: int) -> None:
        """Have drafts written and kept until one answers its turn as it stands by then."""
        joins = work.task is Task.TURN
        state, aim, written, fits = taken.state, await self._aim(work), len(taken.drafts), False
        while not fits and written < _MOST_DRAFTS:
            state = state.at(state.tree.move(parent_id))
            told = await self._teller.tell(state, caller=_caller(work, taken.story, state), aim=aim)
            _log.info("story.told", job=str(work), calls=told.calls, rejected=told.rejected)
            # Of words that were changed meanwhile nothing is remembered; then another draft is written.
            unchanged = self._book.replies.changes_of(work.story_id) == changes
            fits = await self._book.keep_draft(
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
            link = await self._book.link(work.guild_id, work.link_id)
            return link.about.aim if link is not None else Aim.LINK
        return _AIMS.get(work.task, Aim.LINK)

    # Posting

    async def _open_thread(self, work: WorkId, taken: Taken) -> Story:
        """Make the thread of a new story, with how it works and its beginning."""
        since = -taken.story.thread_id
        thread = await make_thread(self._client, taken.story, since)
        (link,) = taken.state.tree.path
        name = one_line(link.authors[0].name, 40)
        reads_all = self._client.intents.message_content
        await self._poster.post(
            thread,
            [
                opening_card(taken.story.title, reads_all=reads_all),
                *split_text(f"**The beginning, by {name}**\n\n{escape(link.text)}"),
            ],
            key=f"{work.token}-open",
            since=since,
            look_first=str(work) not in self._ours,
        )
        return await self._book.settle(work.guild_id, work.story_id, thread.id)

    async def _post(self, work: WorkId) -> tuple[discord.Thread, Draft] | None:
        """Bring the answer into the thread, once, and move the head to it; give both if that was possible."""
        try:
            story, draft = await self._book.to_post(work.guild_id, work.story_id, str(work))
            if draft is None:
                return None
            if story.ended and not draft.message_ids:
                # Nobody wants a part that comes behind the end.
                _log.info("story.ended_meanwhile", guild=work.guild_id)
                return None
            thread = await thread_of(self._client, story)
            ids = draft.message_ids or await self._bring(work, story, thread, draft)
        except ThreadClosedError as error:
            _log.info("story.thread_closed", guild=work.guild_id, gone=error.gone)
            if error.gone:
                await self._book.end(work.guild_id, work.story_id)
            return None
        await self._client.store.patiently(lambda: self._book.posted(work.guild_id, story.id, draft, ids))
        if draft.text and draft.about.aim is Aim.EPILOGUE:
            await self._client.store.patiently(lambda: self._book.end(work.guild_id, story.id))
        return thread, draft

    async def _bring(self, work: WorkId, story: Story, thread: discord.Thread, draft: Draft) -> list[int]:
        tries = 0
        while True:
            try:
                return await self._poster.post(
                    thread,
                    pages_of(draft),
                    key=work.token,
                    since=time_snowflake(draft.made_at - _LOOK_BACK),
                    view=(lambda: last_part(story.id, draft.link_id, draft.about)) if draft.text else None,
                    look_first=str(work) not in self._ours or tries > 0,
                )
            except (discord.HTTPException, OSError):
                if tries == len(_PAUSES):
                    raise
                await asyncio.sleep(_PAUSES[tries])
                tries += 1


def _parent(work: WorkId, taken: Taken) -> int | None:
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
    """Say whose call it is: of who wrote last, with the words of all who wrote."""
    path = state.tree.path
    writers = (author for link in reversed(path) for author in reversed(link.authors))
    writer = next((author for author in writers if author.user_id), None)
    return Caller(
        guild_id=work.guild_id,
        member_id=writer.user_id if writer is not None else story.started_by,
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
