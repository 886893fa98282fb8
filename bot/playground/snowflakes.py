"""Discord's identifiers: 42 bits of milliseconds since 2015, then a counter.

https://docs.discord.com/developers/reference#snowflakes
"""

from bot.playground.clock import Clock

EPOCH_MS = 1_420_070_400_000
_COUNTER_BITS = 22


class Snowflakes:
    """Gives identifiers that only ever grow, even on a clock that stands still."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def new(self) -> int:
        """Give an identifier that sorts after every earlier one."""
        earliest = (int(self._clock.time() * 1000) - EPOCH_MS) << _COUNTER_BITS
        self._last = max(earliest, self._last + 1)
        return self._last
