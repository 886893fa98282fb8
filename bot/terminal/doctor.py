"""`doctor`: what works, what does not, and what to do."""

import json
import logging
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot import log
from bot.terminal.running import ENV_FILE, Exit, go

if TYPE_CHECKING:
    from bot.doctor import Report


def add_to(cli: typer.Typer) -> None:
    """Register the command."""
    cli.command()(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in place of the table.")] = False,
    deep: Annotated[
        bool,
        typer.Option(
            "--deep", help="Also send each model as long a prompt as it should hold; may cost money."
        ),
    ] = False,
) -> None:
    """Look at everything from outside and say what works, what does not, and what to do.

    It changes nothing, and may be run beside a bot that serves. The exit code is 1 if something that is
    needed does not work, else 0.
    """
    from rich.console import Console

    from bot.doctor import ROUNDS, Subject, examine

    # The file's broken lines are findings, by their numbers.
    logging.getLogger("dotenv").setLevel(logging.ERROR)
    subject = Subject.of(ENV_FILE, deep=deep)
    log.configure(level="error", secrets=subject.settings.secrets() if subject.settings else ())
    err = Console(stderr=True)
    if err.is_terminal and not as_json:
        with err.status("Looking at everything …"):
            report = go(examine(subject, ROUNDS))
    else:
        report = go(examine(subject, ROUNDS))
    if as_json:
        sys.stdout.write(json.dumps(report.to_json(), ensure_ascii=False, indent=2) + "\n")
    else:
        show(report)
    raise typer.Exit(Exit.OK if report.ok else Exit.FAILED)


def show(report: "Report") -> None:
    """Print the table, and below it how many of each there are."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from bot.doctor import State

    styles = {State.OK: "green", State.WARNING: "yellow", State.FAILED: "bold red", State.SKIPPED: "dim"}
    console = Console(soft_wrap=False, highlight=False)
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(max_width=18)
    table.add_column(overflow="fold")
    last = ""
    for finding in report.findings:
        words = Text(finding.says)
        if finding.todo:
            words.append(f"\n→ {finding.todo}", style="cyan")
        name = finding.name if finding.name != last else ""
        table.add_row(Text(finding.state.value, style=styles[finding.state]), name, words)
        last = finding.name
    console.print(table)
    failures, warnings = report.count(State.FAILED), report.count(State.WARNING)
    if failures:
        verdict = f"{failures} of these must be mended before Inkcircle works."
    elif warnings:
        verdict = f"Inkcircle works; {warnings} of these could be better."
    else:
        verdict = "All is well."
    console.print(f"\n{verdict}", markup=False)
