"""A local Discord and an unmodified discord.py client that talks to it."""

from collections.abc import AsyncIterator

import pytest

from bot.playground import Clock, Playground
from tests.playground.client import ClientFactory, redirected
from tests.playground.plain_http import PlainHttp
from tests.playground.witness import Witness


@pytest.fixture
def witness() -> Witness:
    """Give the record of everything that goes over the wire."""
    return Witness()


@pytest.fixture
async def playground(witness: Witness) -> AsyncIterator[Playground]:
    """Give a running local Discord whose clock stands still; all that it says must be as described."""
    async with Playground(clock=Clock(frozen=True)) as running:
        witness.watch(running)
        yield running
    assert witness.violations == []


@pytest.fixture
async def clients(playground: Playground) -> AsyncIterator[ClientFactory]:
    """Give a way to make clients, which are closed in the end."""
    factory = ClientFactory(playground)
    with redirected(playground):
        yield factory
        await factory.close()


@pytest.fixture
async def http(playground: Playground) -> AsyncIterator[PlainHttp]:
    """Give requests without a client library, for what discord.py would never send."""
    async with PlainHttp(playground) as plain:
        yield plain
