"""`trace`: how a critique or a link came about, call by call; why a letter went wrong."""

import json
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.config import Settings
from bot.errors import OperatorError, UserError
from bot.terminal.running import configure_log, go

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from bot.store import TracedJob, Traces
    from bot.trace import TracedWork

_LATEST: Final = 20
_FIRED: Final = {"repaired": "yellow", "asked again": "yellow", "dropped": "yellow", "failed": "red"}


def add_to(cli: typer.Typer) -> None:
    """Register the command."""
    cli.command()(trace)


def trace(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]", help="An id from the log, or the one that a member read.", show_default=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what a model was told and said for a critique or a link, and what the gates did.

    Without an id it lists the latest ones, without a word of anybody's. With one it shows people's words:
    look only at what you were asked to look into.
    """
    settings = Settings.load()
    configure_log(settings, level="warning")
    if name is None:
        jobs = go(_latest(settings))
        _print_json([_listed(each) for each in jobs]) if as_json else _show_latest(jobs, settings)
        return
    works = go(_works(settings, name.strip()))
    if not works:
        raise UserError(
            f"There is no trace of {name}: traces are kept for {settings.inkcircle_trace_days} days "
            "(INKCIRCLE_TRACE_DAYS), or less where a server or its author wished so."
        )
    _print_json([each.to_json() for each in works]) if as_json else _show(works)


async def _latest(settings: Settings) -> "Sequence[TracedJob]":
    async with _traces(settings) as traces:
        return await traces.latest(_LATEST)


async def _works(settings: Settings, name: str) -> "Sequence[TracedWork]":
    from bot.trace import read

    async with _traces(settings) as traces:
        return read(await traces.of(name))


@asynccontextmanager
async def _traces(settings: Settings) -> "AsyncIterator[Traces]":
    """Open the store to read; a database that is not there, or not up to date, is left as it is."""
    from bot.store import MasterKey, Store, Traces
    from bot.store.inspect import looked_at

    master = MasterKey.from_settings(settings)
    seen = await looked_at(settings.database)
    if not seen.current:
        raise OperatorError(
            "There is no database yet, or it is of another version: start the bot once with `inkcircle run`."
        )
    async with Store(settings.database, master=master) as store:
        yield Traces(store)


def _listed(job: "TracedJob") -> dict[str, object]:
    return {
        "id": job.job,
        "at": job.at.isoformat(timespec="seconds"),
        "kind": job.kind,
        "calls": job.calls,
        "outcome": job.outcome,
        "incident": job.incident,
    }


def _print_json(content: object) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def _show_latest(jobs: "Sequence[TracedJob]", settings: Settings) -> None:
    console = Console()
    if not jobs:
        days = settings.inkcircle_trace_days
        why = "none are kept (INKCIRCLE_TRACE_DAYS=0)" if days == 0 else "nothing was written lately"
        console.print(f"There are no traces: {why}.", highlight=False)
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "last", "kind", "calls", "outcome", "incident"):
        table.add_column(heading, no_wrap=True)
    for job in jobs:
        cells = _listed(job)
        table.add_row(
            *(Text(str(cells[key] or "")) for key in ("id", "at", "kind", "calls", "outcome", "incident"))
        )
    console.print(table)


def _show(works: "Sequence[TracedWork]") -> None:
    """Print call by call. Text, never markup: what people and models wrote must not style the terminal."""
    console = Console(highlight=False)
    calls = 0
    for work in works:
        told = work.to_json()
        if work.is_call:
            calls += 1
            took = f"{told['seconds']:.1f} s"
            heading = " · ".join((f"call {calls}", told["role"], told["model"], took, told["outcome"]))
        else:
            heading = f"{told['kind']} · {told['model']} · {told['outcome']}"
        console.print(Rule(Text(heading), align="left"))
        if work.words is None:
            console.print(Text("Its author was forgotten, so nobody can read it any more.", style="dim"))
        elif work.is_call:
            _show_call(console, work.words)
        else:
            _show_judgement(console, work.words)


def _show_call(console: Console, words: dict[str, object]) -> None:
    before: list[dict[str, str]] = []
    attempts = words["attempts"]
    assert isinstance(attempts, list)  # noqa: S101 - `bot.trace.words` wrote it so
    if not attempts:
        console.print(Text("Nothing was sent."))
    for number, attempt in enumerate(attempts, start=1):
        messages: list[dict[str, str]] = attempt["messages"]
        shared = 0
        while shared < min(len(before), len(messages)) and before[shared] == messages[shared]:
            shared += 1
        if number > 1:
            console.print(Text(f"asked again, with {len(messages) - shared} more messages", style="bold"))
        for message in messages[shared:]:
            _show_words(console, message["role"], message["content"])
        _show_words(console, f"answer ({attempt['ended']})", f"{words['prefill']}{attempt['text']}")
        before = messages
    if words["cause"]:
        console.print(Text(f"failed: {words['cause']}", style="red"))


def _show_judgement(console: Console, words: dict[str, object]) -> None:
    gates = words["gates"]
    assert isinstance(gates, list)  # noqa: S101 - `bot.trace.words` wrote it so
    passed = [gate["gate"] for gate in gates if gate["action"] == "passed"]
    if passed:
        console.print(Text(f"passed: {', '.join(passed)}"))
    for gate in gates:
        if gate["action"] != "passed":
            console.print(Text(f"{gate['action']}: {gate['gate']}", style=_FIRED.get(gate["action"], "")))
            if gate["detail"]:
                console.print(Padding(Text(gate["detail"]), (0, 0, 0, 4)))
    if words["reason"]:
        console.print(Text(f"no text: {words['reason']}"))
    if words["text"]:
        _show_words(console, "what the reader got", str(words["text"]))


def _show_words(console: Console, who: str, words: str) -> None:
    console.print(Text(who, style="bold cyan"))
    console.print(Padding(Text(words), (0, 0, 0, 4)))
