"""`critique` and `prompt show`: the coach without Discord."""

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bot.config import Settings
from bot.errors import UserError, new_incident_id
from bot.terminal.running import Exit, configure_log, go, read_file


def add_to(cli: typer.Typer) -> None:
    """Register the commands."""
    cli.command()(critique)
    prompts = typer.Typer(help="See what a model is told.", no_args_is_help=True)
    prompts.command("show")(prompt_show)
    cli.add_typer(prompts, name="prompt")


def critique(
    file: Annotated[Path, typer.Argument(help="A manuscript: .txt, .md or .docx.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in place of the letter.")] = False,
    focus: Annotated[str | None, typer.Option(help="What to look at first, for example dialogue.")] = None,
) -> None:
    """Read a manuscript and write its author a letter.

    The exit code is 0 with a letter, 3 with measured findings only, 2 if the file cannot be read, else 1.
    """
    from bot.engine import open_engine
    from bot.terminal.showing import show_critique

    settings = Settings.load()
    configure_log(settings, level="warning")

    async def work() -> Exit:
        from bot.coach import Focus
        from bot.llm import Caller
        from bot.manuscripts import read_manuscript

        wanted = _focus(focus, Focus) if focus else None
        manuscript = await read_manuscript(read_file(file), file.name)
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

    raise typer.Exit(go(work()) or Exit.OK)


def prompt_show(
    name: Annotated[str, typer.Argument(help="Name of a prompt, for example coach/letter.")],
    file: Annotated[Path, typer.Argument(help="A manuscript to put into it.")],
) -> None:
    """Print what would be sent to the model for a manuscript."""
    settings = Settings.load()
    configure_log(settings, level="warning")

    async def show() -> None:
        from bot.engine import show_prompt
        from bot.manuscripts import read_manuscript

        manuscript = await read_manuscript(read_file(file), file.name)
        sys.stdout.write(await show_prompt(settings, name, manuscript) + "\n")

    go(show())


def _focus(word: str, choices: Any) -> Any:  # noqa: ANN401 - bot.coach.Focus, imported late
    for focus in choices:
        if word.casefold().replace("-", " ").replace("_", " ") in {
            focus.value.replace("_", " "),
            focus.label.casefold(),
        }:
            return focus
    raise UserError(f"--focus takes one of: {', '.join(focus.value for focus in choices)}.")
