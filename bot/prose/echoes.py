"""Echoes: a word that comes back so soon that the reader hears it.

The rule was read by hand against beginners' scenes and published novels; docs/quality.md has the count.
"""

# ruff: noqa: PLR2004, SIM905 -- thresholds stand where they are measured; word lists are read by people.

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from math import exp

from bot.prose.findings import Finding, FindingKind, Span
from bot.prose.lexicon import (
    COMMON,
    CONCRETE,
    FUNCTION_WORDS,
    PARTICIPLES,
    PAST,
    PAST_OF,
    PERSONS,
    PRESENT_S,
    SPEECH_VERBS,
    base_of,
)
from bot.prose.refrains import is_meant, is_taken_up
from bot.prose.text import Text, Word

_NEAR = 60  # words in which three are heard
_PAIR_NEAR = 14  # words in which two of an uncommon word are heard
_THINGS_HEARD = 5  # the thing that a passage is about is named again and again, and nobody minds
_TAG = 4  # words between a speech and its verb: `“No,” the old man replied`
_CHANCE = 0.01  # by which that many may stand together by themselves
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
        if not (word.low in SPEECH_VERBS and _beside_speech(page, index)):
            places[base_of(word.low)].append(index)
    findings: list[Finding] = []
    for base, found in places.items():
        findings.extend(_clusters(page, base, found, len(findings)))
    return findings


# Verbs as small as the words between them: what is done with them is heard, and not they.
_SMALL_VERBS = frozenset("come do get give go keep let look make may put say seem take try turn use".split())
# What is not heard as itself: `in front of`, a courtesy, a number.
_SMALL_OTHERS = frozenset(
    "front please four five seven eight nine twelve twenty dozen hundred thousand thou thee thine".split()
)


def _small(word: Word) -> bool:
    low = word.low
    if len(low) < 4 or low in FUNCTION_WORDS or low in _SMALL_OTHERS or low.isdecimal():
        return True
    return base_of(low) in _SMALL_VERBS


def _beside_speech(page: Text, index: int) -> bool:
    """Whether somebody speaks right before or after, so that the verb may be a tag."""
    return any(word.spoken for word in page.words[max(0, index - _TAG) : index + _TAG + 1])


def _clusters(page: Text, base: str, found: list[int], turn: int) -> Iterator[Finding]:
    things = any(_thing(page, index) for index in found)
    # Those whom a scene is about are named by one word as by a name.
    if base in PERSONS and (things or base not in PAST_OF):
        return
    needed = _THINGS_HEARD if things else 4 if base in COMMON else 3
    at = 0
    while at < len(found):
        end = at + 1
        while end < len(found) and found[end] - found[at] < _NEAR:
            end += 1
        cluster = found[at:end]
        if (
            len(cluster) >= needed
            and _same_form(page, cluster)
            and _unexpected(page, len(found), len(cluster))
            and not is_meant(page, cluster)
        ):
            yield _finding(page, cluster, _THREE, turn)
            return
        at += 1
    if things or base in COMMON or len(base) < 7 or len(found) > 3:
        return
    for cluster in map(list, pairwise(found)):
        if (
            cluster[1] - cluster[0] <= _PAIR_NEAR
            and page.words[cluster[0]].low == page.words[cluster[1]].low
            and not is_taken_up(page, *cluster)
            and not is_meant(page, cluster)
        ):
            yield _finding(page, cluster, _TWO, turn)
            return


def _same_form(page: Text, cluster: list[int]) -> bool:
    """Whether one form comes twice: `catching`, `caught` and `catches` are kin, and no echo to the ear."""
    return len({page.words[index].low for index in cluster}) < len(cluster)


_DETERMINERS = frozenset("the a an his her its their my our your this that these those of".split())
_NOUNS_IN_ING = frozenset("being building ceiling evening meeting morning painting wedding".split())
_PREPOSITIONS = frozenset("in for with without by at on from into over under".split())


def _thing(page: Text, index: int) -> bool:
    """Whether the word stands where a noun does, or is one by itself."""
    word = page.words[index]
    before = [near.low for near in page.words[max(0, index - 2) : index]]
    if word.low in CONCRETE | _NOUNS_IN_ING or _plural(word.low, before[-1:]):
        return True
    led = bool(before) and before[-1] in _PREPOSITIONS
    if word.low.endswith("ing") or not (led or _DETERMINERS & set(before)):
        return False
    if index + 1 == len(page.words):
        return True
    following = page.words[index + 1]
    low = following.low
    closes = page.text[word.end : following.start] != " " or low in FUNCTION_WORDS or low.endswith("ly")
    return closes or low in PRESENT_S or low in PAST or low in PARTICIPLES


_SUBJECTS = frozenset("he she it who that which".split())


def _plural(low: str, before: list[str]) -> bool:
    """Whether a word ends as a noun of many does, and is no verb that we know."""
    many = low.endswith("s") and base_of(low) != low and low not in PRESENT_S
    return many and _SUBJECTS.isdisjoint(before)


def _unexpected(page: Text, total: int, here: int) -> bool:
    """Whether so many stand together by chance less often than once in a hundred places (Poisson)."""
    outside = max(total - here, 0)
    expected = outside * _NEAR / max(len(page.words) - _NEAR, 1)
    term = below = exp(-expected)
    for count in range(1, here):
        term *= expected / count
        below += term
    return 1 - below < _CHANCE


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
