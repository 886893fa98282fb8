"""Quotations in a letter, held against the author's text.

A quotation counts as the author's when it stands in the text with marks, dashes, white space and case made
equal. One that nearly stands there is put right in the author's own words. A wording that the editor
suggests is
marked with `rewrite:` before its quotation mark, so that nobody takes it for a quotation.
"""
# ruff: noqa: RUF001 -- typographic quotation marks and dashes are the subject

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

_QUOTED = re.compile(
    r"“(?P<curly>[^“”]+)”"
    r"|\"(?P<straight>[^\"\n]+)\""
    r"|(?<!\w)‘(?P<single>(?:[^‘’]|(?<=\w)’(?=\w))+)’(?!\w)"
    r"|(?<!\w)'(?P<plain>[^'\n]*(?:(?<=\w)'(?=\w)[^'\n]*)*)'(?!\w)"
)
_REWRITE = re.compile(r"\brewrite:\s*$", re.IGNORECASE)
_SUGGESTS = re.compile(
    r"\b(?:try|perhaps|maybe|consider|write|say|becomes?|to read|could be|could read"
    r"|might read|such as|something like"
    r"|simply|with|to|instead|into|for example|for instance|rewritten as|as in)\s*[:,]?\s*$",
    re.IGNORECASE,
)
_SAME = str.maketrans(dict.fromkeys('"“”„«»‘’‚', "'") | dict.fromkeys("–—‑−", "-"))
_EDGE = " \t\n.,;:!?…-'\""
NEAR = 0.84
_SHORT = 3


@dataclass(frozen=True, slots=True)
class Quoted:
    """Something in quotation marks in a letter: where its words stand in the letter, and what they are."""

    start: int
    end: int
    words: str
    rewrite: bool
    suggested: bool


def quoted_in(letter: str) -> Iterator[Quoted]:
    """Give everything in a letter that stands in quotation marks, single ones included."""
    for match in _QUOTED.finditer(letter):
        group = match.lastgroup or ""
        words = match[group]
        if not words.strip(_EDGE):
            continue
        before = letter[max(0, match.start() - 40) : match.start()]
        yield Quoted(
            match.start(group),
            match.end(group),
            words,
            rewrite=_REWRITE.search(before) is not None,
            suggested=_SUGGESTS.search(before) is not None,
        )


class Source:
    """The author's text, ready to be searched for quotations."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _same(self) -> tuple[str, list[int]]:
        return _made_equal(self.text)

    @cached_property
    def _words(self) -> list[tuple[int, int]]:
        return [match.span() for match in re.finditer(r"\S+", self._same[0])]

    def find(self, words: str) -> tuple[int, int] | None:
        """Find where a quotation stands in the text; whole words only.

        Returns:
            Start and end in the author's text, or None.
        """
        plain, places = self._same
        wanted = _made_equal(words)[0].strip(_EDGE)
        if not wanted:
            return None
        at = plain.find(wanted)
        while at >= 0:
            end = at + len(wanted)
            inside = (at > 0 and plain[at - 1].isalnum()) or (end < len(plain) and plain[end].isalnum())
            if not inside:
                return places[at], places[end - 1] + 1
            at = plain.find(wanted, at + 1)
        return None

    def _rarest(self, wanted: str) -> frozenset[str]:
        """The words of a quotation that are rarest in the text: few places to look at, even in a novel."""
        known = [word for word in {part.strip(_EDGE) for part in wanted.split()} if word in self._places]
        return frozenset(sorted(known, key=lambda word: (self._places[word], word))[:_SHORT])

    @cached_property
    def _places(self) -> Counter[str]:
        plain = self._same[0]
        return Counter(plain[start:end].strip(_EDGE) for start, end in self._words)

    def has(self, words: str) -> bool:
        """Whether a quotation is the author's; an ellipsis stands for words left out, in order."""
        parts = [
            part for part in re.split(r"\s*(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*", words) if part.strip(_EDGE)
        ]
        return bool(parts) and all(self.find(part) is not None for part in parts)

    def nearest(self, words: str) -> str | None:
        """Give the author's words for a quotation that is nearly right, or None where nothing comes near.

        A quotation of fewer than three words has no near ones: another word is another word.
        """
        wanted = _made_equal(words)[0].strip(_EDGE)
        count = len(wanted.split())
        if count < _SHORT:
            return None
        plain, places = self._same
        best, best_ratio = None, NEAR
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(wanted)
        starts = [start for start, _ in self._words]
        anchors = self._rarest(wanted)
        for index, (start, end) in enumerate(self._words):
            if plain[start:end].strip(_EDGE) not in anchors:
                continue
            # A stretch that begins a little before the shared word, and is as long as the quotation.
            for begin in range(max(0, index - count), index + 1):
                stop = bisect_left(starts, starts[begin] + len(wanted))
                for last in {max(begin, stop - 2), max(begin, stop - 1), min(stop, len(self._words) - 1)}:
                    candidate = plain[self._words[begin][0] : self._words[last][1]].strip(_EDGE)
                    matcher.set_seq1(candidate)
                    if matcher.real_quick_ratio() <= best_ratio or matcher.quick_ratio() <= best_ratio:
                        continue
                    ratio = matcher.ratio()
                    if ratio > best_ratio:
                        best, best_ratio = (self._words[begin][0], self._words[last][1]), ratio
        if best is None:
            return None
        low, high = places[best[0]], places[best[1] - 1] + 1
        return " ".join(self.text[low:high].split()).strip(_EDGE)


def _made_equal(text: str) -> tuple[str, list[int]]:
    """Make marks, dashes, white space and case equal, and remember where each character came from."""
    out: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if character.isspace():
            if out and out[-1] == " ":
                continue
            out.append(" ")
            places.append(place)
            continue
        for low in character.translate(_SAME).casefold():
            out.append(low)
            places.append(place)
    return "".join(out), places
