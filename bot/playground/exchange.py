"""The one place that every REST request passes: rate limits, faults, and a record for whoever watches."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.playground.faults import Fault, FaultKind, Faults, Place
from bot.playground.faults.answers import ENDS, Answer, Headers, answer_of
from bot.playground.faults.files import FilesMiddleware
from bot.playground.limits import RateLimits

API_PREFIX = "/api/v10"
# Where the server leaves the way to cut a request's connection.
CUT = "cut"
_BANNED = Fault(FaultKind.BANNED, "**", status=429, seconds=600.0)


@dataclass(frozen=True)
class Exchange:
    """One request to the REST interface and its answer.

    Attributes:
        path: The route's template, such as `/channels/{channel_id}/messages`, as Discord's own description
            names it; None for an address that is no route, and where the route was not reached.
        target: The address that was asked for, with its query.
        request: The JSON that was sent, out of `payload_json` where files came with it; None without a body.
        multipart: Whether files could come with it.
        status: The answer's; 0 where there was none.
        answer: The JSON that was given; None without a body.
        fault: What went wrong on purpose; None if nothing did.
        delivered: Whether the client got the answer.
    """

    method: str
    path: str | None
    target: str
    request: object
    multipart: bool
    status: int
    answer: object
    content_type: str | None
    fault: FaultKind | None = None
    delivered: bool = True


Observer = Callable[[Exchange], None]


class _Watch:
    """Notes an answer on its way out, adds the limits' headers, and may keep it from arriving."""

    def __init__(self, send: Send, *, keeps_body: bool, lost: bool) -> None:
        self._send = send
        self._keeps_body = keeps_body
        self._lost = lost
        self.headers: Headers = []
        self.status = 500  # what a route that breaks comes to, which must not go unseen
        self.content_type: str | None = None
        self.body = bytearray()

    async def send(self, message: Message) -> None:
        """Take a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = message.setdefault("headers", [])
            self.content_type = next(
                (value.decode() for name, value in headers if name.lower() == b"content-type"), None
            )
            headers.extend(self.headers)
            self.headers = headers
        elif self._keeps_body:
            self.body.extend(message.get("body", b""))
        if not self._lost:
            await self._send(message)

    async def give(self, answer: Answer) -> None:
        """Send a whole answer that no route gave."""
        self.headers = []
        await self.send(
            {"type": "http.response.start", "status": answer.status, "headers": [*answer.headers]}
        )
        await self.send({"type": "http.response.body", "body": answer.body})


class ExchangeMiddleware:
    """Sits around the app; everything outside REST interface and files passes untouched."""

    def __init__(self, app: ASGIApp, observers: list[Observer], faults: Faults, limits: RateLimits) -> None:
        self._app = app
        self._observers = observers
        self._faults = faults
        self._limits = limits
        self._files = FilesMiddleware(app, faults)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through and watch it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"].startswith(API_PREFIX):
            await self._exchange(scope, receive, send)
        elif self._faults.files:
            await self._files(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _exchange(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})
        method, path = scope["method"], scope["path"].removeprefix(API_PREFIX)
        # Nearly always there are none, and a request should not pay for what is not there.
        struck = self._faults.strike(Place.API, f"{method} {path}") if self._faults.api else ()
        lost = any(fault.kind is FaultKind.LOST_ANSWER for fault in struck)
        watch = _Watch(send, keeps_body=bool(self._observers), lost=lost)
        try:
            for fault in struck:
                if fault.kind is FaultKind.SLOW:
                    await asyncio.sleep(fault.seconds)
            ending = next((fault for fault in struck if fault.kind in ENDS), None)
            if ending is None and self._limits.shut_out:
                ending = _BANNED
            await self._answer(scope, receive, watch, ending)
            if lost or (ending is not None and ending.kind is FaultKind.CUT):
                await cut(scope)
        finally:
            self._limits.answered(watch.status, watch.headers)
            if self._observers:
                exchange = _exchange(scope, watch, struck)
                for observer in tuple(self._observers):
                    observer(exchange)

    async def _answer(self, scope: Scope, receive: Receive, watch: _Watch, ending: Fault | None) -> None:
        if ending is not None:
            await _read(receive)
            if ending.kind is FaultKind.CUT:
                watch.status = 0
                return
        with_token = any(name == b"authorization" for name, _ in scope["headers"])
        path = scope["path"].removeprefix(API_PREFIX)
        admission = self._limits.admit(scope["method"], path, with_token=with_token)
        watch.headers = admission.headers
        if ending is not None:
            await watch.give(answer_of(ending, admission.headers[:-1]))
        elif admission.refusal is not None:
            await _read(receive)
            await watch.give(admission.refusal)
        else:
            await self._app(scope, receive, watch.send)


async def cut(scope: Scope) -> None:
    """Cut the connection that a request came by, without a word."""
    state = scope.get("state", {})
    if CUT in state:
        state[CUT]()
        await asyncio.sleep(0)  # until the server has noticed that there is nobody to answer any more


async def _read(receive: Receive) -> None:
    """Take in what was sent, as Discord does before it refuses."""
    while (await receive()).get("more_body", False):
        pass


def _exchange(scope: Scope, watch: _Watch, struck: Sequence[Fault]) -> Exchange:
    state = scope["state"]
    is_json = watch.content_type == "application/json" and watch.body
    kinds = [fault.kind for fault in struck]
    told = next((kind for kind in kinds if kind is not FaultKind.SLOW), kinds[0] if kinds else None)
    return Exchange(
        method=scope["method"],
        path=state.get("route_path"),
        target=_target(scope),
        request=state.get("payload"),
        multipart=bool(state.get("multipart")),
        status=watch.status,
        answer=json.loads(bytes(watch.body)) if is_json else None,
        content_type=watch.content_type,
        fault=told,
        delivered=FaultKind.LOST_ANSWER not in kinds and FaultKind.CUT not in kinds,
    )


def _target(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return (raw + b"?" + query if query else raw).decode("latin-1")
