"""Keeps other web sites out of what this machine serves to itself.

A server on loopback is within reach of every page that the browser shows: by a request across sites, or by a
name of the attacker's that is made to point at 127.0.0.1 (DNS rebinding). Both show in the headers.
"""

import re
from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
_REFUSAL = b"This page answers to this machine alone."


class LoopbackOnly:
    """ASGI middleware: refuses requests and sockets whose Host or Origin is not this machine's.

    Args:
        app: what is guarded.
        open_to_any_origin: paths on which the Origin is not looked at, since they carry a key of their own.
    """

    def __init__(self, app: ASGIApp, open_to_any_origin: Iterable[str] = ()) -> None:
        self._app = app
        self._open = tuple(open_to_any_origin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes from here, and answer all else with 403."""
        if scope["type"] not in {"http", "websocket"} or self._is_ours(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()  # its connect
            await send({"type": "websocket.close", "code": 1008, "reason": _REFUSAL.decode()})
        else:
            headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(_REFUSAL)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": _REFUSAL})

    def _is_ours(self, scope: Scope) -> bool:
        headers: dict[bytes, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), []).append(value.decode("latin-1"))
        hosts = headers.get(b"host", [])
        if len(hosts) != 1 or not _LOOPBACK.fullmatch(hosts[0]):
            return False
        if scope["path"].startswith(self._open) and self._open:
            return True
        origins = headers.get(b"origin", [])
        return all(origin.lower() == f"http://{hosts[0].lower()}" for origin in origins)
