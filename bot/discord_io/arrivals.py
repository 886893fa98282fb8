"""Knowing an interaction that came already: Discord delivers at least once."""

from typing import Any, Final

import discord
import structlog

_log = structlog.get_logger(__name__)

# A doubled event follows the first within moments.
_REMEMBERED: Final = 1000


class Arrivals:
    """Remembers the interactions that came last."""

    def __init__(self) -> None:
        self._came: dict[int, None] = {}

    def came_before(self, interaction: discord.Interaction[Any]) -> bool:
        """Tell whether this very interaction came already; the log has it then."""
        if interaction.id in self._came:
            _log.info("interaction.doubled", interaction=interaction.id)
            return True
        self._came[interaction.id] = None
        while len(self._came) > _REMEMBERED:
            del self._came[next(iter(self._came))]
        return False
