"""`run` and `demo`: the commands that serve."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from bot.config import Settings, unknown_lines
from bot.errors import OperatorError
from bot.terminal.running import ENV_FILE, configure_log, go


def add_to(cli: typer.Typer) -> None:
    """Register the commands."""
    cli.command()(run)
    cli.command()(demo)


def run() -> None:
    """Start the bot on Discord with the settings in .env."""
    try:
        _run()
    except OperatorError as error:
        raise OperatorError(f"{error.sentence} (`inkcircle doctor` looks at everything.)") from error


def _run() -> None:
    from bot.app import App

    # Broken lines are told below, once and in our log.
    logging.getLogger("dotenv").setLevel(logging.ERROR)
    settings = Settings.load()
    settings.required_token()  # asked for before anything is built
    configure_log(settings)
    tell_of_slips(ENV_FILE)

    async def serve() -> None:
        async with App(settings) as app:
            await app.run()

    go(serve())


def tell_of_slips(env_file: Path) -> None:
    """Log the lines of the file by which a setting is lost, and names that no setting has."""
    from bot.setup.env_file import EnvFile

    log = structlog.get_logger(__name__)
    for each in EnvFile.read(env_file).complaints():
        if each.serious:
            log.warning("broken_line", file=str(env_file), line=each.line, reason=each.says)
    for name in unknown_lines(env_file):
        log.warning("unknown_setting", file=str(env_file), name=name)


def demo(
    port: Annotated[int | None, typer.Option(help="Port of the page on this machine.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder to keep data in; else one that is removed.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
    week: Annotated[bool, typer.Option("--week", help="Watch a week in a writing group.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Stop once everything has been seen to work.")
    ] = False,
) -> None:
    """Print a real letter, then open a Discord server on this machine with the bot in it."""
    watch = sys.stdout.isatty() and not check
    if week:
        from bot.demo.week_stage import run_week

        go(run_week(port=port, browser=browser and watch, stay=watch))
        return
    from bot.demo import run_demo

    go(run_demo(port=port, data=data, browser=browser and watch, stay=watch))
