"""Members: that they were told what is kept, that they wish to be forgotten, what the ledger has of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.store.database import Store
from bot.store.schema import Base, CallRow, ForgettingRow, IncidentRow, MemberRow, TraceRow
from bot.store.traces import with_words_of

# Rows changed in one transaction: others write in between.
BATCH: Final = 500
# No id of Discord's is 0.
_NOBODY: Final = 0
# Who did something as a moderator, and where.
_ACTS: Final[tuple[tuple[Column[Any], Column[Any]], ...]] = tuple(
    (table.columns[name], table.columns[guild])
    for table, name, guild in (
        (Base.metadata.tables["guilds"], "demonstration_confirmed_by", "id"),
        (Base.metadata.tables["guild_settings"], "changed_by", "guild_id"),
        (Base.metadata.tables["submissions"], "decided_by", "guild_id"),
        (Base.metadata.tables["submissions"], "lease_by", "guild_id"),
        (Base.metadata.tables["exports"], "made_by", "guild_id"),
    )
)


@dataclass(frozen=True, slots=True)
class Continued:
    """That a member pressed Continue.

    Attributes:
        policy_version: Which version of the notice they were shown.
        at: When.
    """

    policy_version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class BookedCall:
    """A member's row of the ledger, for them to read: numbers, and no word."""

    at: datetime
    guild_id: int | None
    job: str
    role: str
    model: str
    tokens_in: int
    tokens_out: int
    cost: float | None
    currency: str
    outcome: str


class Members:
    """The members, over all servers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def continued(self, member_id: int) -> Continued | None:
        """Give what a member was last shown and went on from; None if they never were."""
        async with self._store.session() as session:
            row = await session.get(MemberRow, member_id)
        return None if row is None else Continued(row.policy_version, row.continued_at)

    async def note_continued(self, member_id: int, *, policy_version: int, at: datetime) -> None:
        """Write down that a member went on."""
        async with self._store.session() as session:
            await session.merge(
                MemberRow(id=member_id, policy_version=policy_version, continued_at=at), load=True
            )

    async def wish_to_be_forgotten(self, member_id: int, *, at: datetime) -> None:
        """Write the wish down, before anything is done about it; the same wish twice is one."""
        try:
            async with self._store.session() as session:
                if await session.get(ForgettingRow, member_id) is None:
                    session.add(ForgettingRow(member_id=member_id, wished_at=at))
        except IntegrityError:
            # Somebody pressed twice, and the other press was written down first.
            return

    async def wishes(self) -> Sequence[int]:
        """Give who wishes to be forgotten and is not yet, the oldest wish first."""
        async with self._store.session() as session:
            found = await session.scalars(select(ForgettingRow.member_id).order_by(ForgettingRow.wished_at))
            return found.all()

    async def fulfilled(self, member_id: int) -> None:
        """Strike the wish: nothing of theirs is left."""
        async with self._store.session() as session:
            await session.execute(delete(ForgettingRow).where(ForgettingRow.member_id == member_id))

    async def calls(self, member_id: int) -> Sequence[BookedCall]:
        """Give a member's rows of the ledger, the oldest first."""
        async with self._store.session() as session:
            rows = await session.scalars(
                select(CallRow).where(CallRow.member_id == member_id).order_by(CallRow.at, CallRow.id)
            )
            return [
                BookedCall(
                    at=row.at,
                    guild_id=row.guild_id,
                    job=row.job,
                    role=row.role,
                    model=row.model,
                    tokens_in=row.tokens_in,
                    tokens_out=row.tokens_out,
                    cost=None if row.cost_nano is None else row.cost_nano / 1_000_000_000,
                    currency=row.currency,
                    outcome=row.outcome,
                )
                for row in rows
            ]

    async def acts(self, member_id: int) -> Sequence[tuple[str, int]]:
        """Give what a member did as a moderator: which entry, in which server."""
        async with self._store.session() as session:
            return [
                (column.table.name + "." + column.name, guild_id)
                for column, guild in _ACTS
                for guild_id in await session.scalars(select(guild).where(column == member_id))
            ]

    async def forget(self, member_id: int) -> None:
        """Take a member out of the rows that are kept here; the ledger keeps its numbers for nobody."""
        while await self._unname_calls(member_id):
            pass
        async with self._store.session() as session:
            await session.execute(
                delete(TraceRow).where(or_(TraceRow.member_id == member_id, with_words_of(member_id)))
            )
            await session.execute(delete(IncidentRow).where(IncidentRow.member_id == member_id))
            await session.execute(delete(MemberRow).where(MemberRow.id == member_id))
            for column, _ in _ACTS:
                # What was decided stands; by whom is nobody's business any more.
                await session.execute(
                    update(column.table).where(column == member_id).values({column: _NOBODY})
                )

    async def _unname_calls(self, member_id: int) -> bool:
        """Take the member out of some rows of the ledger; tell whether there were any."""
        async with self._store.session() as session:
            some = select(CallRow.id).where(CallRow.member_id == member_id).limit(BATCH)
            ids = (await session.scalars(some)).all()
            if ids:
                # The id of the work would still tell one member's calls from another's.
                await session.execute(
                    update(CallRow).where(CallRow.id.in_(ids)).values(member_id=None, job="")
                )
        return bool(ids)

    async def count(self) -> int:
        """Give how many members have ever continued and were not forgotten."""
        async with self._store.session() as session:
            return int(await session.scalar(select(func.count()).select_from(MemberRow)) or 0)
