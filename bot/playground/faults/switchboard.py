"""Which faults are on, which of them strike, and what they did."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

from bot.playground.faults.kinds import FaultKind, Place
from bot.playground.faults.patterns import Matches, pattern

LOG_LENGTH = 10_000


@dataclass(frozen=True)
class Strike:
    """One time that a fault did its work.

    Attributes:
        target: The request (`PATCH /webhooks/…`), file or event that it befell.
        at: Seconds since 1970.
    """

    kind: FaultKind
    target: str
    at: float


@dataclass(eq=False)
class Fault:
    """One thing that goes wrong. Change it while it is on as you like; with `with`, it is over at the end.

    Attributes:
        where: What it is about; see `patterns`.
        chance: How likely it strikes, from 0 to 1, each time that it could.
        times: How often it strikes at most; None for no end.
        skip: How many it lets pass before the first.
        status: The HTTP status, or the gateway's close code.
        code: Discord's own code in the body.
        message: Discord's words in the body.
        seconds: How long one is to wait: for an answer, a file, an event, or until the next attempt.
        on: Whether it strikes at all.
        met: How many requests, files or events it was about so far.
        struck: How often it has struck.
    """

    kind: FaultKind
    where: str
    chance: float = 1.0
    times: int | None = None
    skip: int = 0
    status: int = 0
    code: int = 0
    message: str = ""
    seconds: float = 0.0
    number: int = 0  # that it can be named by
    on: bool = True
    met: int = 0
    struck: int = 0
    draws: random.Random = field(default_factory=random.Random, repr=False)
    matches: Matches = field(default=lambda _target: True, repr=False)
    remove: Callable[[Fault], None] = field(default=lambda _fault: None, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.remove(self)

    def strikes(self, target: str) -> bool:
        """Decide about one request, file or event, and count it."""
        if not self.on or not self.matches(target):
            return False
        self.met += 1
        # Drawn every time, so that what happens to the tenth does not hang on the limits of the ninth.
        hit = self.draws.random() < self.chance
        if not hit or self.met <= self.skip or (self.times is not None and self.struck >= self.times):
            return False
        self.struck += 1
        return True


class Faults:
    """All faults of one local Discord.

    Args:
        seed: What chance is drawn from.
    """

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._number = 0
        self._all: list[Fault] = []
        self.log: deque[Strike] = deque(maxlen=LOG_LENGTH)
        self.listeners: list[Callable[[Strike | None], None]] = []  # None: something was turned
        # Looked at with every request: empty as long as nothing is on.
        self.api: Sequence[Fault] = ()
        self.files: Sequence[Fault] = ()
        self.gateway: Sequence[Fault] = ()

    @property
    def seed(self) -> int:
        """Give what chance is drawn from."""
        return self._seed

    @property
    def all(self) -> Sequence[Fault]:
        """Give the faults that were added and not removed, in their order."""
        return tuple(self._all)

    def add(
        self,
        kind: FaultKind,
        where: str | None = None,
        *,
        chance: float = 1.0,
        times: int | None = None,
        skip: int = 0,
        status: int | None = None,
        code: int | None = None,
        message: str | None = None,
        seconds: float | None = None,
    ) -> Fault:
        """Let something go wrong from now on, or within a `with`; what is not given is as usual for its kind.

        Raises:
            ValueError: The chance is none, or `where` names nothing.
        """
        if not 0 <= chance <= 1:
            raise ValueError(f"a chance lies between 0 and 1: {chance}")
        usual = kind.terms
        meant = usual.where if where is None else where
        fault = Fault(
            kind,
            meant,
            chance,
            times,
            skip,
            usual.status if status is None else status,
            usual.code if code is None else code,
            usual.message if message is None else message,
            usual.seconds if seconds is None else seconds,
            number=self._number,
            draws=self._draws(self._number, kind),
            matches=pattern(meant, kind.place),
            remove=self.remove,
        )
        self._number += 1
        self._all.append(fault)
        self._sort()
        return fault

    def remove(self, fault: Fault) -> None:
        """Let it be over; harmless when it is."""
        fault.on = False
        if fault in self._all:
            self._all.remove(fault)
            self._sort()

    def clear(self) -> None:
        """Let all be well again, and forget what was."""
        for fault in self.all:
            self.remove(fault)
        self.log.clear()

    def reseed(self, seed: int) -> None:
        """Draw chance from another seed, from its beginning."""
        self._seed = seed
        for number, fault in enumerate(self._all):
            fault.number = number
            fault.draws = self._draws(number, fault.kind)
        self._number = len(self._all)

    def struck(self, kind: FaultKind | None = None) -> int:
        """Give how often a kind of fault has struck, or all of them, since the log was last cleared."""
        return sum(1 for strike in self.log if kind is None or strike.kind is kind)

    def strike(self, place: Place, target: str) -> Sequence[Fault]:
        """Give the faults that befall one request, file or event, and write them down."""
        faults = {Place.API: self.api, Place.FILES: self.files, Place.GATEWAY: self.gateway}[place]
        struck = [fault for fault in faults if fault.strikes(target)]
        for fault in struck:
            self.note(fault.kind, target)
        return struck

    def note(self, kind: FaultKind, target: str) -> None:
        """Write down that something went wrong on purpose."""
        strike = Strike(kind, target, time.time())
        self.log.append(strike)
        for listener in tuple(self.listeners):
            listener(strike)

    def _sort(self) -> None:
        by_place = {
            place: tuple(fault for fault in self._all if fault.kind.place is place) for place in Place
        }
        self.api, self.files = by_place[Place.API], by_place[Place.FILES]
        self.gateway = by_place[Place.GATEWAY]

    def _draws(self, number: int, kind: FaultKind) -> random.Random:
        return random.Random(f"{self._seed}/{number}/{kind}")  # noqa: S311 - to be repeated, not to be secret
