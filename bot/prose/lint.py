"""Slips of the pen that are wrong in any story: a word written twice, a phrase misheard.

Proselint's own rules are made for reports; on novels most of them flag 'very', exclamation marks and
ellipses. Of its data, only the lists of set phrases are used (see `bot.prose.lexicon.cliches`).
"""

# ruff: noqa: SIM905 -- word lists are read by people.

from collections.abc import Iterator
from itertools import pairwise

from bot.prose.findings import Finding, FindingKind
from bot.prose.text import Text

_LITTLE = frozenset(
    """
    the a an of to in at for with from but or as if he she they we his my their our your its be are were
    been have has will would could should this these those when while where which into onto about
    """.split()
)
_MISHEARD = {
    "could of": "could have",
    "should of": "should have",
    "would of": "would have",
    "must of been": "must have been",
    "baited breath": "bated breath",
    "peaked his interest": "piqued his interest",
    "peaked her interest": "piqued her interest",
    "peaked my interest": "piqued my interest",
    "peaked his curiosity": "piqued his curiosity",
    "peaked her curiosity": "piqued her curiosity",
    "sneak peak": "sneak peek",
    "free reign": "free rein",
    "reign in": "rein in",
    "deep seeded": "deep-seated",
    "wreck havoc": "wreak havoc",
    "wrecked havoc": "wreaked havoc",
    "slight of hand": "sleight of hand",
    "one in the same": "one and the same",
    "case and point": "case in point",
    "beckon call": "beck and call",
    "shutter to think": "shudder to think",
    "for all intensive purposes": "for all intents and purposes",
    "tow the line": "toe the line",
    "towed the line": "toed the line",
    "poured over the book": "pored over the book",
    "poured over the map": "pored over the map",
    "poured over the pages": "pored over the pages",
    "poured over the letter": "pored over the letter",
    "chomping at the bit": "champing at the bit",
    "nerve wracking": "nerve-racking",
    "alot of": "a lot of",
}
_AFTER_OF = frozenset("course the his her their my our a an it them him us you".split())
_BY_FIRST: dict[str, list[tuple[tuple[str, ...], str]]] = {}
for _wrong, _right in _MISHEARD.items():
    _BY_FIRST.setdefault(_wrong.split()[0], []).append((tuple(_wrong.split()), _right))


def slips(page: Text) -> list[Finding]:
    """Find what the hand wrote and the eye passed over."""
    return [*_doubled(page), *_misheard(page)]


def _doubled(page: Text) -> Iterator[Finding]:
    for first, second in pairwise(page.words):
        if (
            first.low == second.low in _LITTLE
            and not first.spoken
            and page.text[first.end : second.start] == " "
        ):
            words = page.text[first.start : second.end]
            text = f"“{words}” has a word twice; cut one of them before a reader trips over it."
            quote = page.around(first.start, second.end)
            yield page.finding(FindingKind.LINT, quote, text, subject=words, weight=0.4)


def _misheard(page: Text) -> Iterator[Finding]:
    for at, word in enumerate(page.words):
        for wrong, right in _BY_FIRST.get(word.low, ()):
            stretch = page.words[at : at + len(wrong)]
            if word.spoken or tuple(item.low for item in stretch) != wrong:
                continue
            following = page.words[at + len(wrong)].low if at + len(wrong) < len(page.words) else ""
            words = page.text[word.start : stretch[-1].end]
            if (wrong[-1] == "of" and following in _AFTER_OF) or not words.replace(" ", "").isalpha():
                continue
            text = f"“{words}” should be “{right}”: a small slip of the ear, and quickly mended."
            quote = page.around(word.start, stretch[-1].end)
            yield page.finding(FindingKind.LINT, quote, text, subject=words, weight=0.45)
