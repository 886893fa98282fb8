"""Asking a model that answers: streaming, ends, JSON, cancellation, places, the books."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from bot.llm import (
    Answer,
    Finish,
    InvalidAnswerError,
    Message,
    Models,
    Outcome,
    Role,
    Usage,
)
from tests.llm.roles import QUICK, Roles, Rows, question, remote
from tests.model_server import KEY, ModelServer, Reply, Silent, Status, Words

SCHEMA = {
    "type": "object",
    "properties": {"keep": {"type": "string"}, "page": {"type": "integer"}},
    "required": ["keep", "page"],
    "additionalProperties": False,
}
GOOD = '{"keep": "the gate", "page": 3}'


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as running:
        yield running


@pytest.fixture
def ledger() -> Rows:
    return Rows()


@pytest.fixture
async def models(server: ModelServer, ledger: Rows) -> AsyncIterator[Models]:
    async with Models(Roles.all(remote(server.base_url)), ledger=ledger, limits=QUICK) as running:
        yield running


async def test_an_answer_comes_whole_and_piece_by_piece(models: Models) -> None:
    given: list[str] = []
    answer = await models.complete(question(), on_text=given.append)
    assert answer == Answer(
        "Your opening works.", Finish.STOP, "editor", embedded=False, usage=Usage(20, 6, 0)
    )
    assert given == ["Your", " opening", " works."]


async def test_a_server_that_does_not_stream_is_understood(server: ModelServer, models: Models) -> None:
    server.script(Words(streams=False))
    given: list[str] = []
    answer = await models.complete(question(), on_text=given.append)
    assert answer.text == "".join(given) == "Your opening works."
    assert answer.usage == Usage(20, 6, 0)


async def test_the_call_reaches_the_server_as_it_was_put(server: ModelServer, models: Models) -> None:
    call = question("Well?", temperature=0.3, seed=5, logit_bias={17: -100}, stop=("\n\n", "END"))
    await models.complete(call)
    body = server.requests[0].body
    assert body["messages"] == [{"role": "user", "content": "Well?"}]
    assert body["max_tokens"] == 100
    assert body["temperature"] == 0.3
    assert body["seed"] == 5
    assert body["logit_bias"] == {"17": -100}
    assert body["stop"] == ["\n\n", "END"]
    assert server.requests[0].request.headers["Authorization"] == f"Bearer {KEY}"


async def test_grammar_and_prefill_stay_at_home(server: ModelServer, models: Models) -> None:
    await models.complete(question("Well?", grammar='root ::= "a"', prefill="The gate"))
    assert "grammar" not in server.requests[0].body
    assert server.requests[0].last == "Well?"
    assert not models.endpoint(Role.COACH).grammar


async def test_a_roles_own_temperature_goes_first(server: ModelServer) -> None:
    target = remote(server.base_url)
    warm = type(target)(target.model, target.base_url, target.api_key, target.context, 0.9, embedded=False)
    async with Models(Roles(coach=target, story=warm, memory=target), limits=QUICK) as models:
        await models.complete(question(role=Role.STORY, temperature=0.1))
    assert server.requests[0].body["temperature"] == 0.9


async def test_each_role_goes_to_its_own_server_with_its_own_key(server: ModelServer) -> None:
    async with ModelServer(key="sk-of-the-storyteller", models=("bard",)) as other:
        story = remote(other.base_url, model="bard", key="sk-of-the-storyteller")
        coach = remote(server.base_url)
        async with Models(Roles(coach, story, coach), limits=QUICK) as models:
            assert (await models.complete(question(role=Role.STORY))).model == "bard"
            assert (await models.complete(question(role=Role.COACH))).model == "editor"
        assert len(other.requests) == len(server.requests) == 1


async def test_a_server_without_a_key_is_not_given_another_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-someone-else")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-someone")
    async with ModelServer(key=None) as server:
        async with Models(Roles.all(remote(server.base_url, key=None)), limits=QUICK) as models:
            await models.complete(question())
        assert "someone" not in str(server.requests[0].request.headers)


@pytest.mark.parametrize(
    ("reply", "end"),
    [
        (Words("Your opening", finish="length"), (Finish.LENGTH, "Your opening")),
        (Words("", finish="content_filter"), (Finish.FILTERED, "")),
        (Words("Your", finish="content_filter"), (Finish.FILTERED, "Your")),
        (Words("", refusal="I cannot help with that."), (Finish.REFUSED, "I cannot help with that.")),
        (Status(400, "content_filter"), (Finish.FILTERED, "")),
        (Words("Your opening", finish="eos"), (Finish.STOP, "Your opening")),
    ],
)
async def test_ends_are_results(
    reply: Reply, end: tuple[Finish, str], server: ModelServer, models: Models, ledger: Rows
) -> None:
    server.script(reply)
    answer = await models.complete(question())
    assert (answer.finish, answer.text) == end
    assert ledger.only.outcome == Outcome(end[0])
    assert len(server.requests) == 1


async def test_stop_sequences_hold_where_the_server_ignores_them(server: ModelServer, models: Models) -> None:
    server.script(Words("Keep the gate. END Now I will go on and on", usage=None))
    given: list[str] = []
    stops = ("#1", "#2", "#3", "#4", " END")
    answer = await models.complete(question(stop=stops), on_text=given.append)
    # OpenAI takes four at most; the fifth is ours to see.
    assert server.requests[0].body["stop"] == list(stops[:4])
    assert answer.text == "".join(given) == "Keep the gate."
    assert answer.finish is Finish.STOP


async def test_json_by_schema_is_checked_and_given_as_a_value(server: ModelServer, models: Models) -> None:
    server.script(Words(GOOD))
    answer = await models.complete(question(schema=SCHEMA, schema_name="note"))
    assert answer.parsed == {"keep": "the gate", "page": 3}
    assert not answer.repaired
    wish = server.requests[0].body["response_format"]
    assert wish["json_schema"] == {"name": "note", "strict": True, "schema": SCHEMA}


@pytest.mark.parametrize("bad", ["Certainly!", '{"keep": "the gate", "page": "three"}', '{"keep": "the'])
async def test_wrong_json_is_asked_for_once_more(
    bad: str, server: ModelServer, models: Models, ledger: Rows
) -> None:
    server.script(Words(bad), Words(f"```json\n{GOOD}\n```"))
    answer = await models.complete(question("Well?", schema=SCHEMA))
    assert answer.parsed == {"keep": "the gate", "page": 3}
    assert answer.repaired
    repair = server.requests[1].body["messages"]
    assert [message["role"] for message in repair] == ["user", "assistant", "user"]
    assert repair[1]["content"] == bad
    assert ledger.only.attempts == 2
    assert answer.usage == Usage(40, 12, 0)
    assert ledger.only.tokens_in == 40


async def test_wrong_json_twice_is_an_error(server: ModelServer, models: Models, ledger: Rows) -> None:
    server.otherwise = Words("Certainly!")
    with pytest.raises(InvalidAnswerError):
        await models.complete(question(schema=SCHEMA))
    assert len(server.requests) == 2
    assert ledger.only.outcome is Outcome.INVALID_JSON


async def test_who_wants_no_repair_gets_the_answer_as_it_is(server: ModelServer, models: Models) -> None:
    server.otherwise = Words("no JSON")
    answer = await models.complete(question(schema=SCHEMA, repairs=False))
    assert (answer.text, answer.parsed) == ("no JSON", None)
    assert len(server.requests) == 1


async def test_a_refusal_is_not_repaired(server: ModelServer, models: Models) -> None:
    server.script(Words("", refusal="No."))
    answer = await models.complete(question(schema=SCHEMA))
    assert answer.finish is Finish.REFUSED
    assert answer.parsed is None
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "words", ["Unsupported parameter: 'response_format'.", "json_schema is not supported", "Bad."]
)
async def test_a_server_without_response_format_is_asked_in_words(
    words: str, server: ModelServer, models: Models
) -> None:
    server.script(Status(400, message=words), Words(GOOD), Words(GOOD))
    for _ in range(2):
        answer = await models.complete(question("Well?", schema=SCHEMA))
        assert answer.parsed == {"keep": "the gate", "page": 3}
    first, second, third = server.requests
    assert "response_format" in first.body
    assert "response_format" not in second.body
    assert '"keep"' in second.last
    # What the server refused once is not tried again.
    assert "response_format" not in third.body


async def test_a_server_says_what_it_does_not_accept(ledger: Rows) -> None:
    refused = ("max_tokens", "temperature", "seed", "stop", "stream_options", "logit_bias")
    async with ModelServer(refuses=refused) as strict:
        call = question(temperature=0.2, seed=1, stop=("END",), logit_bias={1: 1})
        async with Models(Roles.all(remote(strict.base_url)), limits=QUICK, ledger=ledger) as asking:
            assert (await asking.complete(call)).text == "Your opening works."
            sent = len(strict.requests)
            await asking.complete(call)
        assert strict.requests[-1].body["max_completion_tokens"] == 100
        assert len(strict.requests) == sent + 1
    # The server gave no count any more, so the books say that theirs is an estimate.
    assert ledger.rows[-1].estimated
    assert ledger.rows[-1].tokens_out > 0


@pytest.mark.parametrize(
    "cut", [Words("", finish="length", thought="Hm."), Words("Your", "length", thought="Hm.")]
)
async def test_a_model_that_thinks_is_given_room_for_it(
    cut: Words, server: ModelServer, models: Models
) -> None:
    server.script(cut, Words(thought="Hm."), Words(thought="Hm."))
    for _ in range(2):
        answer = await models.complete(question(max_tokens=100))
        assert answer.text == "Your opening works."
    first, second, third = (received.body["max_tokens"] for received in server.requests)
    assert first == 100
    assert second == third > 5000


async def test_thoughts_in_the_answer_are_not_shown(server: ModelServer, models: Models) -> None:
    server.script(Words("<think> Is it good? It is. </think> Your opening works."))
    given: list[str] = []
    answer = await models.complete(question(), on_text=given.append)
    assert answer.text == "".join(given) == "Your opening works."


async def test_cancelling_leaves_the_server_at_once(
    server: ModelServer, models: Models, ledger: Rows
) -> None:
    server.otherwise = Silent("Your opening")
    asking = asyncio.create_task(models.complete(question()))
    async with asyncio.timeout(30):
        await server.waiting.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await server.left.wait()
    assert ledger.only.outcome is Outcome.CANCELLED
    assert ledger.only.estimated
    assert ledger.only.tokens_in > 0
    # The place is free again.
    server.otherwise = Words()
    assert (await models.complete(question())).text == "Your opening works."


async def test_no_more_calls_at_once_than_there_are_places(server: ModelServer) -> None:
    limits = type(QUICK)(concurrency=2, first_pause=0.001)
    gate = asyncio.Event()
    server.otherwise = Words(gate=gate)
    async with (
        Models(Roles.all(remote(server.base_url)), limits=limits) as models,
        asyncio.timeout(30),
        asyncio.TaskGroup() as group,
    ):
        tasks = [group.create_task(models.complete(question(role=role))) for role in Role for _ in range(3)]
        await server.serves(2)
        gate.set()
        await asyncio.gather(*tasks)
    assert server.most_serving == 2
    assert all(task.result().text == "Your opening works." for task in tasks)


async def test_a_row_says_whose_call_it_was_and_what_it_took(models: Models, ledger: Rows) -> None:
    await models.complete(question())
    row = ledger.only
    assert (row.guild_id, row.member_id, row.job, row.role) == (7, 9, "ink-TEST01", Role.COACH)
    assert (row.model, row.embedded, row.attempts) == ("editor", False, 1)
    assert (row.tokens_in, row.tokens_out, row.tokens_cached, row.estimated) == (20, 6, 0, False)
    assert row.seconds > 0
    # The table does not know this model: that is not the same as free.
    assert row.cost is None
    assert row.currency == "USD"


async def test_a_known_model_has_its_price(
    server: ModelServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    table = tmp_path_factory.mktemp("prices") / "prices.toml"
    table.write_text(
        'currency = "EUR"\n[[price]]\nmodel = "edi*"\nserver = "127.0.0.1"\n'
        "input = 10\ncached = 1\noutput = 100\n"
    )
    server.script(Words(usage=(1000, 10, 600)))
    ledger = Rows()
    target = remote(server.base_url)
    settings = Roles(target, target, target, inkcircle_prices=table)
    async with Models(settings, ledger=ledger, limits=QUICK) as models:
        await models.complete(question())
    assert ledger.only.cost == Decimal("0.0056")
    assert ledger.only.currency == "EUR"


async def test_tokens_are_counted_by_a_server_that_can() -> None:
    async with (
        ModelServer(tokenizes=True) as server,
        Models(Roles.all(remote(server.base_url)), limits=QUICK) as models,
    ):
        assert await models.count_tokens(Role.COACH, "one two three") == 3


async def test_tokens_are_estimated_where_a_server_cannot_count(server: ModelServer, models: Models) -> None:
    for _ in range(2):
        assert await models.count_tokens(Role.COACH, "one two three") >= 3
    assert server.token_requests == 1


async def test_a_conversation_keeps_its_order(server: ModelServer, models: Models) -> None:
    messages = (
        Message("system", "Be kind."),
        Message("user", "A"),
        Message("assistant", "B"),
        Message("user", "C"),
    )
    await models.complete(question(messages=messages))
    assert [message["content"] for message in server.requests[0].body["messages"]] == [
        "Be kind.",
        "A",
        "B",
        "C",
    ]
