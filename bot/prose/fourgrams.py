"""The one tokenizer of stories and training pairs: words are runs of [a-z0-9] after lower-casing.

Every measure of a link counts with it, and so do the thresholds of the gate. An apostrophe divides
(`don't` is `don` and `t`), and letters outside a to z are no part of a word.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

GRAM: Final = 4  # words; shares count distinct runs of so many

Gram: TypeAlias = tuple[str, str, str, str]

_WORD: Final = re.compile(r"[a-z0-9]+")


def words_of(text: str) -> tuple[str, ...]:
    """Give the words of a text, in order."""
    return tuple(_WORD.findall(text.lower()))


def count_words(text: str) -> int:
    """Count the words of a text."""
    return len(words_of(text))


def grams(words: Sequence[str]) -> Iterator[Gram]:
    """Give every run of four words, in order and as often as it occurs."""
    return zip(words, words[1:], words[2:], words[3:], strict=False)


def share(part: Iterable[Gram], whole: frozenset[Gram] | set[Gram]) -> float:
    """Give the share of the distinct 4-grams of `part` that occur in `whole`; 0 where `part` has none."""
    distinct = set(part)
    return len(distinct & whole) / len(distinct) if distinct else 0.0
