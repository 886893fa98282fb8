"""Filter words: `she saw`, `he heard`, `I felt`, which put the viewpoint between the reader and the thing."""
# ruff: noqa: PLR2004, SIM905 -- thresholds stand where they are measured; typographic
# quotation marks are the subject; word lists are read and mended by people.

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from bot.prose.findings import Finding, FindingKind, Span
from bot.prose.subjects import subject_at
from bot.prose.text import Sentence, Text, Word

# verb → words that may follow it where the verb filters; None: any of _OBJECTS.
_FILTERS = frozenset(
    """
    saw sees heard hears felt feels noticed notices realised realized realises realizes smelled smelt
    smells
    """.split()
)
_AFTER_COULD = frozenset("see hear feel smell taste".split())
_FIRST_PERSON = frozenset("see hear feel notice realise realize smell".split())
_OBJECTS = frozenset("the a an his her its their my that how something someone somebody".split())
_MANNER = frozenset("just suddenly then only also immediately finally slowly dimly vaguely instantly".split())
# 'felt his way', 'felt the need to', 'felt a fool', 'saw the doctor', 'saw a chance', 'heard the news'.
_IDIOMS = frozenset(
    """
    way need urge fool chance point sense use news story rumour rumor doctor therapist film movie end last
    call difference error dream vision future reason same pulse weight truth joke tale song likes like
    pity
    """.split()
)
_VARIANTS = (
    (
        "In “{words}” I stand behind someone who perceives; give me {thing} at once, without “{verb}”, and "
        "I am there myself."
    ),
    (
        "“{words}” reports a perception before it shows it: cut the “{verb}” and let {thing} reach me "
        "directly."
    ),
    (
        "The “{verb}” in “{words}” puts a pane of glass between me and {thing}; try the line without it and"
        " read it aloud."
    ),
)
_THING = {
    "see": "the sight",
    "hear": "the sound",
    "feel": "the sensation",
    "smell": "the smell",
    "taste": "the taste",
    "notice": "the detail",
    "realise": "the discovery",
}


_MOST_PLACES = 50


def filter_words(page: Text, names: frozenset[str]) -> list[Finding]:
    """Find perceptions that are reported rather than given.

    One alone is no fault; they are told of from the second on, the closest together first.
    """
    places = list(_places(page, names))
    words = sum(not word.spoken for word in page.words)
    if len(places) < 2 or len(places) * 250 < words:
        return []
    findings = []
    others = [place[0] for place in places]
    starts = [span.start for span in others]
    for turn, (span, verb, base) in enumerate(places):
        quote = page.around(span.start, span.end)
        text = page.say(
            _VARIANTS, turn, words=page.text[span.start : span.end], verb=verb, thing=_THING[base]
        )
        near = bisect_left(starts, span.start + 600) - bisect_right(starts, span.start - 600) - 1
        findings.append(
            page.finding(
                FindingKind.FILTER_WORD,
                quote,
                text,
                subject=verb,
                weight=0.45 + min(near, 4) * 0.06,
                others=[other for other in others[:_MOST_PLACES] if other != span],
            )
        )
    return findings


def _places(page: Text, names: frozenset[str]) -> Iterator[tuple[Span, str, str]]:
    for sentence in page.sentences:
        yield from _in_sentence(page, sentence, names)


def _in_sentence(page: Text, sentence: Sentence, names: frozenset[str]) -> Iterator[tuple[Span, str, str]]:
    words = page.words_of(sentence)
    for at in range(len(words) - 2):
        if words[at].spoken or subject_at(page, sentence.first + at, names) is None:
            continue
        verb = _filter_after(words, at)
        if verb is None or words[verb + 1].low not in _OBJECTS:
            continue
        idiom = any(word.low in _IDIOMS for word in words[verb + 2 : verb + 4])
        if idiom or page.text[words[verb].end : words[verb + 1].start] != " ":
            continue
        last = verb + 1
        if verb + 2 < len(words) and page.text[words[last].end : words[verb + 2].start] == " ":
            last = verb + 2
        low = words[verb].low
        base = next(base for base, forms in _BASES.items() if low in forms)
        can = words[verb - 1].low
        named = f"{can} {low}" if can in _CAN else low
        yield Span(words[at].start, words[last].end), named, base


def _filter_after(words: tuple[Word, ...], subject: int) -> int | None:
    """Give the place of a verb that filters, where one follows its subject and is followed by a word."""
    verb = subject + 1
    while verb < len(words) - 1 and words[verb].low in _MANNER:
        verb += 1
    low = words[verb].low
    if low in _CAN:
        verb += 1
        fits = verb < len(words) and words[verb].low in _AFTER_COULD
    else:
        fits = low in _FILTERS or (low in _FIRST_PERSON and words[subject].low == "i")
    return verb if fits and verb + 1 < len(words) else None


_CAN = frozenset(("can", "could"))
_BASES = {
    "see": {"see", "saw", "sees"},
    "hear": {"hear", "heard", "hears"},
    "feel": {"feel", "felt", "feels"},
    "smell": {"smell", "smelled", "smelt", "smells"},
    "taste": {"taste"},
    "notice": {"notice", "noticed", "notices"},
    "realise": {"realise", "realize", "realised", "realized", "realises", "realizes"},
}
