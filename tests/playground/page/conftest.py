"""The page in Debian's chromium, over a local Discord with the stage's bot in it."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, expect

from bot.playground import Clock, Member, Playground
from bot.playground.model import Channel
from bot.playground.page import page as page_extension
from tests.browser import Tab, open_browser
from tests.playground.client import ClientFactory, redirected
from tests.playground.page.stage_bot import stage_bot
from tests.playground.witness import Witness

WELCOME = "Type / to see what the bot can do. <b>This is plain text.</b>"


@dataclass
class Stage:
    """What all tests of a module share; each has a thread of its own to act in."""

    playground: Playground
    witness: Witness
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def mara(self) -> Member:
        return self.playground.member("mara")

    @property
    def jonas(self) -> Member:
        return self.playground.member("jonas")

    async def wait_until_failed(self) -> None:
        """Let Discord's three seconds pass."""
        self.playground.clock.advance(3.1)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def stage() -> AsyncIterator[Stage]:
    """Run a local Discord with page and bot; all that goes over the wire must be as described."""
    witness = Witness()
    async with Playground(clock=Clock(frozen=True), extensions=[page_extension(WELCOME)]) as playground:
        witness.watch(playground)
        stage = Stage(playground, witness)
        factory = ClientFactory(playground)
        with redirected(playground):
            await factory(stage_bot(stage.released))
            yield stage
            await factory.close()
    assert witness.violations == []


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[BrowserContext]:
    """Start chromium with a new, empty profile."""
    async with open_browser(tmp_path_factory.mktemp("profile")) as context:
        yield context


@dataclass
class ThreadTab(Tab):
    """A tab in a thread that belongs to the test."""

    thread: Channel = field(kw_only=True)

    async def open_thread(self) -> None:
        await self.page.locator(".channel.thread").filter(has_text=self.thread.name).click()
        await expect(self.page.locator(".place")).to_have_text(self.thread.name)
        await expect(self.composer).to_have_attribute("placeholder", re.compile(re.escape(self.thread.name)))


@pytest_asyncio.fixture(loop_scope="module")
async def tab(
    stage: Stage, browser: BrowserContext, request: pytest.FixtureRequest
) -> AsyncIterator[ThreadTab]:
    """Open the page as Mara in a thread that belongs to the test; nothing may go wrong in the browser."""
    name = request.node.name[:60]
    thread = await stage.mara.start_thread(name, channel="workshop")
    await stage.jonas.join(thread)
    tab = ThreadTab(await browser.new_page(), thread=thread)
    tab.watch(stage.playground.url)
    await tab.page.goto(f"{stage.playground.url}/")
    await tab.open_thread()
    yield tab
    await tab.page.close()
    assert tab.problems == []
