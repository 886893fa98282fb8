"""Stories as they are kept: the tree of links, and the heads.

A person's words belong to them and are sealed with their own key; a link of people is put together from their
replies when it is read. The storyteller's links and the memory are sealed with the server's key.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select

from bot.store import Store
from bot.store.schema import StoryLinkRow, StoryReplyRow, StoryRow
from bot.stories.claims import Claims
from bot.stories.held import Held
from bot.stories.kept import About, Draft, EndedError, Opening, ReplyState, Story
from bot.stories.memory import Memo, Memory
from bot.stories.replies import Replies
from bot.stories.rows import canon_of, link_row, made_by, remember, story_row, use, waiting_in
from bot.stories.shelving import draft_of, links_of, story_of
from bot.stories.state import StoryState
from bot.stories.tree import NoSuchLinkError, StoryTree

OPENING: Final = "opening"


class StoryBook:
    """Keeps stories.

    Args:
        store: The database.
        now: The moment, in UTC.

    Attributes:
        replies: What people write.
        held: What people write before they were told what happens to it.
        claims: Which work has which story in hand.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self.replies: Final = Replies(store, now)
        self.held: Final = Held(store, now)
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

    async def close_turn(self, guild_id: int, story_id: int, work: str) -> int | None:
        """Make one link of all that waits, and move the head to it; once for each piece of work.

        Returns:
            The link; None if there is nothing to answer.

        Raises:
            EndedError: The story was ended.
        """
        async with self._store.session(guild=guild_id) as session:
            story = await story_row(session, story_id)
            made = await made_by(session, story, work)
            if made is not None:
                return made.id
            if story.ended_at is not None:
                raise EndedError
            waiting = await waiting_in(session, story_id)
            if not any(canon_of(row) for row in waiting):
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
            use(waiting, link)
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
            link = await link_row(session, link_id)
            if link is None:
                return True
            waiting = await waiting_in(session, story_id) if join else ()
            if any(canon_of(row) for row in waiting):
                use(waiting, link)
                link.memory = None
            return link.memory is not None

    async def state(self, guild_id: int, story_id: int) -> StoryState:
        """Give a story as the storyteller reads it, with the head where it stands."""
        async with self._store.session(guild=guild_id) as session:
            story = await story_row(session, story_id)
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
                await remember(session, key, parent_id, *memory)
            story = await story_row(session, story_id)
            row = await made_by(session, story, work)
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
            return draft_of(row)

    async def drafts(self, guild_id: int, story_id: int, work: str) -> Sequence[Draft]:
        """Give what a piece of work wrote, `{work}.0` first."""
        async with self._store.session(guild=guild_id) as session:
            story = await story_row(session, story_id)
            rows = await session.scalars(
                select(StoryLinkRow)
                .where(
                    StoryLinkRow.tree_id == story.tree_id,
                    StoryLinkRow.made_by.startswith(f"{work}.", autoescape=True),
                )
                .order_by(StoryLinkRow.id)
            )
            return [draft_of(row) for row in rows.all()]

    async def parent_of(self, guild_id: int, link_id: int) -> int | None:
        """Give the link that a link goes on from; None for a first one, or none at all."""
        async with self._store.session(guild=guild_id) as session:
            row = await link_row(session, link_id)
            return row.parent_id if row is not None else None

    async def link(self, guild_id: int, link_id: int) -> Draft | None:
        """Give a link of the storyteller by its number; None if it is not one."""
        async with self._store.session(guild=guild_id) as session:
            row = await link_row(session, link_id)
            return draft_of(row) if row is not None and not row.human else None

    async def posted(self, guild_id: int, story_id: int, draft: Draft, message_ids: Sequence[int]) -> None:
        """Write down where a link stands, and move the head to it; not to one without words."""
        async with self._store.session(guild=guild_id) as session:
            row = await link_row(session, draft.link_id)
            if row is not None:
                row.message_ids = ",".join(str(each) for each in message_ids)
            if draft.text:
                (await story_row(session, story_id)).head_id = draft.link_id

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
        """End a story; its words stay, and nobody is waited for any more."""
        async with self._store.session(guild=guild_id) as session:
            story = await story_row(session, story_id)
            story.ended_at = story.ended_at or self._now()
            await session.execute(
                delete(StoryReplyRow).where(
                    StoryReplyRow.story_id == story_id, StoryReplyRow.state == ReplyState.HELD.value
                )
            )
