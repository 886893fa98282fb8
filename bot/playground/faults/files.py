"""Faults of the CDN: files that are late, cut off, or not as long as was said."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.playground.faults.kinds import FaultKind, Place
from bot.playground.faults.switchboard import Fault, Faults

FILE_PATHS = ("/attachments/", "/ephemeral-attachments/")
_GONE = b"This content is no longer available."
_TOO_MUCH = b"\0" * 1_000


class FilesMiddleware:
    """Sits before the files while a fault is about them."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give a file, or what a fault makes of it."""
        if not scope["path"].startswith(FILE_PATHS):
            await self._app(scope, receive, send)
            return
        struck = self._faults.strike(Place.FILES, f"{scope['method']} {scope['path']}")
        if not struck:
            await self._app(scope, receive, send)
            return
        expired = next((fault for fault in struck if fault.kind is FaultKind.FILE_EXPIRED), None)
        if expired is not None:
            await _refuse(expired.status, send)
            return
        parts: list[Message] = []

        async def keep(message: Message) -> None:
            parts.append(message)

        await self._app(scope, receive, keep)
        body = b"".join(part.get("body", b"") for part in parts)
        await _give(parts[0], body, struck, scope, send)


async def _refuse(status: int, send: Send) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(_GONE)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": _GONE})


async def _give(start: Message, body: bytes, struck: Sequence[Fault], scope: Scope, send: Send) -> None:
    kinds = {fault.kind for fault in struck}
    half = len(body) // 2
    if FaultKind.FILE_WRONG_LENGTH in kinds:
        # What Discord said of the file was its size; the answer is whole in itself.
        body = body[:half] if struck[0].met % 2 else body + _TOO_MUCH
        headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
        start = {**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]}
    await send(start)
    await send({"type": "http.response.body", "body": body[:half], "more_body": True})
    for fault in struck:
        if fault.kind is FaultKind.FILE_SLOW:
            await asyncio.sleep(fault.seconds)
    if FaultKind.FILE_TRUNCATED in kinds:
        await asyncio.sleep(0.01)  # what was sent leaves before the line is cut
        cut = scope.get("state", {}).get("cut")
        if cut is not None:
            cut()
            await asyncio.sleep(0)
        return
    await send({"type": "http.response.body", "body": body[half:]})
