"""Finding out what a model's server can do, by asking it."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.llm.door import Door
from bot.llm.errors import ModelNotFoundError, ModelUnauthorisedError, ModelUnreachableError
from bot.llm.limits import Limits
from bot.llm.probe import abilities, first_token, measured_context, told_context
from tests.able_model import Able
from tests.model_server import KEY, ModelServer, Page, Status, Words

MODEL = "editor"


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as running:
        running.otherwise = Able()
        yield running


@pytest.fixture
async def door(server: ModelServer) -> AsyncIterator[Door]:
    made = Door(base_url=server.base_url, api_key=KEY, limits=Limits())
    yield made
    await made.close()


async def test_one_token_is_asked_for(server: ModelServer, door: Door) -> None:
    answer = await first_token(door, MODEL)
    assert answer.streams
    assert answer.seconds < 30
    assert [each.body["max_tokens"] for each in server.requests] == [1]


async def test_a_server_that_does_not_stream_is_told_apart(server: ModelServer, door: Door) -> None:
    server.script(Words(streams=False))
    assert not (await first_token(door, MODEL)).streams


async def test_a_model_that_needs_more_than_one_token_gets_a_few(server: ModelServer, door: Door) -> None:
    server.script(Status(400, "invalid_request_error", "Could not finish the message."))
    await first_token(door, MODEL)
    assert [each.body["max_tokens"] for each in server.requests] == [1, 64]


@pytest.mark.parametrize("able", [True, False])
async def test_abilities_are_seen_in_the_answers(
    server: ModelServer,
    door: Door,
    able: bool,  # noqa: FBT001 - the table's
) -> None:
    server.otherwise = Able(schema=able, prefill=able)
    found = await abilities(door, MODEL, server.base_url)
    assert (found.json_schema, found.prefill) == (able, able)


async def test_what_a_server_refuses_it_cannot(server: ModelServer, door: Door) -> None:
    server.script(
        Status(400, "unsupported_parameter", "No response_format here.", "response_format"),
        Status(400, None, "The last message must be the user's."),
    )
    found = await abilities(door, MODEL, server.base_url)
    assert (found.json_schema, found.prefill) == (False, False)


async def test_what_an_answer_leaves_open_is_not_guessed(server: ModelServer, door: Door) -> None:
    server.script(Words("", finish="length", thought="Hm."), Words("Of course!"))
    found = await abilities(door, MODEL, server.base_url)
    assert (found.json_schema, found.prefill) == (None, None)


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/v1/models", {"data": [{"id": MODEL, "max_model_len": 16384}]}),
        ("/v1/models", {"data": [{"id": "other"}, {"id": MODEL, "context_length": 16384}]}),
        ("/api/ps", {"models": [{"name": f"{MODEL}:latest", "context_length": 16384}]}),
        ("/props", {"default_generation_settings": {"n_ctx": 16384}}),
        ("/nowhere", None),
    ],
)
async def test_each_server_tells_its_context_in_its_own_way(path: str, page: object) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response(page)

    app = web.Application()
    app.router.add_get(path, answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        door = Door(base_url=base, api_key=None, limits=Limits())
        assert await told_context(door, MODEL, base) == (16384 if page else None)
        await door.close()
    finally:
        await runner.cleanup()


async def test_a_prompt_that_was_cut_is_given_away_by_the_count(server: ModelServer, door: Door) -> None:
    assert await measured_context(door, MODEL, 8192) == 8192
    server.otherwise = Able(reads=4096)
    assert await measured_context(door, MODEL, 8192) == 4096
    server.script(Status(400, "context_length_exceeded"))
    assert await measured_context(door, MODEL, 8192) == 0
    server.script(Words(usage=None))
    assert await measured_context(door, MODEL, 8192) is None


async def test_what_keeps_the_first_token_away_is_told_apart(server: ModelServer) -> None:
    async def error_of(base_url: str, key: str, model: str) -> type[Exception]:
        door = Door(base_url=base_url, api_key=key, limits=Limits(connect=2.0))
        with pytest.raises(Exception) as raised:  # noqa: PT011 - its type is what is looked at
            await first_token(door, model)
        await door.close()
        return raised.type

    assert await error_of(server.base_url, "wrong", MODEL) is ModelUnauthorisedError
    assert await error_of(server.base_url, KEY, "unknown") is ModelNotFoundError
    assert await error_of("http://127.0.0.1:9/v1", KEY, MODEL) is ModelUnreachableError
    server.script(Page())
    assert (await error_of(server.base_url, KEY, MODEL)).__name__ == "NotAModelError"
