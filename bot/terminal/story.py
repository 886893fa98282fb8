"""`story check` and `story autopilot`: the storyteller without Discord."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.config import Settings
from bot.errors import UserError, new_incident_id
from bot.terminal.running import Exit, configure_log, go, read_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.stories import Checked, Step


def add_to(cli: typer.Typer) -> None:
    """Register the commands."""
    story = typer.Typer(help="Co-written stories without Discord.", no_args_is_help=True)
    story.command("check")(story_check)
    story.command("autopilot")(story_autopilot)
    cli.add_typer(story, name="story")


def story_check(
    files: Annotated[
        list[Path], typer.Argument(help="Texts, in the order of the story.", show_default=False)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in place of a table.")] = False,
) -> None:
    """Measure texts as the links of one story, and say which the gate would take."""
    settings = Settings.load()
    configure_log(settings, level="warning")

    async def work() -> None:
        from bot.stories import check

        texts = [(file.name, await _text(file)) for file in files]
        checked = check(texts)
        if as_json:
            _write_json([one.to_json() for one in checked])
        else:
            _show_checked(Console(), checked)

    go(work())


def story_autopilot(  # noqa: PLR0917 - Typer names each option after its argument
    opening: Annotated[Path, typer.Option(help="How the story begins.", show_default=False)],
    links: Annotated[int, typer.Option(min=1, max=1000, help="How many links to write.")] = 10,
    out: Annotated[Path | None, typer.Option("--json", help="Write what was measured to this file.")] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="The old loop: a summary, the last chunk, and nothing else.")
    ] = False,
    without: Annotated[
        list[str] | None, typer.Option(help="Leave a block of the prompt out, for example memos.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another number, another story.")] = 0,
) -> None:
    """Let the model write a story alone, and print link after link.

    The exit code is 0 when the last link was reached, and 1 if the model failed before.
    """
    from bot.app import open_engine

    settings = Settings.load()
    configure_log(settings, level="warning")

    async def work() -> Exit:
        from bot.llm import Caller, Usage
        from bot.stories import autopilot, plain_autopilot

        left_out = _blocks(without or [])
        if plain and left_out:
            raise UserError("--plain has no blocks to leave out: give --plain or --without.")
        text = await _text(opening)
        if not text.strip():
            raise UserError(f"{opening.name} is empty: a story needs a first sentence.")
        caller = Caller(guild_id=None, member_id=None, job=new_incident_id())
        console, steps, usage, failed = Console(), [], Usage(), False
        async with open_engine(settings) as engine:
            stream: AsyncIterator[Step] = (
                plain_autopilot(engine.models, engine.prompts, text, links=links, caller=caller)
                if plain
                else autopilot(
                    engine.models,
                    engine.prompts,
                    text,
                    links=links,
                    caller=caller,
                    without=left_out,
                    seed=seed,
                )
            )
            async for step in stream:
                steps.append(step)
                usage += step.usage
                _show_step(console, len(steps), step)
                if out is not None:
                    # After each link, so that a story that is stopped is not lost.
                    _save(out, steps, usage)
                if step.problem is not None:
                    failed = True
                    break
        return Exit.FAILED if failed else Exit.OK

    raise typer.Exit(go(work()) or Exit.OK)


async def _text(file: Path) -> str:
    from bot.manuscripts import read_manuscript
    from bot.manuscripts.decoding import decoded

    data = read_file(file)
    if file.suffix.lower() in {"", ".txt", ".md"}:
        return decoded(data)
    return (await read_manuscript(data, file.name)).text


def _blocks(names: list[str]) -> Any:  # noqa: ANN401 - frozenset[bot.stories.Block], imported late
    from bot.stories import Block

    try:
        return frozenset(Block(name.strip().casefold()) for name in names)
    except ValueError:
        raise UserError(f"--without takes: {', '.join(block.value for block in Block)}.") from None


def _save(out: Path, steps: "list[Step]", usage: Any) -> None:  # noqa: ANN401 - bot.llm.Usage, imported late
    value = {
        "links": [step.to_json() for step in steps],
        "rejected": sum(step.rejected for step in steps),
        "usage": {
            "tokens_in": usage.tokens_in,
            "tokens_out": usage.tokens_out,
            "tokens_cached": usage.tokens_cached,
        },
    }
    try:
        out.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"{out.name} cannot be written: {(error.strerror or 'unknown reason').lower()}."
        ) from None


def _write_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _show_checked(console: Console, checked: "list[Checked]") -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("file", "words", "C4all", "seq-rep-4", "run", "cosine", "new names", "taken"):
        table.add_column(heading, justify="left" if heading in {"file", "taken"} else "right")
    for one in checked:
        measures = one.verdict.measures
        table.add_row(
            Text(one.file),
            str(measures.words),
            f"{measures.c4all:.3f}",
            f"{measures.seq_rep_4:.3f}",
            str(measures.run),
            f"{measures.cosine:.2f}",
            f"{measures.new_names:.1f}",
            "yes" if one.verdict.taken else "no",
        )
    console.print(table)
    for one in checked:
        for reason in one.verdict.reasons:
            console.print(Text(f"{one.file}: {reason}", style="dim"))


def _show_step(console: Console, number: int, step: "Step") -> None:
    # Text, never markup: what stands in a story must not style the terminal.
    console.print(Text(f"{number}", style="bold cyan"))
    if step.text:
        console.print(Padding(Text(step.text), (0, 2, 1, 2)))
    if step.event is not None:
        console.print(Padding(Text(step.event.words, style="dim"), (0, 2, 1, 2)))
    elif step.problem is not None:
        console.print(Padding(Text(step.problem, style="dim"), (0, 2, 1, 2)))
