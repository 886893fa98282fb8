"""Holds everything that goes over the wire against Discord's own description of it."""

from bot.playground import Exchange, Playground
from tests.openapi import DESCRIPTION, Oracle

_REFUSED = 400
_SERVER_ERROR = 500


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
        if self._oracle is None or _undescribed(exchange):
            return
        answer = _with_numbered_codes(exchange.answer) if exchange.status >= _REFUSED else exchange.answer
        self.violations += self._oracle.check_answer(
            exchange.method, exchange.target, exchange.status, answer
        )
        if exchange.status < _REFUSED:  # that a refused request was wrong is what the answer said
            self.violations += self._oracle.check_request(exchange.method, exchange.target, exchange.request)

    def _dispatch(self, name: str, data: object) -> None:
        self.dispatches.append((name, data))
        if self._oracle is not None:
            self.violations += self._oracle.check_event(name, data)


def _undescribed(exchange: Exchange) -> bool:
    """Tell faults that the description has no word for: no answer, a web page, the server's own error."""
    return exchange.fault is not None and (
        exchange.status == 0 or exchange.status >= _SERVER_ERROR or exchange.answer is None
    )


def _with_numbered_codes(answer: object) -> object:
    """Put numbers in the place of the words by which single fields' faults are named.

    The description has a number there; the documentation, and what Discord sends, has words such as
    BASE_TYPE_REQUIRED (https://docs.discord.com/developers/reference#error-messages).
    """
    if isinstance(answer, list):
        return [_with_numbered_codes(each) for each in answer]
    if isinstance(answer, dict):
        return {
            key: 0 if key == "code" and isinstance(value, str) else _with_numbered_codes(value)
            for key, value in answer.items()
        }
    return answer
