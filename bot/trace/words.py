"""How the words of a trace are written: JSON, compressed, since a prompt repeats most of the one before."""

import json
import zlib
from dataclasses import asdict
from typing import Any

from bot.llm import TracedCall, TracedJudgement
from bot.store import Trace

CALL = "call"


def size_of(traced: TracedCall | TracedJudgement) -> int:
    """Estimate what a trace takes in memory while it waits, in characters."""
    if isinstance(traced, TracedJudgement):
        return len(traced.text or "") + sum(len(gate.detail) for gate in traced.gates)
    return sum(
        len(attempt.text) + sum(len(message.content) for message in attempt.messages)
        for attempt in traced.attempts
    )


def to_trace(traced: TracedCall | TracedJudgement) -> Trace:
    """Give what the store keeps. It takes some milliseconds for a long prompt, so not on the loop."""
    caller = traced.caller
    if isinstance(traced, TracedJudgement):
        judged: dict[str, Any] = {
            "gates": [asdict(gate) for gate in traced.gates],
            "text": traced.text,
            "reason": traced.reason,
        }
        return Trace(
            kind=traced.kind,
            at=traced.at,
            job=caller.job,
            guild_id=caller.guild_id,
            member_id=caller.member_id,
            author_ids=caller.author_ids,
            role="",
            model=traced.model,
            attempts=0,
            milliseconds=0,
            outcome="written" if traced.text is not None else "nothing",
            words=_packed(judged),
        )
    said: dict[str, Any] = {
        "attempts": [asdict(attempt) for attempt in traced.attempts],
        "prefill": traced.prefill,
        "cause": traced.cause,
    }
    return Trace(
        kind=CALL,
        at=traced.at,
        job=caller.job,
        guild_id=caller.guild_id,
        member_id=caller.member_id,
        author_ids=caller.author_ids,
        role=str(traced.role),
        model=traced.model,
        attempts=len(traced.attempts),
        milliseconds=round(traced.seconds * 1000),
        outcome=str(traced.outcome),
        words=_packed(said),
    )


def unpacked(words: bytes) -> dict[str, Any]:
    """Give back what `to_trace` wrote."""
    read: dict[str, Any] = json.loads(zlib.decompress(words))
    return read


def _packed(words: dict[str, Any]) -> bytes:
    return zlib.compress(json.dumps(words, ensure_ascii=False).encode(), level=6)
