"""Whether the gateway is connected, told by whoever hears of it."""

import time
import weakref
from collections.abc import Callable

from bot.metrics.health import Part
from bot.metrics.measures import CONNECTED, DISCONNECTS, LATENCY, RECONNECTS, RESUMES


class GatewayState:
    """What is known of the connection to Discord's gateway.

    Args:
        latency: Gives the seconds between the last heartbeat and its acknowledgement; NaN while unknown.
    """

    def __init__(self, latency: Callable[[], float]) -> None:
        self._latency = latency
        self._connected = False
        self._sessions = 0
        self._since = time.monotonic()
        CONNECTED.set(0)
        # The measure outlives the client, and must neither keep it alive nor speak of one that is gone.
        me = weakref.ref(self)

        def current() -> float:
            state = me()
            return state.latency if state is not None else float("nan")

        LATENCY.set_function(current)

    @property
    def latency(self) -> float:
        """Seconds; NaN while there is no connection."""
        return self._latency() if self._connected else float("nan")

    def connected(self) -> None:
        """There is a new session."""
        if self._sessions:
            RECONNECTS.inc()
        self._sessions += 1
        self._turn(connected=True)

    def resumed(self) -> None:
        """The old session goes on."""
        RESUMES.inc()
        self._turn(connected=True)

    def lost(self) -> None:
        """The connection ended, or a try to open one failed."""
        DISCONNECTS.inc()
        self._turn(connected=False)

    def closed(self) -> None:
        """The bot has left."""
        self._turn(connected=False)

    def check(self) -> Part:
        """Say whether it is well."""
        seconds = time.monotonic() - self._since
        if self._connected:
            return Part(well=True, note=f"connected for {seconds:.0f} s")
        if not self._sessions:
            return Part(well=False, note=f"not connected yet, after {seconds:.0f} s")
        return Part(well=False, note=f"connection lost {seconds:.0f} s ago")

    def _turn(self, *, connected: bool) -> None:
        # Of ten tries that fail one after the other, the first tells since when.
        if connected != self._connected:
            self._since = time.monotonic()
        self._connected = connected
        CONNECTED.set(int(connected))
