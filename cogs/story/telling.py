"""Answering turns: a kind of durable work, one piece at a time for each story."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar, Final

import discord
import structlog

from bot import metrics
from bot.client import Inkcircle
from bot.discord_io import incidents
from bot.discord_io.insisting import UNHEARD
from bot.durable import Item
from bot.stories import NoSuchLinkError, Teller
from bot.stories.book import StoryBook
from bot.stories.kept import EndedError, Story
from cogs.story.bringing import Bringing
from cogs.story.drafting import Drafting, parent_of
from cogs.story.paying import Paying
from cogs.story.standing import StandingButtons
from cogs.story.thread import ThreadClosedError, shown_as_typing, thread_of
from cogs.story.unopened import tell_unopened
from cogs.story.work_id import Task, WorkId

_log = structlog.get_logger(__name__)

_LONGEST_WAIT: Final = 60.0
# In seconds; well within the three in which a press must be answered.
_MOMENT: Final = 1.0
_NOTHING: Final = discord.AllowedMentions.none()


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
        self._quiet = quiet
        self._drafting = Drafting(book, teller)
        self._bringing = Bringing(client, book)
        self.paying = Paying(client, book, teller, again=self.reply_came)
        self.buttons = StandingButtons(client, book)
        # Those that wait, by story; and all, also those that are at it.
        self._closing: dict[int, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._first: dict[int, float] = {}
        # Begun by this process; see `_may_stand`.
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
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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
        if story.ended or story.head_id is None:
            return
        if await self._book.drafts.part(guild_id, story.head_id) is None:
            await self.begin(WorkId.new(Task.ANSWER, guild_id, story_id), story.started_by)

    async def _close_later(self, guild_id: int, story_id: int, pause: float) -> None:
        await asyncio.sleep(pause)
        self._first.pop(story_id, None)
        self._closing.pop(story_id, None)
        try:
            await self._close_turn(guild_id, story_id)
        except Exception as error:  # noqa: BLE001 - nobody waits for it, so it is told here
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
        for task in self._tasks:
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
        posted = None
        if step == "post":
            posted = await self._bringing.bring(work, look_first=self._may_stand(work))
        await self._client.store.patiently(lambda: self._done(work))
        if posted is not None and posted[1].text:
            await self.buttons.after_part(work, *posted)
        return False

    async def failed(self, item_id: str, error: Exception) -> None:
        """Let go of the story, and say in its thread that something went wrong."""
        work = WorkId.parse(item_id)
        sorry = "Something went wrong on my side."
        sentence = incidents.report(error, None, sorry, where="story", guild=work.guild_id)
        metrics.job(self.name, "failed")
        await self._release(work)
        try:
            story = await self._book.get(work.guild_id, work.story_id)
            if story.thread_id < 0:
                await self._give_up(story)
                return
            thread = await thread_of(self._client, story)
            await thread.send(
                f"-# {sentence} What you wrote is kept: write on, and I try again.",
                nonce=f"{work.token}-failed",
                allowed_mentions=_NOTHING,
            )
        except (ThreadClosedError, NoSuchLinkError, *UNHEARD) as untold:
            _log.warning("story.untold", guild=work.guild_id, kind=type(untold).__name__)

    async def _give_up(self, story: Story) -> None:
        """End a story that has no thread and will get none, and tell whoever began it."""
        if story.thread_id < 0 and not story.ended:
            await self._book.end(story.guild_id, story.id)
            await tell_unopened(self._client, story)

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

    def _may_stand(self, work: WorkId) -> bool:
        """Tell whether an earlier process may have posted some of it: not of what this one began."""
        return str(work) not in self._ours

    async def _tell(self, work: WorkId) -> bool:
        """Have an answer written and kept; False if there is nothing to answer."""
        changes = self._book.replies.changes_of(work.story_id)
        joins = work.task is Task.TURN
        try:
            taken = await self._book.take_up(work.guild_id, work.story_id, str(work), close=joins)
            story = taken.story
            if work.task is Task.OPEN and story.thread_id < 0:
                story = await self._bringing.open_thread(work, taken, look_first=self._may_stand(work))
        except (EndedError, NoSuchLinkError, ThreadClosedError) as error:
            _log.info("story.not_told", guild=work.guild_id, kind=type(error).__name__)
            if isinstance(error, ThreadClosedError):
                await self._give_up(await self._book.get(work.guild_id, work.story_id))
            return False
        parent_id = parent_of(work, taken)
        if parent_id is None:
            return False
        fits = bool(taken.drafts) and await self._book.drafts.still_fits(
            work.guild_id, work.story_id, parent_id, join=joins
        )
        if fits:
            return True
        async with shown_as_typing(self._client, story):
            await self._drafting.write(work, taken, parent_id, changes)
        return True
