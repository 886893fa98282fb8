"""Time that a test can move: the deadlines of interactions, tokens and file addresses hang on it."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime


class Timer:
    """A call that is due at a moment of the clock, and can be called off."""

    def __init__(self, due: float, action: Callable[[], None]) -> None:
        self.due = due
        self._action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Call it off; harmless when it has fired already."""
        self._action = None

    def fire(self) -> None:
        """Do what is due, once."""
        action, self._action = self._action, None
        if action is not None:
            action()


class Clock:
    """Wall-clock time plus whatever a test has added; frozen, it moves by `advance` alone.

    A frozen clock keeps slow machines from failing tests: no interaction times out unless the test lets it.
    """

    def __init__(self, *, frozen: bool = False) -> None:
        self._frozen_at = time.time() if frozen else None
        self._offset = 0.0
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._alarm: asyncio.TimerHandle | None = None

    def time(self) -> float:
        """Give the seconds since 1970."""
        base = time.time() if self._frozen_at is None else self._frozen_at
        return base + self._offset

    def now(self) -> datetime:
        """Give the same moment as an aware datetime in UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    def later(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Have `action` called when that many seconds of this clock have passed."""
        timer = Timer(self.time() + seconds, action)
        heapq.heappush(self._timers, (timer.due, next(self._order), timer))
        self._arm()
        return timer

    def advance(self, seconds: float) -> None:
        """Move on, and do at once, in order, whatever has become due."""
        self._offset += seconds
        self._ring()

    def stop(self) -> None:
        """Forget all timers, so that nothing fires after the world has closed."""
        self._timers.clear()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _ring(self) -> None:
        while self._timers and self._timers[0][0] <= self.time():
            heapq.heappop(self._timers)[2].fire()
        self._arm()

    def _arm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._timers and self._frozen_at is None:
            wait = max(0.0, self._timers[0][0] - self.time())
            self._alarm = asyncio.get_running_loop().call_later(wait, self._ring)
