"""The switches of one local Discord, shared by the page's tabs and other processes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bot.playground.faults.catalogue import SWITCHES, Switch, switch
from bot.playground.faults.kinds import FaultKind, Place
from bot.playground.faults.switchboard import Fault, Faults

if TYPE_CHECKING:
    from bot.playground.server import Playground

# Of the line as a whole; they happen when one says so, and not with an event.
OF_THE_LINE = frozenset(
    {
        FaultKind.GATEWAY_CUT,
        FaultKind.GATEWAY_CLOSED,
        FaultKind.RECONNECT,
        FaultKind.INVALID_SESSION,
        FaultKind.SESSION_LOST,
    }
)


class Board:
    """Turns switches on and off, and counts what each of them did."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._on: dict[str, Fault] = {}
        self._before: Counter[str] = Counter()

    @property
    def faults(self) -> Faults:
        """Give what the switches work on."""
        return self._playground.faults

    def turn_on(
        self, name: str, *, chance: float = 1.0, times: int | None = None, where: str | None = None
    ) -> Fault:
        """Let a fault happen from now on, in place of what the same switch did before.

        Raises:
            LookupError: There is no such switch.
            ValueError: The chance is none, or `where` names nothing.
        """
        wanted = switch(name)
        fault = self.faults.add(
            wanted.kind,
            where or wanted.where,
            chance=chance,
            times=times,
            status=wanted.status,
            code=wanted.code,
            message=wanted.message,
            seconds=wanted.seconds,
        )
        self.turn_off(name)
        self._on[name] = fault
        return fault

    def turn_off(self, name: str) -> None:
        """Let it be over; harmless when it is."""
        fault = self._on.pop(name, None)
        if fault is not None:
            self._before[name] += fault.struck
            self.faults.remove(fault)

    def is_on(self, name: str) -> bool:
        """Say whether a switch is on, and not yet used up."""
        fault = self._on.get(name)
        return fault is not None and (fault.times is None or fault.struck < fault.times)

    def count(self, name: str) -> int:
        """Give how often a switch's fault has struck so far."""
        fault = self._on.get(name)
        return self._before[name] + (fault.struck if fault is not None else 0)

    @property
    def on(self) -> int:
        """Give how many switches are on."""
        return sum(self.is_on(each.name) for each in SWITCHES)

    def strike_now(self, name: str) -> None:
        """Let a fault of the line happen at once.

        Raises:
            LookupError: There is no such switch.
            ValueError: It is no fault of the line.
        """
        wanted = switch(name)
        if wanted.kind not in OF_THE_LINE:
            raise ValueError(f"{name} does not befall the line")
        before = self.faults.struck(wanted.kind)
        self._playground.gateway.break_now(wanted.kind, wanted.status or wanted.kind.terms.status)
        self._before[name] += self.faults.struck(wanted.kind) - before

    def all_well(self) -> None:
        """Turn everything off, and forget what was counted."""
        for each in SWITCHES:
            self.turn_off(each.name)
        self.faults.clear()
        self._before.clear()
        self.strict = False
        self.full = False

    def changed(self) -> None:
        """Let whoever shows the switches look at them again."""
        for listener in tuple(self.faults.listeners):
            listener(None)

    @property
    def strict(self) -> bool:
        """Whether the rate limits are as tight as the real ones."""
        return self._playground.limits.strict

    @strict.setter
    def strict(self, strict: bool) -> None:
        self._playground.limits.strict = strict

    @property
    def refused(self) -> int:
        """Give how often a rate limit has refused something."""
        return self._playground.limits.refused

    @property
    def full(self) -> bool:
        """Whether no server has room for one more thread."""
        return self._playground.world.threads.max_active == 0

    @full.setter
    def full(self, full: bool) -> None:
        threads = self._playground.world.threads
        threads.max_active = 0 if full else type(threads).MAX_ACTIVE

    @staticmethod
    def switches(place: Place) -> tuple[Switch, ...]:
        """Give the switches about requests, files or the gateway."""
        return tuple(each for each in SWITCHES if each.place is place)
