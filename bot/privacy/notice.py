"""Whether a member was told what is kept, and went on: asked at each command, so it is remembered here."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import structlog

from bot.store import Members, StoreUnavailableError

_log = structlog.get_logger(__name__)

# To be raised when what the notice says changes in a way that members should know of: they are asked again.
POLICY_VERSION: Final = 1
# The member waits at the other end of Discord's three seconds.
_PATIENCE_SECONDS: Final = 1.5
_REMEMBERED: Final = 50_000


def utc_now() -> datetime:
    """Give the time."""
    return datetime.now(UTC)


class Notices:
    """Who went on. For those who did there is nothing to look up but a set in memory.

    Args:
        members: Where it is kept.
        now: The time, in UTC.
    """

    def __init__(self, members: Members, *, now: Callable[[], datetime] = utc_now) -> None:
        self._members = members
        self._now = now
        self._known: set[int] = set()

    async def has_continued(self, member_id: int) -> bool:
        """Tell whether a member went on from the notice as it is now.

        Where the database does not say so in time, the answer is no: to be asked twice does no harm.
        """
        if member_id in self._known:
            return True
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                found = await self._members.continued(member_id)
        except (TimeoutError, StoreUnavailableError) as error:
            _log.warning("notice.unknown", member=member_id, kind=type(error).__name__)
            return False
        if found is None or found.policy_version < POLICY_VERSION:
            return False
        self._remember(member_id)
        return True

    async def note_continued(self, member_id: int) -> None:
        """Write down that a member went on.

        Raises:
            StoreUnavailableError: It cannot be written down.
            TimeoutError: The database takes too long.
        """
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await self._members.note_continued(member_id, policy_version=POLICY_VERSION, at=self._now())
        self._remember(member_id)
        _log.info("notice.continued", member=member_id, version=POLICY_VERSION)

    def forget(self, member_id: int) -> None:
        """Forget that a member went on; they are asked again."""
        self._known.discard(member_id)

    def _remember(self, member_id: int) -> None:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known.add(member_id)
