"""The week of the demonstration, watched in the page: the local Discord here, the bot in its own process."""

import asyncio
import os
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from dotenv import dotenv_values
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.config import known_variables
from bot.demo.week import Week
from bot.errors import InkcircleError
from bot.playground import Playground, Upload
from bot.playground.page import page
from bot.store import MasterKey

_SCENE: Final = Path(__file__).with_name("scene.md")
_WELCOME: Final = "A week in a writing group. You are Mara; become somebody else below on the left."
_TURN_SECONDS: Final = 3.0
# The embedded model needs a second or two for the memory before it writes.
_INTO_THE_PART: Final = 2.0
_PATIENCE: Final = 300.0
_START_SECONDS: Final = 60.0
_MODELS: Final = ("COACH_", "STORY_", "MEMORY_", "OPENAI_", "EMBEDDED_")


async def run_week(*, port: int | None, browser: bool, stay: bool) -> None:
    """Live the week, and stay in it until Ctrl+C.

    Args:
        port: Of the page; None for any.
        browser: Whether to open the page.
        stay: Whether to serve on afterwards; else it ends with the line `ok`.

    Raises:
        InkcircleError: Something did not come in time.
    """
    console = Console()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="inkcircle-week-")))
        playground = await stack.enter_async_context(Playground(port=port or 0, extensions=[page(_WELCOME)]))
        bot = await stack.enter_async_context(_bot(playground, folder))
        console.print(f"\nWatch it: {playground.page_url}\n", highlight=False)
        if browser:
            await asyncio.to_thread(webbrowser.open, playground.page_url)
        week = Week(
            playground,
            bot,
            Upload(_SCENE.name, await asyncio.to_thread(_SCENE.read_bytes)),
            at_work=_at_work,
            tell=lambda line: console.print(f"  {line}", markup=False, highlight=False),
            patience=_PATIENCE,
        )
        try:
            lived = await week.live()
        except TimeoutError:
            raise InkcircleError(
                "The week did not come to its end in time; see the page how far it came."
            ) from None
        console.print("\nThe story of that week:\n")
        # Text, never markup: what a model wrote must not style the terminal.
        console.print(Padding(Text(lived.story), (0, 2)))
        console.print("In the moderator's file:", ", ".join(sorted(lived.anthology)), highlight=False)
        if stay:
            console.print("\nIt goes on: write in the page. Ctrl+C ends it.")
            await asyncio.Event().wait()
    console.print("ok")


async def _at_work() -> None:
    await asyncio.sleep(_TURN_SECONDS + _INTO_THE_PART)


class _Bot:
    """The bot as an operator runs it."""

    def __init__(self, playground: Playground, folder: Path) -> None:
        self._playground = playground
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._environment = {
            **_surroundings(),
            "DISCORD_TOKEN": playground.bot_token,
            "DISCORD_API_URL": playground.api_url,
            "DISCORD_GATEWAY_URL": playground.gateway_url,
            "INKCIRCLE_DATA": str(folder / "data"),
            "INKCIRCLE_KEY": MasterKey.generate().encoded(),
            "INKCIRCLE_MESSAGE_CONTENT": "true",
            "INKCIRCLE_METRICS_PORT": "0",
            "INKCIRCLE_TURN_SECONDS": str(_TURN_SECONDS),
        }

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None
            await self._playground.gateway.until_gone()

    async def restart(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bot", "run"),
                # A folder without a .env: what a person has set for a server of their own stays out of this.
                cwd=self._folder,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            await self._playground.until_connected(_START_SECONDS)
        except TimeoutError:
            raise InkcircleError("The bot did not come online in the local Discord in time.") from None


@asynccontextmanager
async def _bot(playground: Playground, folder: Path) -> AsyncIterator[_Bot]:
    bot = _Bot(playground, folder)
    try:
        await bot.restart()
        yield bot
    finally:
        await bot.kill()


def _surroundings() -> dict[str, str]:
    """Give the environment without our own variables, save those of a model that somebody has named."""
    ours = known_variables()
    found = {name: value for name, value in os.environ.items() if name not in ours}
    said = {name: value for name, value in {**dotenv_values(".env"), **os.environ}.items() if value}
    if said.get("COACH_MODEL"):
        found |= {name: value for name, value in said.items() if name.startswith(_MODELS)}
    return found
