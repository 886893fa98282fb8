"""Serves `/health` and `/metrics` to this machine, on the bot's own loop.

On that loop on purpose: if it stands still, so does `/health`, and whoever watches it learns the truth. What
writing a page of measures costs the loop is held down by a test.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Final, Self

import structlog
from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from bot.listening import Listener
from bot.metrics.health import Health
from bot.metrics.measures import REGISTRY, own_version

_log = structlog.get_logger(__name__)

_HERE: Final = "127.0.0.1"
_OUR_NAMES: Final = frozenset({"127.0.0.1", "localhost"})
_CLOSING_SECONDS: Final = 1.0
_NOT_WELL: Final = 503


class MetricsServer:
    """The server, as an async context manager.

    Args:
        health: Who knows how the parts are.
        port: On 127.0.0.1; 0 serves nothing.
    """

    def __init__(self, health: Health, *, port: int) -> None:
        self._health = health
        self._port = port
        self._listener: Listener | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Begin to serve; a port that is taken is a warning, for nobody's letter depends on it."""
        if not self._port:
            return
        app = web.Application(middlewares=[_only_by_our_name])
        app.router.add_get("/health", self._show_health)
        app.router.add_get("/metrics", self._show_metrics)
        listener = Listener(app, host=_HERE, port=self._port, closing_seconds=_CLOSING_SECONDS)
        try:
            await listener.start()
        except OSError as error:
            _log.warning("metrics.port_taken", port=self._port, errno=error.errno)
            return
        self._listener = listener
        _log.info("metrics.served", port=self._port)

    async def close(self) -> None:
        """Stop serving."""
        if self._listener is not None:
            await self._listener.close()

    async def _show_health(self, _request: web.Request) -> web.Response:
        parts = await self._health.parts()
        well = all(part.well for part in parts.values())
        lines = [f'"well": {json.dumps(well)}', f'"version": {json.dumps(own_version())}']
        lines += [
            f"{json.dumps(name)}: {json.dumps({'well': part.well, 'note': part.note})}"
            for name, part in parts.items()
        ]
        return web.Response(
            status=200 if well else _NOT_WELL,
            text="{" + ",\n ".join(lines) + "}\n",
            content_type="application/json",
        )

    async def _show_metrics(self, _request: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}
        )


@web.middleware
async def _only_by_our_name(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuse who came by another name: a page in a browser here may not read this over a name of its own."""
    name = request.host.rpartition(":")[0] or request.host
    if name not in _OUR_NAMES:
        return web.Response(status=403, text="Ask for 127.0.0.1.\n")
    return await handler(request)
