"""Dialogue: tags that draw the eye, tags that nobody can speak, and talk without a body."""

# ruff: noqa: PLR2004, RUF001, SIM905 -- thresholds stand where they are measured; typographic quotation
# marks are the subject; word lists are read by people.

import re
from collections.abc import Iterator

from bot.prose.findings import Finding, FindingKind, Span
from bot.prose.text import Text

_BOOKISH = frozenset(
    """
    exclaimed ejaculated opined queried interjected proclaimed retorted asserted enunciated articulated
    vociferated expostulated remonstrated averred intoned declared questioned commented stated responded
    uttered voiced questioned quipped chortled simpered gushed spluttered expounded extolled bemoaned
    lamented
    """.split()
)
_SILENT = frozenset(
    "smiled smiles grinned grins nodded nods shrugged shrugs frowned frowns winced winces blinked blinks "
    "glared glares smirked smirks beamed beams pouted pouts scowled scowls".split()
)
_WHO = r"(?:the )?[^\W\d_][\w’'-]*"
_VERBS = "|".join(sorted(_BOOKISH | _SILENT))
_TAG = re.compile(
    rf"[ \t]*(?:(?P<first>{_VERBS}) {_WHO}|{_WHO} (?P<last>{_VERBS}))\b",
)
_BOOKISH_VARIANTS = (
    (
        "“{words}” makes me look at the tag instead of listening to the line; a plain “said” would vanish, "
        "and your dialogue can do without help."
    ),
    (
        "The tag “{words}” works harder than the line it serves: try “said”, or no tag where I know who "
        "speaks."
    ),
)
_SILENT_VARIANTS = (
    (
        "Nobody can speak a line by it: “{words}” is an action, so give it a sentence of its own after the "
        "speech, with a full stop before it."
    ),
    (
        "“{words}” is something a face does, not a way of speaking; end the speech with a full stop and let"
        " the gesture stand alone."
    ),
)
_TALKING_HEADS = (
    (
        "{count} lines of talk go by here, and I see neither a hand nor a room; one small action in the "
        "middle would keep the two of them in front of me."
    ),
)
_HEADS = 8
_TURN = 40  # words; more is a speech


def dialogue(page: Text) -> list[Finding]:
    """Find what weakens dialogue."""
    tags = list(_tags(page))
    bookish = [(span, verb, speech) for span, verb, speech in tags if verb in _BOOKISH]
    findings = list(_silent(page, tags))
    if len(bookish) >= 2:
        for turn, (span, verb, speech) in enumerate(bookish):
            words = page.text[span.start : span.end]
            text = page.say(_BOOKISH_VARIANTS, turn, words=words)
            quote = _with_speech(page, speech, span)
            weight = min(0.7, 0.4 + 0.05 * len(bookish))
            findings.append(page.finding(FindingKind.DIALOGUE, quote, text, subject=verb, weight=weight))
    findings.extend(_talking_heads(page))
    return findings


def _tags(page: Text) -> Iterator[tuple[Span, str, Span]]:
    for speech in page.dialogue:
        if speech.end - speech.start < 3 or page.text[speech.end - 2] not in ",?!—…-":
            continue
        match = _TAG.match(page.text, speech.end, min(len(page.text), speech.end + 60))
        if match is not None:
            start = match.end() - len(match[0].lstrip())
            yield Span(start, match.end()), match["first"] or match["last"], speech


def _silent(page: Text, tags: list[tuple[Span, str, Span]]) -> Iterator[Finding]:
    turn = 0
    for span, verb, speech in tags:
        # Only a comma makes it a tag; after ! and ? a new sentence may begin. What the face does *at*
        # something is an action told in passing: “Well,” he nodded at the door.
        after = page.text[span.end : span.end + 1]
        if verb not in _SILENT or page.text[speech.end - 2] != "," or after not in {".", ",", ""}:
            continue
        words = page.text[span.start : span.end]
        text = page.say(_SILENT_VARIANTS, turn, words=words)
        yield page.finding(
            FindingKind.DIALOGUE, _with_speech(page, speech, span), text, subject=verb, weight=0.6
        )
        turn += 1


def _with_speech(page: Text, speech: Span, tag: Span) -> Span:
    whole = page.cut(speech.start, tag.end)
    return whole if whole.end == tag.end and "\n" not in page.text[whole.start : whole.end] else tag


def turn_of_talk(page: Text, paragraph: Span, speech: Span) -> bool:
    """Whether a paragraph is one short turn of talk, closed at its end, and nothing else."""
    inside = page.text[speech.start + 1 : speech.end - 1]
    closed = page.text[speech.end - 1] in "\"”’'" and bool(inside)
    whole = speech.start == paragraph.start and speech.end == paragraph.end
    return whole and closed and inside[0] not in "‘'\"" and len(inside.split()) <= _TURN


def _talking_heads(page: Text) -> Iterator[Finding]:
    """A run of paragraphs that are nothing but speech."""
    bare = []
    run: list[Span] = []
    at = 0
    for paragraph in page.paragraphs:
        while at < len(page.dialogue) and page.dialogue[at].end <= paragraph.start:
            at += 1
        speech = page.dialogue[at] if at < len(page.dialogue) else None
        if speech is not None and turn_of_talk(page, paragraph, speech):
            run.append(paragraph)
            continue
        bare.append(run)
        run = []
    bare.append(run)
    longest = max(bare, key=len)
    if len(longest) >= _HEADS:
        middle = longest[len(longest) // 2]
        text = _TALKING_HEADS[0].format(count=len(longest))
        yield page.finding(FindingKind.DIALOGUE, page.cut(*middle), text, weight=0.5, others=longest)
