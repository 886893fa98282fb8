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
from bot.prose.fourgrams import Gram, grams, share, words_of

DEMARCATION: Final = "\n\nNEXT PARAGRAPH:"
STOP: Final = " END"
MOST_COPIED: Final = 0.15
"""A pair whose answer shares more of its 4-grams with its prompt teaches copying. Pairs cut from novels reach
6 %; the data that taught a model to loop had over 50 % in one pair of seven."""
MOST_REPEATED: Final = 0.5
"""A pair whose answer shares more of its 4-grams with those before it is another version of one of them."""

SYSTEM: Final = (
    "You continue this writing group's stories in the group's own voice: the next passage, and nothing else."
)
# What chat templates of common models take for the beginning or the end of a turn, a text or a thought.
_MARKS: Final = (
    "<|",
    "|>",
    "<\N{FULLWIDTH VERTICAL LINE}",
    "\N{FULLWIDTH VERTICAL LINE}>",
    "[INST]",
    "[/INST]",
    "<s>",
    "</s>",
    "<bos>",
    "<eos>",
    "<pad>",
    "<unk>",
    "<<SYS>>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<think>",
    "</think>",
    "### Instruction:",
    "### Response:",
)
# JSON leaves them as they are, and some readers of lines take them for the end of one.
_LINE_ENDS: Final = str.maketrans({"\u2028": r"\u2028", "\u2029": r"\u2029", "\x85": r"\u0085"})


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
        repeated: The answer stands in the file already, in nearly the same words.
    """

    copied: int = 0
    marked: int = 0
    repeated: int = 0

    def __add__(self, other: "LeftOut") -> "LeftOut":
        return LeftOut(self.copied + other.copied, self.marked + other.marked, self.repeated + other.repeated)


class Examples:
    """Takes texts, one after another, and gives the pairs that are fit to learn from.

    It remembers the answers that it gave, so that two versions of a story teach no passage twice.

    Args:
        form: How examples will be written; the marks of the older one only matter there.
    """

    def __init__(self, form: Form) -> None:
        self._form = form
        # Of the 4-grams only their hashes, since a corpus has millions.
        self._given: set[int] = set()

    def of(self, text: str) -> tuple[list[Pair], LeftOut]:
        """Give the pairs of a text that are fit to learn from, and how many are not."""
        fit: list[Pair] = []
        left_out = LeftOut()
        for pair in pairs(text):
            answer = frozenset(grams(words_of(pair.after)))
            if self._is_marked(pair):
                left_out += LeftOut(marked=1)
            elif share(answer, frozenset(grams(words_of(pair.before)))) > MOST_COPIED:
                left_out += LeftOut(copied=1)
            elif self._is_repeated(answer):
                left_out += LeftOut(repeated=1)
            else:
                self._given.update(map(hash, answer))
                fit.append(pair)
        return fit, left_out

    def _is_repeated(self, answer: frozenset[Gram]) -> bool:
        known = sum(hash(gram) in self._given for gram in answer)
        return known > MOST_REPEATED * len(answer)

    def _is_marked(self, pair: Pair) -> bool:
        both = f"{pair.before}\n{pair.after}"
        if any(mark in both for mark in _MARKS):
            return True
        if self._form is Form.CHAT:
            return False
        # As they are written: an answer that begins with the stop token would be over before it began.
        return STOP in f" {pair.before}" or STOP in f" {pair.after}" or DEMARCATION.strip() in both


def to_jsonl(fit: Iterable[Pair], form: Form) -> Iterator[str]:
    """Give a line of JSON for each pair, each with its line feed."""
    write = _chat if form is Form.CHAT else _completion
    for pair in fit:
        yield json.dumps(write(pair), ensure_ascii=False).translate(_LINE_ENDS) + "\n"


def _chat(pair: Pair) -> dict[str, object]:
    return {
        "messages": [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": pair.before},
            {"role": "assistant", "content": pair.after},
        ]
    }


def _completion(pair: Pair) -> dict[str, object]:
    return {"prompt": f"{pair.before}{DEMARCATION}", "completion": f" {pair.after}{STOP}"}
