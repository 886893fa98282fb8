"""Who has a story in hand: one piece of work at a time, also across the end of a process."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import structlog
from sqlalchemy import CursorResult, select, update

from bot.store import Store, StoreUnavailableError
from bot.store.schema import StoryReplyRow, StoryRow
from bot.stories.kept import ReplyState, Story
from bot.stories.rows import canon_of, story_row, waiting_in
from bot.stories.shelving import story_of
from bot.stories.tree import Author

_log = structlog.get_logger(__name__)

_MOST_AT_A_START: Final = 10_000
# How long a database that is away is waited for where nobody else waits.
_PATIENCE_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class NextTurn:
    """What waits to be answered.

    Attributes:
        payer: On whose budget it is answered: the last who joined in, as in the turn that it will be.
        first_message_id: The first of its messages.
    """

    payer: Author
    first_message_id: int


class Claims:
    """Gives stories into the hands of work.

    Args:
        store: The database.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        # By work: who waits until it can be given back.
        self._releasing: dict[str, asyncio.Task[None]] = {}

    async def next_turn(self, guild_id: int, story_id: int) -> NextTurn | None:
        """Give what `take_turn` would take; None where there is nothing, or where work is under way."""
        async with self._store.session(guild=guild_id) as session:
            story = await story_row(session, story_id)
            if story.working is not None or story.ended_at is not None:
                return None
            waiting = [row for row in await waiting_in(session, story_id) if canon_of(row)]
            if not waiting:
                return None
            joined: dict[int, StoryReplyRow] = {}
            for row in waiting:
                joined.setdefault(row.member_id, row)
            payer = list(joined.values())[-1]
            name = payer.name.text() if payer.name is not None else ""
            return NextTurn(Author(payer.member_id, name), waiting[0].message_id)

    async def take_turn(self, guild_id: int, story_id: int, work: str) -> int | None:
        """Take the right to answer what waits; give who began the story, None where there is nothing to take.

        Work that is under way takes what waits into its turn, or has it answered when it is done. Were the
        right lost in a power cut, what waits would be found waiting at the next start.
        """
        async with self._store.session(guild=guild_id, redoable=True) as session:
            if not any(canon_of(row) for row in await waiting_in(session, story_id)):
                return None
            started_by: int | None = await session.scalar(
                update(StoryRow)
                .where(StoryRow.id == story_id, StoryRow.working.is_(None), StoryRow.ended_at.is_(None))
                .values(working=work)
                .returning(StoryRow.started_by)
                .execution_options(synchronize_session=False)
            )
            return started_by

    async def claim(self, guild_id: int, story_id: int, work: str, *, asked_by: int | None = None) -> bool:
        """Take the right to move a story's head.

        Args:
            guild_id: The server.
            story_id: The story.
            work: The piece of work.
            asked_by: Who asked for it, and pays; None where it answers what people wrote.

        Returns:
            Whether it has it: another piece of work may.
        """
        async with self._store.session(guild=guild_id) as session:
            result = await session.execute(
                update(StoryRow)
                .where(StoryRow.id == story_id, (StoryRow.working.is_(None)) | (StoryRow.working == work))
                .values(working=work, working_for=asked_by)
                .execution_options(synchronize_session=False)
            )
            return bool(cast("CursorResult[Any]", result).rowcount)

    async def release(self, guild_id: int, story_id: int, work: str) -> None:
        """Give the right back; nothing if this work does not have it. If that is lost, it is done again.

        Raises:
            StoreUnavailableError: The database is away just now. It is given back when that is there again:
                otherwise nobody could go on with the story before the next start.
        """
        try:
            await self._release(guild_id, story_id, work)
        except StoreUnavailableError:
            if work not in self._releasing:
                task = asyncio.create_task(self._release_later(guild_id, story_id, work), name="release")
                self._releasing[work] = task
                task.add_done_callback(lambda _: self._releasing.pop(work, None))
            raise

    async def _release(self, guild_id: int, story_id: int, work: str) -> None:
        async with self._store.session(guild=guild_id, redoable=True) as session:
            await session.execute(
                update(StoryRow)
                .where(StoryRow.id == story_id, StoryRow.working == work)
                .values(working=None, working_for=None)
                .execution_options(synchronize_session=False)
            )

    async def _release_later(self, guild_id: int, story_id: int, work: str) -> None:
        try:
            await self._store.patiently(
                lambda: self._release(guild_id, story_id, work), seconds=_PATIENCE_SECONDS
            )
        except Exception as error:  # noqa: BLE001 - nobody waits for it, and the next start gives it back
            _log.warning("story.unreleased", guild=guild_id, story=story_id, kind=type(error).__name__)

    async def unfinished(self) -> Sequence[tuple[int, int]]:
        """Give server and number of every story that has words waiting, for whoever starts after a stop."""
        async with self._store.session() as session:
            found = await session.execute(
                select(StoryReplyRow.guild_id, StoryReplyRow.story_id)
                .where(StoryReplyRow.state == ReplyState.WAITING.value)
                .distinct()
                .limit(_MOST_AT_A_START)
            )
            return [(guild_id, story_id) for guild_id, story_id in found.all()]

    async def worked_on(self) -> Sequence[Story]:
        """Give every story that some work had in hand, for whoever starts after a stop."""
        async with self._store.session() as session:
            rows = await session.scalars(
                select(StoryRow).where(StoryRow.working.is_not(None)).order_by(StoryRow.id)
            )
            return [story_of(row) for row in rows.all()]
