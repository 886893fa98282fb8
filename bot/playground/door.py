"""The server's front door: uvicorn as a guest in our loop, whose connections can be cut and kept out."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from bot.playground.exchange import API_PREFIX, CUT

HOST = "127.0.0.1"
_GATEWAY_PATH = "/"


class _Protocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]  # one of two, as installed
    """Leaves the way to cut the connection with each request."""

    app_state: dict[str, Any]

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin a connection."""
        # The state of a request is a copy of this one.
        self.app_state = {**self.app_state, CUT: transport.abort}
        super().connection_made(transport)


def listen(port: int) -> socket.socket:
    """Open a socket on loopback; 0 takes any port that is free."""
    # asyncio turns Nagle's algorithm off only for sockets that say that they are TCP; with it on, answers
    # that are written in two pieces waited 40 ms for the other side's delayed acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    return listener


class Server(uvicorn.Server):
    """It leaves signals alone, says when it is ready, and can be out of reach for a while."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever owns the loop."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.ready.set()

    def shut_door(self) -> None:
        """Refuse new connections, and cut those that speak REST or gateway; the page keeps its own."""
        for server in self.servers:
            server.close()
        for connection in tuple(self.server_state.connections):
            path = str((getattr(connection, "scope", None) or {}).get("path", API_PREFIX))
            if path.startswith(API_PREFIX) or path == _GATEWAY_PATH:
                _abort(connection)

    async def open_door(self, port: int) -> None:
        """Take connections again."""
        config, state, app_state = self.config, self.server_state, self.lifespan.state
        protocol: Any = config.http_protocol_class

        def create(_loop: asyncio.AbstractEventLoop | None = None) -> asyncio.Protocol:
            connection: asyncio.Protocol = protocol(
                config=config, server_state=state, app_state=app_state, _loop=_loop
            )
            return connection

        server = await asyncio.get_running_loop().create_server(
            create, sock=listen(port), backlog=config.backlog
        )
        self.servers = [server]

    def cut(self, client: object) -> None:
        """Cut the connection from one address, without a word."""
        for connection in tuple(self.server_state.connections):
            if getattr(connection, "client", None) == client:
                _abort(connection)


def _abort(connection: object) -> None:
    transport = getattr(connection, "transport", None)
    if isinstance(transport, asyncio.Transport):
        transport.abort()


def protocol() -> type[asyncio.Protocol]:
    """Give the class that speaks HTTP here."""
    return _Protocol
