"""A small web server of the bot's own, on its own loop: for the measures, and for the page."""

from typing import Final

from aiohttp import web


class Listener:
    """Serves an application at one address.

    Args:
        app: The application.
        host: Where to listen.
        port: Where to listen; 0 for any.
        closing_seconds: How long requests under way have when it is closed.
    """

    def __init__(self, app: web.Application, *, host: str, port: int, closing_seconds: float) -> None:
        self._host: Final = host
        self._port: Final = port
        # No log of its own: addresses may be secrets. Signals are the bot's to hear.
        self._runner: Final = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=closing_seconds
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._runner.addresses[0][1]) if self._runner.addresses else self._port

    async def start(self) -> None:
        """Begin to serve.

        Raises:
            OSError: The address is taken, or is none of this machine's.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise

    async def close(self) -> None:
        """Stop serving; doing so twice does no harm."""
        await self._runner.cleanup()
