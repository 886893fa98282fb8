"""A page that is led to where something happens, until somebody looks around by themselves."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.playground import Clock, Playground
from bot.playground.page import Guide, Sight, page
from tests.browser import Tab, open_browser

pytestmark = [pytest.mark.browser, pytest.mark.asyncio]


async def test_a_guide_leads_until_one_goes_alone(tmp_path: Path) -> None:
    guide = Guide("It begins.")
    async with (
        Playground(clock=Clock(frozen=True), extensions=[page(guide)]) as playground,
        open_browser(tmp_path) as browser,
    ):
        tab = Tab(browser.pages[0])
        tab.watch(playground.url)
        await tab.page.goto(f"{playground.url}/")
        told, place = tab.page.locator(".guide"), tab.page.locator(".place")
        await expect(told).to_contain_text("It begins.")

        # Seen through the eyes of whoever acts, so that what is private shows as well.
        guide.show(Sight("Ines <b>reads</b>.", playground.member("ines"), playground.channel("workshop")))
        await expect(told).to_contain_text("Ines <b>reads</b>.")
        await expect(place).to_have_text(re.compile("#.workshop"))
        await expect(tab.page.locator(".me .here")).to_contain_text("Ines")

        await tab.page.get_by_role("button", name="# stories").click()
        await expect(told.get_by_role("button")).to_have_text("Follow")
        guide.show(Sight("Mara writes.", playground.member("mara"), playground.channel("general")))
        await expect(told).to_contain_text("Mara writes.")
        await expect(place).to_have_text(re.compile("#.stories"))

        await told.get_by_role("button").click()
        await expect(place).to_have_text(re.compile("#.general"))
        await expect(tab.page.locator(".me .here")).to_contain_text("Mara")

        # The days of a week are told apart.
        mara = playground.member("mara")
        await mara.say("On Monday", channel="general")
        playground.clock.advance(24 * 60 * 60)
        await mara.say("On Tuesday", channel="general")
        await expect(tab.message("On Tuesday")).to_have_attribute("data-day", re.compile(r"^\d+ \w+ \d{4}$"))
        await expect(tab.message("On Monday")).to_have_attribute("data-day", "")
        assert tab.problems == []
