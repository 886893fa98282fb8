"""One bot, one local Discord and one double of a model for each file of tests."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.playground import Member
from tests.databases import Database
from tests.e2e.crash_scene import Scene, open_scene
from tests.e2e.letters import LETTER
from tests.e2e.stage import Stage, open_stage
from tests.model_server import Words

_numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Give the stage that a file's tests share."""
    async with open_stage(tmp_path_factory.mktemp("data")) as stage:
        yield stage


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reading_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Give a stage on which the bot may read what is written in its threads."""
    async with open_stage(tmp_path_factory.mktemp("data"), inkcircle_message_content=True) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(whole_stage: Stage) -> Stage:
    """Give the stage with a model that writes a good letter, and with nothing left of the test before."""
    whole_stage.model.otherwise = Words(LETTER)
    whole_stage.model.requests.clear()
    whole_stage.model.waiting.clear()
    whole_stage.exchanges.clear()
    return whole_stage


@pytest.fixture
def mara(stage: Stage) -> Member:
    """Give a writer, new for each test, who looks at the channel 'workshop'."""
    return _newcomer(stage, "Mara")


@pytest.fixture
def jonas(stage: Stage) -> Member:
    """Give a second writer."""
    return _newcomer(stage, "Jonas")


@pytest.fixture
def ines(stage: Stage) -> Member:
    """Give the moderator."""
    moderator = stage.member("ines")
    moderator.go("workshop")
    return moderator


@pytest_asyncio.fixture
async def scene(tmp_path: Path, database: Database) -> AsyncIterator[Scene]:
    """Give a Discord, a model, and a bot that does not run yet, and that may be killed."""
    async with open_scene(tmp_path, database) as opened:
        yield opened


def _newcomer(stage: Stage, name: str) -> Member:
    member = stage.playground.add_member(f"{name} {next(_numbers)}")
    member.go("workshop")
    return member
