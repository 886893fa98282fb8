"""The rhythm of sentences: what is too long, too even, or begins alike."""
# ruff: noqa: PLR2004, RUF001 -- thresholds stand where they are measured; typographic
# quotation marks are the subject; word lists are read and mended by people.

from collections.abc import Iterator
from statistics import fmean, median, pstdev

from bot.prose.findings import Finding, FindingKind, Span
from bot.prose.text import QUOTE_WORDS, Sentence, Text

_LONG = 50  # words; a reader aloud runs out of breath
_LEAST_SENTENCES = 5  # to know what is usual in a text
_EVEN_RUN = 6
_ALIKE_RUN = 4
_LONG_VARIANTS = (
    (
        "The sentence that starts “{words}” runs to {length} words, and I lost its subject on the way; find"
        " the point where a reader breathes, and end it there."
    ),
    (
        "At {length} words, the sentence that begins “{words}” asks me to hold too much at once: try it as "
        "two or three, and keep the strongest image for the end."
    ),
)
_EVEN_VARIANTS = (
    (
        "Here {count} sentences in a row have nearly the same length, about {length} words each, and the "
        "beat goes flat; break one short, or let two run together."
    ),
    (
        "From “{words}” on, {count} sentences of about {length} words follow one another like steps on a "
        "stair: vary one and the whole passage wakes up."
    ),
)
_ALIKE_VARIANTS = (
    (
        "From here, {count} sentences in a row begin with “{word}”; I start to hear a list, so let one "
        "begin with a place, a thing or the action itself."
    ),
    (
        "You open {count} sentences running with “{word}”: turn one of them around and the passage moves "
        "again."
    ),
)


def rhythm(page: Text) -> list[Finding]:
    """Find sentences that tire the ear."""
    return [*_long(page), *_alike(page), *_even(page)]


def _long(page: Text) -> Iterator[Finding]:
    lengths = [sentence.length for sentence in page.sentences]
    if not lengths:
        return
    usual = median(lengths) if len(lengths) >= _LEAST_SENTENCES else 0.0
    turn = 0
    for sentence in page.sentences:
        if sentence.length < max(_LONG, 2.2 * usual) or not page.narrated(sentence):
            continue
        quote = page.cut(sentence.start, sentence.end, 14)
        text = page.say(_LONG_VARIANTS, turn, words=_opening(page, sentence), length=sentence.length)
        yield page.finding(
            FindingKind.RHYTHM,
            quote,
            text,
            weight=min(0.85, 0.35 + sentence.length / 200),
            others=[Span(sentence.start, sentence.end)],
        )
        turn += 1


def _opening(page: Text, sentence: Sentence, words: int = 5) -> str:
    last = min(sentence.first + words, sentence.last) - 1
    return page.text[sentence.start : page.words[last].end].lstrip("\"“‘'")


def _runs(page: Text) -> Iterator[list[Sentence]]:
    """Narrated sentences that follow one another inside a paragraph."""
    run: list[Sentence] = []
    for sentence in page.sentences:
        if not page.narrated(sentence) or (run and run[-1].paragraph != sentence.paragraph):
            if run:
                yield run
            run = []
        if page.narrated(sentence):
            run.append(sentence)
    if run:
        yield run


def _alike(page: Text) -> Iterator[Finding]:
    turn = 0
    for run in _runs(page):
        for part in _equal_openings(page, run):
            if len(part) < _ALIKE_RUN or all(sentence.length <= 3 for sentence in part):
                continue
            word = page.words[part[0].first]
            text = page.say(_ALIKE_VARIANTS, turn, count=len(part), word=page.text[word.start : word.end])
            yield page.finding(
                FindingKind.RHYTHM,
                page.cut(part[0].start, part[1].end),
                text,
                subject=word.low,
                weight=min(0.85, 0.4 + 0.07 * len(part)),
                others=[Span(item.start, item.end) for item in part[1:]],
            )
            turn += 1


def _equal_openings(page: Text, run: list[Sentence]) -> Iterator[list[Sentence]]:
    part: list[Sentence] = []
    for sentence in run:
        word = page.words[sentence.first].low.split("'")[0]
        if part and page.words[part[-1].first].low.split("'")[0] != word:
            yield part
            part = []
        part.append(sentence)
    yield part


def _even(page: Text) -> Iterator[Finding]:
    turn = 0
    for run in _runs(page):
        start = 0
        while start + _EVEN_RUN <= len(run):
            end = start + _EVEN_RUN
            if not _flat(run[start:end]):
                start += 1
                continue
            while end < len(run) and _flat(run[start : end + 1]):
                end += 1
            part = run[start:end]
            text = page.say(
                _EVEN_VARIANTS,
                turn,
                count=len(part),
                length=round(fmean(item.length for item in part)),
                words=_opening(page, part[0], 4),
            )
            yield page.finding(
                FindingKind.RHYTHM,
                page.cut(part[0].start, part[1].end, QUOTE_WORDS),
                text,
                weight=min(0.8, 0.3 + 0.05 * len(part)),
                others=[Span(item.start, item.end) for item in part[1:]],
            )
            turn += 1
            start = end


def _flat(run: list[Sentence]) -> bool:
    lengths = [sentence.length for sentence in run]
    middle = fmean(lengths)
    return (
        middle >= 5
        and max(lengths) - min(lengths) <= max(4, 0.5 * middle)
        and pstdev(lengths) / middle <= 0.2
    )
