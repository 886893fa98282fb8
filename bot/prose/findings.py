"""What a study of a text gives: findings with exact quotations, and the measures behind them."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class FindingKind(StrEnum):
    """What a finding is about. Those that begin with `STRENGTH_` are things to keep and to praise."""

    RHYTHM = "rhythm"
    ECHO = "echo"
    FILTER_WORD = "filter word"
    ADVERB = "adverb"
    PASSIVE = "passive"
    CLICHE = "cliché"
    DIALOGUE = "dialogue"
    TENSE_SLIP = "slip of tense"
    NAME_SLIP = "slip of name"
    LINT = "wording"
    STRENGTH_OPENING = "strength: opening"
    STRENGTH_DETAIL = "strength: detail"
    STRENGTH_VERB = "strength: verb"
    STRENGTH_RHYTHM = "strength: rhythm"
    STRENGTH_CONTRAST = "strength: short after long"
    STRENGTH_DIALOGUE = "strength: dialogue"
    STRENGTH_DIRECTNESS = "strength: directness"

    @property
    def praise(self) -> bool:
        """Whether such a finding is something to keep."""
        return self.name.startswith("STRENGTH_")


class Tense(StrEnum):
    """The tense of the narration, outside dialogue."""

    PAST = "past"
    PRESENT = "present"
    UNSETTLED = "unsettled"  # too few verbs, or both in earnest


class Span(NamedTuple):
    """A stretch of the text: `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True)
class Finding:
    """One thing that was measured in the text.

    Attributes:
        kind: What it is about.
        quote: The author's own words, exactly: `text[start:end] == quote`. At most 25 words, never empty.
        start: Where the quotation begins, in characters of the text that was studied.
        end: Where it ends.
        text: One plain sentence to the writer, in the second person, which stands by itself.
        subject: The word or phrase that the finding is about (`suddenly`), as written; may be empty.
        weight: How much it matters to the writer, 0 to 1; findings are ordered by it.
        others: Further places of the same thing, for a note in the margin.
    """

    kind: FindingKind
    quote: str
    start: int
    end: int
    text: str
    subject: str = ""
    weight: float = 0.5
    others: tuple[Span, ...] = field(default=())

    @property
    def praise(self) -> bool:
        """Whether this is something to keep."""
        return self.kind.praise


@dataclass(frozen=True)
class Study:
    """All that is measured in one text.

    Attributes:
        findings: Things to mend and things to keep, each group by falling weight; see `faults` and
            `strengths`.
        paragraphs: Where the paragraphs stand.
        sentences: Where the sentences stand.
        dialogue: Where somebody speaks, quotation marks included.
        words: How many words there are.
        dialogue_share: Words spoken, of all words, 0 to 1.
        sentence_lengths: Words of each sentence, in the order of `sentences`.
        names: Names of persons and places in the story, the most frequent first.
        tense: The tense of the narration.
    """

    findings: tuple[Finding, ...]
    paragraphs: tuple[Span, ...]
    sentences: tuple[Span, ...]
    dialogue: tuple[Span, ...]
    words: int
    dialogue_share: float
    sentence_lengths: tuple[int, ...]
    names: tuple[str, ...]
    tense: Tense

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What to mend, the weightiest first."""
        return tuple(finding for finding in self.findings if not finding.praise)

    @property
    def strengths(self) -> tuple[Finding, ...]:
        """What to keep, the weightiest first."""
        return tuple(finding for finding in self.findings if finding.praise)
