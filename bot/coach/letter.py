"""A letter taken apart: paragraphs, sentences, and where its quotations stand."""
# ruff: noqa: RUF001 -- typographic quotation marks are the subject

import re
from dataclasses import dataclass
from functools import cached_property

from bot.coach.quotations import Quoted, quoted_in

_END = re.compile(r"[.!?…]+[”\"’')]*(?=\s|$)")
_ABBREVIATIONS = frozenset("mr mrs ms dr st prof no vs etc e.g i.e".split())  # noqa: SIM905  # read by people


@dataclass(frozen=True)
class Letter:
    """The words of a letter."""

    text: str

    @cached_property
    def paragraphs(self) -> tuple[str, ...]:
        """Its paragraphs, without white space around them."""
        return tuple(part.strip() for part in re.split(r"\n\s*\n", self.text) if part.strip())

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """Its sentences in order; a full stop inside a quotation ends none."""
        return tuple(sentence for paragraph in self.paragraphs for sentence in sentences_of(paragraph))

    @cached_property
    def quoted(self) -> tuple[Quoted, ...]:
        """All that stands in quotation marks."""
        return tuple(quoted_in(self.text))

    @cached_property
    def own_words(self) -> str:
        """The letter with the words inside quotation marks left out."""
        return _without_quotations(self.text)

    @property
    def length(self) -> int:
        """How many words it has, quotations included."""
        return len(self.text.split())

    def dropping(self, sentences: set[str]) -> "Letter":
        """Give the letter without some of its sentences; an empty paragraph goes too."""
        paragraphs = (
            " ".join(sentence for sentence in sentences_of(paragraph) if sentence not in sentences)
            for paragraph in self.paragraphs
        )
        return Letter("\n\n".join(paragraph for paragraph in paragraphs if paragraph))


def sentences_of(paragraph: str) -> list[str]:
    """Cut a paragraph of a letter into its sentences."""
    quotations = [(one.start, one.end) for one in quoted_in(paragraph)]
    found, start = [], 0
    for match in _END.finditer(paragraph):
        if any(low <= match.start() and match.end() < high for low, high in quotations):
            continue
        rest = paragraph[match.end() :].lstrip()
        before = paragraph[start : match.start()].rsplit(None, 1)
        if before and before[-1].lower().strip('(“"') in _ABBREVIATIONS and match[0] == ".":
            continue
        if rest and rest[0].islower():
            continue
        if rest and match[0].endswith(("”", '"', "’")) and not rest[0].isupper() and rest[0] not in '“"‘':
            continue
        found.append(paragraph[start : match.end()].strip())
        start = match.end()
    if paragraph[start:].strip():
        found.append(paragraph[start:].strip())
    return found


def own_words_of(sentence: str) -> str:
    """Give a sentence with the words inside quotation marks left out."""
    return _without_quotations(sentence)


def _without_quotations(text: str) -> str:
    kept, position = [], 0
    for one in quoted_in(text):
        kept.append(text[position : one.start])
        position = one.end
    kept.append(text[position:])
    return "".join(kept)
