"""Whatever a model's server does, the writer gets what was measured and one sentence; and nothing breaks."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.playground import Member
from tests.e2e.letters import LETTER
from tests.e2e.stage import QUICK, Stage, ended, open_stage, upload
from tests.model_server import Cut, Endless, Page, Reply, Silent, Status, StreamOf, Words

pytestmark = pytest.mark.asyncio(loop_scope="module")

_PRAISE = "I like how quietly your scene puts its weight on small things."
_MEASURED = "“Ines noticed that the”"

_FAULTS: dict[str, tuple[Reply, str]] = {
    "slow": (Silent(), "took too long"),
    "slow in mid-stream": (Silent("I like how"), "took too long"),
    "401": (Status(401, "invalid_api_key"), "does not accept this bot's key"),
    "404": (Status(404, "model_not_found"), "does not know the model"),
    "429": (Status(429, "rate_limit_exceeded"), "takes no more questions"),
    "429 for hours": (Status(429, headers={"Retry-After": "7200"}), "takes no more questions"),
    "500": (Status(500), "fault of its own"),
    "503": (Status(503), "fault of its own"),
    "empty": (Words(""), "empty answer"),
    "endless words": (Endless("words"), "did not come to an end"),
    "an endless line": (Endless("line"), "did not come to an end"),
    "cut before a word": (Cut(""), "try again"),
    "cut in mid-stream": (Cut(LETTER[:200]), "broke in the middle"),
    "refusing": (Words("", refusal="I will not."), "would not write about this text"),
    "refusing in words": (Words("I'm sorry, but I can't help with that."), "would not write about this text"),
    "filtered": (Words("I", finish="content_filter"), "filter"),
    "a web page": (Page(), "does not speak like a model"),
    "not JSON": (StreamOf(("{broken", "[DONE]")), "model"),
    "nonsense": (Words("lorem ipsum dolor " * 60), "did not hold up"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Give a stage whose patience with a model is short."""
    async with open_stage(tmp_path_factory.mktemp("data"), limits=QUICK) as stage:
        yield stage


@pytest.mark.parametrize("fault", _FAULTS)
async def test_the_writer_gets_the_findings_and_the_reason(stage: Stage, mara: Member, fault: str) -> None:
    stage.model.otherwise, words = _FAULTS[fault]
    told = await ended(await mara.slash("critique", manuscript=upload()))
    assert words in told
    assert "ink-" in told, "the id under which the log has the cause"
    assert _MEASURED in told, "what was measured without the model"
    assert _PRAISE not in told


async def test_a_server_that_is_down(stage: Stage, mara: Member) -> None:
    door = next(iter(stage.app.engine.models._doors.values()))
    client = await door.client()
    known = client.base_url
    client.base_url = "http://127.0.0.1:9/v1"
    try:
        told = await ended(await mara.slash("critique", manuscript=upload()))
    finally:
        client.base_url = known
    assert "cannot be reached" in told
    assert _MEASURED in told


async def test_a_short_fault_is_not_even_noticed(stage: Stage, mara: Member) -> None:
    stage.model.script(Status(500), Status(429, headers={"Retry-After": "0"}))
    assert _PRAISE in await ended(await mara.slash("critique", manuscript=upload()))
    assert len(stage.model.requests) == 3


async def test_a_failure_is_not_shown_to_the_channel(stage: Stage, mara: Member, jonas: Member) -> None:
    stage.model.otherwise = Status(401)
    before = jonas.messages("workshop")
    response = await mara.slash("critique", manuscript=upload(), visibility="this channel")
    assert "key" in await ended(response)
    assert jonas.messages("workshop") == before


async def test_many_at_once_are_all_served(stage: Stage) -> None:
    members = [stage.playground.add_member(f"Reader {number}") for number in range(12)]
    for member in members:
        member.go("workshop")
    responses = await asyncio.gather(*(member.slash("critique", manuscript=upload()) for member in members))
    for response in responses:
        assert _PRAISE in await ended(response)
