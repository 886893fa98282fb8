"""A row in the ledger for every call, also for those that failed or were cancelled."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from bot import metrics
from bot.llm.prices import Prices
from bot.llm.reading import Reading
from bot.llm.records import CallRecord, Ledger, Outcome
from bot.llm.tokens import estimate_messages, estimate_tokens
from bot.llm.tracing import Trail
from bot.llm.types import Call, Endpoint, Message, Usage

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(slots=True)
class Tally:
    """What a call has taken so far."""

    began: float = field(default_factory=time.monotonic)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    usage: Usage = field(default_factory=Usage)
    estimated: bool = False
    attempts: int = 0
    outcome: Outcome = Outcome.FAULT
    trail: Trail = field(default_factory=Trail)

    def settle(self, reading: Reading, messages: tuple[Message, ...]) -> None:
        """Add what an attempt took: the server's count, else an estimate if it had begun to answer."""
        if reading.usage is not None:
            self.usage += reading.usage
        elif reading.began:
            # A piece is at least a token on every server that we know.
            written = max(reading.pieces, estimate_tokens(reading.text))
            self.usage += Usage(estimate_messages(messages), written)
            self.estimated = True


class Books:
    """Writes the rows.

    Args:
        ledger: Where they go; None to keep none.
        prices: What tokens cost.
    """

    def __init__(self, ledger: Ledger | None, prices: Prices) -> None:
        self._ledger = ledger
        self._prices = prices
        self._writing: set[asyncio.Task[None]] = set()

    async def enter(self, call: Call, endpoint: Endpoint, tally: Tally, *, wait: bool = True) -> None:
        """Write a call's row, to its end even if the caller is cancelled meanwhile.

        Args:
            call: What was asked.
            endpoint: Who was asked.
            tally: What it took.
            wait: Whether the row must be there afterwards; else it comes soon.
        """
        seconds = time.monotonic() - tally.began
        unknown = tally.usage == Usage() and tally.attempts > 0
        if unknown and tally.outcome in {Outcome.CANCELLED, Outcome.TIMEOUT}:
            # The server has read the prompt, and may have it paid for.
            tally.usage, tally.estimated = Usage(estimate_messages(call.messages)), True
        metrics.call_ended(
            call.role,
            tally.outcome,
            seconds,
            tokens_in=tally.usage.tokens_in,
            tokens_out=tally.usage.tokens_out,
        )
        if self._ledger is None:
            return
        row = CallRecord(
            at=tally.at,
            guild_id=call.caller.guild_id,
            member_id=call.caller.member_id,
            job=call.caller.job,
            role=call.role,
            model=endpoint.model,
            embedded=endpoint.embedded,
            tokens_in=tally.usage.tokens_in,
            tokens_out=tally.usage.tokens_out,
            tokens_cached=tally.usage.tokens_cached,
            estimated=tally.estimated,
            cost=self._prices.cost(endpoint, tally.usage),
            currency=self._prices.currency,
            seconds=seconds,
            attempts=tally.attempts,
            outcome=tally.outcome,
        )
        task = asyncio.create_task(self._record(self._ledger, row))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        if wait:
            await asyncio.shield(task)

    async def close(self) -> None:
        """Wait for the last rows."""
        if self._writing:
            await asyncio.gather(*self._writing, return_exceptions=True)

    @staticmethod
    async def _record(ledger: Ledger, row: CallRecord) -> None:
        try:
            await ledger.record(row)
        except Exception:  # noqa: BLE001 - whatever the store raises
            # An answer that is there is not thrown away because it could not be booked.
            _log.exception("ledger_failed", job=row.job, outcome=row.outcome)
