"""Set phrases that a reader has met a hundred times."""

# quotation marks are the subject; word lists are read and mended by people.

from collections.abc import Iterator

from bot.prose.findings import Finding, FindingKind, Span
from bot.prose.lexicon.cliches import phrases
from bot.prose.text import Text, Word

_VARIANTS = (
    (
        "“{words}” is a phrase I have met many times, so I slide over it; what would this one person, in "
        "this one place, do or feel instead?"
    ),
    (
        "“{words}” comes ready-made, and it hides what you alone could show here: try the one detail that "
        "belongs to this story."
    ),
    "I would replace “{words}”: it is borrowed, and the scene deserves a picture of your own.",
)


def cliches(page: Text) -> list[Finding]:
    """Find set phrases in the narration; in speech they may be the speaker's own."""
    findings: list[Finding] = []
    for span, own in _places(page):
        words = page.text[span.start : span.end]
        text = page.say(_VARIANTS, len(findings), words=words)
        findings.append(
            page.finding(
                FindingKind.CLICHE,
                page.around(span.start, span.end),
                text,
                subject=words,
                weight=0.75 if own else 0.6,
                others=[span],
            )
        )
    return findings


def _places(page: Text) -> Iterator[tuple[Span, bool]]:
    known = phrases()
    for sentence in page.sentences:
        words = page.words_of(sentence)
        at = 0
        while at < len(words):
            match = None if words[at].spoken else _match(page, words, at, known.get(words[at].low, ()))
            if match is None:
                at += 1
                continue
            length, own = match
            yield Span(words[at].start, words[at + length - 1].end), own
            at += length


def _match(
    page: Text, words: tuple[Word, ...], at: int, found: tuple[tuple[tuple[frozenset[str], ...], bool], ...]
) -> tuple[int, bool] | None:
    for pattern, own in found:
        end = at + len(pattern)
        if end > len(words):
            continue
        stretch = words[at:end]
        fits = all(word.low in forms for word, forms in zip(stretch, pattern, strict=True))
        if fits and not any(mark in page.text[stretch[0].start : stretch[-1].end] for mark in ".,;:!?—\n"):
            return len(pattern), own
    return None
