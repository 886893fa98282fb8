"""What was spent, out of the ledger: sums in whole numbers, of one server alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.sql.elements import KeyedColumnElement

from bot.store.database import Store
from bot.store.schema import CallRow


@dataclass(frozen=True, slots=True)
class Spent:
    """A sum over calls.

    Attributes:
        calls: How many, the free ones of the embedded model included.
        tokens: Read and written by models that may cost.
        cost_nano: Billionths of the currency that was asked for.
        unpriced: Calls whose price nobody knows; they are in `calls` and `tokens`, not in `cost_nano`.
    """

    calls: int = 0
    tokens: int = 0
    cost_nano: int = 0
    unpriced: int = 0


class Spending:
    """Sums rows of the ledger. Rows of other servers are never part of any."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def since(
        self, guild_id: int, moments: Sequence[datetime], *, currency: str, member_id: int | None = None
    ) -> tuple[Spent, ...]:
        """Give a server's, or one of its members', sums since each of some moments, in one look.

        Args:
            guild_id: The server.
            moments: From when on; the sums come in their order.
            currency: Costs in others are not added up.
            member_id: Whose calls alone; None for everybody's.
        """
        whose = () if member_id is None else (CallRow.member_id == member_id,)
        wanted = [column for moment in moments for column in _sums(CallRow.at >= moment, currency)]
        query = select(*wanted).where(CallRow.guild_id == guild_id, CallRow.at >= min(moments), *whose)
        async with self._store.session(guild=guild_id) as session:
            row = (await session.execute(query)).one()
        width = len(row) // len(moments)
        return tuple(_spent(row[start : start + width]) for start in range(0, len(row), width))

    async def by_member(
        self, guild_id: int, since: datetime, *, currency: str, most: int
    ) -> Mapping[int | None, Spent]:
        """Give who spent most in a server since a moment, the dearest first; None for nobody in person."""
        everything = CallRow.at >= since
        columns = _sums(everything, currency)
        query = (
            select(CallRow.member_id, *columns)
            .where(CallRow.guild_id == guild_id, everything)
            .group_by(CallRow.member_id)
            .order_by(columns[2].desc(), columns[1].desc(), columns[0].desc(), CallRow.member_id)
            .limit(most)
        )
        async with self._store.session(guild=guild_id) as session:
            rows = (await session.execute(query)).all()
        return {row[0]: _spent(row[1:]) for row in rows}


def _sums(which: ColumnElement[bool], currency: str) -> list[KeyedColumnElement[int]]:
    """Give the columns of `Spent`, in its order, over the calls of which something holds."""
    paid = and_(which, CallRow.embedded.is_(False))
    tokens = CallRow.tokens_in + CallRow.tokens_out
    cost = func.coalesce(CallRow.cost_nano, 0)
    return [
        func.coalesce(func.sum(case((condition, value), else_=0)), 0).label(None)
        for condition, value in (
            (which, 1),
            (paid, tokens),
            (and_(paid, CallRow.currency == currency), cost),
            (and_(paid, CallRow.cost_nano.is_(None)), 1),
        )
    ]


def _spent(row: Sequence[Any]) -> Spent:
    # PostgreSQL sums whole numbers into decimals, without loss.
    calls, tokens, cost_nano, unpriced = (int(value) for value in row)
    return Spent(calls, tokens, cost_nano, unpriced)
