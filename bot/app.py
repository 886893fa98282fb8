"""Builds the whole bot once, in order, and closes it in reverse."""

import asyncio
import gc
import signal
import time
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Final, Self

import structlog

from bot import log
from bot.closing import Closing, end_at_the_latest
from bot.coach import Coach
from bot.config import Settings
from bot.corpus import Corpus
from bot.engine import Engine, build_engine, build_store
from bot.guilds import Office
from bot.llm import Models, Prices, Role
from bot.llm.limits import Limits
from bot.llm.prompts import Prompts
from bot.privacy import Privacy
from bot.store import CallLedger, Guilds, MasterKey, Store
from bot.stories import Teller
from bot.stories.book import StoryBook

if TYPE_CHECKING:
    from bot.client import Inkcircle, Pace
    from bot.durable import Durable, FolderLock

_log = structlog.get_logger(__name__)

# The embedded model writes one letter at a time: while it does, one more may be read and measured.
_WITH_THE_EMBEDDED_MODEL: Final = 2
_WITH_A_SERVER: Final = 8
# How often it is looked whether this process is still alone at its work; a stat and a `SELECT 1`.
_LOOK_SECONDS: Final = 10.0


class App:
    """The whole bot, as an async context manager.

    Args:
        settings: What is set.
        pace: Times in Discord, which a test shortens or moves.
        limits: Bounds of calls to models; their usual ones if nothing is said.

    Attributes:
        store: The database.
        engine: Models, prompts and coach.
        durable: Work that outlives the process.
        client: The bot in Discord.
    """

    store: Store
    engine: Engine
    durable: "Durable"
    client: "Inkcircle"
    _lock: "FolderLock"

    def __init__(
        self, settings: Settings, *, pace: "Pace | None" = None, limits: Limits | None = None
    ) -> None:
        self._settings = settings
        self._pace = pace
        self._limits = limits
        self._parts = AsyncExitStack()
        self._stop = asyncio.Event()
        self._closing = Closing()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as building:
            await self._build(building)
            # All of it stands: from here on it is closed by `__aexit__`.
            self._parts = building.pop_all()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._parts.aclose()
        _log.info("app.closed")

    @property
    def models(self) -> Models:
        """The door to models."""
        return self.engine.models

    @property
    def prompts(self) -> Prompts:
        """What models are told."""
        return self.engine.prompts

    @property
    def coach(self) -> Coach:
        """Who writes critiques."""
        return self.engine.coach

    async def _build(self, building: AsyncExitStack) -> None:
        # The command line starts faster without discord.py, DBOS and aiohttp.
        from bot.client import Inkcircle, Pace  # noqa: PLC0415
        from bot.durable import Durable, FolderLock  # noqa: PLC0415
        from bot.watching import serve_metrics  # noqa: PLC0415

        settings, closing = self._settings, self._closing
        log.configure(
            level=settings.inkcircle_log_level,
            style=settings.inkcircle_log_format,
            secrets=settings.secrets(),
        )
        self._lock = FolderLock(settings.data)
        self._lock.take()
        building.callback(self._lock.release)
        self.store = await build_store(building, closing, settings, MasterKey.from_settings(settings))
        office = Office.on(self.store, Prices.load(settings.inkcircle_prices), models=settings.guild_models)
        pace = self._pace or Pace(clock=time.monotonic)
        privacy = Privacy(
            self.store,
            trace_days=settings.inkcircle_trace_days,
            guild_settings=office.settings,
            now=pace.now,
        )
        building.push_async_callback(closing.part, "tracer", privacy.tracer.close)
        self.engine = await build_engine(
            building,
            closing,
            settings,
            CallLedger(self.store),
            limits=self._limits,
            trace=privacy.tracer,
            office=office,
        )
        embedded = self.engine.models.endpoint(Role.COACH).embedded
        self.durable = Durable(
            database=settings.database,
            folder=settings.data,
            worker=settings.inkcircle_worker,
            seats=_WITH_THE_EMBEDDED_MODEL if embedded else _WITH_A_SERVER,
        )
        self.client = Inkcircle(
            settings,
            models=self.engine.models,
            coach=self.engine.coach,
            store=self.store,
            durable=self.durable,
            guild_store=Guilds(self.store),
            office=office,
            privacy=privacy,
            story_book=StoryBook(self.store, pace.now),
            teller=Teller(
                self.engine.models, self.engine.prompts, trace=privacy.tracer, house=office.settings
            ),
            corpus=Corpus.of(
                self.store,
                pace.now,
                permission=settings.inkcircle_training_permission,
                page=settings.inkcircle_page_url,
            ),
            pace=pace,
        )
        building.push_async_callback(closing.part, "client", self.client.close)
        await serve_metrics(building, settings, store=self.store, gateway=self.client.gateway)
        await self._serve_page(building)

    async def _serve_page(self, building: AsyncExitStack) -> None:
        settings = self._settings
        if settings.inkcircle_page_url is None:
            return
        from bot.discord_io.access import moderates  # noqa: PLC0415 - as above
        from bot.page import Page  # noqa: PLC0415 - as above

        client = self.client

        def title_of(guild_id: int) -> str:
            guild = client.get_guild(guild_id)
            return guild.name if guild is not None else "This group"

        async def may_take(guild_id: int, member_id: int) -> bool:
            return await moderates(client, guild_id, member_id)

        page = Page(
            client.corpus,
            title_of,
            may_take,
            host=settings.inkcircle_page_host,
            port=settings.inkcircle_page_port,
        )
        await building.enter_async_context(page)

    async def run(self, *, on_signals: bool = True) -> None:
        """Serve until `stop` is called, or until Ctrl+C, SIGTERM or the end of the terminal if `on_signals`.

        Raises:
            OperatorError: Discord cannot be reached or does not take the token; or another process does this
                one's work.
        """
        token = self._settings.required_token().get_secret_value()
        if on_signals:
            self._stop_on_signals()
        await self.durable.launch()
        try:
            await self._serve(token)
        finally:
            await self._closing.part("durable work", self.durable.close)

    async def _serve(self, token: str) -> None:
        _spare_the_collector()
        connection = asyncio.create_task(self.client.serve(token), name="discord")
        stopping = asyncio.create_task(self._stop.wait(), name="stop")
        alone = asyncio.create_task(self._stay_alone(), name="alone")
        try:
            await asyncio.wait({connection, stopping, alone}, return_when=asyncio.FIRST_COMPLETED)
            if self._stop.is_set():
                _log.info("app.stopping")
                await self._closing.part("durable work", self.durable.close)
                await self._closing.part("handlers", self.client.finish)
                await self._closing.part("client", self.client.close)
            else:
                await (alone if alone.done() else connection)
        finally:
            for task in (connection, stopping, alone):
                task.cancel()
            await asyncio.gather(connection, stopping, alone, return_exceptions=True)

    async def _stay_alone(self) -> None:
        """Look now and then whether this process still holds what lets it do its work alone.

        Raises:
            OperatorError: Another process holds it by now: going on would do everything twice.
        """
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            self._lock.check()
            await self.durable.check()

    def stop(self) -> None:
        """Have `run` come to its end: what is under way goes on after the next start, and all is closed."""
        self._stop.set()

    async def wait_until_ready(self) -> None:
        """Wait until Discord has told the bot of its servers. It waits for ever if `run` has failed."""
        await self.client.started.wait()

    def _stop_on_signals(self) -> None:
        loop = asyncio.get_running_loop()

        def stop() -> None:
            # Whoever presses Ctrl+C twice does not want to wait.
            for each in ending:
                loop.remove_signal_handler(each)
            end_at_the_latest()
            self.stop()

        ending = [signal.SIGINT, signal.SIGTERM]
        # Whoever starts it with `nohup` wants it to outlive the terminal.
        if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            ending.append(signal.SIGHUP)
        for each in ending:
            # Windows has no such handlers; there Ctrl+C cancels `run`, which closes everything as well.
            with suppress(NotImplementedError):
                loop.add_signal_handler(each, stop)


def _spare_the_collector() -> None:
    """Take what stands by now out of the garbage collector's rounds.

    Most of it is code that lives as long as the bot. A full round through it held the event loop for 88 ms;
    here, before the bot logs in, nobody waits.
    """
    gc.collect()
    gc.freeze()
