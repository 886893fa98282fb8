"""The page in Debian's chromium, over a local Discord with the stage's bot in it."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, Page, async_playwright, expect

from bot.playground import Clock, Member, Playground
from bot.playground.model import Channel
from bot.playground.page import page as page_extension
from tests.playground.client import ClientFactory, redirected
from tests.playground.page.stage_bot import stage_bot
from tests.playground.witness import Witness

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WELCOME = "Type / to see what the bot can do. <b>This is plain text.</b>"
LIMIT_MS = 15_000


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
    if shutil.which(CHROMIUM) is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"), executable_path=CHROMIUM, headless=True, args=FLAGS
        )
        context.set_default_timeout(LIMIT_MS)
        expect.set_options(timeout=LIMIT_MS)
        yield context
        await context.close()


@dataclass
class Tab:
    """One tab, with the moves that every test makes."""

    page: Page
    thread: Channel
    problems: list[str] = field(default_factory=list)

    @property
    def composer(self) -> Locator:
        return self.page.get_by_label("Message", exact=True)

    @property
    def form(self) -> Locator:
        return self.page.locator(".command-form")

    def message(self, text: str) -> Locator:
        return self.page.locator("article").filter(has_text=text)

    async def become(self, name: str) -> None:
        person = self.page.locator(".me .person").filter(has_text=name)
        await person.click()
        await expect(person).to_have_attribute("aria-pressed", "true")

    async def open_thread(self) -> None:
        await self.page.locator(".channel.thread").filter(has_text=self.thread.name).click()
        await expect(self.page.locator(".place")).to_have_text(self.thread.name)
        await expect(self.composer).to_have_attribute("placeholder", re.compile(re.escape(self.thread.name)))

    async def choose_command(self, name: str) -> None:
        await self.composer.fill(f"/{name}")
        await self.page.locator(f'[data-command="{name}"]').click()
        await expect(self.form).to_be_visible()

    async def run_command(self, name: str) -> None:
        await self.choose_command(name)
        await self.form.get_by_role("button", name="Run command").click()


@pytest_asyncio.fixture(loop_scope="module")
async def tab(stage: Stage, browser: BrowserContext, request: pytest.FixtureRequest) -> AsyncIterator[Tab]:
    """Open the page as Mara in a thread that belongs to the test; nothing may go wrong in the browser."""
    name = request.node.name[:60]
    thread = await stage.mara.start_thread(name, channel="workshop")
    await stage.jonas.join(thread)
    tab = Tab(await browser.new_page(), thread)
    own = stage.playground.url

    def note_request(url: str) -> None:
        if not url.startswith((f"{own}/", "data:", "blob:")):
            tab.problems.append(f"asked for {url}")

    tab.page.on("request", lambda each: note_request(each.url))
    tab.page.on("pageerror", lambda error: tab.problems.append(str(error)))
    tab.page.on("console", lambda line: tab.problems.append(line.text) if line.type == "error" else None)
    await tab.page.goto(f"{own}/")
    await tab.open_thread()
    yield tab
    await tab.page.close()
    assert tab.problems == []
