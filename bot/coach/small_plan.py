"""What a small model's letter will speak of, chosen from what was measured before a word is written."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.coach.critique import Focus
from bot.coach.lines import lines_to_praise
from bot.coach.things import Thing, things_in
from bot.coach.worries import Worries, Worry
from bot.prose import Finding, FindingKind, Study
from bot.prose.cliches import cliches
from bot.prose.lexicon import CONCRETE
from bot.prose.text import Text

MOST_WORRIES = 2
"""Of one letter."""
LINES_OFFERED = 2
"""From which the model chooses the one to praise."""
_MOST_THINGS = 15
_NAMED = 2
_EXCERPT_WORDS = 220

_FOCUS: dict[Focus, frozenset[FindingKind]] = {
    Focus.TONE: frozenset({FindingKind.CLICHE, FindingKind.ADVERB}),
    Focus.STYLE_AND_VOICE: frozenset(
        {FindingKind.FILTER_WORD, FindingKind.ADVERB, FindingKind.ECHO, FindingKind.PASSIVE}
    ),
    Focus.PACE: frozenset({FindingKind.RHYTHM, FindingKind.PASSIVE}),
    Focus.DIALOGUE: frozenset({FindingKind.DIALOGUE}),
    Focus.CHARACTER: frozenset({FindingKind.FILTER_WORD, FindingKind.NAME_SLIP, FindingKind.DIALOGUE}),
    Focus.POINT_OF_VIEW: frozenset({FindingKind.FILTER_WORD, FindingKind.TENSE_SLIP}),
    Focus.DESCRIPTION: frozenset({FindingKind.CLICHE, FindingKind.FILTER_WORD, FindingKind.ECHO}),
}


@dataclass(frozen=True)
class Plan:
    """What a letter speaks of.

    Attributes:
        praises: Lines to praise, the best first.
        worries: What to worry about, the weightiest first.
        things: Things of the scene that may be named.
        excerpt: The paragraphs that it will speak of.
    """

    praises: tuple[Finding, ...]
    worries: tuple[Worry, ...]
    things: tuple[Thing, ...]
    excerpt: str


def plan_of(text: str, study: Study, focus: Focus | None, worries: Worries) -> Plan:
    """Choose what a letter will speak of.

    Args:
        text: The author's.
        study: What was measured in it.
        focus: What the writer asked for; None for nothing.
        worries: Puts faults in words.
    """
    things = _sure(things_in(text, study.dialogue), text)
    praises = lines_to_praise(text, study)
    told = _told(text, study, things, focus, worries)
    chosen = [*praises[:LINES_OFFERED], *(worry.finding for worry in told[:MOST_WORRIES])]
    return Plan(praises, told, _spread(things, _MOST_THINGS), _excerpt(text, study, chosen))


def _told(
    text: str, study: Study, things: Sequence[Thing], focus: Focus | None, worries: Worries
) -> tuple[Worry, ...]:
    """One worry a kind, the weightiest first; what the writer asked for goes before."""
    wanted = _FOCUS.get(focus, frozenset()) if focus else frozenset()
    found: dict[FindingKind, Worry] = {}
    for fault in sorted(study.faults, key=lambda one: (one.kind not in wanted, -one.weight)):
        if fault.kind not in found and (worry := worries.of(text, fault, study, things)) is not None:
            found[fault.kind] = worry
    if not found:
        longest = worries.of_longest_sentence(text, study, things)
        return (longest,) if longest else ()
    return tuple(found.values())


def _sure(things: Sequence[Thing], text: str) -> tuple[Thing, ...]:
    """Things that are there beyond doubt: concrete by the lexicon or named twice; no cliché's."""
    # All of them, not the worst alone: the box of `thought outside the box` is none.
    phrases = [
        span for phrase in cliches(Text(text)) for span in ((phrase.start, phrase.end), *phrase.others)
    ]
    named = Counter(re.findall(r"[^\W\d_]+", text.lower()))
    kept: dict[str, Thing] = {}
    for thing in things:
        head = thing.words.rsplit(" ", 1)[-1]
        single = head.removesuffix("s")
        real = head in CONCRETE or single in CONCRETE or named[head] >= _NAMED
        if real and not any(low < thing.end and thing.start < high for low, high in phrases):
            kept.setdefault(single, thing)  # the apple and the apples are one
    return tuple(kept.values()) if len(kept) >= _NAMED else tuple(things)


def _spread(things: Sequence[Thing], most: int) -> tuple[Thing, ...]:
    """Keep things from the whole text, not from its beginning alone."""
    if len(things) <= most:
        return tuple(things)
    return tuple(things[at * len(things) // most] for at in range(most))


def _excerpt(text: str, study: Study, chosen: Sequence[Finding]) -> str:
    """The paragraphs that the letter will speak of, up to a bound that a small model can hold."""
    wanted = [
        paragraph
        for paragraph in study.paragraphs
        if any(paragraph.start <= one.start < paragraph.end for one in chosen)
    ]
    kept: list[str] = []
    spent = 0
    for paragraph in wanted:
        words = text[paragraph.start : paragraph.end].split()
        room = _EXCERPT_WORDS - spent
        if room <= 0:
            break
        kept.append(" ".join(words[:room]))
        spent += len(words)
    return "\n\n".join(kept)
