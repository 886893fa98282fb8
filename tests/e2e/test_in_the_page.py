"""A story, and a text on its way into a file: by clicks and keys in the page, as people do it."""

import io
import zipfile
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from bot.playground.page import page as page_extension
from tests.browser import Tab, open_browser
from tests.e2e.stage import Stage, open_stage
from tests.e2e.story_thread import SCENES, idle
from tests.stories.telling import LINK, OPENING, OTHER, ByPurpose

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

_TURN = "Ewan shut the ledger and looked for the dog."
_TITLE = "The crate"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Give a Discord with the whole bot in it."""
    async with open_stage(
        tmp_path_factory.mktemp("data"),
        first_use=True,
        extensions=[page_extension("Begin.")],
        inkcircle_message_content=True,
    ) as stage:
        stage.model.otherwise = ByPurpose(links=[LINK, OTHER, *SCENES])
        yield stage


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tab(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Tab]:
    """Give its page; nothing may go wrong in the browser."""
    async with open_browser(tmp_path_factory.mktemp("profile")) as browser:
        tab = Tab(browser.pages[0])
        tab.watch(stage.playground.url)
        await tab.page.goto(f"{stage.playground.url}/")
        yield tab
        assert tab.problems == []


def buttons(message: Locator) -> Locator:
    return message.locator(".components button")


async def saved(tab: Tab, link: Locator) -> bytes:
    async with tab.page.expect_download() as coming:
        await link.click()
    return (await (await coming.value).path()).read_bytes()


async def test_a_story_is_begun_gone_on_with_and_taken_home(stage: Stage, tab: Tab) -> None:
    await tab.page.get_by_role("button", name="# stories").click()
    await tab.composer.fill("/")
    await tab.page.locator('[data-command="usage"]').scroll_into_view_if_needed()
    await tab.choose_command("story start")
    await tab.form.get_by_label("title").fill(_TITLE)
    await tab.form.get_by_role("button", name="Run command").click()
    await tab.page.get_by_role("button", name="Continue").click()
    await tab.modal.locator('[data-field="premise"] textarea').fill(OPENING)
    await tab.modal.get_by_role("button", name="Submit").click()
    await tab.page.locator(".channel.thread").filter(has_text=_TITLE).click()
    first = tab.message("On the ninth a boat came in")
    await expect(buttons(first)).to_have_text(["Undo", "Retry", "Branch", "Write next"])

    await tab.composer.fill(_TURN)
    await tab.composer.press("Enter")
    second = tab.message("Salt, the crate held")
    await expect(buttons(second)).to_have_count(4)
    await expect(buttons(first)).to_have_count(0)

    # Who presses while the bot still works on the story is asked for a moment.
    await idle(stage)
    await buttons(second).filter(has_text="Retry").click()
    third = tab.message(SCENES[0].split("\n\n")[1][:40])
    await expect(buttons(third)).to_have_count(4)
    await idle(stage)
    await buttons(third).filter(has_text="Undo").click()
    back = tab.message("Mara took the last turn back")
    await buttons(back).filter(has_text="Write next").click()
    await tab.modal.locator("textarea").fill("The dog had gone into the water.")
    await tab.modal.get_by_role("button", name="Submit").click()
    await expect(tab.message("The dog had gone into the water.")).to_contain_text("Inkcircle")
    fourth = tab.message(SCENES[1].split("\n\n")[1][:40])
    await expect(buttons(fourth)).to_have_count(4)

    await tab.run_command("story export")
    story = (await saved(tab, tab.message("All of this story").locator("a.file"))).decode()
    assert story.startswith(f"# {_TITLE}\n\n*By Mara and Inkcircle*\n\n{OPENING}")
    assert "The dog had gone into the water." in story
    assert _TURN not in story

    await buttons(fourth).filter(has_text="Branch").click()
    await tab.message("Your branch is in").locator(".mention").click()
    await expect(tab.page.locator(".place")).to_have_text(f"{_TITLE} (branch by Mara)")
    await expect(buttons(tab.message("Mara branched off from"))).to_have_count(4)


async def test_a_text_is_given_reviewed_and_downloaded(tab: Tab) -> None:
    await tab.page.get_by_role("button", name="# workshop").click()
    await tab.run_command("consent")
    await expect(tab.modal).to_contain_text("What may be done with my texts")
    for box in await tab.modal.get_by_role("checkbox").all():
        await box.click()
    await tab.modal.get_by_role("radio").last.click()
    await tab.modal.get_by_role("button", name="Submit").click()
    await expect(tab.message("From now on your texts may be used to")).to_be_visible()
    await tab.choose_command("submit")
    text = "\n\n".join(SCENES[2:5]).encode().strip()
    await tab.form.locator("input[type=file]").set_input_files(
        {"name": "dawn.md", "mimeType": "text/markdown", "buffer": text}
    )
    await tab.form.get_by_label("title").fill("Dawn")
    await tab.form.get_by_role("button", name="Run command").click()
    await expect(tab.message("A moderator reads it next")).to_be_visible()

    await tab.become("Ines")
    await tab.run_command("review")
    await tab.page.get_by_role("button", name="Continue").click()
    item = tab.message("Number 1,")
    assert await saved(tab, item.locator("a.file")) == text
    await buttons(item).filter(has_text="Approve").click()
    await expect(tab.message("Number 1 is approved")).to_be_visible()
    await tab.choose_command("export")
    await tab.form.locator('[data-field="kind"] .q-select').click()
    await tab.page.get_by_role("option", name="an anthology").click()
    await tab.form.get_by_role("button", name="Run command").click()
    file = await saved(tab, tab.message("data card").locator("a.file"))
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert "Dawn" in archive.read("anthology.md").decode()
        assert {"anthology.epub", "data-card.md"} <= set(archive.namelist())
