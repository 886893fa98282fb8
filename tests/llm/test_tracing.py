"""Every call is handed over with all that was said: answers, faults, repairs of JSON and calls cut short."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from bot.llm import (
    InvalidAnswerError,
    ModelRateLimitedError,
    Models,
    Outcome,
    TracedCall,
    TracedJudgement,
)
from tests.llm.roles import QUICK, Roles, question, remote
from tests.llm.test_models import GOOD, SCHEMA
from tests.model_server import ModelServer, Silent, Status, Words


class Kept:
    """Keeps what it is given, in memory."""

    def __init__(self) -> None:
        self.calls: list[TracedCall] = []
        self.broken = False

    def called(self, call: TracedCall) -> None:
        if self.broken:
            raise RuntimeError("no room for the canary")
        self.calls.append(call)

    def judged(self, judgement: TracedJudgement) -> None:
        raise AssertionError(judgement)


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as running:
        yield running


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
async def models(server: ModelServer, kept: Kept) -> AsyncIterator[Models]:
    async with Models(Roles.all(remote(server.base_url)), trace=kept, limits=QUICK) as running:
        yield running


async def test_prompt_and_answer(models: Models, kept: Kept) -> None:
    asked = question()
    answer = await models.complete(asked)
    (call,) = kept.calls
    assert call.caller == asked.caller
    assert (call.outcome, call.cause, call.model) == (Outcome.STOP, "", "editor")
    (attempt,) = call.attempts
    assert attempt.messages == asked.messages
    assert attempt.text == answer.text
    assert attempt.ended == "stop"
    assert answer.text not in repr(call)


async def test_a_repair_of_json_shows_both_requests(server: ModelServer, models: Models, kept: Kept) -> None:
    server.script(Words('{"keep": 1}'), Words(GOOD))
    await models.complete(question(schema=SCHEMA))
    (call,) = kept.calls
    first, second = call.attempts
    assert first.text == '{"keep": 1}'
    assert second.text == GOOD
    assert len(second.messages) > len(first.messages)
    assert call.outcome is Outcome.STOP


async def test_json_that_is_never_right(server: ModelServer, models: Models, kept: Kept) -> None:
    server.script(Words("no"), Words("never"))
    with pytest.raises(InvalidAnswerError):
        await models.complete(question(schema=SCHEMA))
    (call,) = kept.calls
    assert [each.text for each in call.attempts] == ["no", "never"]
    assert call.outcome is Outcome.INVALID_JSON
    assert call.cause == "invalid_json"


async def test_each_fault_is_an_attempt(server: ModelServer, models: Models, kept: Kept) -> None:
    server.script(Status(500), Status(500), Words("At last."))
    await models.complete(question())
    (call,) = kept.calls
    assert [bool(each.text) for each in call.attempts] == [False, False, True]
    assert all(each.ended.startswith("server_error") for each in call.attempts[:2])


async def test_a_failure(server: ModelServer, models: Models, kept: Kept) -> None:
    server.otherwise = Status(429, '{"error": {"code": "insufficient_quota"}}')
    with pytest.raises(ModelRateLimitedError):
        await models.complete(question())
    (call,) = kept.calls
    assert call.outcome is Outcome.RATE_LIMITED
    assert call.cause


async def test_a_call_cut_short(server: ModelServer, models: Models, kept: Kept) -> None:
    server.script(Silent())
    asking = asyncio.create_task(models.complete(question()))
    async with asyncio.timeout(30):
        while not server.requests:  # noqa: ASYNC110 - the double of a server has no event for that
            await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    (call,) = kept.calls
    assert call.outcome is Outcome.CANCELLED
    assert call.attempts[0].messages == question().messages


async def test_a_trace_that_fails_takes_no_answer_with_it(models: Models, kept: Kept) -> None:
    kept.broken = True
    with capture_logs() as told:
        assert (await models.complete(question())).text
    assert "trace_failed" in [each["event"] for each in told]
