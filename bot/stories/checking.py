"""Measuring texts as the links of one story, for `inkcircle story check`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.prose.fourgrams import count_words
from bot.stories.gate import Verdict, judge_link
from bot.stories.measures import StoryIndex


@dataclass(frozen=True, slots=True)
class Checked:
    """One text with the gate's verdict on it."""

    file: str
    verdict: Verdict

    def to_json(self) -> dict[str, Any]:
        """Give one entry of the list that `--json` prints."""
        verdict = self.verdict
        return {
            "file": self.file,
            **verdict.measures.to_json(),
            "taken": verdict.taken,
            "reasons": list(verdict.reasons),
        }


def check(texts: Iterable[tuple[str, str]]) -> list[Checked]:
    """Judge texts, given with their names, in order; each is measured against all before it, taken or not.

    A first text that is very short, or empty, has nothing to be measured against and is judged as any other.
    """
    index = StoryIndex()
    checked = []
    for file, text in texts:
        checked.append(Checked(file, judge_link(text, index)))
        if count_words(text):
            index.add(text)
    return checked
