"""The study in a process of its own, since a regular expression never lets go of the interpreter."""

import json
from dataclasses import asdict

from bot.prose.findings import Finding, FindingKind, Span, Study, Tense
from bot.prose.studying import study

_SECONDS = 20.0
_MEMORY_BYTES = 1024 * 1024 * 1024
_OUTPUT_BYTES = 16 * 1024 * 1024


async def study_off_loop(text: str) -> Study:
    """Measure a text as `study` does, without holding the event loop.

    Raises:
        ChildFailed: The study took longer than 20 seconds, or more memory than it may.
    """
    # Imported here because the child imports this module too, and should not pay for asyncio.
    from bot.manuscripts.child_process import ChildLimits, run_child  # noqa: PLC0415

    limits = ChildLimits(_SECONDS, _MEMORY_BYTES, _OUTPUT_BYTES)
    answer = await run_child("bot.prose.child", (), text.encode("utf-8", "surrogatepass"), limits)
    return _decoded(answer)


def encoded(text: str) -> bytes:
    """Study a text and put the result into bytes: what the child writes."""
    return json.dumps(asdict(study(text))).encode("ascii")


def _decoded(answer: bytes) -> Study:
    fields = json.loads(answer)
    for name in ("paragraphs", "sentences", "dialogue"):
        fields[name] = tuple(Span(*span) for span in fields[name])
    fields["findings"] = tuple(_finding(finding) for finding in fields["findings"])
    fields["sentence_lengths"] = tuple(fields["sentence_lengths"])
    fields["names"] = tuple(fields["names"])
    fields["tense"] = Tense(fields["tense"])
    return Study(**fields)


def _finding(fields: dict[str, object]) -> Finding:
    others = fields["others"]
    kind = FindingKind(str(fields["kind"]))
    places = tuple(Span(*place) for place in others) if isinstance(others, list) else ()
    return Finding(**{**fields, "kind": kind, "others": places})  # type: ignore[arg-type]  # our own JSON, made above
