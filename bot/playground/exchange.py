"""The one place that every REST request passes: rate-limit headers, and a record for whoever watches.

Faults that a test wants to provoke (429, 500, a slow answer) belong here too, and nowhere else.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

API_PREFIX = "/api/v10"


@dataclass(frozen=True)
class Exchange:
    """One request to the REST interface and its answer.

    Attributes:
        path: The route's template, such as `/channels/{channel_id}/messages`, as Discord's own description
            names it; None for an address that is no route.
        target: The address that was asked for, with its query.
        request: The JSON that was sent, out of `payload_json` where files came with it; None without a body.
        multipart: Whether files could come with it.
        answer: The JSON that was given; None without a body.
    """

    method: str
    path: str | None
    target: str
    request: object
    multipart: bool
    status: int
    answer: object
    content_type: str | None


Observer = Callable[[Exchange], None]


class ExchangeMiddleware:
    """Sits around the app; everything outside the REST interface passes untouched."""

    def __init__(self, app: ASGIApp, observers: list[Observer]) -> None:
        self._app = app
        self._observers = observers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through and watch it."""
        if scope["type"] != "http" or not scope["path"].startswith(API_PREFIX):
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        status = 500
        content_type: str | None = None
        body = bytearray()

        async def watched(message: Message) -> None:
            nonlocal status, content_type
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message.setdefault("headers", [])
                content_type = next(
                    (value.decode() for name, value in headers if name.lower() == b"content-type"), None
                )
                headers.extend(_rate_limit_headers())
            elif self._observers:
                body.extend(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:  # a route that breaks is a 500 that must not go unseen
            if self._observers:
                exchange = _exchange(scope, status, content_type, bytes(body))
                for observer in tuple(self._observers):
                    observer(exchange)


def _exchange(scope: Scope, status: int, content_type: str | None, body: bytes) -> Exchange:
    state = scope["state"]
    is_json = content_type == "application/json" and body
    return Exchange(
        method=scope["method"],
        path=state.get("route_path"),
        target=_target(scope),
        request=state.get("payload"),
        multipart=bool(state.get("multipart")),
        status=status,
        answer=json.loads(body) if is_json else None,
        content_type=content_type,
    )


def _target(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return (raw + b"?" + query if query else raw).decode("latin-1")


def _rate_limit_headers() -> list[tuple[bytes, bytes]]:
    """Generous enough that nobody ever waits; present, because clients read them."""
    return [
        (b"x-ratelimit-limit", b"1000"),
        (b"x-ratelimit-remaining", b"999"),
        (b"x-ratelimit-reset", f"{time.time() + 1:.3f}".encode()),
        (b"x-ratelimit-reset-after", b"1"),
        (b"x-ratelimit-bucket", b"playground"),
        (b"via", b"1.1 playground"),
    ]
