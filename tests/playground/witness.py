"""Holds everything that goes over the wire against Discord's own description of it."""

from bot.playground import Exchange, Playground
from tests.openapi import DESCRIPTION, Oracle


class Witness:
    """Collects what is not as described, in every exchange and dispatch of one playground."""

    def __init__(self) -> None:
        self._oracle = Oracle.load() if DESCRIPTION.exists() else None
        self.violations: list[str] = []
        self.exchanges: list[Exchange] = []
        self.dispatches: list[tuple[str, object]] = []

    def watch(self, playground: Playground) -> None:
        """Look at everything from now on."""
        playground.observers.append(self._exchange)
        playground.gateway.observers.append(self._dispatch)

    def _exchange(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        if self._oracle is not None:
            self.violations += self._oracle.check(
                exchange.method, exchange.target, exchange.request, exchange.status, exchange.answer
            )

    def _dispatch(self, name: str, data: object) -> None:
        self.dispatches.append((name, data))
        if self._oracle is not None:
            self.violations += self._oracle.check_event(name, data)
