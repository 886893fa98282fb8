"""`python -m tests.story_quality`: forty links by the embedded model, ours and the old loop's.

Both stories grow in turns, link by link, so that a run that is stopped early still compares like with like.
Every link is kept in `docs/quality/stories.json` as it comes; from it the stories to read
(`docs/quality/stories.md`) and the figures (`docs/quality.md`, between their marks) are written. `--links N`
takes another number, and `--pages` only writes the pages anew.

`--without` measures what each block of the prompt buys: a story with all of them, the same with other dice
(what two stories differ by when nothing was left out), and one without each block. `--minutes M` begins no
round of links after M minutes, so all stories are of one length however slow the machine is.
"""

import argparse
import asyncio
import json
import math
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median

from bot.config import Settings
from bot.llm import Caller, Models, Prompts
from bot.prose.fourgrams import words_of
from bot.stories import Block, Done, Measures, Step, autopilot, plain_autopilot
from bot.stories.measures import cosine

ROOT = Path(__file__).resolve().parent.parent
OPENING = ROOT / "tests" / "samples" / "story_opening.txt"
QUALITY = ROOT / "docs" / "quality.md"
STORIES = ROOT / "docs" / "quality" / "stories.md"
RECORDS = ROOT / "docs" / "quality" / "stories.json"
BLOCKS = ROOT / "docs" / "quality" / "story_blocks.md"
BEGIN, END = "<!-- stories measured: begin -->", "<!-- stories measured: end -->"
BEGIN_BLOCKS, END_BLOCKS = "<!-- blocks measured: begin -->", "<!-- blocks measured: end -->"
CALLER = Caller(None, None, "story-quality")
LINKS, BLOCK_LINKS = 40, 15
OURS, PLAIN = "ours", "plain"
WHOLE, OTHER_DICE = "whole", "whole, other dice"
# With nobody writing there is no canon, and there are no wishes; a model of this size keeps no threads.
NEVER_THERE = frozenset({Block.CANON, Block.NOTES, Block.THREADS})


@dataclass(frozen=True)
class Record:
    """One link, as it is kept."""

    text: str
    seconds: float
    calls: int
    prompt_tokens: int
    rejected: int
    done: str
    told: str
    taken: bool
    reasons: list[str]
    measures: dict[str, float] | None

    @classmethod
    def of(cls, step: Step, seconds: float) -> "Record":
        return cls(
            text=step.text,
            seconds=round(seconds, 1),
            calls=step.calls,
            prompt_tokens=step.prompt_tokens,
            rejected=step.rejected,
            done=(step.event.done if step.event else Done.NOTHING).value,
            told=step.event.words if step.event else "",
            taken=step.verdict is not None and step.verdict.taken,
            reasons=list(step.verdict.reasons) if step.verdict else [],
            measures=asdict(step.verdict.measures) if step.verdict else None,
        )


Story = list[Record]


async def write(stories: Mapping[str, AsyncIterator[Step]], minutes: float) -> dict[str, Story]:
    """Let stories grow in turns; keep each link as it comes, and tell of it."""
    grown: dict[str, Story] = {title: [] for title in stories}
    growing = {title: aiter(steps) for title, steps in stories.items()}
    last_round = time.monotonic() + 60 * minutes
    while growing and time.monotonic() < last_round:
        for title in tuple(growing):
            began = time.monotonic()
            step = await anext(growing[title], None)
            if step is None:
                del growing[title]
                continue
            record = Record.of(step, time.monotonic() - began)
            grown[title].append(record)
            keep(grown)
            told = f"{title} {len(grown[title])}: {record.seconds} s, {record.calls} calls, {record.done}"
            print(f"{told}\n{record.text}\n", flush=True)  # noqa: T201  # a command for people
    return grown


def keep(stories: Mapping[str, Story]) -> None:
    """Add stories to those that are kept, or replace them."""
    records = {
        title: [asdict(one) for one in story] for title, story in {**kept(), **stories}.items() if story
    }
    RECORDS.write_text(json.dumps(records, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def kept() -> dict[str, Story]:
    """Give the stories that are kept."""
    if not RECORDS.exists():
        return {}
    records = json.loads(RECORDS.read_text(encoding="utf-8"))
    return {title: [Record(**one) for one in story] for title, story in records.items()}


def figures(stories: Mapping[str, Story]) -> str:
    """A table, a story a column: what was written, and how much of it is new."""
    rows = [["", *stories], ["-"] * (len(stories) + 1)]
    columns = [_column(story) for story in stories.values()]
    rows += [[name, *(column[name] for column in columns)] for name in columns[0]]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _column(story: Story) -> dict[str, str]:
    out = [number for number, one in enumerate(story, 1) if one.text and not one.taken]
    tokens = sorted(one.prompt_tokens for one in story)
    seconds = sorted(one.seconds for one in story)
    done = [one.done for one in story]
    names = _found(story, "new_names")
    return {
        "links written": f"{sum(bool(one.text) for one in story)} of {len(story)}",
        "links in the story that the gate would reject": f"{len(out)} of {len(story)}",
        "the first of them": str(out[0]) if out else "none",
        "copied from earlier links (C4all), median (most)": _middle(story, "c4all", ".3f"),
        "repeated within the link (seq-rep-4), median (most)": _middle(story, "seq_rep_4", ".3f"),
        "longest run shared with an earlier link, words, median (most)": _middle(
            story, "run_anywhere", ".0f"
        ),
        "cosine to the link before, median (most)": _middle(story, "cosine", ".2f"),
        "cosine to the opening, median": f"{_nearness(story):.2f}",
        "new names per 250 words, mean": f"{sum(names) / len(names):.2f}",
        "words of a link, median (most)": _middle(story, "words", ".0f"),
        "drafts and notes thrown away": str(sum(one.rejected for one in story)),
        "links taken at once / another draft / trimmed / none": " / ".join(
            str(done.count(each.value)) for each in (Done.NOTHING, Done.AGAIN, Done.TRIMMED, Done.GIVEN_UP)
        ),
        "calls for a link, mean": f"{sum(one.calls for one in story) / len(story):.1f}",
        "tokens of the prompt, median (most)": f"{tokens[len(tokens) // 2]} ({tokens[-1]})",
        "seconds for a link, median (most)": f"{seconds[len(seconds) // 2]:.1f} ({seconds[-1]:.1f})",
    }


def _found(story: Story, name: str) -> list[float]:
    assert name in Measures.__dataclass_fields__
    return [one.measures[name] for one in story if one.measures and one.text] or [0.0]


def _nearness(story: Story) -> float:
    opening = words_of(OPENING.read_text(encoding="utf-8"))
    return median([cosine(words_of(one.text), opening) for one in story if one.text] or [0.0])


def _middle(story: Story, name: str, form: str) -> str:
    found = _found(story, name)
    return f"{median(found):{form}} ({max(found):{form}})"


def to_read(stories: Mapping[str, Story], opening: str) -> str:
    """Every story as it was written, with what the gate says of each link."""
    parts = [
        "# Stories by the embedded model",
        "",
        "Written by `python -m tests.story_quality`; not edited.",
        "",
    ]
    parts += ["The opening is ours:", "", *(f"> {line}" for line in opening.splitlines()), ""]
    for title, story in stories.items():
        parts += [f"## {title}", ""]
        for number, one in enumerate(story, 1):
            parts += [f"**{number}.** {one.text or '(no link)'}", ""]
            told = [one.told] if one.told else []
            if one.text and not one.taken:
                told.append("The gate: " + " ".join(one.reasons))
            parts += [*(f"*{words}*" for words in told), ""] if told else []
    return "\n".join(parts).rstrip() + "\n"


async def measure(links: int, minutes: float, *, blocks: bool) -> None:
    """Write the stories with the model that stands behind the settings."""
    opening, prompts = OPENING.read_text(encoding="utf-8").strip(), Prompts(ROOT / "prompts")
    async with Models(Settings.load()) as models:
        await models.ready()
        ours = partial(autopilot, models, prompts, opening, links=links, caller=CALLER)
        if not blocks:
            plain = plain_autopilot(models, prompts, opening, links=links, caller=CALLER)
            await write({OURS: ours(), PLAIN: plain}, minutes)
            return
        stories = {WHOLE: ours(), OTHER_DICE: ours(seed=1)}
        for block in (each for each in Block if each not in NEVER_THERE):
            stories[f"without {block.value}"] = ours(without=frozenset({block}))
        await write(stories, minutes)


def write_pages() -> None:
    """Write the pages from what is kept."""
    stories, opening = kept(), OPENING.read_text(encoding="utf-8").strip()
    both = {title: story for title, story in stories.items() if title in {OURS, PLAIN}}
    STORIES.write_text(to_read(both, opening), encoding="utf-8")
    page = _put(QUALITY.read_text(encoding="utf-8"), BEGIN, END, figures(both))
    blocks = {title: story for title, story in stories.items() if title not in both}
    if blocks:
        # A run that was stopped in the middle of a round compares like with like all the same.
        least = min(len(story) for story in blocks.values())
        blocks = {title: story[:least] for title, story in blocks.items()}
        BLOCKS.write_text(to_read(blocks, opening), encoding="utf-8")
        page = _put(page, BEGIN_BLOCKS, END_BLOCKS, figures(blocks))
    QUALITY.write_text(page, encoding="utf-8")


def _put(page: str, begin: str, end: str, table: str) -> str:
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{table}\n{end}{after}"


def main() -> None:
    """Write the stories, and the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=None)
    parser.add_argument("--minutes", type=float, default=math.inf)
    parser.add_argument("--without", action="store_true")
    parser.add_argument("--pages", action="store_true")
    wanted = parser.parse_args()
    if not wanted.pages:
        links = wanted.links or (BLOCK_LINKS if wanted.without else LINKS)
        asyncio.run(measure(links, wanted.minutes, blocks=wanted.without))
    write_pages()


if __name__ == "__main__":
    main()
