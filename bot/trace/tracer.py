"""Keeping traces without holding anybody up: what is over waits in memory, and is written afterwards."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog

from bot.llm import Caller, TracedCall, TracedJudgement
from bot.store import Traces
from bot.trace.words import size_of, to_trace

_log = structlog.get_logger(__name__)

# What may wait to be written; a novel's prompt has some 100,000 characters.
MOST_CHARACTERS: Final = 16_000_000
_AT_ONCE: Final = 20
_CLOSING_SECONDS: Final = 4.0
_CANCELLED_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Incident:
    id: str
    caller: Caller
    at: datetime


_Traced = TracedCall | TracedJudgement | _Incident
DaysIn = Callable[[int], Awaitable[int]]


class Tracer:
    """Takes calls and judgements, and writes them soon; implements `bot.llm.TraceSink`.

    A trace is a help for the operator and no one waits for it: while the database is away or slow, what does
    not fit into memory is dropped, and the log says how much.

    Args:
        traces: Where they are kept.
        days: For how long at most; 0 keeps none, and then nothing is even taken.
        days_in: Gives for how long in a server, which may have chosen less; None asks nobody.
        most_characters: What may wait in memory.
    """

    def __init__(
        self,
        traces: Traces,
        *,
        days: int,
        days_in: DaysIn | None = None,
        most_characters: int = MOST_CHARACTERS,
    ) -> None:
        self.days: Final = days
        self._traces = traces
        self._days_in = days_in
        self._most = most_characters
        self._waiting: deque[tuple[_Traced, int]] = deque()
        self._size = 0
        self._dropped = 0
        self._writer: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()
        self._forgotten: dict[int, datetime] = {}

    def called(self, call: TracedCall) -> None:
        """Take a call."""
        self._take(call)

    def judged(self, judgement: TracedJudgement) -> None:
        """Take a judgement."""
        self._take(judgement)

    def incident(self, incident: str, caller: Caller) -> None:
        """Take which work an incident was about, so that the id that a member reads leads to its traces."""
        self._take(_Incident(incident, caller, datetime.now(UTC)))

    async def flush(self) -> None:
        """Wait until all that was taken so far is written, or dropped."""
        if self._writer is not None:
            await asyncio.shield(self._writer)

    async def close(self) -> None:
        """Write what waits, but not for ever."""
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                await self.flush()
        except TimeoutError:
            _log.warning("trace.unwritten", left=len(self._waiting))
            if self._writer is not None:
                self._writer.cancel()
                # What it has open of the database is closed before that is.
                await asyncio.wait([self._writer], timeout=_CANCELLED_SECONDS)

    async def forget_member(self, member_id: int) -> None:
        """Drop what waits of a member, and whatever of theirs began before now and comes in later.

        What is in the database is deleted by whoever calls this, afterwards.
        """
        now = datetime.now(UTC)
        self._forgotten[member_id] = now
        async with self._writing:
            self._waiting = deque(entry for entry in self._waiting if not self._is_forgotten(entry[0]))
            self._size = sum(size for _, size in self._waiting)

    def _take(self, traced: _Traced) -> None:
        if self.days == 0 or self._is_forgotten(traced):
            return
        size = 0 if isinstance(traced, _Incident) else size_of(traced)
        if self._size + size > self._most:
            self._dropped += 1
            return
        self._waiting.append((traced, size))
        self._size += size
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all(), name="tracer")

    def _is_forgotten(self, traced: _Traced) -> bool:
        caller = traced.caller
        moments = [self._forgotten.get(each or 0) for each in (caller.member_id, *caller.author_ids)]
        return any(since is not None and traced.at <= since for since in moments)

    async def _write_all(self) -> None:
        while self._waiting:
            async with self._writing:
                some = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
                try:
                    await self._write([traced for traced, _ in some])
                finally:
                    self._size -= sum(size for _, size in some)
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            _log.warning("trace.dropped", count=dropped)

    async def _is_kept(self, guild_id: int | None) -> bool:
        return guild_id is None or self._days_in is None or await self._days_in(guild_id) > 0

    async def _write(self, some: list[_Traced]) -> None:
        try:
            kept = [each for each in some if await self._is_kept(each.caller.guild_id)]
            spoken = [each for each in kept if not isinstance(each, _Incident)]
            if spoken:
                await self._traces.write(await asyncio.to_thread(lambda: [to_trace(each) for each in spoken]))
            for each in kept:
                if isinstance(each, _Incident):
                    await self._traces.note_incident(
                        each.id,
                        each.caller.job,
                        guild_id=each.caller.guild_id,
                        member_id=each.caller.member_id,
                        at=each.at,
                    )
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody waits here who could do anything
            # The work itself is done, and must not suffer from the want of its trace.
            _log.warning("trace.lost", count=len(some), kind=type(error).__name__)
