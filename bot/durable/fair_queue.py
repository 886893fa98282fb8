"""Seats for work, given in turn to servers and within them to members, so that nobody's pile is in the way.

Whoever has forty pieces waiting is served one of them, then everybody else is served one, and so on.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

# How many others may be seated before a piece that must be alone, when the seats never become empty.
_MOST_BEFORE_ALONE: Final = 16

_Waiting = deque[asyncio.Future[None]]


class FairQueue:
    """A line for so many seats.

    Args:
        seats: How many pieces are worked on at the same time.
    """

    def __init__(self, seats: int) -> None:
        self._seats = seats
        self._taken = 0
        self._guilds: OrderedDict[int, OrderedDict[int, _Waiting]] = OrderedDict()
        self._alone: _Waiting = deque()
        self._passed_over = 0
        self._one_is_alone = False

    @property
    def is_full(self) -> bool:
        """Whether who comes now must wait."""
        return self._one_is_alone or self._taken >= self._seats

    def __len__(self) -> int:
        """Count those who wait."""
        return len(self._alone) + sum(
            len(waiting) for members in self._guilds.values() for waiting in members.values()
        )

    @asynccontextmanager
    async def seat(self, guild_id: int, member_id: int, *, alone: bool = False) -> AsyncIterator[None]:
        """Wait for a seat, and give it back at the end.

        Args:
            guild_id: Whose turn it is among servers.
            member_id: Whose turn it is among that server's members.
            alone: Whether nobody else may have a seat meanwhile: for what is suspected of ending the process.
        """
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._alone
        if not alone:
            waiting = self._guilds.setdefault(guild_id, OrderedDict()).setdefault(member_id, deque())
        waiting.append(mine)
        self._give()
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._give_back(alone=alone)
            else:
                # It stays in line as what it is now: cancelled, and passed by.
                mine.cancel()
            raise
        try:
            yield
        finally:
            self._give_back(alone=alone)

    def _give_back(self, *, alone: bool) -> None:
        self._taken -= 1
        if alone:
            self._one_is_alone = False
        self._give()

    def _give(self) -> None:
        while not self._one_is_alone and self._taken < self._seats:
            waits_alone = self._first_alone()
            if waits_alone and self._passed_over >= _MOST_BEFORE_ALONE and self._taken:
                return
            mine = None if waits_alone and self._passed_over >= _MOST_BEFORE_ALONE else self._next()
            if mine is None:
                if waits_alone and not self._taken:
                    self._one_is_alone = True
                    self._passed_over = 0
                    self._seat(self._alone.popleft())
                return
            self._passed_over += waits_alone
            self._seat(mine)

    def _seat(self, mine: "asyncio.Future[None]") -> None:
        self._taken += 1
        mine.set_result(None)

    def _first_alone(self) -> bool:
        while self._alone and self._alone[0].done():
            self._alone.popleft()
        return bool(self._alone)

    def _next(self) -> "asyncio.Future[None] | None":
        """Take the first of the member whose turn it is, in the server whose turn it is."""
        while self._guilds:
            guild_id, members = self._guilds.popitem(last=False)
            member_id, waiting = members.popitem(last=False)
            mine = waiting.popleft()
            if waiting:
                members[member_id] = waiting
            if members:
                self._guilds[guild_id] = members
            if not mine.done():
                return mine
        return None
