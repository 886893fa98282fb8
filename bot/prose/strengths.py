"""What to keep: strengths that can be measured, and are therefore true."""
# ruff: noqa: PLR2004, RUF001, SIM905 -- thresholds stand where they are measured; typographic
# quotation marks are the subject; word lists are read and mended by people.

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from statistics import fmean, pstdev

from bot.prose.dialogue import turn_of_talk
from bot.prose.findings import Finding, FindingKind, Span
from bot.prose.lexicon import SENSORY
from bot.prose.lexicon.verbs import strong_forms
from bot.prose.text import Sentence, Text
from bot.prose.things import ARTICLES, listed, things_in

_DETAIL = (
    (
        "Keep “{words}”: with {things} I can see where I am, and that is worth more than any adjective "
        "about mood."
    ),
    "“{words}” puts {things} in front of me, and I believe in the place without being told to.",
    "You trust concrete things here, {things}, and so the place stands before me in “{words}”.",
)
_ONE_DETAIL = (
    "Keep the {things} in “{words}”: a thing that I can see holds the scene better than an explanation.",
    "In “{words}” you give me the {things} and leave the rest to me, so keep it as it is.",
)
_VERB = (
    "The verb “{verb}” carries “{words}”: one exact verb, and no adverb needed.",
    (
        "In “{words}” you chose “{verb}” where a plainer verb would have done, and the moment moves because"
        " of it."
    ),
)
_CONTRAST = (
    (
        "After a sentence of {length} words you stop with “{words}”, and the short line lands because of "
        "the long one before it."
    ),
    (
        "“{words}” comes right after a sentence of {length} words: that change of pace makes me sit up, so "
        "keep it."
    ),
)
_RHYTHM = (
    (
        "Your sentences run from {low} to {high} words, and the change keeps my ear awake; “{words}” is a "
        "good place to hear it."
    ),
    (
        "You vary your sentences well, from {low} words to {high}, so the prose breathes, for instance at "
        "“{words}”."
    ),
)
_DIALOGUE = (
    (
        "Your dialogue carries the scene: {turns} turns of talk pass with hardly a tag to slow them, and "
        "“{words}” shows that the lines can stand by themselves."
    ),
    (
        "I follow who speaks through {turns} turns of talk with almost no tags; “{words}” needs no "
        "explanation around it."
    ),
)
_DIRECT = (
    (
        "You give the senses directly: there is hardly a ‘she saw’ or ‘he felt’ in the narration, and so "
        "“{words}” reaches me without anyone in between."
    ),
)
_OPENING = (
    "Your first sentence puts {things} before me in {count} words, and I want to go on: “{words}”.",
    (
        "You open on {things} rather than on explanation, and “{words}” takes {count} words to bring me "
        "into the scene."
    ),
)
_OPENING_ACTION = (
    (
        "You open in the middle of an action: “{words}” takes {count} words, and already somebody is doing "
        "something."
    ),
)
_OPENING_SPEECH = ("You open on a voice, “{words}”, and I am in the scene before anything is explained.",)

_QUOTABLE = 22  # words; a dash that stands alone may still be counted


def strengths(page: Text, *, filtered: int, cliches: tuple[Span, ...]) -> list[Finding]:
    """Find what works. `filtered` is the number of filter words; a line with a cliché is never praised."""

    def clean(start: int, end: int) -> bool:
        return not any(span.start < end and start < span.end for span in cliches)

    return [
        *_opening(page, clean),
        *_details(page, clean),
        *_verbs(page, clean),
        *_contrasts(page, clean),
        *_variation(page, clean),
        *_talk(page, clean),
        *_directness(page, clean, filtered),
    ]


_Clean = Callable[[int, int], bool]


_INNER_OPENING = re.compile(r'“|(?<!\S)"')


def _quote_words(page: Text, span: Span) -> str:
    """The words of a span for use inside our own quotation marks."""
    words = page.text[span.start : span.end].rstrip(".,;")
    inside = words[1:-1]
    if words[0] in '"“' and words[-1] in '"”' and not any(mark in inside for mark in '"“”'):
        return inside.rstrip(".,;")
    return _INNER_OPENING.sub("‘", words).replace('"', "’").replace("”", "’")


def _narrated(page: Text) -> Iterator[Sentence]:
    return (sentence for sentence in page.sentences if page.narrated(sentence))


def _opening(page: Text, clean: _Clean) -> Iterator[Finding]:
    first = next((sentence for sentence in page.sentences if _complete(page, sentence)), None)
    if first is None or first.length > _QUOTABLE or not clean(first.start, first.end):
        return
    span = Span(first.start, first.end)
    things = things_in(page, page.words_of(first))
    words = _quote_words(page, span)
    if not page.narrated(first):
        if page.words[first.first].spoken and first.length <= 16:
            text = _OPENING_SPEECH[0].format(words=words)
            yield page.finding(FindingKind.STRENGTH_OPENING, span, text, weight=0.6)
    elif any(word.low in _WEAK | _STALE for word in page.words_of(first)):
        return
    elif len(things) >= 2:
        text = page.say(_OPENING, 0, things=listed(things), words=words, count=first.length)
        yield page.finding(FindingKind.STRENGTH_OPENING, span, text, weight=0.8)
    elif any(word.low in strong_forms() for word in page.words_of(first)):
        text = _OPENING_ACTION[0].format(words=words, count=first.length)
        yield page.finding(FindingKind.STRENGTH_OPENING, span, text, weight=0.75)


def _complete(page: Text, sentence: Sentence) -> bool:
    """Whether it is a sentence and not a title."""
    return page.text[sentence.end - 1] in ".!?…\"”’'" and sentence.length >= 3


_RICH = 2.2  # two things in a line that is not too long, or one with a quality of the senses


def _details(page: Text, clean: _Clean) -> Iterator[Finding]:
    scored = []
    for sentence in _narrated(page):
        if not 5 <= sentence.length <= _QUOTABLE or not clean(sentence.start, sentence.end):
            continue
        words = page.words_of(sentence)
        things = things_in(page, words)
        senses = sum(word.low in SENSORY for word in words)
        if things and not any(word.low in _WEAK for word in words):
            scored.append((2 * len(things) + senses - sentence.length / 20, things, sentence))
    scored.sort(key=lambda item: -item[0])
    rich = [item for item in scored if item[0] >= _RICH]
    # One plain thing is something to keep only where there is nothing better.
    scored = rich or scored[:1]
    for turn, (score, things, sentence) in enumerate(scored[:4]):
        span = Span(sentence.start, sentence.end)
        variants = _DETAIL if len(things) > 1 else _ONE_DETAIL
        named = listed(things) if len(things) > 1 else things[0]
        text = page.say(variants, turn, words=_quote_words(page, span), things=named)
        weight = min(0.9, 0.3 + 0.1 * score)
        yield page.finding(FindingKind.STRENGTH_DETAIL, span, text, subject=things[0], weight=weight)


def _verbs(page: Text, clean: _Clean) -> Iterator[Finding]:
    turn = 0
    seen: set[str] = set()
    for sentence in _narrated(page):
        words = page.words_of(sentence) if sentence.length <= _QUOTABLE else ()
        for at, word in enumerate(words):
            base = strong_forms().get(word.low)
            if base is None or base in seen or at == 0 or words[at - 1].low in _NOUN_BEFORE:
                continue
            near = words[at - 1 : at + 2]
            if any(other.low.endswith("ly") for other in near) or not word.low.endswith(
                ("ed", *_STRONG_PAST)
            ):
                continue
            span = page.around(word.start, word.end, 20)
            if not clean(*span):
                continue
            seen.add(base)
            text = page.say(_VERB, turn, verb=word.low, words=_quote_words(page, span))
            yield page.finding(FindingKind.STRENGTH_VERB, span, text, subject=word.low, weight=0.55)
            turn += 1
            break


# An opening that every reader has met.
_STALE = frozenset("alarm clock woke wakes waking awoke awake dream weather sun".split())
_WEAK = frozenset(
    """
    is was are were am be been it's he's she's there suddenly started began starts begins felt feels feel
    heard hears saw sees looked seems seemed had has very really something thing things
    """.split()
)
_NOUN_BEFORE = ARTICLES | frozenset("and very so of with in was were is been be had have".split())
_STRONG_PAST = ("flung", "clung", "ground", "tore")


def _contrasts(page: Text, clean: _Clean) -> Iterator[Finding]:
    turn = 0
    for before, short in pairwise(page.sentences):
        if short.paragraph != before.paragraph or not 2 <= short.length <= 5 or before.length < 22:
            continue
        if not (page.narrated(before) and page.narrated(short)) or not clean(short.start, short.end):
            continue
        weak = any(word.low in _WEAK for word in page.words_of(short))
        if weak or page.text[short.end - 1] not in ".!":
            continue
        span = Span(short.start, short.end)
        text = page.say(_CONTRAST, turn, words=_quote_words(page, span), length=before.length)
        weight = min(0.85, 0.5 + before.length / 100)
        yield page.finding(FindingKind.STRENGTH_CONTRAST, span, text, weight=weight)
        turn += 1


def _variation(page: Text, clean: _Clean) -> Iterator[Finding]:
    told = [sentence for sentence in _narrated(page) if _complete(page, sentence)]
    lengths = [sentence.length for sentence in told]
    if len(told) < 8 or pstdev(lengths) / fmean(lengths) < 0.5 or max(lengths) > 60:
        return
    best: tuple[int, Span] | None = None
    for one, two in pairwise(told):
        span = Span(one.start, two.end)
        near = one.paragraph == two.paragraph and one.last == two.first
        if near and one.length + two.length <= _QUOTABLE and clean(*span):
            difference = abs(one.length - two.length)
            if best is None or difference > best[0]:
                best = difference, span
    if best is not None and best[0] >= 6:
        text = page.say(_RHYTHM, 0, low=min(lengths), high=max(lengths), words=_quote_words(page, best[1]))
        yield page.finding(FindingKind.STRENGTH_RHYTHM, best[1], text, weight=0.65)


_ANY_TAG = re.compile(
    r"\b(?:said|says|asked|asks|replied|replies|answered|answers|cried|shouted|whispered|told)\b"
)


def _talk(page: Text, clean: _Clean) -> Iterator[Finding]:
    """A run of spoken paragraphs of which at most a third has a tag."""
    run: list[tuple[Span, Span]] = []
    best: list[tuple[Span, Span]] = []
    speeches: dict[int, Span] = {}
    for speech in page.dialogue:
        speeches.setdefault(_paragraph_of(page, speech.start), speech)
    for index, paragraph in enumerate(page.paragraphs):
        spoken = speeches.get(index)
        if spoken is not None and spoken.start - paragraph.start < 40 and _short(page, paragraph):
            run.append((paragraph, spoken))
            if len(run) > len(best):
                best = list(run)
        else:
            run = []
    tagged = sum(bool(_ANY_TAG.search(page.text, paragraph.start, paragraph.end)) for paragraph, _ in best)
    bare = len(best) >= _BARE and all(turn_of_talk(page, *turn) for turn in best)
    if bare or len(best) < 4 or tagged * 3 > len(best):
        return
    lines = [speech for _, speech in best if _stands_alone(page, speech) and clean(*speech)]
    if lines:
        span = min(lines, key=lambda line: abs(line.end - line.start - 45))
        text = page.say(_DIALOGUE, 0, turns=len(best), words=_quote_words(page, span))
        yield page.finding(FindingKind.STRENGTH_DIALOGUE, span, text, weight=0.75)


_BARE = 8  # turns without any action are a fault, see `bot.prose.dialogue`


def _short(page: Text, paragraph: Span) -> bool:
    return len(page.text[paragraph.start : paragraph.end].split()) <= 60


def _stands_alone(page: Text, speech: Span) -> bool:
    line = page.text[speech.start : speech.end]
    inside = line[1:-1]
    closed = line[-1] in "\"”’'" and inside.endswith((".", "!", "?", "…"))
    return closed and not any(mark in inside for mark in '“”‘"') and 3 <= len(inside.split()) <= 16


def _paragraph_of(page: Text, position: int) -> int:
    low, high = 0, len(page.paragraphs)
    while low < high:
        middle = (low + high) // 2
        if page.paragraphs[middle].end <= position:
            low = middle + 1
        else:
            high = middle
    return low


_PERCEPTION = frozenset("see seeing hear hearing feeling notice noticed notices looked looks".split())


def _directness(page: Text, clean: _Clean, filtered: int) -> Iterator[Finding]:
    narrated = sum(not word.spoken for word in page.words)
    if narrated < 250 or filtered * 400 > narrated:
        return
    for sentence in _narrated(page):
        words = page.words_of(sentence)
        senses = any(word.low in SENSORY and page.text[word.start].islower() for word in words)
        senses = senses and not any(word.low in _WEAK | _PERCEPTION for word in words)
        if (
            senses
            and things_in(page, words)
            and 6 <= sentence.length <= _QUOTABLE
            and clean(sentence.start, sentence.end)
        ):
            span = Span(sentence.start, sentence.end)
            text = _DIRECT[0].format(words=_quote_words(page, span))
            yield page.finding(FindingKind.STRENGTH_DIRECTNESS, span, text, weight=0.6)
            return
