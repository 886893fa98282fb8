"""What a writer gets: a letter, or findings in clear words, and how it came about."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypedDict

from bot.llm import Usage
from bot.prose import Finding, FindingKind

MOST_FINDINGS_SHOWN = 6


class Focus(StrEnum):
    """What the writer asks the editor to look at above all."""

    TONE = "tone"
    STYLE_AND_VOICE = "style and voice"
    PACE = "pace"
    DIALOGUE = "dialogue"
    CHARACTER = "character"
    POINT_OF_VIEW = "point of view"
    DESCRIPTION = "description"

    @property
    def label(self) -> str:
        """How it is shown to people."""
        return self.value.capitalize()


class Stage(StrEnum):
    """How far a critique has come."""

    READING = "reading"
    STUDYING = "studying"
    WRITING = "writing"
    CHECKING = "checking"
    DONE = "done"

    @property
    def label(self) -> str:
        """What the member reads meanwhile."""
        return _STAGE_LABELS[self]


_STAGE_LABELS = {
    Stage.READING: "Reading your scene …",
    Stage.STUDYING: "Studying its sentences …",
    Stage.WRITING: "Writing your letter …",
    Stage.CHECKING: "Checking every quotation …",
    Stage.DONE: "Your letter is ready.",
}

Action = Literal["passed", "repaired", "asked again", "dropped", "failed"]


@dataclass(frozen=True, slots=True)
class GateReport:
    """What one gate did to a letter.

    Attributes:
        gate: Its name, such as `quotation`.
        action: `passed`; `repaired` (mended without the model); `asked again` (the model was told the
        reason);
            `dropped` (the sentence was taken out); `failed` (no letter can be given).
        detail: Why, for the trace; holds words of the letter and of the text, so it never goes into a log.
    """

    gate: str
    action: Action
    detail: str = ""


class FindingJson(TypedDict):
    """A finding in `inkcircle critique --json`."""

    kind: str
    quote: str
    start: int
    end: int
    text: str


class GateJson(TypedDict):
    """A gate in `inkcircle critique --json`."""

    gate: str
    action: str


class CritiqueJson(TypedDict):
    """What `inkcircle critique --json` prints; `text` is the manuscript as it was read."""

    id: str
    text: str
    letter: str | None
    findings: list[FindingJson]
    gates: list[GateJson]
    calls: int
    usage: dict[str, int]
    model: str
    embedded: bool
    reason: str | None
    label: str | None


@dataclass(frozen=True)
class Critique:
    """The result of one critique.

    Attributes:
        id: Names it in messages and in the ledger.
        letter: The editor's letter; None where no honest one could be had.
        findings: What was measured, faults and strengths, the weightiest first.
        gates: What each gate did.
        calls: How many calls to a model were made.
        usage: Their tokens.
        model: Which model wrote.
        embedded: Whether it was the demonstration model.
        reason: One sentence on why there is no letter; None with a letter.
        label: What must stand beside a demonstration model's words; None for others.
        share: The part of the letter's own words that the model chose, 0 to 1 (see `voices.spoken`); None
        where
            a model wrote freely, since then all of them are its own.
        over_budget: Whether there is no letter since a budget is used up, which is nobody's fault.
    """

    id: str
    letter: str | None
    findings: tuple[Finding, ...]
    gates: tuple[GateReport, ...]
    calls: int
    usage: Usage
    model: str
    embedded: bool
    reason: str | None = None
    label: str | None = None
    share: float | None = None
    over_budget: bool = False

    @property
    def text(self) -> str:
        """What the writer reads: the letter and its label, or the findings in clear words."""
        if self.letter is None:
            return findings_message(self.findings, reason=self.reason)
        return self.letter if self.label is None else f"{self.letter}\n\n{self.label}"

    def to_json(self, manuscript: str) -> CritiqueJson:
        """Give what `inkcircle critique --json` prints.

        Args:
            manuscript: The text as it was read, for the findings' offsets to point into; a critique keeps
                none of it.
        """
        return CritiqueJson(
            id=self.id,
            text=manuscript,
            letter=self.letter,
            findings=[
                FindingJson(kind=one.kind.value, quote=one.quote, start=one.start, end=one.end, text=one.text)
                for one in self.findings
            ],
            gates=[GateJson(gate=one.gate, action=one.action) for one in self.gates],
            calls=self.calls,
            usage={
                "tokens_in": self.usage.tokens_in,
                "tokens_out": self.usage.tokens_out,
                "tokens_cached": self.usage.tokens_cached,
            },
            model=self.model,
            embedded=self.embedded,
            reason=self.reason,
            label=self.label,
        )


def findings_message(findings: tuple[Finding, ...], *, reason: str | None = None) -> str:
    """Say in plain text what was measured: a sentence first, then at most six findings, a paragraph each.

    Args:
        findings: What was measured, the weightiest first.
        reason: Why there is no letter, said first.
    """
    shown = _worth_showing(findings)
    opening = [reason] if reason else []
    if not shown:
        opening.append("I measured your sentences and found nothing that I would change by rule alone.")
        return " ".join(opening)
    opening.append("Here is what I measured in your text, word for word, without a model:")
    return "\n\n".join([" ".join(opening), *(finding.text for finding in shown)])


def _worth_showing(findings: tuple[Finding, ...]) -> list[Finding]:
    """Begin and end on a strength; say one thing about wording at most."""
    strengths = [finding for finding in findings if finding.praise]
    faults = [finding for finding in findings if not finding.praise]
    wording = [finding for finding in faults if finding.kind is FindingKind.LINT]
    faults = [finding for finding in faults if finding.kind is not FindingKind.LINT] + wording[:1]
    first, last = strengths[:1], strengths[1:2]
    return [*first, *faults[: MOST_FINDINGS_SHOWN - len(first) - len(last)], *last]
