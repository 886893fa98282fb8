"""`story check` and `story autopilot`: the storyteller without Discord."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.config import Settings
from bot.errors import UserError, new_incident_id
from bot.terminal.running import Exit, configure_log, go, read_file
from bot.terminal.story_record import STANDARD, StoryRecord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.stories import Checked, Step

_OTHER_NAMES_OF_OUTPUT: Final = frozenset({"/dev/stdout", "/dev/fd/1"})


def add_to(cli: typer.Typer) -> None:
    """Register the commands."""
    story = typer.Typer(help="Co-written stories without Discord.", no_args_is_help=True)
    story.command("check")(story_check)
    story.command("autopilot")(story_autopilot)
    cli.add_typer(story, name="story")


def story_check(
    files: Annotated[
        list[Path],
        typer.Argument(help="Texts, in the order of the story; - is standard input.", show_default=False),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in place of a table.")] = False,
) -> None:
    """Measure texts as the links of one story, and say which the gate would take."""
    settings = Settings.load()
    configure_log(settings, level="error")

    async def work() -> None:
        from bot.stories import check

        names = [file.name for file in files]
        # Two of the same name are told apart by where they are.
        if len(set(names)) < len(names):
            names = [str(file) for file in files]
        texts = [(name, await _text_of_one(file)) for name, file in zip(names, files, strict=True)]
        checked = check(texts)
        if as_json:
            _write_json([one.to_json() for one in checked])
        else:
            _show_checked(Console(), checked)

    go(work())


def story_autopilot(  # noqa: PLR0917 - Typer names each option after its argument
    opening: Annotated[
        Path, typer.Option(help="How the story begins; - is standard input.", show_default=False)
    ],
    links: Annotated[int, typer.Option(min=1, max=1000, help="How many links to write.")] = 10,
    out: Annotated[
        Path | None,
        typer.Option("--json", help="Write what was measured to this file; - is standard output."),
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="The old loop: a summary, the last chunk, and nothing else.")
    ] = False,
    without: Annotated[
        list[str] | None, typer.Option(help="Leave a block of the prompt out, for example memos.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another number, another story.")] = 0,
) -> None:
    """Let the model write a story alone, and print link after link.

    The exit code is 0 when the last link was reached, 1 if the model failed before or no draft of it could
    be used, 2 if something is wrong with what was asked, and 130 when it was stopped by Ctrl+C. Whenever it
    ends, the file of --json has the links up to there.
    """
    from bot.engine import open_engine

    settings = Settings.load()
    configure_log(settings, level="error")
    left_out = _blocks(without or [])
    if plain and left_out:
        raise UserError("--plain has no blocks to leave out: give --plain or --without.")
    out = STANDARD if str(out) in _OTHER_NAMES_OF_OUTPUT else out
    errors = Console(stderr=True, soft_wrap=True, highlight=False)
    # Who asks for JSON on standard output gets nothing else there.
    console = errors if out == STANDARD else Console()
    steps: list[Step] = []

    async def work() -> str | None:
        """Write the links; give why the model failed, if it did."""
        from bot.llm import Caller, Usage
        from bot.stories import autopilot, plain_autopilot

        text = await _text_of_one(opening)
        if not text.strip():
            raise UserError(f"{_called(opening)} is empty: a story needs a first sentence.")
        record = None if out is None else StoryRecord(out, opening)
        asked: dict[str, Any] = {
            "links": links,
            "caller": Caller(guild_id=None, member_id=None, job=new_incident_id()),
            "seed": seed,
        }
        usage = Usage()
        try:
            async with open_engine(settings) as engine:
                story: AsyncIterator[Step] = (
                    plain_autopilot(engine.models, engine.prompts, text, **asked)
                    if plain
                    else autopilot(engine.models, engine.prompts, text, **asked, without=left_out)
                )
                async for step in story:
                    steps.append(step)
                    usage += step.usage
                    _show_step(console, len(steps), step)
                    if record is not None:
                        record.keep(steps, usage)
                    if step.problem is not None:
                        return step.problem
        finally:
            if record is not None:
                record.close()
        return None

    try:
        problem = go(work())
    except SystemExit:
        them = "it" if len(steps) == 1 else "them"
        where = f"; {out} has {them}" if out is not None and out != STANDARD and steps else ""
        errors.print(f"Stopped after {_links(len(steps))}{where}.", markup=False)
        raise
    if (failure := _failure(steps, links, problem)) is not None:
        errors.print(failure, markup=False)
        raise typer.Exit(Exit.FAILED)


def _failure(steps: "list[Step]", links: int, problem: str | None) -> str | None:
    """Say why a story is not what was asked for, or None."""
    written = sum(bool(step.text) for step in steps)
    if problem is not None:
        return f"The story stopped after {_links(written)} of {links}. {problem}"
    if not written:
        return "No draft could be used, so there is no story; what was wrong with each stands above."
    return None


def _links(count: int) -> str:
    return "1 link" if count == 1 else f"{count} links"


def _called(file: Path) -> str:
    return "Standard input" if file == STANDARD else file.name


async def _text(file: Path) -> str:
    from bot.manuscripts import ReadLimits, read_manuscript
    from bot.manuscripts.decoding import decoded

    most = ReadLimits().file_bytes
    data = sys.stdin.buffer.read(most + 1) if file == STANDARD else read_file(file)
    if len(data) > most:
        raise UserError(f"{_called(file)} is larger than {most // 1024**2} MB: give a part of it.")
    if file.suffix.lower() in {"", ".txt", ".md"}:
        # Not as a manuscript: an empty text is measured too, and verse keeps its lines.
        return decoded(data)
    return (await read_manuscript(data, file.name)).text


async def _text_of_one(file: Path) -> str:
    """Read one of several files: what is wrong must say with which."""
    from bot.manuscripts import UnreadableManuscript

    try:
        return await _text(file)
    except UnreadableManuscript as error:
        raise UserError(f"{_called(file)}: {error.sentence}") from error


def _blocks(names: list[str]) -> Any:  # noqa: ANN401 - frozenset[bot.stories.Block], imported late
    from bot.stories import Block

    try:
        return frozenset(Block(name.strip().casefold()) for name in names)
    except ValueError:
        raise UserError(f"--without takes: {', '.join(block.value for block in Block)}.") from None


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
