"""The ledger of model calls: whose, how large, how dear, how they ended; never a word of them."""

# ruff: noqa: D102 - what each member of `ModelCall` means is said once, at `bot.llm.CallRecord`

from datetime import datetime
from decimal import Decimal
from typing import Final, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.store.database import Store
from bot.store.errors import StoreUnavailableError
from bot.store.schema import CallRow

_log = structlog.get_logger(__name__)

_BILLION: Final = 1_000_000_000


class ModelCall(Protocol):
    """What is written down of a call. `bot.llm.CallRecord` is one; the store does not know that room."""

    @property
    def at(self) -> datetime: ...
    @property
    def guild_id(self) -> int | None: ...
    @property
    def member_id(self) -> int | None: ...
    @property
    def job(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def embedded(self) -> bool: ...
    @property
    def tokens_in(self) -> int: ...
    @property
    def tokens_out(self) -> int: ...
    @property
    def tokens_cached(self) -> int: ...
    @property
    def estimated(self) -> bool: ...
    @property
    def cost(self) -> Decimal | None: ...
    @property
    def currency(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def attempts(self) -> int: ...
    @property
    def outcome(self) -> str: ...


class CallLedger:
    """Writes rows of calls; implements `bot.llm.Ledger`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def record(self, row: ModelCall) -> None:
        """Keep one row.

        A letter is not withheld because its cost could not be written down: if the database refuses, the row
        goes to the log, from where an operator can book it.
        """
        cost = None if row.cost is None else int((row.cost * _BILLION).to_integral_value())
        try:
            async with self._store.session(redoable=True) as session:
                session.add(
                    CallRow(
                        at=row.at,
                        guild_id=row.guild_id,
                        member_id=row.member_id,
                        job=row.job,
                        role=str(row.role),
                        model=row.model,
                        embedded=row.embedded,
                        tokens_in=row.tokens_in,
                        tokens_out=row.tokens_out,
                        tokens_cached=row.tokens_cached,
                        estimated=row.estimated,
                        cost_nano=cost,
                        currency=row.currency,
                        milliseconds=round(row.seconds * 1000),
                        attempts=row.attempts,
                        outcome=str(row.outcome),
                    )
                )
        except (SQLAlchemyError, StoreUnavailableError) as error:
            _log.error(
                "ledger.unwritten",
                kind=type(error).__name__,
                job=row.job,
                guild=row.guild_id,
                member=row.member_id,
                tokens_in=row.tokens_in,
                tokens_out=row.tokens_out,
                cost_nano=cost,
                currency=row.currency,
            )
