"""How a critique looks in Discord."""

from typing import Final

from bot.coach import Critique
from bot.discord_io.escape import escape
from bot.discord_io.split import split_text
from bot.llm import BETTER_MODEL_HINT
from bot.prose import Finding, FindingKind

_IN_THE_MARGIN: Final = 4
# Without a letter the measured findings are all there is, so there may be more of them.
_WITHOUT_A_LETTER: Final = 6


def messages_of(critique: Critique, *, heading: str, incident: str | None = None) -> list[str]:
    """Give the messages of a critique: the letter with some findings, or the findings and why no letter.

    Args:
        critique: The critique.
        heading: What stands above a letter, ready for Discord.
        incident: The id under which the log has the cause, if there is no letter.
    """
    if critique.letter is not None:
        parts = [heading]
        if critique.label:
            parts.append(_small(critique.label))
        parts.append(escape(critique.letter))
        notes = _notes(_choice(critique.findings, _IN_THE_MARGIN))
        if notes:
            parts.append(f"**In the margin**, measured without a model\n{notes}")
        if critique.embedded:
            parts.append(_small(BETTER_MODEL_HINT))
        return split_text("\n\n".join(parts))
    reason = critique.reason or "The model wrote no letter that I could stand by."
    parts = [
        "**No letter this time**",
        f"{escape(reason)}{f' (`{incident}`)' if incident else ''}",
    ]
    notes = _notes(_choice(critique.findings, _WITHOUT_A_LETTER))
    if notes:
        parts.append(f"Here is what I measured in your pages without a model:\n{notes}")
    else:
        parts.append(
            "I measured your sentences as well, and found nothing that I would change by rule alone."
        )
    return split_text("\n\n".join(parts))


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
