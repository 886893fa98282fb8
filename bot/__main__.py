"""The command line: `inkcircle …` or `python -m bot …`.

Heavy rooms are imported where a command needs them, so that `inkcircle --help` answers at once.
"""

import asyncio
import json
import sys
from collections.abc import Coroutine
from contextlib import nullcontext
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import structlog
import typer
from rich.console import Console

from bot import log
from bot.config import Settings, unknown_lines
from bot.errors import InkcircleError, UserError, new_incident_id

cli = typer.Typer(
    name="inkcircle",
    help="The Discord bot for writing groups.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
prompt_cli = typer.Typer(help="See what a model is told.", no_args_is_help=True)
cli.add_typer(prompt_cli, name="prompt")

ENV_FILE = Path(".env")

T = TypeVar("T")


class Exit(IntEnum):
    """What the exit code says."""

    OK = 0
    FAILED = 1
    BAD_INPUT = 2
    FINDINGS_ONLY = 3


@cli.command()
def run() -> None:
    """Start the bot on Discord with the settings in .env."""
    from bot.app import App

    settings = Settings.load()
    settings.required_token()  # asked for before anything is built
    _configure_log(settings)
    for name in unknown_lines(ENV_FILE):
        structlog.get_logger(__name__).warning("unknown_setting", file=str(ENV_FILE), name=name)

    async def serve() -> None:
        async with App(settings) as app:
            await app.run()

    _go(serve())


@cli.command()
def demo(
    port: Annotated[int | None, typer.Option(help="Port of the page on this machine.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder to keep data in; else one that is removed.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
    check: Annotated[
        bool, typer.Option("--check", help="Stop once everything has been seen to work.")
    ] = False,
) -> None:
    """Print a real letter, then open a Discord server on this machine with the bot in it."""
    from bot.demo import run_demo

    watch = sys.stdout.isatty() and not check
    _go(run_demo(port=port, data=data, browser=browser and watch, stay=watch))


@cli.command()
def critique(
    file: Annotated[Path, typer.Argument(help="A manuscript: .txt, .md or .docx.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in place of the letter.")] = False,
    focus: Annotated[str | None, typer.Option(help="What to look at first, for example dialogue.")] = None,
) -> None:
    """Read a manuscript and write its author a letter.

    The exit code is 0 with a letter, 3 with measured findings only, 2 if the file cannot be read, else 1.
    """
    from bot.app import open_engine
    from bot.terminal import show_critique

    settings = Settings.load()
    _configure_log(settings, level="warning")

    async def work() -> Exit:
        from bot.coach import Focus
        from bot.llm import Caller
        from bot.manuscripts import read_manuscript

        wanted = _focus(focus, Focus) if focus else None
        manuscript = await read_manuscript(_read(file), file.name)
        err = Console(stderr=True)
        waiting = err.status("Reading …") if err.is_terminal else nullcontext()
        with waiting as status:
            async with open_engine(settings) as engine:

                async def progress(stage: Any) -> None:  # noqa: ANN401 - bot.coach.Stage, imported late
                    if status is not None:
                        status.update(stage.label)

                caller = Caller(guild_id=None, member_id=None, job=new_incident_id())
                result = await engine.coach.critique(
                    manuscript, focus=wanted, caller=caller, progress=progress
                )
        if as_json:
            sys.stdout.write(json.dumps(result.to_json(manuscript.text), ensure_ascii=False, indent=2) + "\n")
        else:
            show_critique(Console(), result)
        return Exit.OK if result.letter is not None else Exit.FINDINGS_ONLY

    raise typer.Exit(_go(work()) or Exit.OK)


@prompt_cli.command("show")
def prompt_show(
    name: Annotated[str, typer.Argument(help="Name of a prompt, for example coach/letter.")],
    file: Annotated[Path, typer.Argument(help="A manuscript to put into it.")],
) -> None:
    """Print what would be sent to the model for a manuscript."""
    settings = Settings.load()
    _configure_log(settings, level="warning")

    async def show() -> None:
        from bot.app import show_prompt
        from bot.manuscripts import read_manuscript

        manuscript = await read_manuscript(_read(file), file.name)
        sys.stdout.write(await show_prompt(settings, name, manuscript) + "\n")

    _go(show())


def main() -> None:
    """Run the command line; every failure ends in one sentence and an exit code, never in a traceback."""
    try:
        cli()
    except InkcircleError as error:
        Console(stderr=True, soft_wrap=True).print(error.sentence, markup=False, highlight=False)
        raise SystemExit(Exit.BAD_INPUT if isinstance(error, UserError) else Exit.FAILED) from None


def _go(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine; turn what nobody foresaw into a sentence with an id that the log knows."""
    try:
        return asyncio.run(work)
    except InkcircleError:
        raise
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:
        incident = new_incident_id()
        structlog.get_logger(__name__).exception("command_failed", incident=incident)
        raise InkcircleError(
            f"Something went wrong on our side; the log has the cause under {incident}."
        ) from error


def _configure_log(settings: Settings, level: str | None = None) -> None:
    log.configure(
        level=level or settings.inkcircle_log_level,
        style=settings.inkcircle_log_format,
        secrets=settings.secrets(),
    )


def _read(file: Path) -> bytes:
    """Give a file's bytes, or one sentence why not."""
    from bot.manuscripts import ReadLimits

    try:
        if file.is_dir():
            raise UserError(
                f"{file.name} is a folder; name one manuscript, for example {file.name}/scene.docx."
            )
        with file.open("rb") as stream:
            # One byte more than allowed tells the reader that there is too much, without reading it all.
            return stream.read(ReadLimits().file_bytes + 1)
    except FileNotFoundError:
        raise UserError(f"There is no file {file.name}.") from None
    except OSError as error:
        raise UserError(
            f"{file.name} cannot be opened: {(error.strerror or 'unknown reason').lower()}."
        ) from None


def _focus(word: str, choices: Any) -> Any:  # noqa: ANN401 - bot.coach.Focus, imported late
    for focus in choices:
        if word.casefold().replace("-", " ").replace("_", " ") in {
            focus.value.replace("_", " "),
            focus.label.casefold(),
        }:
            return focus
    raise UserError(f"--focus takes one of: {', '.join(focus.value for focus in choices)}.")


if __name__ == "__main__":
    main()
