"""Cutting a story into passages, at paragraphs, for pairs of 'what came before' and 'what came next'."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

LEAST_WORDS: Final = 120
"""A passage shorter than this is joined with the next: too little to learn a voice from."""

MOST_WORDS: Final = 400
"""A passage is closed before it would grow longer, unless one paragraph alone is."""

_PARAGRAPHS: Final = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two passages that follow each other in one story."""

    before: str
    after: str


def passages(text: str) -> list[str]:
    """Cut a text into passages of whole paragraphs; a short rest belongs to the last of them."""
    found: list[str] = []
    open_: list[str] = []
    words = 0
    for paragraph in filter(None, (part.strip() for part in _PARAGRAPHS.split(text))):
        length = len(paragraph.split())
        if open_ and words >= LEAST_WORDS and words + length > MOST_WORDS:
            found.append("\n\n".join(open_))
            open_, words = [], 0
        open_.append(paragraph)
        words += length
    if open_ and found and words < LEAST_WORDS:
        found[-1] = "\n\n".join([found[-1], *open_])
    elif open_:
        found.append("\n\n".join(open_))
    return found


def pairs(text: str) -> list[Pair]:
    """Give every passage with the one after it; a text of one passage gives none."""
    cut = passages(text)
    return [Pair(before, after) for before, after in pairwise(cut)]
