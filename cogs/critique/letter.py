"""How a critique looks in Discord, and what of it is kept until it is there."""

import json
from dataclasses import asdict, dataclass, field
from typing import Final, Self

from bot.coach import Critique
from bot.discord_io.answer import Answer, lay_out
from bot.discord_io.escape import escape, escape_but_times
from bot.discord_io.split import split_text
from bot.llm import BETTER_MODEL_HINT
from bot.prose import Finding, FindingKind

_IN_THE_MARGIN: Final = 4
# Without a letter the measured findings are all there is, so there may be more of them.
_WITHOUT_A_LETTER: Final = 6
_NOTHING_MEASURED: Final = (
    "I measured your sentences as well, and found nothing that I would change by rule alone."
)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a piece of work, as far as the reader is told. The words stay out of `repr`.

    Attributes:
        letter: The letter; None if there is none.
        notes: What was measured, as a list ready for Discord.
        label: What must stand beside a demonstration model's words.
        embedded: Whether the demonstration model wrote.
        reason: Why there is no letter.
        sentence: What is said in place of everything else: the pages could not be read, or the work was
            stopped.
        incident: The id under which the log has the cause, if there is no letter.
        silent: Whether nobody is to be told anything.
    """

    letter: str | None = field(default=None, repr=False)
    notes: str = field(default="", repr=False)
    label: str | None = None
    embedded: bool = False
    reason: str | None = None
    sentence: str | None = None
    incident: str | None = None
    silent: bool = False

    def to_json(self) -> str:
        """Give it as it is kept."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, kept: str) -> Self:
        """Give what was kept."""
        return cls(**json.loads(kept))

    @classmethod
    def of(cls, critique: Critique, *, incident: str | None) -> Self:
        """Give what is told of a critique."""
        most = _WITHOUT_A_LETTER if critique.letter is None else _IN_THE_MARGIN
        return cls(
            letter=critique.letter,
            notes=_notes(_choice(critique.findings, most)),
            label=critique.label,
            embedded=critique.embedded,
            reason=critique.reason,
            incident=incident,
        )

    def answer(self, heading: str) -> Answer:
        """Give it as one message.

        Args:
            heading: What stands above a letter, ready for Discord.
        """
        if self.sentence is not None:
            return Answer(self.sentence)
        opening, body, closing = self._parts(heading)
        return lay_out(opening, body, closing)

    def pages(self, heading: str) -> list[str]:
        """Give it as messages for a channel."""
        opening, body, closing = self._parts(heading)
        return split_text("\n\n".join(part for part in (opening, *body, closing) if part))

    def _parts(self, heading: str) -> tuple[str, list[str], str]:
        if self.letter is None:
            reason = escape_but_times(self.reason or "The model wrote no letter that I could stand by.")
            opening = f"**No letter this time**\n\n{reason}{f' (`{self.incident}`)' if self.incident else ''}"
            if not self.notes:
                return opening, [_NOTHING_MEASURED], ""
            return opening, [f"Here is what I measured in your pages without a model:\n{self.notes}"], ""
        opening = f"{heading}\n\n{_small(self.label)}" if self.label else heading
        body = [escape(self.letter)]
        if self.notes:
            body.append(f"**In the margin**, measured without a model\n{self.notes}")
        return opening, body, _small(BETTER_MODEL_HINT) if self.embedded else ""


def _notes(findings: list[Finding]) -> str:
    """Give findings as a list; each says of itself where it is, in the author's words."""
    return "\n".join(f"- {' '.join(escape(finding.text).split())}" for finding in findings)


def _choice(findings: tuple[Finding, ...], most: int) -> list[Finding]:
    """Choose a few, in the order of the text: one strength to keep, and faults of as many kinds as fit.

    The findings come weightiest first, so the weightiest of each kind is chosen. A rule of wording speaks
    once at most: this is no lint report.
    """
    strengths = [finding for finding in findings if finding.praise][:1]
    faults = [finding for finding in findings if not finding.praise]
    first_of_kind = list({finding.kind: finding for finding in reversed(faults)}.values())
    first_of_kind.sort(key=faults.index)
    others = [
        finding for finding in faults if finding not in first_of_kind and finding.kind is not FindingKind.LINT
    ]
    chosen = [*strengths, *(first_of_kind + others)[: most - len(strengths)]]
    return sorted(chosen, key=lambda finding: finding.start)


def _small(text: str) -> str:
    return "\n".join(f"-# {line}" for line in escape(text).splitlines() if line.strip())
