"""The week of the demonstration, watched in the page: the local Discord here, the bot in its own process."""

import asyncio
import os
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

from bot.demo.bot_process import BotProcess
from bot.demo.ending import closed_when_ended
from bot.demo.week import Week
from bot.errors import InkcircleError
from bot.playground import Playground, Upload
from bot.playground.page import Guide, Sight, page

_SCENE: Final = Path(__file__).with_name("scene.md")
_WELCOME: Final = (
    "A week in a writing group: four members, a moderator, and the bot. This line says what happens, and the "
    "page goes along. Click anywhere to look around by yourself."
)
_OVER: Final = (
    "The week is over. Read what was written, become somebody else below on the left, and write on yourself: "
    "the bot is still here."
)
# Time to read a line before it comes true.
_READING_SECONDS: Final = 4.0
# Time to open the page, and to read what one is going to see.
_OPENING_SECONDS: Final = 10.0
_TURN_SECONDS: Final = 3.0
# The embedded model needs a second or two for the memory before it writes.
_INTO_THE_PART: Final = 2.0
_PATIENCE: Final = 300.0
_EMBEDDED: Final = "EMBEDDED_"
_MODELS: Final = ("COACH_", "STORY_", "MEMORY_", "OPENAI_", _EMBEDDED)


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
        stack.enter_context(closed_when_ended())
        guide = Guide(_WELCOME)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="inkcircle-week-")))
        playground = await stack.enter_async_context(Playground(port=port or 0, extensions=[page(guide)]))
        bot = await stack.enter_async_context(_bot(playground, folder))
        console.print(f"\nWatch it: {playground.page_url}\n", highlight=False)
        if browser:
            await asyncio.to_thread(webbrowser.open, playground.page_url)

        async def tell(sight: Sight) -> None:
            console.print(f"  {sight.words}", markup=False, highlight=False)
            guide.show(sight)
            if stay:
                await asyncio.sleep(_READING_SECONDS)

        week = Week(
            playground,
            bot,
            Upload(_SCENE.name, await asyncio.to_thread(_SCENE.read_bytes)),
            at_work=_at_work,
            tell=tell,
            patience=_PATIENCE,
        )
        if stay:
            await asyncio.sleep(_OPENING_SECONDS)
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
            guide.show(Sight(_OVER))
            console.print("\nIt goes on: write in the page. Ctrl+C ends it.")
            await asyncio.Event().wait()
    console.print("ok")


async def _at_work() -> None:
    await asyncio.sleep(_TURN_SECONDS + _INTO_THE_PART)


@asynccontextmanager
async def _bot(playground: Playground, folder: Path) -> AsyncIterator[BotProcess]:
    bot = BotProcess(
        playground,
        folder,
        INKCIRCLE_MESSAGE_CONTENT="true",
        INKCIRCLE_TURN_SECONDS=str(_TURN_SECONDS),
        **model_variables(),
    )
    try:
        await bot.restart()
        yield bot
    finally:
        await bot.kill()


def model_variables() -> dict[str, str]:
    """Give the variables of a model that somebody has named; none if nobody has."""
    said = {name: value for name, value in {**dotenv_values(".env"), **os.environ}.items() if value}
    # A key without a named model is meant for others.
    wanted = _MODELS if said.get("COACH_MODEL") else _EMBEDDED
    return {name: value for name, value in said.items() if name.startswith(wanted)}
