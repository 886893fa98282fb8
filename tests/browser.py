"""Debian's chromium, and what every test does in the page of the local Discord."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import BrowserContext, Locator, Page, async_playwright, expect

LIMIT_MS: Final = 30_000
_CHROMIUM: Final = "/usr/bin/chromium"
_FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@asynccontextmanager
async def open_browser(profile: Path) -> AsyncIterator[BrowserContext]:
    """Start chromium with a profile; without chromium the test is skipped."""
    if shutil.which(_CHROMIUM) is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            profile, executable_path=_CHROMIUM, headless=True, args=_FLAGS
        )
        context.set_default_timeout(LIMIT_MS)
        expect.set_options(timeout=LIMIT_MS)
        yield context
        await context.close()


@dataclass
class Tab:
    """One tab, with the moves that every test makes.

    Attributes:
        problems: What went wrong in the browser, and what it asked for of anybody but this Discord.
    """

    page: Page
    problems: list[str] = field(default_factory=list)

    @property
    def composer(self) -> Locator:
        """Where one writes."""
        return self.page.get_by_label("Message", exact=True)

    @property
    def form(self) -> Locator:
        """The options of a command."""
        return self.page.locator(".command-form")

    @property
    def modal(self) -> Locator:
        """A form that the bot opened."""
        return self.page.locator(".modal")

    def message(self, text: str) -> Locator:
        """The messages that say something."""
        return self.page.locator("article").filter(has_text=text)

    def watch(self, own: str) -> None:
        """Note from now on what goes wrong; `own` is where this Discord is."""

        def note_request(url: str) -> None:
            if not url.startswith((f"{own}/", "data:", "blob:")):
                self.problems.append(f"asked for {url}")

        self.page.on("request", lambda each: note_request(each.url))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on(
            "console", lambda line: self.problems.append(line.text) if line.type == "error" else None
        )

    async def become(self, name: str) -> None:
        """Be somebody else from now on."""
        person = self.page.locator(".me .person").filter(has_text=name)
        await person.click()
        await expect(person).to_have_attribute("aria-pressed", "true")

    async def choose_command(self, name: str) -> None:
        """Open a command's form."""
        await self.composer.fill(f"/{name}")
        await self.page.locator(f'[data-command="{name}"]').click()
        await expect(self.form).to_be_visible()

    async def run_command(self, name: str) -> None:
        """Run a command as its form stands."""
        await self.choose_command(name)
        await self.form.get_by_role("button", name="Run command").click()
