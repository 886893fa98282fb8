"""How long interactions wait until Discord has taken our answer, measured where every answer passes by."""

import time
from collections.abc import Callable
from typing import Final

from bot.metrics.measures import ACKNOWLEDGED, UNACKNOWLEDGED

# Discord gives up after 3 seconds; what comes later than this comes never.
_NEVER: Final = 10.0


class InteractionTimes:
    """Remembers what came in, for some seconds.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[int, tuple[float, str]] = {}

    def came(self, interaction_id: int, kind: str) -> None:
        """An interaction came in; `kind` is Discord's name of its type."""
        self._forget_old()
        self._open[interaction_id] = (self._clock(), kind)

    def answered(self, interaction_id: int) -> None:
        """Discord has taken its first answer. One that is not known, or is answered again, is left out."""
        began = self._open.pop(interaction_id, None)
        if began is not None:
            ACKNOWLEDGED.labels(began[1]).observe(self._clock() - began[0])

    def _forget_old(self) -> None:
        now = self._clock()
        # In the order in which they came, so the first that is young enough ends the round.
        for interaction_id, (at, kind) in list(self._open.items()):
            if now - at < _NEVER:
                break
            del self._open[interaction_id]
            UNACKNOWLEDGED.labels(kind).inc()
