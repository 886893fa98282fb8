"""`python -m tests.story_quality`: forty links by the embedded model, ours and the old loop's.

Writes the stories to `docs/quality/stories.md` and the figures to `docs/quality.md`, between their marks.
`--links N` takes another number; `--without` also measures what each block of the prompt buys, in stories of
fifteen links. Given a folder, `--into` writes there and leaves the documents alone.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bot.config import Settings
from bot.llm import Caller, Models, Prompts
from bot.stories import Block, Done, Step, autopilot, plain_autopilot
from bot.stories.gate import Verdict

ROOT = Path(__file__).resolve().parent.parent
OPENING = ROOT / "tests" / "samples" / "story_opening.txt"
QUALITY = ROOT / "docs" / "quality.md"
STORIES = ROOT / "docs" / "quality" / "stories.md"
BEGIN, END = "<!-- stories measured: begin -->", "<!-- stories measured: end -->"
BEGIN_BLOCKS, END_BLOCKS = "<!-- blocks measured: begin -->", "<!-- blocks measured: end -->"
CALLER = Caller(None, None, "story-quality")
LINKS, BLOCK_LINKS = 40, 15


@dataclass(frozen=True)
class Timed:
    """One link, and how long it took."""

    step: Step
    seconds: float


@dataclass(frozen=True)
class Run:
    """One story."""

    title: str
    links: Sequence[Timed]

    @property
    def verdicts(self) -> list[Verdict]:
        return [one.step.verdict for one in self.links if one.step.verdict is not None]


async def run(title: str, steps: AsyncIterator[Step]) -> Run:
    """Write a story, and tell how it goes."""
    links: list[Timed] = []
    began = time.monotonic()
    async for step in steps:
        now = time.monotonic()
        links.append(Timed(step, now - began))
        measured = f"C4all {step.verdict.measures.c4all:.2f}" if step.verdict else "no link"
        told = f"{title} {len(links)}: {now - began:.1f} s, {step.calls} calls, {measured}"
        print(f"{told}\n{step.text}\n", flush=True)  # noqa: T201  # a command for people
        began = now
    return Run(title, links)


def figures(runs: Sequence[Run]) -> str:
    """A table, a story a column: what was written, and how much of it is new."""
    rows = [["", *(one.title for one in runs)], ["-"] * (len(runs) + 1)]
    columns = [_column(one) for one in runs]
    rows += [[name, *(column[name] for column in columns)] for name in columns[0]]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _column(one: Run) -> dict[str, str]:
    steps = [link.step for link in one.links]
    out = [number for number, step in enumerate(steps, 1) if step.verdict and not step.verdict.taken]
    tokens = sorted(step.prompt_tokens for step in steps)
    seconds = sorted(link.seconds for link in one.links)
    done = [step.event.done if step.event else Done.NOTHING for step in steps]
    return {
        "links written": f"{sum(bool(step.text) for step in steps)} of {len(steps)}",
        "links in the story that the gate would reject": f"{len(out)} of {len(steps)}",
        "the first of them": str(out[0]) if out else "none",
        "copied from earlier links (C4all), median (most)": _middle(one, "c4all", ".3f"),
        "repeated within the link (seq-rep-4), median (most)": _middle(one, "seq_rep_4", ".3f"),
        "longest run shared with any earlier link, words, median (most)": _middle(one, "run_anywhere", ".0f"),
        "cosine to the link before, median (most)": _middle(one, "cosine", ".2f"),
        "new names per 250 words, mean": f"{_mean(one, 'new_names'):.2f}",
        "words of a link, median (most)": _middle(one, "words", ".0f"),
        "drafts and notes thrown away": str(sum(step.rejected for step in steps)),
        "links taken at once / after another draft / trimmed / none": " / ".join(
            str(done.count(each)) for each in (Done.NOTHING, Done.AGAIN, Done.TRIMMED, Done.GIVEN_UP)
        ),
        "calls for a link, mean": f"{sum(step.calls for step in steps) / len(steps):.1f}",
        "tokens of the prompt, median (most)": f"{tokens[len(tokens) // 2]} ({tokens[-1]})",
        "seconds for a link, median (most)": f"{seconds[len(seconds) // 2]:.1f} ({seconds[-1]:.1f})",
    }


def _found(one: Run, name: str) -> list[float]:
    return [float(getattr(verdict.measures, name)) for verdict in one.verdicts] or [0.0]


def _middle(one: Run, name: str, form: str) -> str:
    found = _found(one, name)
    return f"{median(found):{form}} ({max(found):{form}})"


def _mean(one: Run, name: str) -> float:
    found = _found(one, name)
    return sum(found) / len(found)


def stories(runs: Sequence[Run], opening: str) -> str:
    """Every story as it was written, with what the gate says of each link."""
    parts = [
        "# Stories by the embedded model",
        "",
        "Written by `python -m tests.story_quality`; not edited.",
        "",
    ]
    parts += ["The opening is ours:", "", *(f"> {line}" for line in opening.splitlines()), ""]
    for one in runs:
        parts += [f"## {one.title}", ""]
        for number, link in enumerate(one.links, 1):
            step = link.step
            parts += [f"**{number}.** {step.text}" if step.text else f"**{number}.** (no link)", ""]
            told = [step.event.words] if step.event else []
            if step.verdict is not None and not step.verdict.taken:
                told.append("The gate: " + " ".join(step.verdict.reasons))
            parts += [*(f"*{words}*" for words in told), ""] if told else []
    return "\n".join(parts).rstrip() + "\n"


async def measure(links: int, *, blocks: bool) -> tuple[str, list[Run], list[Run]]:
    """Write the stories one after the other, with the model that stands behind the settings."""
    opening = OPENING.read_text(encoding="utf-8").strip()
    prompts = Prompts(ROOT / "prompts")
    async with Models(Settings.load()) as models:
        await models.ready()
        ours = await run("ours", autopilot(models, prompts, opening, links=links, caller=CALLER))
        plain = await run("plain", plain_autopilot(models, prompts, opening, links=links, caller=CALLER))
        without = []
        for block in (each for each in Block if each not in {Block.NOTES, Block.CANON}) if blocks else ():
            steps = autopilot(
                models,
                prompts,
                opening,
                links=min(links, BLOCK_LINKS),
                caller=CALLER,
                without=frozenset({block}),
            )
            without.append(await run(f"without {block.value}", steps))
    return opening, [ours, plain], without


def put(page: str, begin: str, end: str, table: str) -> str:
    """Replace what stands between two marks."""
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{table}\n{end}{after}"


def main() -> None:
    """Write the stories, and the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=LINKS)
    parser.add_argument("--without", action="store_true")
    parser.add_argument("--into", type=Path, default=None)
    wanted = parser.parse_args()
    opening, runs, without = asyncio.run(measure(wanted.links, blocks=wanted.without))
    table, text = figures(runs), stories(runs, opening)
    started = Run(f"ours, first {BLOCK_LINKS}", runs[0].links[:BLOCK_LINKS])
    more = figures([started, *without]) if without else ""
    if wanted.into is not None:
        (wanted.into / "figures.md").write_text(f"{table}\n\n{more}\n", encoding="utf-8")
        (wanted.into / "stories.md").write_text(text, encoding="utf-8")
        return
    STORIES.write_text(text, encoding="utf-8")
    page = put(QUALITY.read_text(encoding="utf-8"), BEGIN, END, table)
    QUALITY.write_text(put(page, BEGIN_BLOCKS, END_BLOCKS, more) if more else page, encoding="utf-8")


if __name__ == "__main__":
    main()
