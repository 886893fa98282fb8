"""The things in a text: `the kettle`, `the wet gloves`, found without a model.

A letter that names the author's own things is about this scene and no other. What is found here is only
ever used as an object that can be pictured, so a plain rule is enough: an article, one or two words, and
then a word or
a mark that cannot belong to the same phrase.
"""
# ruff: noqa: RUF001, SIM905 -- typographic apostrophes are the subject; word lists are read by people.

import re
from collections.abc import Sequence
from typing import NamedTuple

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[^\w\s]")
_ARTICLES = frozenset({"the", "a", "an"})
_AFTER = frozenset(
    """
    and or but nor that which who whose where when while as if than then so because since until
    of in on at by to from for with without into onto over under up down out off through across behind
    beside between above below against along around after before past near inside outside toward towards
    beyond among upon
    like is are was were has had have did does do would could will can might should must came come went
    stood sat
    lay hung he she it they we you i his her its their my your our the a an this there here again now once
    twice not
    . , ; : ! ? — –
    """.split()
)
# What follows an article without being a thing that can be seen.
_NO_THING = frozenset(
    """
    one ones same way other others rest first second third fourth fifth next last end beginning middle start
    top bottom side left right front back edge part kind sort lot bit time times day days night morning
    evening moment
    year years hour hours minute minutes second while week month thing things something nothing place center
    centre
    most more whole half few many little reader story scene truth fact idea reason case point matter chance
    number
    couple pair dark light cold past present future world life death mind name word words voice sound noise
    smell
    silence thought news law regulations duty tolerance capacity factor oscillation operation treaty
    question answer rate
    good bad hundred thousand million dozen ten two three four five six seven eight nine only very sudden
    best worst
    day's person people man woman boy girl child somebody everyone everything anyone crime tax speech story
    plan
    january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday inch mile length width height weight
    west east north south spring summer autumn winter christmas point late early right wrong half-past
    joke shout rage anger fear love hope heart blood soul devil hell heaven god power purpose journey trip
    council parish company government
    mist mists afternoon memory memories radiance silence longing shrug look kind
    rent capacity secret secrets hymn pie impression sentence state feeling system way ways reader story
    """.split()
)
# Two words after an article are a thing only if the second is not what the first one does.
_DEEDS = frozenset(
    """
    stands stood sounds burns turns laughs drank wrote took gave gives put set said says read goes ran drops
    breathe breathes rode swam lit shone stuck stop stops gone hums face away anyway straight green rose
    fell falls
    runs sits lies hangs moves opens closes shuts comes calls cries looks walks waits sleeps sings rings
    flew held
    kept left
    stand sound burn turn laugh drink write take give put set say go run drop swim light stick hum hang move
    call cry look walk wait sleep sing ring fly hold keep leave rise fall sit breathe
    """.split()
)
_DULL_ADJECTIVES = frozenset("very such same own more most too so quite rather really what".split())
_MOST_LETTERS = 26
_SHORTEST = 3


class Thing(NamedTuple):
    """Something that can be pictured, as the letter names it, and where the text names it first."""

    words: str
    start: int
    end: int


def things_in(text: str, skipped: Sequence[tuple[int, int]] = ()) -> tuple[Thing, ...]:
    """Give the things of a text in the order in which they come, each once, always with `the`.

    Args:
        text: The text.
        skipped: Stretches whose things are only spoken of.
    """
    tokens = list(_WORD.finditer(text))
    found: dict[str, Thing] = {}
    gone: set[str] = set()
    for index, token in enumerate(tokens):
        if token[0].lower() not in _ARTICLES:
            continue
        if (
            any(start <= token.start() < end for start, end in skipped)
            or _compared(tokens, index)
            or _unreal(tokens, index)
        ):
            continue
        thing = _thing_after(tokens, index)
        if thing is not None and _over(text, thing):
            gone.update(thing.words.split()[1:])
        elif thing is not None:
            found.setdefault(thing.words.rsplit(" ", 1)[-1], thing)
    # Where the fish tank is gone, so are the tank and the fish.
    return tuple(thing for thing in found.values() if gone.isdisjoint(thing.words.split()))


_NOT_SO = frozenset(
    "like as than outlived if would could might never nobody perhaps maybe unless though without used way "
    "wanted about".split()
)


_OVER = re.compile(
    r"\s+(?:\w+\s+)?(?:stopped|gone|missing|ended|vanished|disappeared)\b|\s+(?:was|were) (?:not|never)\b"
    r"|[.,;]\s+(?:it|they) (?:is|are|was|were|had) gone\b",
    re.IGNORECASE,
)


def _over(text: str, thing: Thing) -> bool:
    """Whether the thing is said to be there no more: `The rain had stopped`, `the horses were gone`."""
    return _OVER.match(text, thing.end) is not None


def _unreal(tokens: list[re.Match[str]], article: int) -> bool:
    """Whether the sentence so far speaks of what is not, or not now: `Ruth would have known a hymn`."""
    for token in reversed(tokens[:article]):
        word = token[0].lower()
        if word in {".", "!", "?"}:
            break
        if word in _NOT_SO or word.endswith(("n't", "n’t")):
            return True
    return bool(article) and tokens[article - 1][0].lower() in {"not", "never"}


def _compared(tokens: list[re.Match[str]], article: int) -> bool:
    """Whether it is a comparison's: the cow of `like a cow` is not there."""
    if (
        tokens[article][0].lower() != "the"
        and article
        and tokens[article - 1][0].lower() in {"of", "for", "about"}
    ):
        return True  # the pale green of a new pea; six heads for a cat
    return any(token[0].lower() in {"like", "as", "than"} for token in tokens[max(0, article - 3) : article])


def _thing_after(tokens: list[re.Match[str]], article: int) -> Thing | None:
    for length in (1, 2):
        after = article + length + 1
        if after >= len(tokens):
            return None
        if tokens[after][0].lower() not in _AFTER:
            continue
        *before, head = (token[0] for token in tokens[article + 1 : after])
        if not _is_thing(head) or not all(_may_describe(word) for word in before):
            return None
        if before and head in _DEEDS:
            return None
        if tokens[after][0] == "," and head.endswith(("al", "y", "ent", "ous", "ible", "able")):
            return None  # the first of two adjectives
        words = " ".join(("the", *before, head))
        return (
            Thing(words, tokens[article].start(), tokens[after - 1].end())
            if len(words) <= _MOST_LETTERS
            else None
        )
    return None


def _is_thing(word: str) -> bool:
    if not word[0].islower() or len(word) < _SHORTEST or word in _NO_THING or word in _AFTER:
        return False
    return not word.endswith(("ly", "ing", "ness", "tion", "ed", "est", "ity", "’s", "'s"))


def _may_describe(word: str) -> bool:
    dull = word in _DULL_ADJECTIVES or word in _AFTER or word in _NO_THING
    return word[0].islower() and not dull and not word.endswith(("ly", "'s", "’s"))
