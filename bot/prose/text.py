"""A text taken apart for study: paragraphs, sentences, speech and words.

Made for fiction: quotation marks of every sort, speech that ends in `?` or `!` inside a sentence, titles,
ellipses and dashes. Everything is linear in the length of the text.
"""
# ruff: noqa: RUF001, SIM905 -- thresholds stand where they are measured; typographic
# quotation marks are the subject; word lists are read and mended by people.

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from bot.prose.findings import Finding, FindingKind, Span
from bot.prose.lexicon import ABBREVIATIONS, SPEECH_VERBS

QUOTE_WORDS = 25  # a quotation is never longer

_WORD = re.compile(r"[^\W_]+(?:['’\-‑][^\W_]+)*")
_END = re.compile(r"[.!?…]+[\"”’'»)\]*_]*(?=\s)")
_NEXT_SENTENCE = re.compile(r"\s+[\"“‘'«(\[*_—–-]*[^\W\d_a-z]|\s+[\"“‘'«(\[*_—–-]*\d|\s+[—–-]+\s*[\"“‘']")
_TAG = re.compile(r"\s+(?:[^\W\d_][\w’'.-]*\s+){1,3}?([a-z]+)\b")
_QUOTE_END = re.compile(r"[\"”’']$")
_ELISIONS = frozenset(
    "tis twas em til bout round cause neath ere bye kay nother cept gainst nuff scuse".split()
)


class Word(NamedTuple):
    """A word: where it stands, in lower case with straight apostrophes, and whether it is spoken."""

    start: int
    end: int
    low: str
    spoken: bool


class Sentence(NamedTuple):
    """A sentence: where it stands, its words as indexes into `Text.words`, and its paragraph's index."""

    start: int
    end: int
    first: int
    last: int  # one past the last word
    paragraph: int

    @property
    def length(self) -> int:
        """How many words it has."""
        return self.last - self.first


@dataclass(frozen=True)
class Text:
    """A text and its parts, each worked out once."""

    text: str

    @cached_property
    def paragraphs(self) -> tuple[Span, ...]:
        """Lines that hold at least one word, without the white space around them."""
        return tuple(_trimmed(self.text, match.start(), match.end()) for match in _lines(self.text))

    @cached_property
    def dialogue(self) -> tuple[Span, ...]:
        """Speech, quotation marks included, in order."""
        return tuple(_speeches(self.text, self.paragraphs))

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Every word in order."""
        starts = [span.start for span in self.dialogue]
        words = []
        for match in _WORD.finditer(self.text):
            at = bisect_right(starts, match.start()) - 1
            spoken = at >= 0 and match.start() < self.dialogue[at].end
            words.append(Word(match.start(), match.end(), match[0].lower().replace("’", "'"), spoken))
        return tuple(words)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every sentence that has a word."""
        starts = [word.start for word in self.words]
        found = []
        for index, paragraph in enumerate(self.paragraphs):
            for start, end in _sentences(self.text, paragraph):
                first, last = bisect_right(starts, start - 1), bisect_right(starts, end - 1)
                if last > first:
                    found.append(Sentence(start, end, first, last, index))
        return tuple(found)

    def words_of(self, sentence: Sentence) -> tuple[Word, ...]:
        """The words of a sentence."""
        return self.words[sentence.first : sentence.last]

    def narrated(self, sentence: Sentence) -> bool:
        """Whether nobody speaks in the sentence."""
        return not any(word.spoken for word in self.words_of(sentence))

    def sentence_at(self, position: int) -> Sentence | None:
        """The sentence that holds a character."""
        at = bisect_right(self._sentence_starts, position) - 1
        if at >= 0 and position < self.sentences[at].end:
            return self.sentences[at]
        return None

    @cached_property
    def _sentence_starts(self) -> tuple[int, ...]:
        return tuple(sentence.start for sentence in self.sentences)

    def around(self, start: int, end: int, limit: int = QUOTE_WORDS) -> Span:
        """Give the sentence around a place where it is short enough to quote, else the words about it."""
        sentence = self.sentence_at(start)
        if sentence is not None and end <= sentence.end:
            whole = self.cut(sentence.start, sentence.end, limit)
            if whole.end == sentence.end:
                return whole
        starts = self._word_starts
        low = max(0, bisect_right(starts, start) - 1)
        high = max(low + 1, bisect_right(starts, end - 1))
        floor, ceiling = (sentence.first, sentence.last) if sentence is not None else (low, high)
        spare = min(limit, 16) - (high - low)
        # More of what follows than of what comes before: a quotation near its start is easily found.
        low_wide = max(floor, low - max(0, spare // 3))
        high_wide = min(ceiling, high + max(0, spare - (low - low_wide)))
        return self.cut(self.words[low_wide].start, self.words[high_wide - 1].end, limit)

    def cut(self, start: int, end: int, limit: int = QUOTE_WORDS) -> Span:
        """Keep the first `limit` words of a stretch."""
        starts = self._word_starts
        low = bisect_right(starts, start - 1)
        high = bisect_right(starts, end - 1)
        if high - low <= limit and self._written(start, end) <= limit:
            return Span(start, end)
        high = min(high, low + limit)
        # A dash that stands alone is no word of ours, and yet one to whoever counts by spaces.
        while high > low + 1 and self._written(start, self.words[high - 1].end) > limit:
            high -= 1
        return Span(start, self.words[high - 1].end)

    def _written(self, start: int, end: int) -> int:
        return len(self.text[start:end].split())

    def finding(
        self,
        kind: FindingKind,
        span: Span,
        text: str,
        *,
        subject: str = "",
        weight: float = 0.5,
        others: Iterable[Span] = (),
    ) -> Finding:
        """Make a finding with the exact words of a span."""
        return Finding(
            kind, self.text[span.start : span.end], span.start, span.end, text, subject, weight, tuple(others)
        )

    def say(self, variants: Sequence[str], turn: int, **words: object) -> str:
        """Fill in one of several ways to say a thing: another each turn."""
        return variants[(turn + len(self.words)) % len(variants)].format(**words)

    @cached_property
    def _word_starts(self) -> tuple[int, ...]:
        return tuple(word.start for word in self.words)


def _lines(text: str) -> Iterator[re.Match[str]]:
    return (
        match
        for match in re.finditer(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+", text)
        if _WORD.search(match[0])
    )


def _trimmed(text: str, start: int, end: int) -> Span:
    line = text[start:end]
    return Span(start + len(line) - len(line.lstrip()), start + len(line.rstrip()))


def _sentences(text: str, paragraph: Span) -> Iterator[Span]:
    start = paragraph.start
    for match in _END.finditer(text, paragraph.start, paragraph.end):
        if not _ends(text, match, paragraph.end):
            continue
        yield Span(start, match.end())
        start = match.end()
        while start < paragraph.end and text[start].isspace():
            start += 1
    if start < paragraph.end:
        yield Span(start, paragraph.end)


def _ends(text: str, match: re.Match[str], limit: int) -> bool:
    following = _NEXT_SENTENCE.match(text, match.end(), limit)
    if following is None:
        return False
    mark = match[0]
    if mark == ".":
        before = re.search(r"([^\W\d_]+(?:\.[^\W\d_])*)$", text[max(0, match.start() - 12) : match.start()])
        if before is not None and (
            before[1].lower() in ABBREVIATIONS or (len(before[1]) == 1 and before[1] != "I")
        ):
            return False
    if _QUOTE_END.search(mark):
        # “Where?” Mara asked. is one sentence.
        tag = _TAG.match(text, match.end(), min(limit, match.end() + 80))
        if (
            tag is not None
            and tag[1] in SPEECH_VERBS
            and not re.match(r"\s+[\"“‘']", text[match.end() : match.end() + 4])
        ):
            return False
    return True


def _speeches(text: str, paragraphs: tuple[Span, ...]) -> Iterator[Span]:
    cues = [_CUE.match(text, *paragraph) for paragraph in paragraphs]
    if _is_script([cue[0] for cue in cues if cue], len(paragraphs)):
        yield from (Span(cue.end(), span.end) for cue, span in zip(cues, paragraphs, strict=True) if cue)
        return
    single = _speaks_in_single_quotes(text)
    for paragraph in paragraphs:
        if text.startswith(("—", "–", "― "), paragraph.start):  # speech after a dash
            yield paragraph
        elif single:
            yield from _single_speeches(text, paragraph)
        else:
            yield from _double_speeches(text, paragraph)


_CUE = re.compile(r"[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,2}(?: \([^)\n]{1,40}\))?: +(?=\S)")
_LEAST_CUES = 4


def _is_script(cues: Sequence[str], paragraphs: int) -> bool:
    """Whether it is written as a play: most lines begin with who speaks, and the speakers come again."""
    return len(cues) >= max(_LEAST_CUES, paragraphs / 2) and len(set(cues)) <= len(cues) / 2


def _speaks_in_single_quotes(text: str) -> bool:
    double = text.count("“") + text.count('"') // 2 + text.count("«")
    single = len(re.findall(r"(?:^|[\s—(])['‘][^\W\d_]", text))
    closed = len(re.findall(r"[.,!?…—]['’](?=\s|$|[—)])", text))
    return min(single, closed) > 2 * double


def _double_speeches(text: str, paragraph: Span) -> Iterator[Span]:
    opened: int | None = None
    for match in re.compile(r"[\"“”«»„]").finditer(text, paragraph.start, paragraph.end):
        mark = match[0]
        if opened is None and mark in '"“«„':
            opened = match.start()
        elif opened is not None and mark in '"”»':
            yield Span(opened, match.end())
            opened = None
    if opened is not None:  # a speech that goes on in the next paragraph
        yield Span(opened, paragraph.end)


def _single_speeches(text: str, paragraph: Span) -> Iterator[Span]:
    opened: int | None = None
    for match in re.compile(r"['‘’]").finditer(text, paragraph.start, paragraph.end):
        at = match.start()
        before = text[at - 1] if at > paragraph.start else " "
        after = text[at + 1] if at + 1 < paragraph.end else " "
        if opened is None:
            word = _WORD.match(text, at + 1)
            elided = word is not None and word[0].lower() in _ELISIONS
            if (
                match[0] != "’"
                and (before.isspace() or before in "—(–")
                and not after.isspace()
                and not elided
            ):
                opened = at
        elif match[0] != "‘" and not after.isalnum() and before in ".,!?…—–-":
            yield Span(opened, at + 1)
            opened = None
    if opened is not None and text[paragraph.start] in "'‘" and opened == paragraph.start:
        yield Span(opened, paragraph.end)
