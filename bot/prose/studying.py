"""The study of a text: every measure, in order."""

from collections import Counter
from collections.abc import Iterable

from bot.prose.adverbs import adverbs
from bot.prose.cliches import cliches
from bot.prose.dialogue import dialogue
from bot.prose.echoes import echoes
from bot.prose.filters import filter_words
from bot.prose.findings import Finding, FindingKind, Span, Study
from bot.prose.lint import slips
from bot.prose.names import name_slips, names_of
from bot.prose.passive import passives
from bot.prose.rhythm import rhythm
from bot.prose.strengths import strengths
from bot.prose.tense import tense_of, tense_slips, verbs_of
from bot.prose.text import QUOTE_WORDS, Text

MOST_OF_A_KIND = 4  # more of the same teaches nothing new; all places stand in `others` where a kind counts


def study(text: str) -> Study:
    """Measure a text.

    Args:
        text: The text as a manuscript holds it.

    Returns:
        The measures and the findings. Every finding's quotation stands in the text at its offsets.
    """
    page = Text(text)
    names = names_of(page)
    written = frozenset(name.written for name in names)
    verbs = verbs_of(page, written)
    filters = filter_words(page, written)
    phrases = cliches(page)
    found = [
        *name_slips(page, names),
        *tense_slips(page, verbs),
        *phrases,
        *filters,
        *rhythm(page),
        *adverbs(page),
        *echoes(page, written),
        *passives(page, written),
        *dialogue(page),
        *slips(page),
        *strengths(page, filtered=len(filters), cliches=tuple(finding.others[0] for finding in phrases)),
    ]
    spoken = sum(word.spoken for word in page.words)
    return Study(
        findings=tuple(_chosen(found)),
        paragraphs=page.paragraphs,
        sentences=tuple(Span(sentence.start, sentence.end) for sentence in page.sentences),
        dialogue=page.dialogue,
        words=len(page.words),
        dialogue_share=spoken / len(page.words) if page.words else 0.0,
        sentence_lengths=tuple(sentence.length for sentence in page.sentences),
        names=tuple(name.written for name in names),
        tense=tense_of(verbs),
    )


def _chosen(found: Iterable[Finding]) -> list[Finding]:
    """Order by weight, cap each kind, and never quote the same words twice for the same thing."""
    kept: list[Finding] = []
    counts: Counter[FindingKind] = Counter()
    seen: set[tuple[FindingKind, str]] = set()
    for finding in sorted(found, key=lambda item: (item.praise, -item.weight, item.start)):
        too_long = len(finding.quote.split()) > QUOTE_WORDS
        if too_long or counts[finding.kind] >= MOST_OF_A_KIND or (finding.kind, finding.quote) in seen:
            continue
        counts[finding.kind] += 1
        seen.add((finding.kind, finding.quote))
        kept.append(finding)
    return kept
