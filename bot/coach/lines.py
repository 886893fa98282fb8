"""Which of the author's lines a small model's letter may praise, the best first."""
# ruff: noqa: RUF001 -- typographic apostrophes are the subject

import re
from collections.abc import Iterable

from bot.coach.praises import short_quote
from bot.coach.things import things_in
from bot.prose import Finding, FindingKind, Study, Tense
from bot.prose.cliches import cliches
from bot.prose.text import Text

_NEEDED = 2  # lines: one to begin a letter with, and one to end it
_QUOTE_WORDS = range(3, 26)
_FALLBACK_WORDS = range(4, 26)
_SPOKEN_WORDS = range(4, 15)
_STATED, _TOLD = 3, 4

# A plain line that tells or reports, or is told in the passive, is not one to praise.
_TELLS = re.compile(
    r"\b(?:felt|knew|thought|wondered|realized|realised|decided|seemed|noticed|said|told|explained|very|really|saw|heard"
    r"|could see|sad|happy|angry|afraid|nervous|excited|anxious|terrified|lonely|mean|beautiful|remembered"
    r"|kind of)\b"
    r"|\b(?:is|are|was|were|been|being) \w+(?:ed|en|t) by\b|\w+ly\b",
    re.IGNORECASE,
)
_BY = re.compile(r"\b(?:is|are|was|were|been|being) \w+(?:ed|en|t|ne|de|nd|ld|wn|ung|un)\b")
# Stage business that any scene has: `He looked at the display`. Longer lines of it may still show something.
_BUSINESS = re.compile(
    r"\b(?:look(?:ed|s)?|glanc(?:ed|es)|nod(?:ded|s)|turn(?:ed|s)|s[ai]ts? down|st[ao]nds? up|stood|sat on"
    r"|walk(?:ed|s)|(?:puts?|sets?) down|pick(?:ed|s) up|stopped the|drank|shrugg?(?:ed|s)|waited|waits)\b"
)
_BUSINESS_WORDS = 9
_LEAST_MEASURED = 0.5  # weight; a line with one plain thing has to stand back behind those that show more
_IS = re.compile(r"\b(?:is|are|was|were|has|have|had|there's|it's)\b", re.IGNORECASE)
_LEAST_STATED = 6  # words of a line that only states: `The lights were bright` shows nothing
# A line with another of these is not one to praise, even where only the worst were listed.
_SPOILS = frozenset({FindingKind.FILTER_WORD, FindingKind.ADVERB, FindingKind.ECHO})


def lines_to_praise(text: str, study: Study) -> tuple[Finding, ...]:
    """Give lines worth praise, the best first: measured strengths, then plain lines that hold a thing.

    A line that only reports a thought or a feeling is among them where there are hardly others.
    """
    faulty = [span for fault in study.faults for span in ((fault.start, fault.end), *fault.others)]
    marks = {fault.subject.lower() for fault in study.faults if fault.kind in _SPOILS and fault.subject}

    def clean(start: int, end: int) -> bool:
        if passive and _BY.search(text[start:end]):
            return False
        held = set(re.findall(r"[\w'’]+", text[start:end].lower()))
        return not held & marks and not any(low < end and start < high for low, high in faulty)

    passive = any(fault.kind is FindingKind.PASSIVE for fault in study.faults)
    seen: set[str] = set()
    found: list[Finding] = []
    for one in (*study.strengths, *_plain_lines(text, study)):
        quote = short_quote(one.quote)
        whole = "\n" not in quote and not set('“”"') & set(quote)
        if one.subject and (_TELLS.search(quote) or one.weight < _LEAST_MEASURED):
            continue
        if one.kind is FindingKind.STRENGTH_RHYTHM or len(quote.split()) not in _QUOTE_WORDS or not whole:
            continue
        # Only the worst clichés were listed.
        if quote not in seen and clean(one.start, one.end) and not cliches(Text(one.quote)):
            seen.add(quote)
            found.append(one)
    shown = tuple(one for one in found if not _only_tells(one))
    return shown if len(shown) >= _NEEDED else tuple(found)


def _only_tells(one: Finding) -> bool:
    """Whether it is a plain line, measured as nothing, that reports a thought or a feeling."""
    return (
        one.kind is FindingKind.STRENGTH_DETAIL and not one.subject and _TELLS.search(one.quote) is not None
    )


def _plain_lines(text: str, study: Study) -> Iterable[Finding]:
    """Lines of a fair length that nobody measured as good, those first that show most.

    Something done with a thing that can be seen; something done; said; stated; told.
    """
    ranked: list[tuple[int, int, Finding]] = []
    for start, end in study.sentences:
        line = text[start:end]
        size = len(line.split())
        spoken_in = any(low < end and start < high for low, high in study.dialogue)
        if spoken_in or size not in _FALLBACK_WORDS:
            continue
        rank = _rank(line, size)
        # Where the tense is unsettled, a line may hold a slip that nobody measured.
        if rank == 1 and study.tense is Tense.UNSETTLED:
            rank = _STATED
        if rank != _STATED or size >= _LEAST_STATED:
            ranked.append((rank, -size, Finding(FindingKind.STRENGTH_DETAIL, line, start, end, "")))
    for start, end in study.dialogue:
        line = text[start:end]
        if len(line.split()) in _SPOKEN_WORDS and "\n" not in line:
            ranked.append((2, -len(line), Finding(FindingKind.STRENGTH_DIALOGUE, line, start, end, "")))
    ranked.sort(key=lambda one: one[:2])
    enough = sum(rank < _TOLD for rank, _, _ in ranked) >= _NEEDED
    return [line for rank, _, line in ranked if rank < _TOLD or not enough]


def _rank(line: str, size: int) -> int:
    if _TELLS.search(line):
        return _TOLD
    if _IS.search(line) or (size < _BUSINESS_WORDS and _BUSINESS.search(line)):
        return _STATED
    return 0 if things_in(line) else 1
