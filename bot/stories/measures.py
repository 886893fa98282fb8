"""What can be measured in a link, and the index of a story that makes measuring cheap.

A link is measured against the whole story, not only against its predecessor: in a run that had got stuck, one
link shared 4 % with the link before it and 69 % with all. So the story's 4-grams are kept in an index that
grows link by link, and measuring one link takes a few milliseconds however long the story is.
"""
# ruff: noqa: RUF001 -- typographic quotation marks and dashes are the subject

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Final, Self, TypeAlias

from bot.prose.fourgrams import GRAM, Gram, grams, words_of
from bot.prose.lexicon import FUNCTION_WORDS

# Words that carry no matter of their own, as the tokenizer leaves them: `don't` is `don` and `t`.
_STOP_WORDS: Final = frozenset(part for word in FUNCTION_WORDS for part in words_of(word))
# How many places of one 4-gram are tried for the longest shared run. Prose has a handful; a member may paste
# the same line a thousand times, and that must not cost a second.
_MOST_PLACES: Final = 24
_WORD_BITS: Final = 24
# A capital and small letters of any Latin alphabet; `Zoë` and `Élodie` are names, too.
_NAME: Final = r"[A-Z\u00c0-\u00d6\u00d8-\u00de][a-z\u00df-\u00f6\u00f8-\u024f]+\b"
_MID_SENTENCE: Final = re.compile(
    rf"(?<=[^\W\d_A-Z]\s)(?!M[rs]s?\b|[DS][rt]\b){_NAME}|(?<=[0-9,;:—–-]\s)(?!M[rs]s?\b|[DS][rt]\b){_NAME}"
    rf"|(?<=\b[MDS][rst]\.\s){_NAME}"
)
NAMES_PER: Final = 250  # words
EDGE: Final = 12  # words at the beginning or the end of a link; two links of a novel share four at the most

Pair: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured in one link.

    Attributes:
        words: Its length.
        c4all: Share of its distinct 4-grams that occur in any earlier link.
        seq_rep_4: 1 - distinct/all 4-grams inside the link.
        run: The longest run of words that it shares with the link before it.
        run_anywhere: The longest run that it shares with any earlier link; 0 where that is under four words.
        cosine: Cosine of the counts of content words with those of the link before it.
        new_names: Names that no earlier link has, per 250 words.
        retold: The share of its distinct pairs of neighbouring content words that some one earlier link has.
            Where a word in four is another, no 4-gram is left, but a third of these pairs is.
        likeness: The highest cosine to any earlier link.
        same_beginning: Whether it begins with the same twelve words as an earlier link.
        same_end: Whether it ends with the same twelve words as an earlier link.
    """

    words: int
    c4all: float
    seq_rep_4: float
    run: int
    run_anywhere: int
    cosine: float
    new_names: float
    retold: float = 0.0
    likeness: float = 0.0
    same_beginning: bool = False
    same_end: bool = False

    def to_json(self) -> dict[str, float | int]:
        """Give what `inkcircle story check` prints of it: shares to three places."""
        return {
            "words": self.words,
            "c4all": round(self.c4all, 3),
            "seq_rep_4": round(self.seq_rep_4, 3),
            "run": self.run,
            "cosine": round(self.cosine, 3),
            "new_names": round(self.new_names, 2),
        }


class StoryIndex:
    """The 4-grams and words of a story, for measuring what comes next.

    It only grows. A story whose head has moved back gets a new one, made off the event loop.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._latest: dict[int, int] = {}  # a 4-gram to the last place where it begins
        self._before: array[int] = array("i")  # a place to the one before it of the same 4-gram, or -1
        self._last: tuple[str, ...] = ()
        self._last_begins = 0
        self._pairs: dict[Pair, list[int]] = {}  # to the links that have it
        self._counts: dict[
            str, list[tuple[int, int]]
        ] = {}  # a content word to links and how often they have it
        self._lengths: list[float] = []  # of the links' vectors of content words
        self._beginnings: set[tuple[str, ...]] = set()
        self._ends: set[tuple[str, ...]] = set()
        self.links = 0

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """Make the index of a story from its links in order."""
        index = cls()
        for text in texts:
            index.add(text)
        return index

    def add(self, text: str) -> None:
        """Take a link in, behind those that are in."""
        words = words_of(text)
        numbers = [self._numbers.setdefault(word, len(self._numbers)) for word in words]
        self._last, self._last_begins = words, len(self._before)
        for gram in zip(numbers, numbers[1:], numbers[2:], numbers[3:], strict=False):
            key = _packed(gram)
            self._before.append(self._latest.get(key, -1))
            self._latest[key] = len(self._before) - 1
        # A place that no 4-gram has, so that no run goes on from one link into the next.
        self._before.append(-1)
        for pair in _pairs_of(words):
            self._pairs.setdefault(pair, []).append(self.links)
        content = _content(words)
        for word, count in content.items():
            self._counts.setdefault(word, []).append((self.links, count))
        self._lengths.append(_length(content))
        if len(words) >= EDGE:
            self._beginnings.add(words[:EDGE])
            self._ends.add(words[-EDGE:])
        self.links += 1

    def measure(self, text: str) -> Measures:
        """Measure a text as the story's next link."""
        words = words_of(text)
        places = [self._place(gram) for gram in grams(words)]
        known = {gram for gram, place in zip(grams(words), places, strict=True) if place >= 0}
        distinct = len(set(grams(words)))
        run, run_anywhere = self._runs(places)
        new = {name for name in names_of(text) if not self._numbers.keys() >= set(words_of(name))}
        return Measures(
            words=len(words),
            c4all=len(known) / distinct if distinct else 0.0,
            seq_rep_4=1 - distinct / len(places) if places else 0.0,
            run=run or _short_run(words, self._last),
            run_anywhere=max(run, run_anywhere),
            cosine=cosine(words, self._last),
            new_names=len(new) * NAMES_PER / len(words) if words else 0.0,
            retold=self._retold(words),
            likeness=self._likeness(words),
            same_beginning=words[:EDGE] in self._beginnings,
            same_end=words[-EDGE:] in self._ends,
        )

    def knows(self, gram: Gram) -> bool:
        """Tell whether a 4-gram occurs in a link."""
        return self._place(gram) >= 0

    def _retold(self, words: Sequence[str]) -> float:
        pairs = _pairs_of(words)
        shared = Counter(link for pair in pairs for link in self._pairs.get(pair, ()))
        return max(shared.values(), default=0) / len(pairs) if pairs else 0.0

    def _likeness(self, words: Sequence[str]) -> float:
        content = _content(words)
        products: Counter[int] = Counter()
        for word, count in content.items():
            for link, theirs in self._counts.get(word, ()):
                products[link] += count * theirs
        length = _length(content)
        return max((one / (length * self._lengths[link]) for link, one in products.items()), default=0.0)

    def _place(self, gram: Gram) -> int:
        try:
            key = _packed([self._numbers[word] for word in gram])
        except KeyError:
            return -1
        return self._latest.get(key, -1)

    def _runs(self, places: Sequence[int]) -> tuple[int, int]:
        """Give the longest runs shared with the last link and with any; 0 for those of under four words."""
        last = anywhere = 0
        going: dict[int, int] = {}
        for latest in places:
            now: dict[int, int] = {}
            place = latest
            while place >= 0 and len(now) < _MOST_PLACES:
                length = now[place] = going.get(place - 1, GRAM - 1) + 1
                anywhere = max(anywhere, length)
                if place >= self._last_begins:
                    last = max(last, length)
                place = self._before[place]
            going = now
        return last, anywhere


def longest_run(words: Sequence[str], other: Sequence[str]) -> int:
    """Give the longest run of words that two texts share."""
    index = StoryIndex()
    index.add(" ".join(other))
    return index.measure(" ".join(words)).run


def names_of(text: str) -> frozenset[str]:
    """Give, in lower case, the words that are capitalised inside a sentence."""
    return frozenset(match[0].lower() for match in _MID_SENTENCE.finditer(text))


def cosine(words: Sequence[str], other: Sequence[str]) -> float:
    """Give the cosine of two texts' counts of content words; 0 where one has none."""
    one, two = _content(words), _content(other)
    length = _length(one) * _length(two)
    return sum(n * two[word] for word, n in one.items()) / length if length else 0.0


def content_of(words: Iterable[str]) -> frozenset[str]:
    """Give the words that carry matter of their own."""
    return frozenset(words) - _STOP_WORDS


def _content(words: Sequence[str]) -> Counter[str]:
    return Counter(word for word in words if word not in _STOP_WORDS)


def _length(content: Counter[str]) -> float:
    return sqrt(sum(count * count for count in content.values()))


def _pairs_of(words: Iterable[str]) -> frozenset[Pair]:
    return frozenset(pairwise(word for word in words if word not in _STOP_WORDS))


def _short_run(words: Sequence[str], other: Sequence[str]) -> int:
    for length in range(GRAM - 1, 0, -1):
        ours = {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}
        if any(tuple(other[at : at + length]) in ours for at in range(len(other) - length + 1)):
            return length
    return 0


def _packed(numbers: Sequence[int]) -> int:
    """Make one number of four: a dictionary of numbers takes a third of the room of one of tuples."""
    key = 0
    for number in numbers:
        key = key << _WORD_BITS | number
    return key
