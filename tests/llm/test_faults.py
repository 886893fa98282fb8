"""Every fault of a model's server: one clear sentence, one row in the ledger, and no words in the log."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from bot import log
from bot.llm import (
    BadRequestError,
    CallRecord,
    ContextTooLongError,
    CutAnswerError,
    EmptyAnswerError,
    EndlessAnswerError,
    Limits,
    ModelBusyError,
    ModelError,
    ModelNotFoundError,
    ModelRateLimitedError,
    Models,
    ModelServerError,
    ModelTimeoutError,
    ModelUnauthorisedError,
    ModelUnreachableError,
    NotAModelError,
)
from tests.llm.roles import CANARY, QUICK, Roles, Rows, question, remote
from tests.model_server import (
    KEY,
    Cut,
    CutBody,
    Endless,
    ModelServer,
    Page,
    Reply,
    Silent,
    Status,
    StreamOf,
    Words,
)

ATTEMPTS = QUICK.attempts
HASTY = Limits(
    first_token=0.2, between_tokens=0.2, whole=0.6, queue=0.2, first_pause=0.001, longest_pause=0.001
)
GARBAGE = f'{{"choices": [{CANARY}'
# A stream may end with an error in it, as OpenRouter and vLLM do it.
SPOILT = '{"error": {"message": "upstream fell over", "code": 502}}'
CROWDED = '{"error": {"message": "slow down", "code": 429}}'


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as running:
        yield running


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    log.configure(level="debug", style="json", stream=stream)
    yield stream
    structlog.reset_defaults()


FAULTS: dict[str, tuple[Reply, type[ModelError], int]] = {
    "unauthorised": (Status(401), ModelUnauthorisedError, 1),
    "forbidden": (Status(403), ModelUnauthorisedError, 1),
    "too many": (Status(429), ModelRateLimitedError, ATTEMPTS),
    "too many, with a short pause": (
        Status(429, headers={"Retry-After": "0"}),
        ModelRateLimitedError,
        ATTEMPTS,
    ),
    "too many, with a long pause": (Status(429, headers={"Retry-After": "3600"}), ModelRateLimitedError, 1),
    "too many, until a far date": (
        Status(429, headers={"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}),
        ModelRateLimitedError,
        1,
    ),
    "no money": (Status(429, "insufficient_quota"), ModelRateLimitedError, 1),
    "crowded in the stream": (StreamOf((CROWDED,)), ModelRateLimitedError, ATTEMPTS),
    "own fault": (Status(500), ModelServerError, ATTEMPTS),
    "gateway's page": (Page(status=502), ModelServerError, ATTEMPTS),
    "fault in the stream": (StreamOf((SPOILT,)), ModelServerError, ATTEMPTS),
    "no such model": (Status(404, "model_not_found"), ModelNotFoundError, 1),
    "no such model, said with 400": (Status(400, "model_not_found"), ModelNotFoundError, 1),
    "no such page": (Page(status=404), ModelNotFoundError, 1),
    "too long": (Status(400, "context_length_exceeded"), ContextTooLongError, 1),
    "too long, in words": (
        Status(400, message="This model's maximum context length is 8192 tokens."),
        ContextTooLongError,
        1,
    ),
    "too large": (Page(status=413), ContextTooLongError, 1),
    "not understood": (Status(422), BadRequestError, 1),
    "web page": (Page(), NotAModelError, 1),
    "redirect": (Page(status=302), NotAModelError, 1),
    "other JSON": (Page(body='["hello"]', content_type="application/json"), NotAModelError, 1),
    "broken JSON": (Page(body=GARBAGE, content_type="application/json"), NotAModelError, 1),
    "deep JSON": (Page(body="[" * 100_000, content_type="application/json"), NotAModelError, 1),
    "garbage in the stream": (StreamOf((GARBAGE,)), NotAModelError, 1),
    "empty": (Words("", usage=None), EmptyAnswerError, ATTEMPTS),
    "only spaces": (Words("  "), EmptyAnswerError, ATTEMPTS),
    "only thoughts": (Words("", finish="length", thought="Hm."), EmptyAnswerError, 2),
    "empty body": (Page(body="", content_type="text/event-stream"), EmptyAnswerError, ATTEMPTS),
    "endless words": (Endless("words"), EndlessAnswerError, 1),
    "endless thoughts": (Endless("thoughts"), EndlessAnswerError, 1),
    "endless line": (Endless("line"), EndlessAnswerError, 1),
    "cut before the first byte": (Cut(""), ModelUnreachableError, ATTEMPTS),
    "cut in mid-stream": (Cut(), CutAnswerError, ATTEMPTS),
    "whole answer cut": (CutBody(), CutAnswerError, ATTEMPTS),
    "error cut": (CutBody(500), CutAnswerError, ATTEMPTS),
    "ended without an end": (Words("Your opening", finish=None), CutAnswerError, ATTEMPTS),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_ends_in_its_own_sentence_and_row(
    name: str, server: ModelServer, logged: io.StringIO
) -> None:
    reply, expected, attempts = FAULTS[name]
    server.otherwise = reply
    ledger = Rows()
    async with Models(Roles.all(remote(server.base_url)), ledger=ledger, limits=QUICK) as models:
        with pytest.raises(expected) as caught:
            await models.complete(question())
    assert type(caught.value) is expected
    assert caught.value.sentence == expected.words
    assert ledger.only.outcome is expected.outcome
    assert len(server.requests) == ledger.only.attempts == attempts
    # The package's own exceptions carry prompts and answers: none may hang on ours.
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    told = logged.getvalue()
    assert "model_call_failed" in told
    for word in (CANARY, "Quetzalcoatl", KEY, "upstream", "Welcome", "opening"):
        assert word not in told + caught.value.cause


def test_every_error_has_a_sentence_of_its_own() -> None:
    kinds: list[type[ModelError]] = [ModelError, *ModelError.__subclasses__()]
    assert len({kind.words for kind in kinds}) == len(kinds)
    assert len({kind.outcome for kind in kinds}) == len(kinds)
    assert all(kind.words.endswith(".") and kind.words.count(".") == 1 for kind in kinds)


@pytest.mark.parametrize(
    "reply",
    [Status(500), Status(429), Cut(""), Cut(), Words(""), Words("Your", finish=None), StreamOf((SPOILT,))],
)
async def test_a_passing_fault_is_not_seen(reply: Reply, server: ModelServer) -> None:
    server.script(reply)
    ledger = Rows()
    async with Models(Roles.all(remote(server.base_url)), ledger=ledger, limits=QUICK) as models:
        answer = await models.complete(question())
    assert answer.text == "Your opening works."
    assert ledger.only.attempts == 2


async def test_nothing_is_repeated_once_text_was_given_out(server: ModelServer) -> None:
    server.otherwise = Cut("Your opening")
    given: list[str] = []
    async with Models(Roles.all(remote(server.base_url)), limits=QUICK) as models:
        with pytest.raises(CutAnswerError):
            await models.complete(question(), on_text=given.append)
    assert "".join(given) == "Your opening"
    assert len(server.requests) == 1


async def test_nobody_listens_at_the_address() -> None:
    async with ModelServer() as gone:
        address = gone.base_url
    ledger = Rows()
    async with Models(Roles.all(remote(address)), ledger=ledger, limits=QUICK) as models:
        with pytest.raises(ModelUnreachableError):
            await models.complete(question())
    assert ledger.only.attempts == ATTEMPTS
    assert ledger.only.tokens_in == 0


async def test_a_key_that_no_header_can_carry_is_a_wrong_key(server: ModelServer) -> None:
    async with Models(Roles.all(remote(server.base_url, key="sk-“quoted”")), limits=QUICK) as models:
        with pytest.raises(ModelUnauthorisedError):
            await models.complete(question())


async def test_half_a_character_does_not_break_a_request(server: ModelServer) -> None:
    async with Models(Roles.all(remote(server.base_url)), limits=QUICK) as models:
        assert (await models.complete(question("Half: \ud83d"))).text
    assert server.requests[0].last == "Half: ?"


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        (Silent(headers_first=False), "first token"),
        (Silent(), "first token"),
        (Endless("comments"), "first token"),
        (Silent("Your opening"), "between tokens"),
    ],
)
async def test_a_slow_server_is_left(reply: Reply, cause: str, server: ModelServer) -> None:
    server.otherwise = reply
    ledger = Rows()
    async with Models(Roles.all(remote(server.base_url)), ledger=ledger, limits=HASTY) as models:
        with pytest.raises(ModelTimeoutError) as caught:
            await models.complete(question())
        async with asyncio.timeout(30):
            await server.left.wait()
    assert cause in caught.value.cause
    assert len(server.requests) == 1
    assert ledger.only.estimated
    assert ledger.only.tokens_in > 0


async def test_all_attempts_together_have_a_limit(server: ModelServer) -> None:
    server.otherwise = Status(500, headers={"Retry-After": "5"})
    async with Models(Roles.all(remote(server.base_url)), limits=HASTY) as models:
        with pytest.raises(ModelTimeoutError) as caught:
            await models.complete(question())
    assert "whole" in caught.value.cause
    assert len(server.requests) == 1


async def test_waiting_for_a_place_has_a_limit(server: ModelServer) -> None:
    server.otherwise = Silent()
    ledger = Rows()
    limits = Limits(queue=0.1, concurrency=1)
    async with Models(Roles.all(remote(server.base_url)), ledger=ledger, limits=limits) as models:
        first = asyncio.create_task(models.complete(question()))
        await server.waiting.wait()
        with pytest.raises(ModelBusyError):
            await models.complete(question())
        assert ledger.only.attempts == 0
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first


async def test_a_failing_ledger_does_not_cost_the_answer(server: ModelServer, logged: io.StringIO) -> None:
    class Broken:
        async def record(self, _row: CallRecord) -> None:
            raise OSError(CANARY)

    async with Models(Roles.all(remote(server.base_url)), ledger=Broken(), limits=QUICK) as models:
        answer = await models.complete(question())
    assert answer.text == "Your opening works."
    assert "ledger_failed" in logged.getvalue()
    assert CANARY not in logged.getvalue()
