"""The unmodified discord.py client, pointed at a local Discord by its two public addresses."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.playground import Playground

Prepare = Callable[["Bot"], None]


class Bot(discord.Client):
    """A client with a command tree that registers its commands when it starts."""

    def __init__(self, *, intents: discord.Intents, prepare: Prepare | None) -> None:
        super().__init__(intents=intents, guild_ready_timeout=0.05)
        self.tree = app_commands.CommandTree(self)
        self.ready = asyncio.Event()
        if prepare is not None:
            prepare(self)

    async def on_ready(self) -> None:
        self.ready.set()

    async def close(self) -> None:
        # Closed right after READY, it would still tell of `on_ready` when it has waited for its servers; it
        # has no loop to do so by then, and leaves a coroutine that nobody awaits.
        telling = self._connection._ready_task
        if telling is not None:
            telling.cancel()
        await super().close()

    async def setup_hook(self) -> None:
        if self.tree.get_commands() or self.tree.get_commands(type=discord.AppCommandType.user):
            await self.tree.sync()


class ClientFactory:
    """Makes clients, logs them in and closes them."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._running: list[tuple[Bot, asyncio.Task[None]]] = []

    async def __call__(
        self, prepare: Prepare | None = None, *, intents: discord.Intents | None = None
    ) -> Bot:
        bot = Bot(intents=intents or discord.Intents.default(), prepare=prepare)
        task = asyncio.create_task(bot.start(self._playground.bot_token))
        self._running.append((bot, task))
        waiting = asyncio.create_task(bot.ready.wait())
        await asyncio.wait({task, waiting}, timeout=20, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            waiting.cancel()
            await task  # raises what kept it from starting
        assert waiting.done(), "the client was not ready within 20 s"
        return bot

    @property
    def running(self) -> list[asyncio.Task[None]]:
        return [task for _, task in self._running]

    async def close(self) -> None:
        for bot, task in self._running:
            await bot.close()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@contextmanager
def redirected(playground: Playground) -> Iterator[None]:
    """Point discord.py at a local server, and back again."""
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = playground.api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(playground.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway
