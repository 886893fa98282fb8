"""Whether the bot is well: each part says so for itself, within a bound of time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import structlog

_log = structlog.get_logger(__name__)

# Longer than a busy SQLite writer needs, and shorter than what asks for the page waits.
_CHECK_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Part:
    """How a part is.

    Attributes:
        well: Whether it does what it should.
        note: A figure or a state for people; never a person's words, a name or a secret.
    """

    well: bool
    note: str


Check = Callable[[], Part | Awaitable[Part]]


class Health:
    """Asks all parts.

    Args:
        checks: Name of a part to what tells how it is.
        seconds: How long a part may take to say so.
    """

    def __init__(self, checks: Mapping[str, Check], *, seconds: float = _CHECK_SECONDS) -> None:
        self._checks = dict(checks)
        self._seconds = seconds

    async def parts(self) -> dict[str, Part]:
        """Give how each part is; one that fails or hangs is not well, and keeps no other from being asked."""
        found = await asyncio.gather(*(self._ask(name, check) for name, check in self._checks.items()))
        return dict(zip(self._checks, found, strict=True))

    async def _ask(self, name: str, check: Check) -> Part:
        try:
            async with asyncio.timeout(self._seconds):
                told = check()
                return told if isinstance(told, Part) else await told
        except TimeoutError:
            return Part(well=False, note=f"no answer within {self._seconds:.0f} s")
        except Exception as error:  # noqa: BLE001 - whatever a part raises, the page must tell of it
            _log.warning("health.part_fails", part=name, exc_info=error)
            # The kind only: a message may quote what it choked on.
            return Part(well=False, note=type(error).__name__)
