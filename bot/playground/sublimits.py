"""Limits within the limits, which no header tells: a thread's name, messages that are old.

They count on the playground's own clock, so that a test can let their minutes pass.
"""

from __future__ import annotations

from collections import deque

from bot.playground.api_errors import TooSoonError
from bot.playground.clock import Clock

# A channel's name or topic: seen on the real service, written in no documentation.
RENAMES = 2
RENAME_SECONDS = 600.0
# Discord has a limit here (30046) and does not say how high; this is a guess on the low side.
OLD_EDITS = 20
OLD_EDIT_SECONDS = 600.0
OLD_SECONDS = 3600.0


class Sublimit:
    """So many acts in so many seconds, for each of many things.

    Args:
        clock: Whose seconds count.
        acts: How many.
        seconds: In how many seconds.
        code: Discord's own code of the refusal.
        message: Discord's words.
    """

    def __init__(
        self,
        clock: Clock,
        acts: int,
        seconds: float,
        *,
        code: int = 0,
        message: str = "You are being rate limited.",
    ) -> None:
        self._clock = clock
        self._seconds = seconds
        self._code = code
        self._message = message
        self._times: dict[int, deque[float]] = {}
        self.acts = acts

    def take(self, key: int) -> None:
        """Count one more act on a thing.

        Raises:
            TooSoonError: It is one too many.
        """
        now = self._clock.time()
        times = self._times.setdefault(key, deque())
        while times and now - times[0] >= self._seconds:
            times.popleft()
        if len(times) >= self.acts:
            raise TooSoonError(self._seconds - (now - times[0]), self._code, self._message)
        times.append(now)
