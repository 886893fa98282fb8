"""What people write into stories: kept at once, changed as they change it, taken out as they take it back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from bot.store import Sealed, Store
from bot.store.schema import StoryReplyRow, StoryRow
from bot.stories.kept import Reply, ReplyState, Story
from bot.stories.rows import forget_memory_from, reply_row, story_row, words_of
from bot.stories.shelving import story_of


@dataclass(frozen=True, slots=True)
class Unshown:
    """What somebody wrote with a form, and nobody else may have seen."""

    guild_id: int
    story_id: int
    reply_id: int
    name: str = field(repr=False)
    text: str = field(repr=False)


class Replies:
    """Keeps what people write, each message as its author has it, sealed with their own key.

    Args:
        store: The database.
        now: The moment, in UTC.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._changes: dict[int, int] = {}

    def changes_of(self, story_id: int) -> int:
        """Count the changes that people made in what they had written: were there any meanwhile?"""
        return self._changes.get(story_id, 0)

    async def add(self, guild_id: int, story_id: int, reply: Reply) -> bool:
        """Keep what somebody wrote, at once; False if it is kept already, or if the story has ended."""
        key = await self._store.keys.member(reply.author.user_id)
        try:
            async with self._store.session(guild=guild_id) as session:
                ended = (await story_row(session, story_id)).ended_at is not None
                if ended or await reply_row(session, reply.message_id) is not None:
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
        except IntegrityError:
            # Somebody said that it is no story between our look and our note.
            return False
        return True

    async def keep_out(self, guild_id: int, story_id: int, message_id: int, member_id: int) -> None:
        """Note that a message is not story, also when it comes to be known only afterwards."""
        if await self.set_aside(guild_id, message_id, gone=False) is not None:
            return
        try:
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
        except IntegrityError:
            # It came between our look and our note.
            await self.set_aside(guild_id, message_id, gone=False)

    async def reword(self, guild_id: int, message_id: int, text: str) -> Story | None:
        """Take over what somebody changed in their message; memory from there on is made anew.

        Discord tells of a change also when a message was pinned, or a link in it was looked up: its words are
        the same then, and nothing happens.
        """
        async with self._store.session(guild=guild_id) as session:
            row = await reply_row(session, message_id)
            if row is None or (words := words_of(row)) is None or words == text:
                return None
            member_id = row.member_id
        # A key that has to be made needs a session of its own.
        key = await self._store.keys.member(member_id)
        return await self._change(guild_id, message_id, key.seal(text), None)

    async def set_aside(self, guild_id: int, message_id: int, *, gone: bool) -> Story | None:
        """Take a message out of the story: it was deleted (`gone`), or somebody says that it is not story."""
        return await self._change(guild_id, message_id, None, ReplyState.GONE if gone else ReplyState.ASIDE)

    async def unshown(self) -> Sequence[Unshown]:
        """Give what came with a form and was not seen to be shown, for whoever starts after a stop.

        Until its message is known such a reply has a number below zero, which no message of Discord's has.
        """
        shown_when = (ReplyState.WAITING.value, ReplyState.USED.value)
        async with self._store.session() as session:
            rows = await session.scalars(
                select(StoryReplyRow)
                .where(StoryReplyRow.message_id < 0, StoryReplyRow.state.in_(shown_when))
                .order_by(StoryReplyRow.id)
            )
            return [
                Unshown(row.guild_id, row.story_id, row.message_id, row.name.text(), words)
                for row in rows.all()
                if row.name is not None and (words := words_of(row)) is not None
            ]

    async def stands_in(self, guild_id: int, reply_id: int, message_id: int) -> None:
        """Note the message that shows what came with a form, by which others know it from then on."""
        async with self._store.session(guild=guild_id) as session:
            row = await reply_row(session, reply_id)
            if row is not None:
                row.message_id = message_id

    async def author_of(self, guild_id: int, message_id: int) -> int | None:
        """Tell who wrote a reply that is kept."""
        async with self._store.session(guild=guild_id) as session:
            row = await reply_row(session, message_id)
            return row.member_id if row is not None else None

    async def _change(
        self, guild_id: int, message_id: int, text: Sealed | None, state: ReplyState | None
    ) -> Story | None:
        async with self._store.session(guild=guild_id) as session:
            row = await reply_row(session, message_id)
            if row is None or row.state == ReplyState.GONE.value:
                return None
            if state is not None:
                row.state = state.value
                if state is ReplyState.GONE:
                    row.text = row.name = None
            if text is not None:
                row.text = text
            story = await story_row(session, row.story_id)
            if row.link_id is not None:
                await forget_memory_from(session, story, row.link_id)
            self._changes[story.id] = self.changes_of(story.id) + 1
            return story_of(story)

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
            await session.execute(
                update(StoryRow).where(StoryRow.working_for == member_id).values(working_for=None)
            )
            rows = await session.scalars(
                select(StoryReplyRow).where(
                    StoryReplyRow.member_id == member_id, StoryReplyRow.state != ReplyState.GONE.value
                )
            )
            for row in rows.all():
                row.state = ReplyState.GONE.value
                row.text = row.name = None
                if row.link_id is not None:
                    await forget_memory_from(session, await story_row(session, row.story_id), row.link_id)
