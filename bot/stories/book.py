"""Stories as they are kept: what people wrote, the moment it came, the tree of links, and the heads.

A person's words belong to them and are sealed with their own key; a link of people is put together from their
replies when it is read. The storyteller's links and the memory are sealed with the server's key.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.store import DataKey, ForgottenError, Sealed, Store
from bot.store.schema import StoryLinkRow, StoryReplyRow, StoryRow
from bot.stories.chatter import take_apart
from bot.stories.measures import Measures
from bot.stories.memory import Memo, Memory
from bot.stories.shelving import links_of
from bot.stories.state import StoryState
from bot.stories.tree import Author, NoSuchLinkError, StoryTree

OPENING: Final = "opening"
_KEPT_LONGER: Final = 10_000


class ReplyState(StrEnum):
    """What became of a reply."""

    WAITING = "waiting"
    USED = "used"
    ASIDE = "aside"
    GONE = "gone"


class EndedError(UserError):
    """The story was ended."""

    def __init__(self) -> None:
        super().__init__("This story has ended. Branch it at any place to go on from there.")


@dataclass(frozen=True, slots=True)
class Story:
    """A story's place and state, without its words.

    Attributes:
        id: Its number.
        guild_id: The server.
        channel_id: Where its thread hangs.
        thread_id: The thread.
        started_by: Who began it.
        title: How it is called.
        head_id: The link to go on from.
        working: The piece of work that is at it; None if none is.
        ended: Whether somebody ended it.
    """

    id: int
    guild_id: int
    channel_id: int
    thread_id: int
    started_by: int
    title: str = field(repr=False)
    head_id: int | None
    working: str | None
    ended: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """How a story begins."""

    channel_id: int
    thread_id: int
    message_id: int
    author: Author
    title: str = field(repr=False)
    text: str = field(repr=False)
    voice: str = field(default="", repr=False)
    link_words: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What one person wrote in one message."""

    message_id: int
    author: Author
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class About:
    """What the storyteller says about a link of its own.

    Attributes:
        card: The event card that it was given.
        measures: What was measured.
        event: What the writers are told; empty for nothing.
        label: What must stand with it.
    """

    card: str | None = None
    measures: Measures | None = None
    event: str = ""
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A link that was written and may not stand in the thread yet.

    Attributes:
        link_id: Its number.
        text: Its words; empty where the storyteller had none, and `about.event` says why.
        about: What goes with it.
        message_ids: The messages that it stands in, once it does.
        made_at: When it was written.
    """

    link_id: int
    text: str = field(repr=False)
    about: About = field(repr=False)
    message_ids: tuple[int, ...]
    made_at: datetime


class StoryBook:
    """Keeps stories.

    Args:
        store: The database.
        now: The moment, in UTC.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._changes: dict[int, int] = {}

    # Beginning and finding

    async def start(self, guild_id: int, opening: Opening) -> Story:
        """Begin a story; a thread that has one gives that one."""
        known = await self.in_thread(guild_id, opening.thread_id)
        if known is not None:
            return known
        member = await self._store.keys.member(opening.author.user_id)
        guild = await self._store.keys.guild(guild_id)
        async with self._store.session(guild=guild_id) as session:
            story = StoryRow(
                guild_id=guild_id,
                channel_id=opening.channel_id,
                thread_id=opening.thread_id,
                started_by=opening.author.user_id,
                title=guild.seal(opening.title),
                voice=guild.seal(opening.voice) if opening.voice else None,
                link_words=opening.link_words,
                started_at=self._now(),
            )
            session.add(story)
            await session.flush()
            story.tree_id = story.id
            link = StoryLinkRow(
                guild_id=guild_id, tree_id=story.id, made_by=OPENING, human=True, made_at=self._now()
            )
            session.add(link)
            await session.flush()
            story.head_id = link.id
            session.add(
                StoryReplyRow(
                    guild_id=guild_id,
                    story_id=story.id,
                    link_id=link.id,
                    message_id=opening.message_id,
                    member_id=opening.author.user_id,
                    name=member.seal(opening.author.name),
                    text=member.seal(opening.text),
                    state=ReplyState.USED.value,
                    came_at=self._now(),
                )
            )
            return _story(story)

    async def branch(
        self, guild_id: int, story_id: int, link_id: int, *, thread_id: int, member_id: int, title: str
    ) -> Story:
        """Begin another story in the same tree, its head at a link; a thread that has one gives that one.

        Raises:
            NoSuchLinkError: The link is not in that tree.
        """
        known = await self.in_thread(guild_id, thread_id)
        if known is not None:
            return known
        key = await self._store.keys.guild(guild_id)
        async with self._store.session(guild=guild_id) as session:
            origin = await _story_row(session, story_id)
            link = await _link_row(session, link_id)
            if link is None or link.tree_id != origin.tree_id:
                raise NoSuchLinkError("That part is not in this story any more.")
            row = StoryRow(
                guild_id=guild_id,
                tree_id=origin.tree_id,
                channel_id=origin.channel_id,
                thread_id=thread_id,
                started_by=member_id,
                title=key.seal(title),
                voice=key.seal(origin.voice.text()) if origin.voice is not None else None,
                link_words=origin.link_words,
                head_id=link_id,
                started_at=self._now(),
            )
            session.add(row)
            await session.flush()
            return _story(row)

    async def in_thread(self, guild_id: int, thread_id: int) -> Story | None:
        """Find the story of a thread."""
        async with self._store.session(guild=guild_id) as session:
            row = await session.scalar(select(StoryRow).where(StoryRow.thread_id == thread_id))
            return _story(row) if row is not None else None

    async def get(self, guild_id: int, story_id: int) -> Story:
        """Give a story.

        Raises:
            NoSuchLinkError: It is not there, or not of this server.
        """
        async with self._store.session(guild=guild_id) as session:
            return _story(await _story_row(session, story_id))

    async def unfinished(self) -> Sequence[tuple[int, int]]:
        """Give server and number of every story that has words waiting, for whoever starts after a stop."""
        async with self._store.session() as session:
            found = await session.execute(
                select(StoryReplyRow.guild_id, StoryReplyRow.story_id)
                .where(StoryReplyRow.state == ReplyState.WAITING.value)
                .distinct()
                .limit(_KEPT_LONGER)
            )
            return [(guild_id, story_id) for guild_id, story_id in found.all()]

    async def worked_on(self) -> Sequence[Story]:
        """Give every story that some work had in hand, for whoever starts after a stop."""
        async with self._store.session() as session:
            rows = await session.scalars(
                select(StoryRow).where(StoryRow.working.is_not(None)).order_by(StoryRow.id)
            )
            return [_story(row) for row in rows.all()]

    async def settle(self, guild_id: int, story_id: int, thread_id: int) -> Story:
        """Write down the thread of a story that was begun before it had one."""
        async with self._store.session(guild=guild_id) as session:
            row = await _story_row(session, story_id)
            row.thread_id = thread_id
            return _story(row)

    def changes_of(self, story_id: int) -> int:
        """Count the changes that people made in what they had written: were there any meanwhile?"""
        return self._changes.get(story_id, 0)

    # What people write

    async def add_reply(self, guild_id: int, story_id: int, reply: Reply) -> bool:
        """Keep what somebody wrote, at once; False if that message is kept already."""
        key = await self._store.keys.member(reply.author.user_id)
        async with self._store.session(guild=guild_id) as session:
            if await _reply_row(session, reply.message_id) is not None:
                return False
            session.add(
                StoryReplyRow(
                    guild_id=guild_id,
                    story_id=story_id,
                    message_id=reply.message_id,
                    member_id=reply.author.user_id,
                    name=key.seal(reply.author.name),
                    text=key.seal(reply.text),
                    state=ReplyState.WAITING.value,
                    came_at=self._now(),
                )
            )
        return True

    async def keep_out(self, guild_id: int, story_id: int, message_id: int, member_id: int) -> None:
        """Note that a message is not story, also when it comes to be known only afterwards."""
        if await self.set_aside(guild_id, message_id, gone=False) is not None:
            return
        async with self._store.session(guild=guild_id) as session:
            session.add(
                StoryReplyRow(
                    guild_id=guild_id,
                    story_id=story_id,
                    message_id=message_id,
                    member_id=member_id,
                    state=ReplyState.ASIDE.value,
                    came_at=self._now(),
                )
            )

    async def close_turn(self, guild_id: int, story_id: int, work: str) -> int | None:
        """Make one link of all that waits, and move the head to it; once for each piece of work.

        Returns:
            The link; None if there is nothing to answer.

        Raises:
            EndedError: The story was ended.
        """
        async with self._store.session(guild=guild_id) as session:
            story = await _story_row(session, story_id)
            made = await _made_by(session, story, work)
            if made is not None:
                return made.id
            if story.ended_at is not None:
                raise EndedError
            waiting = await _waiting(session, story_id)
            if not any(_canon(row) for row in waiting):
                return None
            link = StoryLinkRow(
                guild_id=guild_id,
                tree_id=story.tree_id,
                parent_id=story.head_id,
                made_by=work,
                human=True,
                made_at=self._now(),
            )
            session.add(link)
            await session.flush()
            _use(waiting, link)
            story.head_id = link.id
            return link.id

    async def still_fits(self, guild_id: int, story_id: int, link_id: int, *, join: bool) -> bool:
        """Tell whether what was written for a turn still answers it: nobody has changed it since.

        Args:
            guild_id: The server.
            story_id: The story.
            link_id: The turn.
            join: Whether what came meanwhile belongs to it, so that it is another one.
        """
        async with self._store.session(guild=guild_id) as session:
            link = await _link_row(session, link_id)
            if link is None:
                return True
            waiting = await _waiting(session, story_id) if join else ()
            if any(_canon(row) for row in waiting):
                _use(waiting, link)
                link.memory = None
            return link.memory is not None

    async def reword(self, guild_id: int, message_id: int, text: str) -> Story | None:
        """Take over what somebody changed in their message; memory from there on is made anew.

        Discord tells of a change also when a message was pinned, or a link in it was looked up: its words are
        the same then, and nothing happens.
        """
        async with self._store.session(guild=guild_id) as session:
            row = await _reply_row(session, message_id)
            if row is None or (words := _words(row)) is None or words == text:
                return None
            member_id = row.member_id
        # A key that has to be made needs a session of its own.
        key = await self._store.keys.member(member_id)
        return await self._change(guild_id, message_id, key.seal(text), None)

    async def set_aside(self, guild_id: int, message_id: int, *, gone: bool) -> Story | None:
        """Take a message out of the story: it was deleted (`gone`), or somebody says that it is not story."""
        return await self._change(guild_id, message_id, None, ReplyState.GONE if gone else ReplyState.ASIDE)

    async def author_of(self, guild_id: int, message_id: int) -> int | None:
        """Tell who wrote a reply that is kept."""
        async with self._store.session(guild=guild_id) as session:
            row = await _reply_row(session, message_id)
            return row.member_id if row is not None else None

    async def _change(
        self, guild_id: int, message_id: int, text: Sealed | None, state: ReplyState | None
    ) -> Story | None:
        async with self._store.session(guild=guild_id) as session:
            row = await _reply_row(session, message_id)
            if row is None or row.state == ReplyState.GONE.value:
                return None
            if state is not None:
                row.state = state.value
                if state is ReplyState.GONE:
                    row.text = row.name = None
            if text is not None:
                row.text = text
            story = await _story_row(session, row.story_id)
            if row.link_id is not None:
                await _forget_memory_from(session, story, row.link_id)
            self._changes[story.id] = self.changes_of(story.id) + 1
            return _story(story)

    # Work

    async def take_turn(self, guild_id: int, story_id: int, work: str) -> int | None:
        """Take the right to answer what waits; give who began the story, None where there is nothing to take.

        Work that is under way takes what waits into its turn, or has it answered when it is done.
        """
        async with self._store.session(guild=guild_id) as session:
            if not any(_canon(row) for row in await _waiting(session, story_id)):
                return None
            started_by: int | None = await session.scalar(
                update(StoryRow)
                .where(StoryRow.id == story_id, StoryRow.working.is_(None), StoryRow.ended_at.is_(None))
                .values(working=work)
                .returning(StoryRow.started_by)
                .execution_options(synchronize_session=False)
            )
            return started_by

    async def claim(self, guild_id: int, story_id: int, work: str) -> bool:
        """Take the right to move a story's head; False if another piece of work has it."""
        async with self._store.session(guild=guild_id) as session:
            result = await session.execute(
                update(StoryRow)
                .where(StoryRow.id == story_id, (StoryRow.working.is_(None)) | (StoryRow.working == work))
                .values(working=work)
                .execution_options(synchronize_session=False)
            )
            return bool(cast("CursorResult[Any]", result).rowcount)

    async def release(self, guild_id: int, story_id: int, work: str) -> None:
        """Give the right back; nothing if this work does not have it."""
        async with self._store.session(guild=guild_id) as session:
            await session.execute(
                update(StoryRow)
                .where(StoryRow.id == story_id, StoryRow.working == work)
                .values(working=None)
                .execution_options(synchronize_session=False)
            )

    async def state(self, guild_id: int, story_id: int) -> StoryState:
        """Give a story as the storyteller reads it, with the head where it stands."""
        async with self._store.session(guild=guild_id) as session:
            story = await _story_row(session, story_id)
            rows = await session.scalars(
                select(StoryLinkRow).where(StoryLinkRow.tree_id == story.tree_id).order_by(StoryLinkRow.id)
            )
            found = rows.all()
            replies = await session.scalars(
                select(StoryReplyRow)
                .where(
                    StoryReplyRow.link_id == StoryLinkRow.id,
                    StoryLinkRow.tree_id == story.tree_id,
                    StoryReplyRow.state == ReplyState.USED.value,
                )
                .order_by(StoryReplyRow.message_id)
            )
            tree = StoryTree(links_of(found, replies.all()), story.head_id)
            return StoryState(
                tree=tree,
                voice=story.voice.text() if story.voice is not None else "",
                link_words=story.link_words,
                seed=story.id,
            )

    async def keep_memory(self, guild_id: int, link_id: int, memory: Memory, memo: Memo | None) -> None:
        """Keep the memory after a link."""
        key = await self._store.keys.guild(guild_id)
        async with self._store.session(guild=guild_id) as session:
            await _remember(session, key, link_id, memory, memo)

    async def keep_draft(
        self,
        guild_id: int,
        story_id: int,
        work: str,
        *,
        parent_id: int,
        text: str,
        about: About,
        memory: tuple[Memory, Memo | None] | None = None,
    ) -> Draft:
        """Keep what the storyteller wrote before it is posted; once for each piece of work.

        Args:
            guild_id: The server.
            story_id: The story.
            work: Names the draft.
            parent_id: The link that it answers.
            text: Its words.
            about: What goes with it.
            memory: The memory after that link, where it is to be kept as well.
        """
        key = await self._store.keys.guild(guild_id)
        async with self._store.session(guild=guild_id) as session:
            if memory is not None:
                await _remember(session, key, parent_id, *memory)
            story = await _story_row(session, story_id)
            row = await _made_by(session, story, work)
            if row is None:
                row = StoryLinkRow(
                    guild_id=guild_id,
                    tree_id=story.tree_id,
                    parent_id=parent_id,
                    made_by=work,
                    human=False,
                    text=key.seal(text),
                    about=key.seal(json.dumps(asdict(about))),
                    made_at=self._now(),
                )
                session.add(row)
                await session.flush()
            return _draft(row)

    async def drafts(self, guild_id: int, story_id: int, work: str) -> Sequence[Draft]:
        """Give what a piece of work wrote, `{work}.0` first."""
        async with self._store.session(guild=guild_id) as session:
            story = await _story_row(session, story_id)
            rows = await session.scalars(
                select(StoryLinkRow)
                .where(
                    StoryLinkRow.tree_id == story.tree_id,
                    StoryLinkRow.made_by.startswith(f"{work}.", autoescape=True),
                )
                .order_by(StoryLinkRow.id)
            )
            return [_draft(row) for row in rows.all()]

    async def parent_of(self, guild_id: int, link_id: int) -> int | None:
        """Give the link that a link goes on from; None for a first one, or none at all."""
        async with self._store.session(guild=guild_id) as session:
            row = await _link_row(session, link_id)
            return row.parent_id if row is not None else None

    async def link(self, guild_id: int, link_id: int) -> Draft | None:
        """Give a link of the storyteller by its number; None if it is not one."""
        async with self._store.session(guild=guild_id) as session:
            row = await _link_row(session, link_id)
            return _draft(row) if row is not None and not row.human else None

    async def posted(self, guild_id: int, story_id: int, draft: Draft, message_ids: Sequence[int]) -> None:
        """Write down where a link stands, and move the head to it; not to one without words."""
        async with self._store.session(guild=guild_id) as session:
            row = await _link_row(session, draft.link_id)
            if row is not None:
                row.message_ids = ",".join(str(each) for each in message_ids)
            if draft.text:
                (await _story_row(session, story_id)).head_id = draft.link_id

    async def move(self, guild_id: int, story_id: int, link_id: int) -> None:
        """Move the head to a link.

        Raises:
            NoSuchLinkError: It is not in the story's tree.
        """
        async with self._store.session(guild=guild_id) as session:
            story = await _story_row(session, story_id)
            link = await _link_row(session, link_id)
            if link is None or link.tree_id != story.tree_id:
                raise NoSuchLinkError("That part is not in this story any more.")
            story.head_id = link_id

    async def end(self, guild_id: int, story_id: int) -> None:
        """End a story; its words stay."""
        async with self._store.session(guild=guild_id) as session:
            story = await _story_row(session, story_id)
            story.ended_at = story.ended_at or self._now()

    # What belongs to one person

    async def written_by(self, member_id: int) -> Sequence[tuple[int, str, datetime]]:
        """Give a member's words in every server: the story's number, the words, and when they came."""
        async with self._store.session() as session:
            rows = await session.scalars(
                select(StoryReplyRow)
                .where(StoryReplyRow.member_id == member_id, StoryReplyRow.text.is_not(None))
                .order_by(StoryReplyRow.id)
            )
            return [
                (row.story_id, row.text.text(), row.came_at) for row in rows.all() if row.text is not None
            ]

    async def forget(self, member_id: int) -> None:
        """Take a member's words out of every story; memory is made anew without them. Twice is no fault."""
        async with self._store.session() as session:
            rows = await session.scalars(
                select(StoryReplyRow).where(
                    StoryReplyRow.member_id == member_id, StoryReplyRow.state != ReplyState.GONE.value
                )
            )
            for row in rows.all():
                row.state = ReplyState.GONE.value
                row.text = row.name = None
                if row.link_id is not None:
                    await _forget_memory_from(session, await _story_row(session, row.story_id), row.link_id)


def _use(waiting: Sequence[StoryReplyRow], link: StoryLinkRow) -> None:
    for row in waiting:
        row.link_id = link.id
        row.state = ReplyState.USED.value


def _words(row: StoryReplyRow) -> str | None:
    """Give what somebody wrote; None where it was taken back, also if only their key is gone so far."""
    try:
        return row.text.text() if row.text is not None else None
    except ForgottenError:
        return None


def _canon(row: StoryReplyRow) -> str:
    return take_apart(_words(row) or "").canon


async def _story_row(session: AsyncSession, story_id: int) -> StoryRow:
    row: StoryRow | None = await session.scalar(select(StoryRow).where(StoryRow.id == story_id))
    if row is None:
        raise NoSuchLinkError("There is no such story here.")
    return row


async def _link_row(session: AsyncSession, link_id: int) -> StoryLinkRow | None:
    row: StoryLinkRow | None = await session.scalar(select(StoryLinkRow).where(StoryLinkRow.id == link_id))
    return row


async def _remember(
    session: AsyncSession, key: DataKey, link_id: int, memory: Memory, memo: Memo | None
) -> None:
    content = {"memory": memory.to_json(), "memo": asdict(memo) if memo is not None else None}
    row = await _link_row(session, link_id)
    if row is not None:
        row.memory = key.seal(json.dumps(content))


async def _reply_row(session: AsyncSession, message_id: int) -> StoryReplyRow | None:
    row: StoryReplyRow | None = await session.scalar(
        select(StoryReplyRow).where(StoryReplyRow.message_id == message_id)
    )
    return row


async def _made_by(session: AsyncSession, story: StoryRow, work: str) -> StoryLinkRow | None:
    row: StoryLinkRow | None = await session.scalar(
        select(StoryLinkRow).where(StoryLinkRow.tree_id == story.tree_id, StoryLinkRow.made_by == work)
    )
    return row


async def _waiting(session: AsyncSession, story_id: int) -> Sequence[StoryReplyRow]:
    rows = await session.scalars(
        select(StoryReplyRow)
        .where(StoryReplyRow.story_id == story_id, StoryReplyRow.state == ReplyState.WAITING.value)
        .order_by(StoryReplyRow.message_id)
    )
    return rows.all()


async def _forget_memory_from(session: AsyncSession, story: StoryRow, link_id: int) -> None:
    """Drop the memory of a link and of all behind it: it knew words that have changed."""
    rows = await session.scalars(
        select(StoryLinkRow).where(StoryLinkRow.tree_id == story.tree_id).order_by(StoryLinkRow.id)
    )
    stale = {link_id}
    for row in rows.all():
        if row.id == link_id or row.parent_id in stale:
            stale.add(row.id)
            row.memory = None


def _story(row: StoryRow) -> Story:
    return Story(
        id=row.id,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        thread_id=row.thread_id,
        started_by=row.started_by,
        title=row.title.text(),
        head_id=row.head_id,
        working=row.working,
        ended=row.ended_at is not None,
    )


def _draft(row: StoryLinkRow) -> Draft:
    told = json.loads(row.about.text()) if row.about is not None else {}
    measured = told.get("measures")
    about = About(
        card=told.get("card"),
        measures=Measures(**measured) if measured else None,
        event=told.get("event", ""),
        label=told.get("label"),
    )
    ids = tuple(int(each) for each in (row.message_ids or "").split(",") if each)
    return Draft(row.id, row.text.text() if row.text is not None else "", about, ids, row.made_at)
