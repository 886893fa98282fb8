"""Filter words: `she saw`, `he heard`, `I felt`, which put the viewpoint between the reader and the thing."""
# ruff: noqa: PLR2004, SIM905 -- thresholds stand where they are measured; typographic
# quotation marks are the subject; word lists are read and mended by people.

from collections.abc import Iterator

from bot.prose.findings import Finding, FindingKind, Span
from bot.prose.subjects import subject_at
from bot.prose.text import Sentence, Text

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
    for turn, (span, verb, base) in enumerate(places):
        quote = page.around(span.start, span.end)
        text = page.say(
            _VARIANTS, turn, words=page.text[span.start : span.end], verb=verb, thing=_THING[base]
        )
        near = sum(abs(other.start - span.start) < 600 for other in others) - 1
        findings.append(
            page.finding(
                FindingKind.FILTER_WORD,
                quote,
                text,
                subject=verb,
                weight=0.45 + min(near, 4) * 0.06,
                others=[other for other in others if other != span],
            )
        )
    return findings


def _places(page: Text, names: frozenset[str]) -> Iterator[tuple[Span, str, str]]:
    for sentence in page.sentences:
        yield from _in_sentence(page, sentence, names)


def _in_sentence(page: Text, sentence: Sentence, names: frozenset[str]) -> Iterator[tuple[Span, str, str]]:
    words = page.words_of(sentence)
    for at in range(len(words) - 2):
        subject = subject_at(page, sentence.first + at, names)
        if subject is None or words[at].spoken:
            continue
        verb = at + 1
        while verb < len(words) - 1 and words[verb].low in _MANNER:
            verb += 1
        low = words[verb].low
        could = low == "could"
        if could:
            verb += 1
            if verb >= len(words) - 1 or words[verb].low not in _AFTER_COULD:
                continue
        elif low not in _FILTERS and not (low in _FIRST_PERSON and words[at].low == "i"):
            continue
        if verb + 1 >= len(words):
            continue
        after = words[verb + 1].low
        if after not in _OBJECTS or any(word.low in _IDIOMS for word in words[verb + 2 : verb + 4]):
            continue
        if page.text[words[verb].end : words[verb + 1].start] != " ":
            continue
        base = words[verb].low
        base = next(base for base, forms in _BASES.items() if words[verb].low in forms)
        yield Span(words[at].start, words[verb + 1].end), ("could " if could else "") + words[verb].low, base


_BASES = {
    "see": {"see", "saw", "sees"},
    "hear": {"hear", "heard", "hears"},
    "feel": {"feel", "felt", "feels"},
    "smell": {"smell", "smelled", "smelt", "smells"},
    "taste": {"taste"},
    "notice": {"notice", "noticed", "notices"},
    "realise": {"realise", "realize", "realised", "realized", "realises", "realizes"},
}
