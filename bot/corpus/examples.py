"""Training examples, in the formats that trainers read.

`chat` is the form of OpenAI, TRL and axolotl; `completion` is the older one, with a demarcation after the
prompt and a stop token after the answer.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.corpus.passages import Pair, pairs
from bot.prose.fourgrams import grams, share, words_of

DEMARCATION: Final = "\n\nNEXT PARAGRAPH:"
STOP: Final = " END"
MOST_COPIED: Final = 0.15
"""A pair whose answer shares more of its 4-grams with its prompt teaches copying. Pairs cut from novels reach
6 %; the data that taught a model to loop had over 50 % in one pair of seven."""

_SYSTEM: Final = (
    "You continue this writing group's stories in the group's own voice: the next passage, and nothing else."
)
# What chat templates of common models take for the end or the beginning of a turn.
_MARKS: Final = (
    "<|",
    "|>",
    "[INST]",
    "[/INST]",
    "<s>",
    "</s>",
    "<<SYS>>",
    "<start_of_turn>",
    "<end_of_turn>",
)


class Form(StrEnum):
    """How an example is written down."""

    CHAT = "chat"
    COMPLETION = "completion"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many pairs are in no file, and why.

    Attributes:
        copied: The answer repeats its prompt.
        marked: The text holds what a trainer would take for a mark.
    """

    copied: int = 0
    marked: int = 0

    def __add__(self, other: "LeftOut") -> "LeftOut":
        return LeftOut(self.copied + other.copied, self.marked + other.marked)


def examples(text: str) -> tuple[list[Pair], LeftOut]:
    """Give the pairs of a text that are fit to learn from, and how many are not."""
    fit: list[Pair] = []
    left_out = LeftOut()
    for pair in pairs(text):
        if _is_marked(pair):
            left_out += LeftOut(marked=1)
        elif _copied(pair) > MOST_COPIED:
            left_out += LeftOut(copied=1)
        else:
            fit.append(pair)
    return fit, left_out


def to_jsonl(fit: Iterable[Pair], form: Form) -> Iterator[str]:
    """Give a line of JSON for each pair, each with its line feed."""
    write = _chat if form is Form.CHAT else _completion
    for pair in fit:
        yield json.dumps(write(pair), ensure_ascii=False) + "\n"


def _chat(pair: Pair) -> dict[str, object]:
    return {
        "messages": [
            {"role": "system", "content": _SYSTEM},
            {"role": "user", "content": pair.before},
            {"role": "assistant", "content": pair.after},
        ]
    }


def _completion(pair: Pair) -> dict[str, object]:
    return {"prompt": f"{pair.before}{DEMARCATION}", "completion": f" {pair.after}{STOP}"}


def _copied(pair: Pair) -> float:
    return share(grams(words_of(pair.after)), frozenset(grams(words_of(pair.before))))


def _is_marked(pair: Pair) -> bool:
    both = f"{pair.before}\n{pair.after}"
    return STOP in both or DEMARCATION.strip() in both or any(mark in both for mark in _MARKS)
