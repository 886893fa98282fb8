"""Stories as they are kept: the tree of links, and the heads.

A person's words belong to them and are sealed with their own key; a link of people is put together from their
replies when it is read. The storyteller's links and the memory are sealed with the server's key.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import Store
from bot.store.schema import StoryLinkRow, StoryReplyRow, StoryRow
from bot.stories.claims import Claims
from bot.stories.drafts import Drafts
from bot.stories.held import Held
from bot.stories.kept import EndedError, Opening, ReplyState, Story, Taken
from bot.stories.replies import Replies
from bot.stories.rows import (
    canon_of,
    link_row,
    replies_in,
    story_row,
    story_with_links,
    use,
    waiting_in,
)
from bot.stories.shelving import draft_of, links_of, story_of
from bot.stories.state import StoryState
from bot.stories.tree import NoSuchLinkError, StoryTree

OPENING: Final = "opening"
LAST: Final = "last"


class StoryBook:
    """Keeps stories.

    Args:
        store: The database.
        now: The moment, in UTC.

    Attributes:
        replies: What people write.
        held: What people write before they were told what happens to it.
        drafts: What the storyteller writes.
        claims: Which work has which story in hand.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self.replies: Final = Replies(store, now)
        self.held: Final = Held(store, now)
        self.drafts: Final = Drafts(store, now)
        self.claims: Final = Claims(store)

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
            return story_of(story)

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
            origin = await story_row(session, story_id)
            link = await link_row(session, link_id)
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
            return story_of(row)

    async def in_thread(self, guild_id: int, thread_id: int) -> Story | None:
        """Find the story of a thread."""
        async with self._store.session(guild=guild_id) as session:
            row = await session.scalar(select(StoryRow).where(StoryRow.thread_id == thread_id))
            return story_of(row) if row is not None else None

    async def get(self, guild_id: int, story_id: int) -> Story:
        """Give a story.

        Raises:
            NoSuchLinkError: It is not there, or not of this server.
        """
        async with self._store.session(guild=guild_id) as session:
            return story_of(await story_row(session, story_id))

    async def settle(self, guild_id: int, story_id: int, thread_id: int) -> Story:
        """Write down the thread of a story that was begun before it had one."""
        async with self._store.session(guild=guild_id) as session:
            row = await story_row(session, story_id)
            row.thread_id = thread_id
            return story_of(row)

    async def take_up(self, guild_id: int, story_id: int, work: str, *, close: bool = False) -> Taken:
        """Give a piece of work all that it needs to begin, or to go on where an earlier process was.

        Args:
            guild_id: The server.
            story_id: The story.
            work: The piece of work.
            close: Whether to make one link of all that waits and move the head to it, once for each piece of
                work.

        Raises:
            EndedError: There is a turn to close, and the story was ended.
            NoSuchLinkError: There is no such story.
        """
        async with self._store.session(guild=guild_id, redoable=True) as session:
            story, links = await story_with_links(session, story_id)
            turn = next((row for row in links if row.made_by == work), None)
            if turn is None and close:
                if story.ended_at is not None:
                    raise EndedError
                turn = await self._close_turn(session, story, work)
                links.extend(() if turn is None else (turn,))
            return Taken(
                story=story_of(story),
                state=await _state(session, story, links),
                turn_id=turn.id if turn is not None else None,
                drafts=tuple(draft_of(row) for row in links if row.made_by.startswith(f"{work}.")),
            )

    async def _close_turn(self, session: AsyncSession, story: StoryRow, work: str) -> StoryLinkRow | None:
        waiting = await waiting_in(session, story.id)
        if not any(canon_of(row) for row in waiting):
            return None
        link = StoryLinkRow(
            guild_id=story.guild_id,
            tree_id=story.tree_id,
            parent_id=story.head_id,
            made_by=work,
            human=True,
            made_at=self._now(),
        )
        session.add(link)
        await session.flush()
        use(waiting, link)
        story.head_id = link.id
        await session.flush()
        return link

    async def state(self, guild_id: int, story_id: int) -> StoryState:
        """Give a story as the storyteller reads it, with the head where it stands."""
        async with self._store.session(guild=guild_id) as session:
            return await _state(session, *await story_with_links(session, story_id))

    async def move(self, guild_id: int, story_id: int, link_id: int) -> None:
        """Move the head to a link.

        Raises:
            NoSuchLinkError: It is not in the story's tree.
        """
        async with self._store.session(guild=guild_id) as session:
            story = await story_row(session, story_id)
            link = await link_row(session, link_id)
            if link is None or link.tree_id != story.tree_id:
                raise NoSuchLinkError("That part is not in this story any more.")
            story.head_id = link_id

    async def end(self, guild_id: int, story_id: int) -> None:
        """End a story with all that was written by then; nobody is waited for any more."""
        async with self._store.session(guild=guild_id) as session:
            story = await story_row(session, story_id)
            if story.ended_at is None:
                await self._close_turn(session, story, f"{LAST}.{story.id}")
                story.ended_at = self._now()
            await session.execute(
                delete(StoryReplyRow).where(
                    StoryReplyRow.story_id == story_id, StoryReplyRow.state == ReplyState.HELD.value
                )
            )


async def _state(session: AsyncSession, story: StoryRow, links: Sequence[StoryLinkRow]) -> StoryState:
    replies = await replies_in(session, story)
    # Opening what is sealed takes 20 ms for two hundred links.
    found = await asyncio.to_thread(links_of, links, replies)
    return StoryState(
        tree=StoryTree(found, story.head_id),
        voice=story.voice.text() if story.voice is not None else "",
        link_words=story.link_words,
        seed=story.id,
    )
