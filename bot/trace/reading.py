"""Giving traces back: what one piece of work was told, what came of it, and what the gates did."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.store import Trace
from bot.trace.words import CALL, unpacked


@dataclass(frozen=True, slots=True)
class TracedWork:
    """A call or a judgement, with its words.

    Attributes:
        trace: What is known without its words.
        words: What was said; None where nobody can read it any more.
    """

    trace: Trace
    words: dict[str, Any] | None = field(repr=False)

    @property
    def is_call(self) -> bool:
        """Whether it is a call to a model, and not a judgement of the gates."""
        return self.trace.kind == CALL

    def to_json(self) -> dict[str, Any]:
        """Give it in JSON's own types."""
        trace = self.trace
        told: dict[str, Any] = {"kind": trace.kind, "at": _moment(trace.at), "job": trace.job}
        if self.is_call:
            told |= {
                "role": trace.role,
                "model": trace.model,
                "outcome": trace.outcome,
                "seconds": trace.milliseconds / 1000,
            }
        else:
            told |= {"model": trace.model, "outcome": trace.outcome}
        return told | (self.words if self.words is not None else {"unreadable": True})


def read(traces: Sequence[Trace]) -> list[TracedWork]:
    """Open the words of traces."""
    return [TracedWork(trace, unpacked(trace.words) if trace.words else None) for trace in traces]


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
