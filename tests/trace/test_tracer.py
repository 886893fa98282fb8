"""Traces are kept in the background, within bounds, and never of somebody who was forgotten."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from bot.llm import Caller, Message, Outcome, Role, TracedAttempt, TracedCall, TracedGate, TracedJudgement
from bot.store import Members, Store, StoreUnavailableError, Trace, Traces
from bot.store.errors import Trouble
from bot.trace import Tracer, read

_MARA, _JONAS = 111, 222


def call(
    member_id: int | None = _MARA, *, text: str = "An answer.", at: datetime | None = None
) -> TracedCall:
    return TracedCall(
        at=at or datetime.now(UTC),
        caller=Caller(guild_id=7, member_id=member_id, job="job"),
        role=Role.COACH,
        model="editor",
        embedded=False,
        attempts=(TracedAttempt(messages=(Message("user", "What of this?"),), text=text, ended="stop"),),
        prefill="",
        outcome=Outcome.STOP,
        cause="",
        seconds=1.25,
    )


def judgement(member_id: int | None = _MARA) -> TracedJudgement:
    return TracedJudgement(
        at=datetime.now(UTC),
        caller=Caller(guild_id=7, member_id=member_id, job="job"),
        kind="critique",
        model="editor",
        gates=(TracedGate(gate="quotation", action="repaired", detail="not in the story"),),
        text="A letter.",
    )


async def test_what_is_about_anothers_words_goes_with_either(store: Store) -> None:
    traces = Traces(store)
    tracer = Tracer(traces, days=14)
    about_jonas = replace(call(), caller=Caller(guild_id=7, member_id=_MARA, job="job", author_ids=(_JONAS,)))
    tracer.called(about_jonas)
    tracer.incident("ink-JOB001", about_jonas.caller)
    await tracer.flush()
    (kept,) = read(await traces.of("ink-JOB001"))
    assert kept.words is not None
    assert [each.job async for each in traces.of_member(_JONAS)] == ["job"]
    await store.keys.forget_member(_JONAS)
    (kept,) = read(await traces.of("job"))
    assert kept.words is None, "it was sealed with the author's key"
    await Members(store).forget(_JONAS)
    assert await traces.of("job") == []
    await tracer.forget_member(_JONAS)
    tracer.called(about_jonas)
    await tracer.flush()
    assert await traces.of("job") == []


async def test_what_was_taken_can_be_read_word_for_word(store: Store) -> None:
    tracer = Tracer(Traces(store), days=14)
    tracer.called(call(text="Ein “Wort” — 言葉"))
    tracer.judged(judgement())
    await tracer.flush()
    first, second = read(await Traces(store).of("job"))
    assert first.words is not None
    assert first.words["attempts"][0]["text"] == "Ein “Wort” — 言葉"
    assert first.words["attempts"][0]["messages"] == [{"role": "user", "content": "What of this?"}]
    assert first.to_json()["seconds"] == 1.25
    assert second.to_json()["gates"] == [
        {"gate": "quotation", "action": "repaired", "detail": "not in the story"}
    ]
    assert (first.is_call, second.is_call) == (True, False)
    assert second.trace.outcome == "written"
    assert "Wort" not in repr(first)


async def test_no_days_keep_nothing(store: Store) -> None:
    tracer = Tracer(Traces(store), days=0)
    tracer.called(call())
    await tracer.flush()
    assert await Traces(store).of("job") == []


async def test_closing_writes_what_waits(store: Store) -> None:
    tracer = Tracer(Traces(store), days=1)
    for _ in range(60):
        tracer.called(call())
    await tracer.close()
    assert len(await Traces(store).of("job")) == 60


class _Slow(Traces):
    """Holds each writing up until it is let go."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.go = asyncio.Event()
        self.began = asyncio.Event()

    async def write(self, traces: Sequence[Trace]) -> None:
        self.began.set()
        await self.go.wait()
        await super().write(traces)


async def test_taking_waits_for_nothing_and_memory_is_bounded(store: Store) -> None:
    slow = _Slow(store)
    tracer = Tracer(slow, days=1, most_characters=100)
    tracer.called(call(text="x" * 50))
    await slow.began.wait()
    tracer.called(call(text="y" * 50))
    with capture_logs() as told:
        slow.go.set()
        await tracer.flush()
    assert len(await slow.of("job")) == 1
    assert [each["count"] for each in told if each["event"] == "trace.dropped"] == [1]
    tracer.called(call(text="z" * 50))
    await tracer.flush()
    assert len(await slow.of("job")) == 2, "there is room again"


@pytest.mark.parametrize(
    "error",
    [StoreUnavailableError(Trouble.GONE), RuntimeError("the store is not open")],
    ids=["gone", "closed"],
)
async def test_a_database_that_is_away_loses_traces_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    traces = Traces(store)

    async def away(_traces: Sequence[Trace]) -> None:
        raise error

    tracer = Tracer(traces, days=1)
    with monkeypatch.context() as patched, capture_logs() as told:
        patched.setattr(traces, "write", away)
        tracer.called(call())
        await tracer.flush()
    assert [each["event"] for each in told] == ["trace.lost"]
    tracer.called(call())
    await tracer.flush()
    assert len(await traces.of("job")) == 1


async def test_what_is_written_too_slowly_is_given_up_before_the_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.trace.tracer._CLOSING_SECONDS", 0.01)
    given_up = False

    class Hangs(Traces):
        async def write(self, _traces: Sequence[Trace]) -> None:
            nonlocal given_up
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                given_up = True

    tracer = Tracer(Hangs(store), days=1)
    tracer.called(call())
    await tracer.close()
    assert given_up


async def test_nothing_of_somebody_forgotten_comes_in_late(store: Store) -> None:
    slow = _Slow(store)
    tracer = Tracer(slow, days=1)
    tracer.called(call(_JONAS))
    await slow.began.wait()
    tracer.called(call(_MARA))
    began_before = datetime.now(UTC)
    forgetting = asyncio.create_task(tracer.forget_member(_MARA))
    await asyncio.sleep(0)
    assert not forgetting.done(), "what is being written now must be there to be deleted"
    slow.go.set()
    await forgetting
    tracer.called(call(_MARA, at=began_before))
    await tracer.flush()
    assert {each.member_id for each in await slow.of("job")} == {_JONAS}
    tracer.called(call(_MARA, at=datetime.now(UTC) + timedelta(seconds=1)))
    await tracer.flush()
    assert {each.member_id for each in await slow.of("job")} == {_JONAS, _MARA}, "who comes back is new"
