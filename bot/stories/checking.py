"""Measuring texts as the links of one story, for `inkcircle story check`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from bot.manuscripts.language import is_english
from bot.prose.fourgrams import count_words
from bot.stories.gate import Verdict, judge_link
from bot.stories.measures import StoryIndex

_LANGUAGE_LINKS: Final = 6


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
    The language of the story is that of the texts before, as in a story that is told; the first text sets it.
    """
    index = StoryIndex()
    checked: list[Checked] = []
    before: list[str] = []
    for file, text in texts:
        english = is_english(" ".join(before[-_LANGUAGE_LINKS:] or [text]))
        checked.append(Checked(file, judge_link(text, index, english=english)))
        if text.strip():
            before.append(text)
        if count_words(text):
            index.add(text)
    return checked
