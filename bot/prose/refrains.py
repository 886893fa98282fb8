"""Repetition that is meant: what a rhetoric would call a figure, and an editor leaves alone."""

# ruff: noqa: SIM905 -- word lists are read by people.

from itertools import pairwise

from bot.prose.subjects import PRONOUNS
from bot.prose.text import Sentence, Text

_SIDE_BY_SIDE = 3  # words
_TAKEN_UP = 5  # words of a sentence before the one that it takes up
_LITANY = 3  # times, each within a few words of the last
_BEAT = 14  # words
_CLOSING = frozenset(",.;:!?…—")
_DENIALS = frozenset("no not never nor neither".split())
_AUXILIARIES = frozenset("had has have not would could".split())
_BETWEEN = frozenset("also even still always never just".split())


def is_meant(page: Text, cluster: list[int]) -> bool:
    """Whether it looks like a figure: side by side, in one sentence, in the same place of each, a litany.

    Args:
        page: The text.
        cluster: Where the word stands, as indexes into `Text.words`.
    """
    words = [page.words[index] for index in cluster]
    if any(later - sooner <= _SIDE_BY_SIDE for sooner, later in pairwise(cluster)) or _litany(page, cluster):
        return True
    if all(page.text[word.end : word.end + 1] in _CLOSING for word in words):
        return True
    sentences = [page.sentence_at(word.start) for word in words]
    if len({sentence.start for sentence in sentences if sentence is not None}) <= 1:
        return True
    heads = [_place(sentence, index) for sentence, index in zip(sentences, cluster, strict=True)]
    tails = [_place_from_end(sentence, index) for sentence, index in zip(sentences, cluster, strict=True)]
    return len(set(heads)) == 1 or len(set(tails)) == 1


def is_taken_up(page: Text, first: int, second: int) -> bool:
    """Whether the second of two answers the first, denies it, or stands in another paragraph.

    `Was it lost? Quite lost.` `I abhorred them. Oh, not abhorred!`
    """
    if "\n" in page.text[page.words[first].end : page.words[second].start]:
        return True
    if any(page.words[max(0, at - 1)].low in _DENIALS for at in (first, second)):
        return True
    sentence = page.sentence_at(page.words[second].start)
    return sentence is not None and first < sentence.first and second - sentence.first <= _TAKEN_UP


def _litany(page: Text, cluster: list[int]) -> bool:
    """Whether it comes clause by clause after the same word: `He loved his job. He loved the sea …`."""
    chain: list[int] = []
    for index in cluster:
        lead = _lead(page, index)
        if not chain or index - chain[-1] > _BEAT or lead != _lead(page, chain[-1]):
            chain = []
        if lead is not None:
            chain.append(index)
        if len(chain) == _LITANY:
            return True
    return False


def _lead(page: Text, index: int) -> str | None:
    """The pronoun or the auxiliary before a verb, be there a small adverb between or not."""
    at = index - 1
    if at > 0 and page.words[at].low in _BETWEEN:
        at -= 1
    lead = page.words[at].low if at >= 0 else ""
    return lead if lead in PRONOUNS | _AUXILIARIES else None


def _place(sentence: Sentence | None, index: int) -> int:
    return index - sentence.first if sentence is not None else -1


def _place_from_end(sentence: Sentence | None, index: int) -> int:
    return sentence.last - index if sentence is not None else -1
