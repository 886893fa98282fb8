"""The stage of the end-to-end tests: the whole bot, a local Discord, and a double of a remote model.

Everything between a member and the model is real: discord.py over HTTP and WebSocket, files over HTTP, the
reader's child process, SQLite, and the `openai` package over HTTP.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import SecretStr

from bot.app import App
from bot.client import Pace
from bot.config import Settings
from bot.llm.limits import Limits
from bot.playground import Exchange, Member, MessageView, Playground, Response, Upload
from bot.playground.exchange import API_PREFIX
from bot.playground.server import Extension
from bot.store import MasterKey
from tests.e2e.faulty_manuscripts import scene
from tests.model_server import KEY, ModelServer, Words
from tests.openapi import DESCRIPTION, Oracle

# How long any wait may take on a busy machine with two cores.
PATIENCE: Final = 30.0
_NOW_AND_THEN: Final = 0.5
# For tests of a model's faults: each is told within the test's patience, retries included.
QUICK: Final = Limits(
    queue=20.0,
    connect=2.0,
    first_token=3.0,
    between_tokens=3.0,
    whole=10.0,
    first_pause=0.01,
    longest_pause=0.02,
    longest_retry_after=0.5,
)


@dataclass
class Stage:
    """What a test has at hand.

    Attributes:
        model: The double of the remote model; unused where the embedded model serves.
        limits: Bounds of calls to it.
        violations: What the description of Discord's API says against what was sent and answered.
    """

    playground: Playground
    model: ModelServer
    settings: Settings
    limits: Limits | None = None
    exchanges: list[Exchange] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    first_use: bool = False
    _serving: asyncio.Task[None] | None = None
    _app: App | None = None

    @property
    def app(self) -> App:
        """The bot that runs."""
        if self._app is None:
            raise RuntimeError("no bot runs")
        return self._app

    async def start(self) -> None:
        """Start the bot, and wait until it serves."""
        started = asyncio.Event()
        self._serving = asyncio.create_task(self._serve(started))
        ready = asyncio.create_task(started.wait())
        await asyncio.wait({self._serving, ready}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            await self.stop()
            raise TimeoutError

    async def stop(self) -> None:
        """Stop the bot as an operator does, and close it; doing so twice does no harm."""
        if self._app is not None:
            self._app.stop()
        if self._serving is not None:
            serving, self._serving = self._serving, None
            await serving

    async def _serve(self, started: asyncio.Event) -> None:
        async with App(self.settings, pace=pace_of(self.playground), limits=self.limits) as app:
            self._app = app
            if not self.first_use:
                app.client.first_use._notices = _EverybodyContinued()
            running = asyncio.create_task(app.run(on_signals=False))
            ready = asyncio.create_task(app.wait_until_ready())
            await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                started.set()
            ready.cancel()
            await running
        self._app = None

    def member(self, name: str) -> Member:
        """Give somebody at their app: mara and jonas write, ines is a moderator."""
        return self.playground.member(name)

    def sent(self, method: str, path: str) -> list[Exchange]:
        """Give the requests of one kind that the bot has made."""
        return [each for each in self.exchanges if each.method == method and each.path == path]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; it is looked at after each of the bot's requests.

        And every now and then, since what holds may come of something else.
        """
        async with asyncio.timeout(PATIENCE):
            while not holds():
                self.news.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.news.wait(), _NOW_AND_THEN)

    async def booked(self) -> None:
        """Wait until all calls are in the ledger: where no budget counts one, it comes a little later."""
        await self.app.models._books.close()

    async def until_sent(self, method: str, path: str) -> None:
        """Wait until the bot has made a request of one kind."""
        await self.until(lambda: bool(self.sent(method, path)))


class Gate(asyncio.Event):
    """Holds a scripted answer of the model up until it is set; `reached` says that the answer is waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()

    async def wait(self) -> Literal[True]:
        """Wait, and say so."""
        self.reached.set()
        return await super().wait()


@asynccontextmanager
async def open_stage(
    data: Path,
    *,
    embedded: bool = False,
    limits: Limits | None = None,
    first_use: bool = False,
    extensions: Sequence[Extension] = (),
    **settings: Any,
) -> AsyncIterator[Stage]:
    """Start everything, and stop it again.

    Args:
        data: A folder for the bot's data.
        embedded: Whether the embedded model writes, and not the double.
        limits: Bounds of calls to the model.
        first_use: Whether members are shown the notice before their first use; else they have continued.
        extensions: Of the local Discord, such as its page.
        settings: Fields of the settings to set as well.
    """
    oracle = Oracle.load() if DESCRIPTION.exists() else None
    exchanges: list[Exchange] = []
    violations: list[str] = []
    news = asyncio.Event()

    def watch(exchange: Exchange) -> None:
        exchanges.append(exchange)
        news.set()
        if oracle is not None and exchange.path is not None:
            violations.extend(check(oracle, exchange))

    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(ModelServer())
        playground = await stack.enter_async_context(Playground(observers=[watch], extensions=extensions))
        settings.setdefault("inkcircle_metrics_port", 0)
        settings.setdefault("inkcircle_turn_seconds", 0.3)
        known = Settings.load(
            None,
            discord_token=SecretStr(playground.bot_token),
            discord_api_url=playground.api_url,
            discord_gateway_url=playground.gateway_url,
            inkcircle_data=data,
            inkcircle_key=SecretStr(MasterKey.generate().encoded()),
            **settings,
        )
        if not embedded:
            known.coach_variables.model = "editor"
            known.coach_variables.base_url = model.base_url
            known.coach_variables.api_key = SecretStr(KEY)
        stage = Stage(playground, model, known, limits, exchanges, violations, news, first_use=first_use)
        await stage.start()
        try:
            yield stage
        finally:
            await stage.stop()
    assert not violations, violations


class _EverybodyContinued:
    """Members who were told long ago what is kept."""

    async def has_continued(self, _member_id: int) -> bool:
        return True

    async def note_continued(self, _member_id: int) -> None:
        """It is known."""


def pace_of(playground: Playground) -> Pace:
    """Give the times of a bot that lives by a playground's clock."""
    return Pace(clock=playground.clock.time, guilds_wait=0.05, now=playground.clock.now)


def check(oracle: Oracle, exchange: Exchange) -> list[str]:
    """Hold one exchange against the description."""
    path = exchange.target.removeprefix(API_PREFIX)
    if exchange.status >= HTTPStatus.BAD_REQUEST:
        # What is refused before it is read has no request to be judged.
        return oracle.check_answer(exchange.method, path, exchange.status, exchange.answer)
    return oracle.check(exchange.method, path, exchange.request, exchange.status, exchange.answer)


def upload(text: str | bytes | None = None, name: str = "scene.txt") -> Upload:
    """Give a file to attach; a whole scene if nothing is said."""
    content = scene() if text is None else text
    return Upload(name, content.encode() if isinstance(content, str) else content)


async def ended(response: Response, says: Callable[[str], bool] | None = None) -> str:
    """Wait until an answer shows no stage any more, and give all that it says, follow-ups included."""
    await response.until(lambda now: bool(now.text) and not is_stage(now.text), PATIENCE)
    if says is not None:
        await response.until(lambda now: says(all_of(now)), PATIENCE)
    return all_of(response)


def all_of(response: Response) -> str:
    """Give all that an interaction has shown so far."""
    return "\n".join([response.text, *(each.text for each in response.followups)])


def is_stage(text: str) -> bool:
    """Tell a stage from an answer."""
    return text.rstrip().endswith("…") and len(text) < 80


def nobody_was_pinged(*messages: MessageView) -> bool:
    """Tell whether messages notified nobody."""
    return all(
        not message.pings.users and not message.pings.roles and not message.pings.everyone
        for message in messages
    )


__all__ = [
    "PATIENCE",
    "Gate",
    "Stage",
    "Words",
    "all_of",
    "ended",
    "is_stage",
    "nobody_was_pinged",
    "open_stage",
    "pace_of",
    "upload",
]
