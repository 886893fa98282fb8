"""How late the event loop is: a probe that asks to be woken and looks how much later it was."""

import asyncio
from collections import deque
from typing import Final, Self

from bot.metrics.health import Part
from bot.metrics.measures import LOOP_LAG

_EVERY: Final = 0.5
_REMEMBERED: Final = 60.0
# Discord wants an answer within 3 seconds; a loop that stood still for one has little left to give.
_TOO_LATE: Final = 1.0


class LoopLag:
    """The probe, as an async context manager. All by the loop's own clock, which nobody can set."""

    def __init__(self, *, every: float = _EVERY) -> None:
        self._every = every
        self._seen: deque[tuple[float, float]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._probe(), name="loop-lag")
        return self

    async def __aexit__(self, *_exc: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def worst(self) -> float:
        """The longest lag of the last minute, in seconds."""
        return max((lag for _, lag in self._seen), default=0.0)

    def check(self) -> Part:
        """Say whether the loop is well."""
        worst = self.worst
        return Part(well=worst < _TOO_LATE, note=f"at most {worst * 1000:.0f} ms late in the last minute")

    async def _probe(self) -> None:
        now = asyncio.get_running_loop().time
        while True:
            wanted = now() + self._every
            await asyncio.sleep(self._every)
            woken = now()
            lag = max(0.0, woken - wanted)
            LOOP_LAG.observe(lag)
            self._seen.append((woken, lag))
            while self._seen[0][0] < woken - _REMEMBERED:
                self._seen.popleft()
