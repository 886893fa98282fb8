"""How a critique looks in Discord."""

from collections.abc import Iterable, Iterator
from typing import Final

from bot.coach import Critique
from bot.discord_io.escape import escape, one_line
from bot.discord_io.split import split_text
from bot.prose import Finding

_IN_THE_MARGIN: Final = 4
# Without a letter the measured findings are all there is, so there may be more of them.
_WITHOUT_A_LETTER: Final = 8
_QUOTE: Final = 160


def messages_of(critique: Critique, *, heading: str, incident: str | None = None) -> list[str]:
    """Give the messages of a critique: the letter with some findings, or the findings and why no letter.

    Args:
        critique: The critique.
        heading: The first line, ready for Discord.
        incident: The id under which the log has the cause, if there is no letter.
    """
    parts = [heading]
    if critique.letter is not None:
        if critique.label:
            parts.append(_small(critique.label))
        parts.append(escape(critique.letter))
        notes = list(_notes(_choice(critique.findings, _IN_THE_MARGIN)))
        if notes:
            parts += ["**In the margin**, measured without the model", *notes]
    else:
        reason = critique.reason or "The model wrote no letter that I could stand by."
        parts.append(f"{escape(reason)}{f' (`{incident}`)' if incident else ''}")
        notes = list(_notes(_choice(critique.findings, _WITHOUT_A_LETTER)))
        if notes:
            parts += ["What I could measure in your pages without it:", *notes]
        else:
            parts.append("I measured your pages as well, and found nothing to remark.")
    return split_text("\n\n".join(parts))


def _notes(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"> {one_line(finding.quote, _QUOTE)}\n{escape(finding.text)}"


def _choice(findings: tuple[Finding, ...], most: int) -> list[Finding]:
    """Choose a few, in the order of the text: one strength to keep, and faults of as many kinds as fit.

    The findings come weightiest first, and so the weightiest of each kind is chosen.
    """
    strengths = [finding for finding in findings if finding.praise][:1]
    faults = [finding for finding in findings if not finding.praise]
    first_of_kind = list({finding.kind: finding for finding in reversed(faults)}.values())
    first_of_kind.sort(key=faults.index)
    others = [finding for finding in faults if finding not in first_of_kind]
    chosen = [*strengths, *(first_of_kind + others)[: most - len(strengths)]]
    return sorted(chosen, key=lambda finding: finding.start)


def _small(text: str) -> str:
    return "\n".join(f"-# {line}" for line in escape(text).splitlines() if line.strip())
