"""A double of a remote model: a real HTTP server that speaks OpenAI's chat-completions protocol.

It answers what a test has scripted, streaming or not as the request says, and has the faults that real
servers have::

    async with ModelServer() as server:
        server.script(Status(500), Words("Your opening works."))
        ...                         # point a client at server.base_url
        assert server.requests[0].body["model"] == "editor"

What is scripted is used up in order; after that, `server.otherwise` answers.
"""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Protocol, Self

from aiohttp import web

KEY = "sk-test-key-that-nobody-may-see"


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    request: web.Request
    server: "ModelServer"
    body: dict[str, Any]

    @property
    def streaming(self) -> bool:
        return bool(self.body.get("stream"))

    @property
    def last(self) -> str:
        """The newest message."""
        return str(self.body["messages"][-1]["content"])


class Reply(Protocol):
    """Something that the server does with a request."""

    async def send(self, received: Received) -> web.StreamResponse: ...


@dataclass(frozen=True)
class Words:
    """An answer. `usage=None` leaves the count out, as many servers do."""

    text: str = "Your opening works."
    finish: str | None = "stop"
    refusal: str | None = None
    thought: str | None = None
    usage: tuple[int, int, int] | None = (20, 6, 0)
    gate: asyncio.Event | None = None
    streams: bool = True

    async def send(self, received: Received) -> web.StreamResponse:
        if not (received.streaming and self.streams):
            if self.gate is not None:
                await self.gate.wait()
            message = {"role": "assistant", "content": self.text, "refusal": self.refusal}
            whole = _envelope("chat.completion") | {
                "choices": [{"index": 0, "message": message, "finish_reason": self.finish}],
                "usage": _usage(self.usage),
            }
            return web.json_response(whole)
        response = await _open_stream(received.request)
        await _chunk(response, {"role": "assistant", "content": ""})
        if self.thought is not None:
            await _chunk(response, {"reasoning_content": self.thought})
        for piece in pieces(self.text):
            await _chunk(response, {"content": piece})
            if self.gate is not None:
                await self.gate.wait()
        if self.refusal is not None:
            await _chunk(response, {"refusal": self.refusal})
        if self.finish is not None:
            await _chunk(response, {}, finish=self.finish)
        if self.usage is not None and (received.body.get("stream_options") or {}).get("include_usage"):
            await _event(
                response, _envelope("chat.completion.chunk") | {"choices": [], "usage": _usage(self.usage)}
            )
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response


@dataclass(frozen=True)
class Status:
    """An HTTP error with a body such as OpenAI's."""

    status: int
    code: str | None = None
    message: str = "A fault of the test."
    param: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    async def send(self, received: Received) -> web.StreamResponse:
        # Real servers quote the request in their errors; so the tests can see that none of it reaches a log.
        words = f"{self.message} {received.last if received.body.get('messages') else ''}"
        error = {"message": words, "type": "invalid_request_error", "param": self.param, "code": self.code}
        return web.json_response({"error": error}, status=self.status, headers=dict(self.headers))


@dataclass(frozen=True)
class Page:
    """What a proxy or a wrong address says: a web page."""

    status: int = 200
    body: str = "<!doctype html><title>Welcome</title><p>It works!</p>"
    content_type: str = "text/html"

    async def send(self, _received: Received) -> web.StreamResponse:
        return web.Response(status=self.status, text=self.body, content_type=self.content_type)


@dataclass(frozen=True)
class StreamOf:
    """A stream of the given data lines, whatever they are, and then an orderly end."""

    lines: tuple[str, ...]

    async def send(self, received: Received) -> web.StreamResponse:
        response = await _open_stream(received.request)
        for line in self.lines:
            await response.write(f"data: {line}\n\n".encode())
        await response.write_eof()
        return response


@dataclass(frozen=True)
class Cut:
    """The connection breaks after some words, or before the first byte of the answer if there are none."""

    text: str = "Your opening"

    async def send(self, received: Received) -> web.StreamResponse:
        response = web.StreamResponse()
        if self.text:
            response = await _open_stream(received.request)
            for piece in pieces(self.text):
                await _chunk(response, {"content": piece})
        if received.request.transport is not None:
            received.request.transport.abort()
        return response


@dataclass(frozen=True)
class CutBody:
    """The connection breaks in the middle of a body whose length was announced."""

    status: int = 200

    async def send(self, received: Received) -> web.StreamResponse:
        headers = {"Content-Type": "application/json", "Content-Length": "1000"}
        response = web.StreamResponse(status=self.status, headers=headers)
        await response.prepare(received.request)
        await response.write(b'{"choices": [')
        if received.request.transport is not None:
            received.request.transport.abort()
        return response


@dataclass(frozen=True)
class Silent:
    """Says some words, or none, and then nothing more until the other side leaves."""

    text: str = ""
    headers_first: bool = True

    async def send(self, received: Received) -> web.StreamResponse:
        if self.headers_first:
            response = await _open_stream(received.request)
            for piece in pieces(self.text):
                await _chunk(response, {"content": piece})
        received.server.waiting.set()
        await asyncio.Event().wait()
        raise AssertionError


@dataclass(frozen=True)
class Endless:
    """Never comes to an end: words, one line, or the comments that keep a connection open."""

    of: Literal["words", "line", "comments", "thoughts"] = "words"

    async def send(self, received: Received) -> web.StreamResponse:
        response = await _open_stream(received.request)
        if self.of == "line":
            await response.write(b"data: ")
        while True:
            if self.of == "words":
                await _chunk(response, {"content": "and on and on "})
            elif self.of == "thoughts":
                await _chunk(response, {"reasoning_content": "and on and on " * 20})
            elif self.of == "line":
                await response.write(b"x" * 65536)
            else:
                await response.write(b": still working\n\n")
                await asyncio.sleep(0.01)


class ModelServer:
    """The server. An async context manager; it listens on a free port of this machine.

    Attributes:
        requests: Every chat request that came, the refused ones included.
        otherwise: Answers when nothing is scripted.
        waiting: Set when a `Silent` reply waits.
        left: Set when a client has left before its answer was at its end.
        serving: How many answers are under way, and `most_serving` the most there ever were.
    """

    def __init__(
        self,
        *,
        key: str | None = KEY,
        models: tuple[str, ...] = ("editor",),
        tokenizes: bool = False,
        refuses: tuple[str, ...] = (),
        context: int | None = None,
    ) -> None:
        self._key = key
        self._models = models
        self._tokenizes = tokenizes
        self._refuses = refuses
        self._context = context
        self._script: deque[Reply] = deque()
        self._runner: web.AppRunner | None = None
        self.requests: list[Received] = []
        self.token_requests = 0
        self.otherwise: Reply = Words()
        self.waiting = asyncio.Event()
        self.left = asyncio.Event()
        self.serving = 0
        self.most_serving = 0
        self.base_url = ""
        self._change = asyncio.Condition()

    def script(self, *replies: Reply) -> None:
        """Add replies for the next requests."""
        self._script.extend(replies)

    async def serves(self, count: int) -> None:
        """Wait until so many answers are under way at once."""
        async with self._change:
            await self._change.wait_for(lambda: self.serving >= count)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_post("/tokenize", self._tokenize)
        # A handler is cancelled when its client leaves: that is how a server learns that a slot is free.
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.base_url = f"http://{host}:{port}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        received = Received(request, self, await request.json())
        self.requests.append(received)
        refusal = self._refusal(received)
        if refusal is not None:
            return await refusal.send(received)
        reply = self._script.popleft() if self._script else self.otherwise
        self.serving += 1
        self.most_serving = max(self.most_serving, self.serving)
        async with self._change:
            self._change.notify_all()
        try:
            return await reply.send(received)
        except (asyncio.CancelledError, ConnectionResetError):
            self.left.set()
            raise
        finally:
            self.serving -= 1

    def _refusal(self, received: Received) -> Reply | None:
        if self._key is not None and received.request.headers.get("Authorization") != f"Bearer {self._key}":
            return Status(401, "invalid_api_key")
        if received.body.get("model") not in self._models:
            return Status(404, "model_not_found")
        for name in self._refuses:
            if name in received.body:
                return Status(400, "unsupported_parameter", f"Unsupported parameter: '{name}'.", name)
        return None

    async def _list_models(self, _request: web.Request) -> web.Response:
        listed: list[dict[str, object]] = [
            {"id": name, "object": "model", "created": 0, "owned_by": "test"} for name in self._models
        ]
        for each in listed if self._context else ():
            each["max_model_len"] = self._context  # vLLM's word for it
        return web.json_response({"object": "list", "data": listed})

    async def _tokenize(self, request: web.Request) -> web.Response:
        self.token_requests += 1
        if not self._tokenizes:
            raise web.HTTPNotFound
        words = str((await request.json())["content"]).split()
        return web.json_response({"tokens": list(range(len(words)))})


def pieces(text: str) -> list[str]:
    """Cut a text into the pieces that it is streamed in: words with the space before them."""
    parts = text.split(" ")
    return [part if place == 0 else f" {part}" for place, part in enumerate(parts)] if text else []


def _envelope(kind: str) -> dict[str, object]:
    return {"id": "chatcmpl-test", "object": kind, "created": 0, "model": "editor"}


def _usage(counts: tuple[int, int, int] | None) -> dict[str, object] | None:
    if counts is None:
        return None
    tokens_in, tokens_out, cached = counts
    return {
        "prompt_tokens": tokens_in,
        "completion_tokens": tokens_out,
        "total_tokens": tokens_in + tokens_out,
        "prompt_tokens_details": {"cached_tokens": cached},
    }


async def _open_stream(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    return response


async def _event(response: web.StreamResponse, data: Mapping[str, object]) -> None:
    await response.write(f"data: {json.dumps(data)}\n\n".encode())


async def _chunk(
    response: web.StreamResponse, delta: Mapping[str, object], finish: str | None = None
) -> None:
    choice = {"index": 0, "delta": dict(delta), "finish_reason": finish}
    await _event(response, _envelope("chat.completion.chunk") | {"choices": [choice]})
