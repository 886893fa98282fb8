"""The drawer of faults, and going from server to server, in a real browser."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from bot.playground import FaultKind
from tests.playground.page.conftest import Stage, ThreadTab

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def well_again(stage: Stage) -> AsyncIterator[None]:
    """Leave no fault to the next test."""
    yield
    stage.playground.board.all_well()


def fault(tab: ThreadTab, name: str) -> Locator:
    return tab.page.locator(f'[data-switch="{name}"]')


async def open_drawer(tab: ThreadTab) -> Locator:
    await tab.page.get_by_role("button", name="Faults").click()
    drawer = tab.page.get_by_role("complementary", name="Faults")
    await expect(drawer).to_be_visible()
    return drawer


async def test_a_switch_is_turned_and_counts(stage: Stage, tab: ThreadTab) -> None:
    drawer = await open_drawer(tab)
    await drawer.get_by_label("For how long").select_option(label="three times")
    await drawer.get_by_label("Only for").fill("POST /interactions/**")
    await fault(tab, "bucket-limit").click()
    await expect(fault(tab, "bucket-limit")).to_have_attribute("aria-checked", "true")
    opener = tab.page.locator(".top button[aria-expanded]")
    await expect(opener).to_have_text("Faults: 1 on")
    await drawer.get_by_role("button", name="Close").click()
    await expect(drawer).to_be_hidden()
    await tab.run_command("whisper")
    await expect(tab.message("a secret between us")).to_be_visible()
    await expect(opener).to_have_text("Faults")  # used up
    await opener.click()
    await expect(fault(tab, "bucket-limit").locator(".fault-count")).to_have_text("3\u00d7")

    assert [each.kind for each in stage.playground.faults.log] == [FaultKind.BUCKET_LIMIT] * 3
    await drawer.get_by_role("button", name="All well again").click()
    await expect(fault(tab, "bucket-limit").locator(".fault-count")).to_have_text("")
    assert stage.playground.faults.all == ()


async def test_what_is_turned_elsewhere_shows_here(stage: Stage, tab: ThreadTab) -> None:
    await open_drawer(tab)
    stage.playground.board.turn_on("event-lost")
    stage.playground.board.strict = True
    stage.playground.board.changed()
    await expect(fault(tab, "event-lost")).to_have_attribute("aria-checked", "true")
    await expect(fault(tab, "strict")).to_have_attribute("aria-checked", "true")
    await fault(tab, "strict").click()
    await fault(tab, "event-lost").click()
    await expect(fault(tab, "strict")).to_have_attribute("aria-checked", "false")

    assert not stage.playground.limits.strict
    assert stage.playground.faults.all == ()


async def test_the_line_is_cut_at_once_and_the_bot_comes_back(stage: Stage, tab: ThreadTab) -> None:
    await open_drawer(tab)
    await fault(tab, "reconnect").click()
    await expect(tab.page.locator(".fault").filter(has_text="Asked to reconnect")).to_contain_text("1\u00d7")
    await tab.page.get_by_role("button", name="Close").click()
    await tab.run_command("whisper")
    await expect(tab.message("a secret between us")).to_be_visible()

    assert stage.playground.faults.struck(FaultKind.RECONNECT) == 1


async def test_a_command_into_a_lost_event_is_not_answered(stage: Stage, tab: ThreadTab) -> None:
    drawer = await open_drawer(tab)
    await drawer.get_by_label("For how long").select_option(label="once")
    await fault(tab, "event-lost").click()
    await drawer.get_by_role("button", name="Close").click()
    await tab.run_command("whisper")
    await expect(tab.page.get_by_text("Sending /whisper…")).to_be_visible()
    await stage.wait_until_failed()
    await expect(tab.page.locator(".notice")).to_contain_text("The application did not respond")


async def test_no_room_for_a_thread_is_told(tab: ThreadTab) -> None:
    await open_drawer(tab)
    await fault(tab, "full").click()
    await expect(fault(tab, "full")).to_have_attribute("aria-checked", "true")
    await tab.page.get_by_role("button", name="Close").click()
    await tab.page.get_by_role("button", name="# workshop").click()
    await tab.page.get_by_role("button", name="New thread").click()
    await tab.page.locator(".modal input").first.fill("One more")
    await tab.page.locator(".modal").get_by_role("button", name=re.compile("Create|Submit")).click()
    await expect(tab.page.get_by_text("Maximum number of active threads reached")).to_be_visible()


async def test_one_goes_from_server_to_server(stage: Stage, tab: ThreadTab) -> None:
    poets = stage.playground.add_guild("Quiet poets", members=["mara"])
    servers = tab.page.get_by_role("navigation", name="Servers")
    await servers.get_by_role("button", name="Quiet poets").click()
    await expect(tab.page.locator(".guild-name")).to_have_text("Quiet poets")
    await expect(tab.page.locator(".channel.thread")).to_have_count(0)
    await expect(tab.page.locator(".people")).not_to_contain_text("Jonas")
    await tab.composer.fill("Hush.")
    await tab.composer.press("Enter")
    await expect(tab.message("Hush.")).to_be_visible()
    await tab.run_command("whisper")
    await expect(tab.message("a secret between us")).to_be_visible()
    await servers.get_by_role("button", name="Writing circle").click()
    await expect(tab.message("Hush.")).to_have_count(0)
    await servers.get_by_role("button", name="Quiet poets").click()
    await tab.become("Jonas")  # who is not in that one
    await expect(tab.page.locator(".guild-name")).to_have_text("Writing circle")
    await expect(servers).to_be_hidden()
    texts = [each.text for each in stage.mara.messages(stage.playground.channel("general", poets))]
    assert texts[0] == "Hush."
