"""Names of persons and places, and slips in them."""
# ruff: noqa: PLR2004, RUF001, SIM905 -- thresholds stand where they are measured; typographic
# quotation marks are the subject; word lists are read and mended by people.

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from bot.prose.findings import Finding, FindingKind, Span
from bot.prose.lexicon import COMMON, FUNCTION_WORDS, NOT_NAMES, base_of
from bot.prose.text import Text, Word


@dataclass(frozen=True)
class Name:
    """A name as it is written, and where."""

    written: str
    places: tuple[int, ...]  # indexes into Text.words

    @property
    def count(self) -> int:
        """How often it is used."""
        return len(self.places)


_KNOWN = 3  # times; such a name is nobody's slip


def names_of(page: Text) -> tuple[Name, ...]:
    """Find names: capitalised inside a sentence, never in lower case, and not a word like `Monday`."""
    firsts = {sentence.first for sentence in page.sentences}
    lower = {word.low for word in page.words if page.text[word.start].islower()}
    inside: Counter[str] = Counter()
    places: dict[str, list[int]] = defaultdict(list)
    for index, word in enumerate(page.words):
        written = _bare(page.text[word.start : word.end])
        if not (written[:1].isupper() and written[1:].islower() and len(written) > 1):
            continue
        low = written.lower()
        if low in lower or low in NOT_NAMES or low in FUNCTION_WORDS:
            continue
        places[written].append(index)
        if index not in firsts and not _opens(page, word):
            inside[written] += 1
    sure = {written for written in places if inside[written]}
    often = [written for written in sure if len(places[written]) >= _KNOWN]
    kept = [
        Name(written, tuple(found))
        for written, found in places.items()
        # What only begins sentences is a name where it is nearly one that is known: Tomas, and once Thomas.
        if (written in sure or any(_slip(known, written) for known in often))
        and not (len(found) == 1 and (written.lower() in COMMON or base_of(written.lower()) in lower))
    ]
    return tuple(sorted(kept, key=lambda name: (-name.count, name.places[0])))


def _bare(written: str) -> str:
    for ending in ("'s", "’s", "'", "’"):
        if written.endswith(ending):
            return written.removesuffix(ending)
    return written


def _opens(page: Text, word: Word) -> bool:
    """Whether the word may begin a sentence: no letter, comma or hyphen stands before it."""
    before = page.text[max(0, word.start - 6) : word.start]
    return not re.search(r"[\w,’'] $|\w[-]$|\b(?:mrs?|ms|dr|st|capt|prof)\. $", before, re.IGNORECASE)


def name_slips(page: Text, names: tuple[Name, ...]) -> list[Finding]:
    """Find a name that is spelled in two ways, or that changes on the way."""
    findings = [*_misspelled(page, names)]
    if not findings:
        findings.extend(_changed(page, names))
    return findings


def _misspelled(page: Text, names: tuple[Name, ...]) -> Iterator[Finding]:
    for rare in names:
        for usual in names:
            if (
                usual.count >= 3
                and usual.count >= 3 * rare.count
                and rare.count <= 3
                and _slip(usual.written, rare.written)
            ):
                if _together(page, usual, rare):
                    continue
                word = page.words[rare.places[0]]
                text = (
                    f"The name is “{usual.written}” {_times(usual.count)} and “{rare.written}” "
                    f"{_times(rare.count)}: if they are one and the same, a reader will stop here and "
                    "wonder, so choose one spelling."
                )
                yield page.finding(
                    FindingKind.NAME_SLIP,
                    page.around(word.start, word.end),
                    text,
                    subject=rare.written,
                    weight=0.95,
                    others=[Span(page.words[at].start, page.words[at].end) for at in rare.places[1:]],
                )
                break


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _together(page: Text, one: Name, other: Name) -> bool:
    """Whether two names stand in one sentence: then they are two persons."""
    sentences = {id(page.sentence_at(page.words[at].start)) for at in one.places}
    return any(id(page.sentence_at(page.words[at].start)) in sentences for at in other.places)


def _slip(usual: str, rare: str) -> bool:
    one, other = usual.lower(), rare.lower()
    if one[0] != other[0] and _sound(one) != _sound(other):
        return False
    if one.startswith(other) or other.startswith(one):  # Kate and Katie, Rob and Robs: a pet name or a plural
        return one + "h" == other or other + "h" == one
    if _PET.sub("", one) == _PET.sub("", other):
        return False
    if frozenset((one, other)) in _TWO_PERSONS:
        return False
    distance = _distance(one, other)
    if _sound(one) == _sound(other):
        return distance <= 2 and min(len(one), len(other)) >= 4
    return distance == 1 and min(len(one), len(other)) >= 6


_PET = re.compile(r"(?:ie|y|ey|i|a|e|o|ia|ine|ina|ette|s|es|an|ian|ese|ish)$")
_TWO_PERSONS = frozenset(
    frozenset(pair.split("/"))
    for pair in "michael/michel daniel/danielle martin/marvin hannah/hanna john/joan jane/jean".split()
)


def _sound(name: str) -> str:
    """A rough key of how a name sounds, so that `Katherine` and `Kathrine` are one."""
    name = name.replace("ph", "f").replace("ck", "k").replace("c", "k").replace("z", "s").replace("y", "i")
    name = re.sub(r"(.)\1+", r"\1", name.replace("h", ""))
    return name[0] + re.sub(r"[aeiou]", "", name[1:])


def _distance(one: str, other: str) -> int:
    """Edits between two short words, a swap of neighbours counted as one."""
    rows: list[list[int]] = [list(range(len(other) + 1))]
    for i, left in enumerate(one, 1):
        row = [i]
        for j, right in enumerate(other, 1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]


_BREAK = re.compile(
    r"(?:\n|^)[ \t]*(?:[*#~_=•⁂-][ \t]*)+(?:\n|$)|\n[ \t]*\n[ \t]*\n|\n[ \t]*(?:chapter|part)\b",
    re.IGNORECASE,
)
_GENDER = {"he": "m", "him": "m", "his": "m", "she": "f", "her": "f", "hers": "f"}


def _changed(page: Text, names: tuple[Name, ...]) -> Iterator[Finding]:
    """A leading name that stops where another begins, in one scene, with the same pronouns."""
    leading = [name for name in names if name.count >= 3]
    for old in leading:
        for new in leading:
            last, first = old.places[-1], new.places[0]
            if not last < first or new.places[0] == 0:
                continue
            gap = page.text[page.words[last].end : page.words[first].start]
            rest = len(page.words) - first
            if _BREAK.search(gap) or gap.count("\n") > 4 or first - last > 120 or rest < 80 or last < 60:
                continue
            if _BREAK.search(page.text):
                continue
            if not (_leads(names, old, 0, first) and _leads(names, new, first, len(page.words))):
                continue
            if _pronoun(page, old) != _pronoun(page, new) or _introduced(page, new):
                continue
            word = page.words[first]
            text = (
                f"“{old.written}” leads the scene up to here and is never named again, and “{new.written}” "
                "takes over without an entrance: if they are one person, the name has slipped."
            )
            yield page.finding(
                FindingKind.NAME_SLIP,
                page.around(word.start, word.end),
                text,
                subject=new.written,
                weight=0.9,
            )
            return


def _leads(names: tuple[Name, ...], name: Name, start: int, end: int) -> bool:
    count = sum(start <= at < end for at in name.places)
    return all(count >= sum(start <= at < end for at in other.places) for other in names)


def _pronoun(page: Text, name: Name) -> str:
    near: Counter[str] = Counter()
    for at in name.places:
        near.update(_GENDER[word.low] for word in page.words[at : at + 15] if word.low in _GENDER)
    return near.most_common(1)[0][0] if near else ""


def _introduced(page: Text, name: Name) -> bool:
    """Whether the name's first place calls somebody by it, or introduces them."""
    at = name.places[0]
    sentence = page.sentence_at(page.words[at].start)
    first = sentence.first if sentence is not None else at
    before = {word.low for word in page.words[max(first, at - 6) : at]}
    return page.words[at].spoken or bool(before & _INTRODUCING)


_INTRODUCING = frozenset(("named", "called", "was", "is", "a", "friend", "man", "woman"))
