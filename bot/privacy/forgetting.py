"""Forgetting a member: the wish is written down first, so that no crash can lose it, and struck last."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from weakref import WeakValueDictionary

import structlog

from bot.privacy.keeping import HouseRecords, Keeper
from bot.store import Keyring, Members

_log = structlog.get_logger(__name__)


class Forgetting:
    """Deletes what is kept of members.

    Every keeper is asked, even when one of them fails; then the member's key is destroyed, which makes
    whatever is left unreadable. Only if nobody failed is the wish struck; else it is tried again at the next
    start, and daily.

    Args:
        members: Where wishes stand.
        keys: Whose key is destroyed.
        house: What belongs to no command.
        keepers: Gives the cogs, as they are loaded.
    """

    def __init__(
        self,
        members: Members,
        keys: Callable[[], Keyring],
        house: HouseRecords,
        keepers: Callable[[], Iterable[Keeper]],
    ) -> None:
        self._members = members
        self._keys = keys
        self._house = house
        self._keepers = keepers
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def wish(self, member_id: int) -> None:
        """Write a member's wish down; from here on it will be fulfilled, come what may.

        Raises:
            StoreUnavailableError: It cannot be written down.
        """
        await self._members.wish_to_be_forgotten(member_id, at=datetime.now(UTC))
        _log.info("forgetting.wished", member=member_id)

    async def fulfil(self, member_id: int) -> None:
        """Delete all that is kept of a member, and strike the wish.

        Raises:
            ExceptionGroup: Some of it could not be deleted; the wish stands, and the key is destroyed.
        """
        lock = self._locks.setdefault(member_id, asyncio.Lock())
        async with lock:
            failures: list[Exception] = []
            # The house last: what the others stop may leave a trace and a row of the ledger.
            steps = [*(keeper.forget_member for keeper in self._keepers()), self._house.forget_member]
            for forget in steps:
                try:
                    await forget(member_id)
                except Exception as error:  # noqa: BLE001 - raised below, when the others have done theirs
                    failures.append(error)
            await self._keys().forget_member(member_id)
            if failures:
                raise ExceptionGroup("not all of a member's data could be deleted", failures)
            await self._members.fulfilled(member_id)
        _log.info("forgetting.done")

    async def fulfil_all(self) -> None:
        """Fulfil every wish that stands, such as those that a crash has cut off."""
        for member_id in await self._members.wishes():
            try:
                await self.fulfil(member_id)
            except Exception:  # noqa: BLE001 - one must not keep the others from theirs
                _log.exception("forgetting.unfinished", member=member_id)
