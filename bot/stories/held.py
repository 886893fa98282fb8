"""Messages of people who were not told yet what happens to their words: known by number, and not by word."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from bot.store import Store
from bot.store.schema import StoryReplyRow
from bot.stories.kept import Reply, ReplyState
from bot.stories.rows import reply_row, story_row

_MOST_AT_A_START: Final = 10_000


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message that waits in its thread for its author's Continue."""

    guild_id: int
    story_id: int
    member_id: int
    message_id: int


class Held:
    """Keeps the numbers of such messages, until their author goes on or takes them back.

    Args:
        store: The database.
        now: The moment, in UTC.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def add(self, message: HeldMessage) -> bool:
        """Note a message; False if it is known already, or if its story has ended."""
        async with self._store.session(guild=message.guild_id) as session:
            story = await story_row(session, message.story_id)
            if story.ended_at is not None or await reply_row(session, message.message_id) is not None:
                return False
            session.add(
                StoryReplyRow(
                    guild_id=message.guild_id,
                    story_id=message.story_id,
                    message_id=message.message_id,
                    member_id=message.member_id,
                    state=ReplyState.HELD.value,
                    came_at=self._now(),
                )
            )
        return True

    async def take_in(self, message: HeldMessage, reply: Reply) -> bool:
        """Keep the words of a message whose author went on; False if it was taken back meanwhile."""
        key = await self._store.keys.member(message.member_id)
        async with self._store.session(guild=message.guild_id) as session:
            row = await reply_row(session, message.message_id)
            if row is None or row.state != ReplyState.HELD.value:
                return False
            row.state = ReplyState.WAITING.value
            row.name, row.text = key.seal(reply.author.name), key.seal(reply.text)
        return True

    async def drop(self, guild_id: int, message_id: int) -> HeldMessage | None:
        """Forget a message that is gone; give it, or None if it was not held."""
        async with self._store.session(guild=guild_id) as session:
            row = await reply_row(session, message_id)
            if row is None or row.state != ReplyState.HELD.value:
                return None
            found = _message(row)
            await session.delete(row)
            return found

    async def of_member(self, member_id: int) -> Sequence[HeldMessage]:
        """Give a member's, in every server, in the order in which they were written."""
        async with self._store.session() as session:
            rows = await session.scalars(
                select(StoryReplyRow)
                .where(StoryReplyRow.state == ReplyState.HELD.value, StoryReplyRow.member_id == member_id)
                .order_by(StoryReplyRow.message_id)
            )
            return [_message(row) for row in rows.all()]

    async def all(self) -> Sequence[HeldMessage]:
        """Give all, for whoever starts after a stop, in the order in which they were written."""
        async with self._store.session() as session:
            rows = await session.scalars(
                select(StoryReplyRow)
                .where(StoryReplyRow.state == ReplyState.HELD.value)
                .order_by(StoryReplyRow.message_id)
                .limit(_MOST_AT_A_START)
            )
            return [_message(row) for row in rows.all()]


def _message(row: StoryReplyRow) -> HeldMessage:
    return HeldMessage(row.guild_id, row.story_id, row.member_id, row.message_id)
