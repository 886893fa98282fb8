"""The gateway's own limit: 120 frames in 60 seconds, over which it hangs up."""

import time
from collections import deque

FRAMES = 120
WINDOW_SECONDS = 60.0


class GatewayRate:
    """Counts the frames of one connection, in real time: it protects a real socket."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def allow(self) -> bool:
        """Count one more; False where that is too many."""
        now = time.monotonic()
        while self._times and now - self._times[0] > WINDOW_SECONDS:
            self._times.popleft()
        self._times.append(now)
        return len(self._times) <= FRAMES
