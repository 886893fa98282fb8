"""The tense of the narration, and slips in it."""
# ruff: noqa: PLR2004, RUF001, SIM905 -- thresholds stand where they are measured; typographic
# quotation marks are the subject; word lists are read and mended by people.

import re
from collections.abc import Iterator
from typing import NamedTuple

from bot.prose.findings import Finding, FindingKind, Tense
from bot.prose.lexicon import PAST, PAST_OF, PRESENT_S, SCENE_VERBS
from bot.prose.subjects import main_clause, subject_at
from bot.prose.text import Text

_FEWEST = 6  # finite verbs below which nothing is said about tense
_SHARE = 0.75
_BETWEEN = frozenset(
    """
    slowly quickly quietly suddenly then just carefully softly finally gently immediately abruptly simply
    only also almost nearly barely still both all
    """.split()
)
# Beside these a present may be meant: habit, general truth, the narrator's own now.
_TIMELESS = frozenset(
    """
    always never every sometimes often usually nowadays today tonight now still whenever if everyone
    people thought wondered knew think know knows thinks remember remembers years later ago once before
    had been would
    """.split()
)
_BACKSTORY = frozenset(
    """
    had once ago before yesterday last earlier when after since until years remember remembers remembered
    recalls memory been would used back already because that which who what how where why if as while than
    whose never first year childhood past
    """.split()
)
_TAG_ENDS = re.compile(r"[\"”’'][\s]*$")


class Verb(NamedTuple):
    """A finite verb of the narration: indexes into `Text.words`, its base, and its tense."""

    subject: int
    at: int
    base: str
    tense: Tense
    main: bool
    sentence: int


def verbs_of(page: Text, names: frozenset[str]) -> tuple[Verb, ...]:
    """Give the finite verbs of the narration whose tense is certain: right after a pronoun or a name."""
    return tuple(_verbs(page, names))


def _verbs(page: Text, names: frozenset[str]) -> Iterator[Verb]:
    for number, sentence in enumerate(page.sentences):
        for index in range(sentence.first, sentence.last - 1):
            if page.words[index].spoken:
                continue
            subject = subject_at(page, index, names)
            if subject is None:
                continue
            at = index + 1
            while at < sentence.last - 1 and page.words[at].low in _BETWEEN:
                at += 1
            word = page.words[at]
            gap = page.text[page.words[index].end : word.start]
            if word.spoken or gap.strip(" ") not in {"", *_inner(page, index, at)}:
                continue
            tense, base = _tense(word.low, subject)
            if tense is not None:
                yield Verb(index, at, base, tense, main_clause(page, sentence, index), number)


def _inner(page: Text, index: int, at: int) -> set[str]:
    """The words between, where nothing but spaces parts them."""
    stretch = page.text[page.words[index].end : page.words[at].start]
    return {stretch.strip(" ")} if not re.search(r"[^\w ]", stretch) else set()


def _tense(low: str, subject: str) -> tuple[Tense | None, str]:
    if low in {"was", "were", "had", "did"}:
        return Tense.PAST, "be"
    if low in {"is", "am", "has", "does", "are", "have", "do"}:
        return Tense.PRESENT, "be"
    if low in PAST and PAST[low] != low:
        return Tense.PAST, PAST[low]
    if subject not in {"i", "we", "they"}:
        if low in PRESENT_S:
            return Tense.PRESENT, PRESENT_S[low]
    elif low in PAST_OF and PAST_OF[low] != low and low not in PAST:
        return Tense.PRESENT, low
    return None, ""


def tense_of(verbs: tuple[Verb, ...]) -> Tense:
    """The tense of the narration, if one of them clearly rules."""
    if len(verbs) < _FEWEST:
        return Tense.UNSETTLED
    past = sum(verb.tense is Tense.PAST for verb in verbs) / len(verbs)
    if past >= _SHARE:
        return Tense.PAST
    return Tense.PRESENT if past <= 1 - _SHARE else Tense.UNSETTLED


def tense_slips(page: Text, verbs: tuple[Verb, ...]) -> list[Finding]:
    """Find verbs of the scene itself that stand in the other tense."""
    ruling = tense_of(verbs)
    if ruling is Tense.UNSETTLED:
        return []
    findings: list[Finding] = []
    for verb in verbs:
        if verb.tense is ruling or not verb.main or not _of_the_scene(page, verb, ruling):
            continue
        if not _surrounded(page, verbs, verb, ruling) or _excused(page, verb, ruling):
            continue
        subject, word = page.words[verb.subject], page.words[verb.at]
        words = page.text[subject.start : word.end]
        other = PAST_OF.get(verb.base, "") if ruling is Tense.PAST else ""
        mend = f" (“{other}”?)" if other else ""
        text = page.say(
            _VARIANTS, len(findings), words=words, ruling=ruling.value, slipped=verb.tense.value, mend=mend
        )
        findings.append(
            page.finding(
                FindingKind.TENSE_SLIP,
                page.around(subject.start, word.end),
                text,
                subject=word.low,
                weight=0.9,
            )
        )
    return findings


_MORE_SCENE = frozenset(
    "go come say ask take put look begin start watch hear see find feel answer reply".split()
)
_VARIANTS = (
    (
        "Your narration is in the {ruling} tense, and “{words}” slips into the {slipped}{mend}: a reader "
        "feels the floor move, so mend it, or make the change a clear choice."
    ),
    (
        "“{words}” stands in the {slipped} while the story around it is told in the {ruling}{mend}; unless "
        "you mean the jump, bring the verb back."
    ),
    (
        "Look again at “{words}”: the lines before and after are in the {ruling} tense, and this one is in "
        "the {slipped}{mend}."
    ),
)


def _of_the_scene(page: Text, verb: Verb, ruling: Tense) -> bool:
    """Whether the verb is something done in the moment, not a memory, a habit or the narrator's own now."""
    if verb.base in SCENE_VERBS:
        return True
    third = page.words[verb.subject].low not in {"i", "we", "they"}
    return ruling is Tense.PAST and third and verb.base in _MORE_SCENE


def _surrounded(page: Text, verbs: tuple[Verb, ...], verb: Verb, ruling: Tense) -> bool:
    """Whether the verbs nearby, in the same or the neighbouring sentences, are in the ruling tense."""
    paragraph = page.sentences[verb.sentence].paragraph
    near = [
        other
        for other in verbs
        if abs(other.sentence - verb.sentence) <= 2
        and other is not verb
        and abs(page.sentences[other.sentence].paragraph - paragraph) <= 1
    ]
    same = sum(other.tense is ruling for other in near)
    # A whole paragraph in the other tense is a change of tense, not a slip in one verb.
    here = [other.tense is ruling for other in verbs if page.sentences[other.sentence].paragraph == paragraph]
    return same >= 2 and same > len(near) - same and sum(here) >= len(here) - sum(here)


def _excused(page: Text, verb: Verb, ruling: Tense) -> bool:
    sentence = page.sentences[verb.sentence]
    low = {word.low for word in page.words_of(sentence) if not word.spoken}
    if ruling is Tense.PAST:
        return bool(low & _TIMELESS) or page.words[verb.subject].low == "we"
    before = {word.low for word in page.words[sentence.first : verb.at]}
    return bool(low & (_BACKSTORY - {"as", "while", "that", "who", "which"}) or before & _BACKSTORY)
