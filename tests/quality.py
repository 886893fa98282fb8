"""`python -m tests.quality`: thirty scenes, the embedded model, and what came of it.

Writes the letters to `docs/quality/letters.md` and the figures to `docs/quality.md`, between its marks.
Whether a letter claims something false is read against `docs/quality/rubric.md`; the readings stand in
`docs/quality/readings.json`, each with the letter's hash, so that none speaks for another letter.
"""

import asyncio
import hashlib
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.coach import Coach, Critique
from bot.config import Settings
from bot.llm import Caller, Models, Prompts
from bot.manuscripts import Format, Manuscript

ROOT = Path(__file__).resolve().parent.parent
SCENES = ROOT / "tests" / "samples" / "scenes"
QUALITY = ROOT / "docs" / "quality.md"
LETTERS = ROOT / "docs" / "quality" / "letters.md"
READINGS = ROOT / "docs" / "quality" / "readings.json"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
HELD_OUT_EVERY = 3  # scenes 03, 06, … 30 were not looked at while the sentences were written


@dataclass(frozen=True)
class Run:
    """One scene's critique."""

    name: str
    held_out: bool
    seconds: float
    critique: Critique

    @property
    def mark(self) -> str:
        """Names this very letter."""
        return hashlib.sha256((self.critique.letter or "").encode()).hexdigest()[:12]


async def critiques(names: list[str]) -> list[Run]:
    """Have a letter written about every scene, with the embedded model whatever the environment says."""
    runs = []
    settings = Settings(_env_file=None)
    async with Models(settings) as models:
        await models.ready()
        coach = Coach(models, Prompts(ROOT / "prompts"))
        for number, file in enumerate(sorted(SCENES.glob("*.md")), start=1):
            if names and file.stem not in names and file.stem[:2] not in names:
                continue
            text = file.read_text(encoding="utf-8").strip()
            manuscript = Manuscript(file.stem, text, Format.MD, len(text.split()))
            began = time.perf_counter()
            critique = await coach.critique(manuscript, caller=Caller(None, None, f"quality-{file.stem}"))
            seconds = time.perf_counter() - began
            runs.append(Run(file.stem, number % HELD_OUT_EVERY == 0, seconds, critique))
            print(  # noqa: T201  # a command for people
                f"{file.stem}: {'letter' if critique.letter else critique.gates}, {seconds:.1f} s", flush=True
            )
    return runs


def read(readings: dict[str, Any], run: Run) -> str:
    """What a reader found in this letter: `true`, `false claim`, or `not read`."""
    reading = readings.get(run.name, {})
    if run.critique.letter is None:
        return "–"  # noqa: RUF001  # shown in a table
    if reading.get("letter") != run.mark:
        return "not read"
    return "false claim" if reading["false_claims"] else "true"


def figures(runs: list[Run], readings: dict[str, Any]) -> str:
    """The table of the page."""
    rows = [
        "| | scenes | full letters | full and true | findings only | false claim, of full letters |",
        "|-|-|-|-|-|-|",
    ]
    for title, group in (
        ("all", runs),
        ("developed on", [run for run in runs if not run.held_out]),
        ("held out", [run for run in runs if run.held_out]),
    ):
        full = [run for run in group if run.critique.letter]
        true = [run for run in full if read(readings, run) == "true"]
        false = [run for run in full if read(readings, run) == "false claim"]
        unread = len(full) - len(true) - len(false)
        rows.append(
            f"| {title} | {len(group)} | {_share(len(full), len(group))} | {_share(len(true), len(group))} "
            f"| {_share(len(group) - len(full), len(group))} | {_share(len(false), len(full))}"
            f"{f' ({unread} not read)' if unread else ''} |"
        )
    full = [run for run in runs if run.critique.letter]
    shares = sorted(run.critique.share or 0.0 for run in runs)
    seconds = sorted(run.seconds for run in runs)
    fired = Counter(report.gate for run in runs for report in run.critique.gates if report.action != "passed")
    lengths = sorted(len((run.critique.letter or "").split()) for run in full) or [0]
    refused = ", ".join(f"{gate} {count}" for gate, count in fired.most_common()) or "none"
    middle = len(shares) // 2
    rows += [
        "",
        f"""
- The model's share of the words outside quotations: median {shares[middle]:.0%},
  from {shares[0]:.0%} to {shares[-1]:.0%}.
- Words of a full letter: median {lengths[len(lengths) // 2]}, from {lengths[0]} to {lengths[-1]}.
- Seconds for a critique: median {seconds[middle]:.1f}, longest {seconds[-1]:.1f}.
- Gates that refused a letter: {refused}.
""".strip(),
        "",
        "| scene | held out | result | reading | model's share | words | calls | seconds |",
        "|-|-|-|-|-|-|-|-|",
    ]
    rows += [
        f"| {run.name} | {'yes' if run.held_out else ''} "
        f"| {'letter' if run.critique.letter else 'findings'} "
        f"| {read(readings, run)} | {run.critique.share or 0:.0%} "
        f"| {len((run.critique.letter or '').split())} "
        f"| {run.critique.calls} | {run.seconds:.1f} |"
        for run in runs
    ]
    return "\n".join(rows)


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})" if whole else "0"


def letters(runs: list[Run], readings: dict[str, Any]) -> str:
    """Every letter as it was written, with its reading."""
    parts = [
        "# The letters of the embedded model",
        "",
        "Written by `python -m tests.quality`; not edited.",
        "",
    ]
    for run in runs:
        parts += [f"## {run.name}{' (held out)' if run.held_out else ''}", ""]
        if run.critique.letter is None:
            parts += [f"No letter: {run.critique.reason}", ""]
            parts += [f"- {one.gate}: {one.detail}" for one in run.critique.gates if one.action != "passed"]
        else:
            reading = readings.get(run.name, {})
            parts += [run.critique.letter, "", f"`{run.mark}` · {read(readings, run)}"]
            if reading.get("letter") == run.mark:
                parts += ["", *(f"- False: {claim}" for claim in reading["false_claims"])]
                parts += [f"- Note: {reading['note']}"] if reading.get("note") else []
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def main() -> None:
    """Run the scenes (all, or those that are named) and, for all of them, write the pages."""
    names = sys.argv[1:]
    runs = asyncio.run(critiques(names))
    readings: dict[str, Any] = json.loads(READINGS.read_text(encoding="utf-8")) if READINGS.exists() else {}
    if names:
        print(letters(runs, readings))  # noqa: T201  # a command for people
        return
    LETTERS.write_text(letters(runs, readings), encoding="utf-8")
    page = QUALITY.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    QUALITY.write_text(f"{before}{BEGIN}\n{figures(runs, readings)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
