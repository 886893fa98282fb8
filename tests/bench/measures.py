"""A measured figure beside its goal, and the small tools that measure."""

import asyncio
import asyncio.events
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table."""

    what: str
    measured: str
    goal: str
    met: bool | None

    def row(self) -> str:
        """Give the row in Markdown; a figure without a goal has no verdict."""
        verdict = "" if self.met is None else "yes" if self.met else "**no**"
        return f"| {self.what} | {self.measured} | {self.goal} | {verdict} |"


def percentile(values: Sequence[float], share: float) -> float:
    """Give the nearest-rank percentile: the smallest value that at least `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@dataclass(slots=True)
class Holds:
    """How long single callbacks held the event loop, in seconds of wall time and of the thread's own time."""

    wall: list[float] = field(default_factory=list)
    own: list[tuple[float, str]] = field(default_factory=list)

    @property
    def longest_wall(self) -> float:
        """The longest wall time of one callback; a busy machine lengthens it."""
        return max(self.wall, default=0.0)

    @property
    def longest_own(self) -> tuple[float, str]:
        """The longest time that one callback computed, and which one it was."""
        return max(self.own, default=(0.0, "none"))


@contextmanager
def watch_the_loop() -> Iterator[Holds]:
    """Time every callback that asyncio runs in this process meanwhile.

    asyncio's debug mode could do this too, but it slows down what it measures; this wraps the one function
    that runs callbacks. For measuring alone, never in the bot.
    """
    holds = Holds()
    original = asyncio.events.Handle._run

    def timed(handle: Any) -> None:
        wall, own = time.perf_counter(), time.thread_time()
        try:
            original(handle)
        finally:
            spent = time.thread_time() - own
            holds.wall.append(time.perf_counter() - wall)
            if spent > 0.001:
                holds.own.append((spent, _name(handle._callback)))

    asyncio.events.Handle._run = timed  # type: ignore[method-assign,assignment]
    try:
        yield holds
    finally:
        asyncio.events.Handle._run = original  # type: ignore[method-assign]


def _name(callback: Any) -> str:
    task = getattr(callback, "__self__", None)
    coroutine = task.get_coro() if isinstance(task, asyncio.Task) else None
    return str(getattr(coroutine, "__qualname__", None) or getattr(callback, "__qualname__", callback))
