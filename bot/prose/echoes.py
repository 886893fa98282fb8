"""Echoes: a word that comes back so soon that the reader hears it."""

# ruff: noqa: PLR2004, SIM905 -- thresholds stand where they are measured; word lists are read by people.

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from math import exp

from bot.prose.findings import Finding, FindingKind, Span
from bot.prose.lexicon import COMMON, FUNCTION_WORDS, base_of
from bot.prose.text import Sentence, Text, Word

_NEAR = 60  # words in which three are heard
_PAIR_NEAR = 14  # words in which two of an uncommon word are heard
_CHANCE = 0.01  # by which that many may stand together by themselves
_KINSHIP = frozenset(
    "mother father brother sister uncle aunt king queen prince captain doctor professor".split()
)
_THREE = (
    (
        "“{word}” comes {count} times within {span} words here, and I begin to hear the word instead of the"
        " scene; keep the one that matters and find other ways for the rest."
    ),
    (
        "Listen to “{word}” in this passage: {count} times in {span} words; unless you mean the refrain, "
        "change or cut all but one."
    ),
)
_TWO = (
    (
        "“{word}” comes back after only {span} words; it is a word that stays in the ear, so let one of the"
        " two go."
    ),
    "Two uses of “{word}” within {span} words rub against each other: one of them can be another word.",
)


def echoes(page: Text, names: frozenset[str]) -> list[Finding]:
    """Find content words that repeat close by, beyond what their frequency in the whole text explains."""
    firsts = {sentence.first for sentence in page.sentences}
    names_low = {name.lower() for name in names}
    places: dict[str, list[int]] = defaultdict(list)
    for index, word in enumerate(page.words):
        named = page.text[word.start].isupper() and index not in firsts
        if named or word.spoken or _small(word) or word.low.removesuffix("'s") in names_low:
            continue
        places[base_of(word.low)].append(index)
    findings: list[Finding] = []
    for base, found in places.items():
        findings.extend(_clusters(page, base, found, len(findings)))
    return findings


def _small(word: Word) -> bool:
    return len(word.low) < 4 or word.low in FUNCTION_WORDS or word.low.isdecimal()


def _clusters(page: Text, base: str, found: list[int], turn: int) -> Iterator[Finding]:
    common = base in COMMON or base in _KINSHIP
    at = 0
    while at < len(found):
        end = at + 1
        while end < len(found) and found[end] - found[at] < _NEAR:
            end += 1
        cluster = found[at:end]
        things = sum(_thing(page, index) for index in cluster[1:])
        # The thing that a passage is about is named again and again, and nobody minds; a verb or an
        # adjective is heard sooner.
        needed = 5 if things else 4 if common else 3
        if (
            len(cluster) >= needed
            and _unexpected(page, len(found), len(cluster))
            and not _meant(page, cluster)
        ):
            yield _finding(page, cluster, _THREE, turn)
            return
        at += 1
    if common or len(base) < 7 or len(found) > 3:
        return
    for first, second in pairwise(found):
        if (
            0 < second - first <= _PAIR_NEAR
            and not _thing(page, second)
            and not _meant(page, [first, second])
        ):
            yield _finding(page, [first, second], _TWO, turn)
            return


_DETERMINERS = frozenset("the a an his her its their my our your this that these those of".split())


def _thing(page: Text, index: int) -> bool:
    """Whether the word stands where a noun does: after an article, and before a small word or a mark."""
    before = {word.low for word in page.words[max(0, index - 2) : index]}
    if index + 1 == len(page.words):
        return True
    word, following = page.words[index], page.words[index + 1]
    closes = page.text[word.end : following.start] != " " or following.low in FUNCTION_WORDS
    return closes and bool(before & _DETERMINERS)


def _unexpected(page: Text, total: int, here: int) -> bool:
    """Whether so many stand together by chance less often than once in a hundred places (Poisson)."""
    outside = max(total - here, 0)
    expected = outside * _NEAR / max(len(page.words) - _NEAR, 1)
    term = below = exp(-expected)
    for count in range(1, here):
        term *= expected / count
        below += term
    return 1 - below < _CHANCE


def _meant(page: Text, cluster: list[int]) -> bool:
    """Whether it looks like a figure: side by side, in one sentence, or at the head of each."""
    words = [page.words[index] for index in cluster]
    if any(later - sooner <= 3 for sooner, later in pairwise(cluster)):
        return True
    sentences = [page.sentence_at(word.start) for word in words]
    if len({sentence.start for sentence in sentences if sentence is not None}) < 2:
        return True
    heads = [_place(sentence, index) for sentence, index in zip(sentences, cluster, strict=True)]
    tails = [_place_from_end(sentence, index) for sentence, index in zip(sentences, cluster, strict=True)]
    return len(set(heads)) == 1 or len(set(tails)) == 1


def _place(sentence: Sentence | None, index: int) -> int:
    return index - sentence.first if sentence is not None else -1


def _place_from_end(sentence: Sentence | None, index: int) -> int:
    return sentence.last - index if sentence is not None else -1


def _finding(page: Text, cluster: list[int], variants: tuple[str, ...], turn: int) -> Finding:
    words = [page.words[index] for index in cluster]
    span = cluster[-1] - cluster[0] + 1
    first, second = words[0], words[1]
    whole = Span(first.start, words[-1].end)
    near = Span(first.start, second.end)
    chosen = whole if span <= 24 else near
    if cluster[1] - cluster[0] > 23 or "\n" in page.text[chosen.start : chosen.end]:
        chosen = page.around(first.start, first.end)
    forms = dict.fromkeys(word.low for word in words)
    written = " / ".join(forms)
    text = page.say(variants, turn, word=written, count=len(cluster), span=span)
    weight = min(0.8, 0.35 + 0.1 * len(cluster) - span / 400)
    places = [Span(word.start, word.end) for word in words]
    return page.finding(FindingKind.ECHO, chosen, text, subject=written, weight=weight, others=places)
