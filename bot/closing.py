"""Closes everything within the 10 seconds that a stop may take, whatever hangs."""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

_log = structlog.get_logger(__name__)

# What all parts have together, from the first that is closed to the last.
_TOGETHER: Final = 6.0
# What each has at least, when others have used up the time.
_LEAST: Final = 0.7
# After this the process ends as it is. Nothing is lost by it: all that matters is on the disk by then.
_AT_THE_LATEST: Final = 9.5


class Closing:
    """Shares the time among the parts, which are closed one after the other.

    Args:
        seconds: What they have together.
        least: What each has at least.
    """

    def __init__(self, *, seconds: float = _TOGETHER, least: float = _LEAST) -> None:
        self._seconds = seconds
        self._least = least
        self._ends: float | None = None

    async def part(self, name: str, close: Callable[[], Awaitable[object]]) -> None:
        """Close a part; one that hangs or fails keeps no other from being closed."""
        now = time.monotonic()
        if self._ends is None:
            self._ends = now + self._seconds
        seconds = max(self._least, self._ends - now)
        try:
            async with asyncio.timeout(seconds):
                await close()
        except TimeoutError:
            _log.error("app.part_hangs", part=name, seconds=round(seconds, 1))
        except Exception:  # noqa: BLE001 - logged, and the other parts must be closed all the same
            _log.exception("app.part_fails", part=name)


def end_at_the_latest(seconds: float = _AT_THE_LATEST) -> None:
    """See that this process ends within so many seconds, even if a thread of it never returns."""

    def end() -> None:
        _log.error("app.ended_hard", seconds=seconds)
        logging.shutdown()
        os._exit(1)

    alarm = threading.Timer(seconds, end)
    # It must not itself be what the process waits for.
    alarm.daemon = True
    alarm.start()
