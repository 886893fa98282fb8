"""Runs the demonstration, stage by stage, and tells how long each took."""

import asyncio
import os
import tempfile
import time
import webbrowser
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from dotenv import dotenv_values
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from bot.app import App
from bot.client import Pace
from bot.coach import Critique, Stage
from bot.config import Settings
from bot.demo.local_discord import LocalDiscord, local_discord
from bot.errors import InkcircleError, OperatorError, new_incident_id
from bot.llm import BETTER_MODEL_HINT, Caller, Role
from bot.manuscripts import read_manuscript
from bot.ports import free_port
from bot.store import MasterKey
from bot.stories import Author, Link, StoryState, StoryTree, Told
from bot.terminal.showing import show_critique

SCENE: Final = Path(__file__).with_name("scene.md")
OPENING: Final = Path(__file__).with_name("opening.md")
# The bot logs in to a server in its own process; much longer than this and something is wrong.
_LOGIN_SECONDS: Final = 30.0


@dataclass(slots=True)
class Timetable:
    """How long the stages took, in seconds."""

    stages: list[tuple[str, float]] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage."""
        began = time.monotonic()
        yield
        self.stages.append((name, time.monotonic() - began))

    def show(self, console: Console) -> None:
        """Print a line a stage."""
        for name, seconds in self.stages:
            console.print(f"  {name:<32} {seconds:6.1f} s", highlight=False)


async def run_demo(*, port: int | None, data: Path | None, browser: bool, stay: bool) -> None:
    """Print a letter, open the local Discord, and stay there until Ctrl+C.

    Args:
        port: Of the page; None for the usual one, or another if that is taken; 0 for any.
        data: Folder to keep the ledger in; None for one that is removed at the end.
        browser: Whether to open the page.
        stay: Whether to serve until Ctrl+C; else it ends once all of it was seen to work, with the line `ok`.

    Raises:
        OperatorError: The port is taken, a setting is wrong, or there was no full letter.
    """
    console = Console()
    timetable = Timetable()
    async with AsyncExitStack() as stack:
        folder = (
            data
            or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="inkcircle-"))) / "data" / "data"
        )
        with timetable.stage("the local Discord"):
            discord = await stack.enter_async_context(local_discord(port))
        settings = _settings(discord, folder)
        app = App(settings, pace=Pace(clock=time.monotonic, guilds_wait=0.1))
        await stack.enter_async_context(app)
        small = app.engine.models.endpoint(Role.COACH).demonstration
        if small:
            console.print("\nInkcircle reads a scene with the small model that comes with it …\n")
        else:
            console.print("\nInkcircle reads a scene with", settings.coach.model, "…\n", highlight=False)
        with timetable.stage("the model starts"):
            await app.engine.models.ready()
        with timetable.stage("a letter"):
            critique = await _letter(app, console)
        show_critique(console, critique)
        with timetable.stage("a link of a story"):
            told = await _link(app, console)
        _show_link(console, told)
        if small:
            console.print(Padding(Text(BETTER_MODEL_HINT, style="dim"), (0, 2)))
        with timetable.stage("the bot logs in"):
            serving = await stack.enter_async_context(_bot_in_the_server(app))
        console.print(f"\nYour Discord server on this machine: {discord.page_url}", highlight=False)
        if stay:
            console.print("Ctrl+C ends it.\n")
            if browser:
                await asyncio.to_thread(webbrowser.open, discord.page_url)
            await serving
            return
        console.print()
        timetable.show(console)
    if critique.letter is None:
        raise OperatorError("There were findings but no letter, so this demonstration did not work.")
    console.print("ok")


def _settings(discord: LocalDiscord, folder: Path) -> Settings:
    """Give settings for the local Discord; a key without a named model is meant for others and left alone."""
    # The key lies beside the folder, where a copy of the folder leaves it behind.
    key_file = folder.absolute().with_name(f"{folder.absolute().name}.key")
    if not key_file.exists():
        MasterKey.generate().write(key_file)
    page_port = free_port()
    named = os.environ.get("COACH_MODEL") or dotenv_values(".env").get("COACH_MODEL")
    no_key: dict[str, Any] = {} if named else {"openai_api_key": None, "openai_base_url": None}
    return Settings.load(
        discord_token=discord.bot_token,
        discord_api_url=discord.api_url,
        discord_gateway_url=discord.gateway_url,
        inkcircle_data=folder,
        database_url=None,
        inkcircle_key=None,
        inkcircle_key_file=key_file,
        inkcircle_log_level="warning",
        inkcircle_metrics_port=0,
        inkcircle_message_content=True,
        inkcircle_page_port=page_port,
        inkcircle_page_url=f"http://127.0.0.1:{page_port}",
        **no_key,
    )


async def _letter(app: App, console: Console) -> Critique:
    manuscript = await read_manuscript(await asyncio.to_thread(SCENE.read_bytes), SCENE.name)
    caller = Caller(guild_id=None, member_id=None, job=new_incident_id())
    if not console.is_terminal:
        return await app.engine.coach.critique(manuscript, caller=caller)
    with console.status(Stage.READING.label) as status:

        async def progress(stage: Stage) -> None:
            status.update(stage.label)

        return await app.engine.coach.critique(manuscript, caller=caller, progress=progress)


async def _link(app: App, console: Console) -> Told:
    """Have the storyteller go on from a beginning that comes with the demonstration."""
    opening = (await asyncio.to_thread(OPENING.read_text, encoding="utf-8")).strip()
    tree = StoryTree().add(Link(id=1, parent_id=None, text=opening, authors=(Author(1, "Somebody"),)))
    caller = Caller(guild_id=None, member_id=None, job=new_incident_id())
    status = console.status("Going on with a story …") if console.is_terminal else nullcontext()
    with status:
        return await app.client.teller.tell(StoryState(tree=tree), caller=caller)


def _show_link(console: Console, told: Told) -> None:
    beginning = OPENING.read_text(encoding="utf-8").strip().rpartition("\n")[2]
    console.print(Padding(Text(f"A story begins: … {beginning}", style="italic"), (1, 2)))
    words = told.text or (told.event.words if told.event is not None else "")
    # Text, never markup: what a model wrote must not style the terminal.
    console.print(Panel(Text(words), title="and goes on", border_style="magenta", padding=(1, 2)))
    if told.text is not None and told.event is not None:
        console.print(Padding(Text(told.event.words, style="dim"), (0, 2)))


@asynccontextmanager
async def _bot_in_the_server(app: App) -> AsyncIterator["asyncio.Task[None]"]:
    """Have the bot log in, and give the task that serves."""
    serving = asyncio.create_task(app.run(), name="bot")
    ready = asyncio.create_task(app.wait_until_ready(), name="ready")
    try:
        await asyncio.wait({serving, ready}, timeout=_LOGIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            await serving
        if not ready.done():
            raise InkcircleError("The bot did not come online in the local Discord in time.")
        yield serving
    finally:
        app.stop()
        ready.cancel()
        await asyncio.gather(serving, ready, return_exceptions=True)
