"""What can be put right in a letter without asking the model again; each mending leaves a report."""
# ruff: noqa: RUF001 -- typographic quotation marks are the subject

import re

from bot.coach.critique import GateReport
from bot.coach.letter import Letter
from bot.coach.quotations import Source, quoted_in

_CUE = re.compile(r"^\s*(?:\**(?:professional )?feedback\**\s*:\**|\**letter\**\s*:\**)\s*", re.IGNORECASE)
_END_MARK = re.compile(r"\s*(?:\bEND\b|<\|[^|>]*\|>|</s>)\s*$")
_EMPHASIS = re.compile(r"(\*{1,3}|_{1,3}(?=\w)|`)(?=\S)(.+?)(?<=\S)\1")


def mend(letter: Letter, source: Source) -> tuple[Letter, tuple[GateReport, ...]]:
    """Put right what needs no model: the cue, an end mark, emphasis, near-quotations, unmarked rewrites."""
    reports: list[GateReport] = []
    text = letter.text.strip()
    for pattern, into, detail in (
        (_CUE, "", "the cue was repeated"),
        (_END_MARK, "", "an end mark was left"),
        (_EMPHASIS, r"\2", "emphasis was taken out"),
    ):
        mended = pattern.sub(into, text)
        if mended != text:
            reports.append(GateReport("shape", "repaired", detail))
            text = mended
    # Back to front, so that what was found in front keeps its place.
    for one in sorted(quoted_in(text), key=lambda quoted: quoted.start, reverse=True):
        if one.rewrite or source.has(one.words):
            continue
        nearest = source.nearest(one.words)
        if one.suggested:
            # `try “The cold bit”` is a wording of the editor's, near or not.
            before, marked, after = (
                text[: one.start - 1],
                text[one.start - 1 : one.end + 1],
                text[one.end + 1 :],
            )
            text = f"{before.rstrip(': ')} (rewrite: {marked}){after}"
            reports.append(
                GateReport("quotation", "repaired", f"a suggested wording was marked: {one.words}")
            )
        elif nearest is not None:
            kept = one.words[-1] if one.words[-1] in ",.!?…" and not nearest.endswith(one.words[-1]) else ""
            text = (
                text[: one.start]
                + nearest.replace("”", "’").replace("“", "‘").replace('"', "'")
                + kept
                + text[one.end :]
            )
            reports.append(GateReport("quotation", "repaired", f"{one.words} → {nearest}"))
    return Letter(text), tuple(reports)
