"""A local Discord and an unmodified discord.py client that talks to it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from bot.playground import Clock, Playground
from tests.playground.client import ClientFactory, redirected


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    """Give a running local Discord whose clock stands still."""
    async with Playground(clock=Clock(frozen=True)) as running:
        yield running


@pytest.fixture
def _redirected(playground: Playground) -> Iterator[None]:
    with redirected(playground):
        yield


@pytest.fixture
async def clients(playground: Playground, _redirected: None) -> AsyncIterator[ClientFactory]:
    """Give a way to make clients, which are closed in the end."""
    factory = ClientFactory(playground)
    yield factory
    await factory.close()
