"""What happens in the world, told to whoever listens: gateway sessions, members, the page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot.playground.model import Intent, Message

T = TypeVar("T")
ALWAYS = Intent(0)


@dataclass(frozen=True)
class Event:
    """One dispatch.

    Attributes:
        name: Discord's name of it, such as `MESSAGE_CREATE`.
        data: Discord's payload, as the bot may see it with every intent.
        intents: A bot receives it with any of these; none stands for always.
        message: The message that it tells of, for the rules about content.
        audience: The only users that may know of it; None stands for all who see the channel.
    """

    name: str
    data: Mapping[str, object]
    intents: Intent = ALWAYS
    guild_id: int | None = None
    channel_id: int | None = None
    message: Message | None = None
    audience: frozenset[int] | None = None


Listener = Callable[[Event], None]


def _every(_event: Event) -> bool:
    return True


@dataclass(frozen=True, eq=False)
class _Waiter:
    """Somebody who looks again when something happens that concerns them."""

    concerns: Callable[[Event], bool]
    happened: asyncio.Event = field(default_factory=asyncio.Event)


class Bus:
    """Tells every listener of every event, in order, at once."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._waiting: set[_Waiter] = set()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Listen from now on; the returned function ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def emit(self, event: Event) -> None:
        """Tell all."""
        for listener in tuple(self._listeners):
            listener(event)
        for waiter in self._waiting:
            if waiter.concerns(event):
                waiter.happened.set()

    async def until(
        self, found: Callable[[], T | None], limit: float, *, concerns: Callable[[Event], bool] = _every
    ) -> T:
        """Look after each event that concerns the question until `found` gives something.

        Raises:
            TimeoutError: Nothing within `limit` seconds of real time.
        """
        waiter = _Waiter(concerns)
        self._waiting.add(waiter)
        try:
            async with asyncio.timeout(limit):
                while (result := found()) is None:
                    await waiter.happened.wait()
                    waiter.happened.clear()
        finally:
            self._waiting.discard(waiter)
        return result
