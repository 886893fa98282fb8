"""What happens in the world, told to whoever listens: gateway sessions, members, the page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


class Bus:
    """Tells every listener of every event, in order, at once."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._next: asyncio.Future[None] | None = None

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
        if self._next is not None and not self._next.done():
            self._next.set_result(None)
        self._next = None

    async def until(self, found: Callable[[], T | None], limit: float) -> T:
        """Look after every event until `found` gives something.

        Raises:
            TimeoutError: Nothing within `limit` seconds of real time.
        """
        async with asyncio.timeout(limit):
            while (result := found()) is None:
                if self._next is None or self._next.done():
                    self._next = asyncio.get_running_loop().create_future()
                await asyncio.shield(self._next)
        return result
