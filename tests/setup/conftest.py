"""A local Discord, and a terminal in front of it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.playground import Playground
from tests.setup.terminal import Person


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    async with Playground(bot_name="Quill") as running:
        yield running


@pytest.fixture
def at(tmp_path: Path, playground: Playground) -> Callable[..., Person]:
    """Give a way to sit down at a terminal in the test's folder."""

    def sit_down(*options: str, **variables: str) -> Person:
        discord = {"DISCORD_API_URL": playground.api_url, "DISCORD_GATEWAY_URL": playground.gateway_url}
        return Person(tmp_path, *options, **(discord | variables))

    return sit_down
