"""The page as a person uses it, in a real browser."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect

from bot.playground import Permission, Upload
from tests.playground.page.conftest import Stage, ThreadTab

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SCENE = {"name": "scene.txt", "mimeType": "text/plain", "buffer": b"Once upon a time"}


async def test_what_is_typed_appears_for_both_writers_at_once(stage: Stage, tab: ThreadTab) -> None:
    await tab.composer.fill("The **rain** stopped.")
    await tab.composer.press("Enter")
    await expect(tab.message("The rain stopped.").locator("strong")).to_have_text("rain")
    await expect(tab.composer).to_have_value("")
    await stage.jonas.say("At last.", channel=tab.thread)
    await expect(tab.message("At last.")).to_be_visible()


async def test_a_slash_lists_commands_and_a_form_takes_every_kind_of_option(tab: ThreadTab) -> None:
    await tab.composer.fill("/gi")
    await expect(tab.page.locator(".picker-entry")).to_have_count(1)
    await tab.composer.press("Enter")
    form = tab.form
    await form.get_by_role("button", name="Run command").click()
    await expect(form.locator('[data-field="file"] .field-error')).to_have_text("This is required.")
    await form.locator("input[type=file]").set_input_files(SCENE)  # type: ignore[arg-type]
    await expect(form.locator(".chosen-file")).to_be_visible()
    for name, choice in (("mood", "Gentle"), ("loud", "True"), ("reader", "@Jonas"), ("role", "@Moderator")):
        await form.locator(f'[data-field="{name}"] .q-select').click()
        await tab.page.get_by_role("option", name=choice).click()
    await form.locator('[data-field="place"] .q-select').click()
    await tab.page.get_by_role("option", name="#stories").click()
    await form.get_by_label("count").fill("3")
    await form.get_by_label("title").fill("old")
    await form.get_by_role("button", name="The Old House").click()
    await form.get_by_role("button", name="Run command").click()
    told = "scene.txt 16 g house 3 True jonas stories Moderator"
    await expect(tab.message(told)).to_contain_text("Only you can see this")
    await expect(tab.message(told)).to_contain_text("Mara used /give")


async def test_an_ephemeral_is_not_shown_to_the_other_writer(stage: Stage, tab: ThreadTab) -> None:
    await tab.run_command("whisper")
    secret = tab.message("a secret between us")
    await expect(secret).to_be_visible()
    await tab.become("Jonas")
    await stage.jonas.say("I am here", channel=tab.thread)
    await expect(tab.message("I am here")).to_be_visible()
    await expect(secret).to_have_count(0)
    await tab.become("Mara")
    await secret.get_by_role("button", name="Dismiss message").click()
    await expect(secret).to_have_count(0)


async def test_progress_appears_as_the_message_is_edited(stage: Stage, tab: ThreadTab) -> None:
    await tab.run_command("slow")
    await expect(tab.page.get_by_text("Inkcircle is thinking…")).to_be_visible()
    stage.released.set()
    await expect(tab.message("Step 1 of 2")).to_be_visible()
    stage.released.set()
    await expect(tab.message("Step 2 of 2")).to_contain_text("(edited)")
    await expect(tab.message("Step 1 of 2")).to_have_count(0)


async def test_a_command_that_is_not_answered_says_so(stage: Stage, tab: ThreadTab) -> None:
    await tab.run_command("silence")
    await expect(tab.page.get_by_text("Sending /silence…")).to_be_visible()
    await stage.wait_until_failed()
    notice = tab.page.locator(".notice")
    await expect(notice).to_contain_text("/silence: The application did not respond")
    await notice.get_by_role("button", name="Dismiss").click()
    await expect(notice).to_have_count(0)


async def test_buttons_and_selects(stage: Stage, tab: ThreadTab) -> None:
    await tab.run_command("buttons")
    message = tab.message("Press one")
    await expect(message.get_by_role("button", name="Never")).to_be_disabled()
    await expect(message.get_by_role("link", name="Guide")).to_have_attribute(
        "href", "https://example.org/guide"
    )
    await message.get_by_role("button", name="Count").click()
    await expect(tab.message("Counted to 1")).to_be_visible()
    counted = tab.message("Counted to")
    await counted.get_by_role("button", name="Silent").click()
    await expect(counted.locator(".pending")).to_have_text("Silent")
    await stage.wait_until_failed()
    await expect(counted).to_contain_text("This interaction failed")
    await counted.get_by_role("combobox", name="Pick a focus").click()
    await tab.page.get_by_role("option", name="Pace — how fast it goes").click()
    await expect(tab.message("Focus: Pace")).to_contain_text("Only you can see this")
    await counted.get_by_role("combobox", name="Pick readers").click()
    for name in ("@Jonas", "@Ines"):
        await tab.page.get_by_role("option", name=name).click()
    await tab.page.keyboard.press("Escape")
    await expect(tab.message("Readers: Ines, Jonas")).to_be_visible()


async def test_a_modal_with_text_choices_and_a_file(tab: ThreadTab) -> None:
    await tab.run_command("ask")
    modal = tab.page.locator(".modal")
    await expect(modal).to_contain_text("Tell me more")
    await expect(modal.locator("strong")).to_have_text("briefly")
    await modal.get_by_role("button", name="Submit").click()
    await expect(modal.locator('[data-field="scene"] .field-error')).to_have_text("This is required.")
    await modal.locator('[data-field="scene"] textarea').fill("It rained.")
    await modal.get_by_role("radio", name="Warm").click()
    await modal.get_by_role("checkbox", name="Voice").click()
    await modal.locator("input[type=file]").set_input_files(SCENE)  # type: ignore[arg-type]
    await expect(modal.get_by_text("16 bytes")).to_be_visible()
    await modal.get_by_role("button", name="Submit").click()
    await expect(tab.message("scene=It rained. mood=Warm ask=Voice files=scene.txt")).to_be_visible()
    await expect(modal).to_have_count(0)


async def test_nothing_that_is_written_becomes_markup_or_script(stage: Stage, tab: ThreadTab) -> None:
    await tab.run_command("hostile")
    message = tab.message("window.hacked").last
    await expect(message).to_contain_text('<img src=x onerror="window.hacked=1">')
    await expect(message).to_contain_text("{{ window.hacked=1 }}")
    assert await message.locator("img, script, iframe, [onerror], a[href^=javascript]").count() == 0
    await stage.jonas.say(
        "</script><script>window.hacked=1</script> \\` ${window.hacked=1}", channel="workshop"
    )
    # A page that is loaded with such words in it carries them in its own source.
    await tab.page.reload()
    await tab.page.get_by_role("button", name="# workshop").click()
    await expect(tab.message("</script><script>").last).to_be_visible()
    assert await tab.page.evaluate("window.hacked") is None
    await expect(tab.page.locator(".welcome")).to_contain_text("<b>This is plain text.</b>")


async def test_a_layout_with_its_files(tab: ThreadTab) -> None:
    await tab.run_command("layouts")
    message = tab.message("A section")
    await expect(message.locator(".container h1")).to_have_text("A letter")
    await expect(message.locator(".gallery img")).to_have_count(2)
    await expect(message.locator(".thumbnail img")).to_be_visible()
    async with tab.page.expect_download() as coming:
        await message.get_by_role("link", name="letter.txt").click()
    download = await coming.value
    assert (await download.path()).read_bytes() == b"Dear Mara,"
    await expect(message.get_by_role("button", name="In a container")).to_be_visible()


async def test_an_embed_with_its_picture_and_a_file_beside_it(tab: ThreadTab) -> None:
    await tab.run_command("embeds")
    message = tab.message("Prose profile")
    await expect(message.locator(".embed-field")).to_have_count(3)
    await expect(message.locator(".embed em")).to_have_text("Measured")
    await expect(message.locator(".embed-image img")).to_be_visible()
    await expect(message.locator("a.file")).to_have_count(1)
    width = await message.locator(".embed-image img").evaluate("image => image.naturalWidth")
    assert width > 0


async def test_a_file_goes_up_and_comes_down_and_never_runs(stage: Stage, tab: ThreadTab) -> None:
    evil = {"name": "evil.html", "mimeType": "text/html", "buffer": b"<script>window.hacked=1</script>"}
    await tab.page.locator(".composer input[type=file]").set_input_files(evil)  # type: ignore[arg-type]
    await expect(tab.page.locator(".composer .chosen-file")).to_contain_text("evil.html")
    await tab.composer.fill("Look")
    await tab.composer.press("Enter")
    link = tab.message("Look").locator("a.file")
    path = await link.get_attribute("href")
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{stage.playground.url}{path}")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_files_can_be_dropped_and_pasted(tab: ThreadTab) -> None:
    make = "name => { const data = new DataTransfer(); data.items.add(new File(['x'], name)); return data; }"
    dropped = await tab.page.evaluate_handle(make, "dropped.txt")
    await tab.choose_command("give")
    await tab.form.locator(".drop-zone").dispatch_event("drop", {"dataTransfer": dropped})
    await expect(tab.form.locator(".chosen-file")).to_contain_text("dropped.txt")
    await tab.form.get_by_role("button", name="Remove dropped.txt").click()
    await expect(tab.form.locator(".chosen-file")).to_have_count(0)
    await tab.form.get_by_role("button", name="Cancel").click()
    pasted = await tab.page.evaluate_handle(make, "pasted.txt")
    paste = "(area, clipboardData) => area.dispatchEvent(new ClipboardEvent('paste', {clipboardData}))"
    await tab.composer.evaluate(paste, pasted)
    await expect(tab.page.locator(".composer > .chosen-files")).to_contain_text("pasted.txt")


async def test_who_is_typing_is_shown_until_they_have_written(stage: Stage, tab: ThreadTab) -> None:
    stage.playground.world.messages.typing(stage.jonas.user.id, tab.thread)
    await expect(tab.page.get_by_text("Jonas is typing…")).to_be_visible()
    await stage.jonas.say("There.", channel=tab.thread)
    await expect(tab.message("There.")).to_be_visible()
    await expect(tab.page.get_by_text("Jonas is typing…")).to_have_count(0)


async def test_replies_edits_reactions_and_deletion(stage: Stage, tab: ThreadTab) -> None:
    channel = tab.thread
    asked = await stage.jonas.say("Shall we begin?", channel=channel)
    theirs = tab.message("Shall we begin?").first
    await theirs.hover()
    await theirs.get_by_role("button", name="Reply").click()
    await expect(tab.page.get_by_text("Replying to Jonas")).to_be_visible()
    await tab.composer.fill("We shal.")
    await tab.composer.press("Enter")
    mine = tab.message("We shal.")
    await expect(mine.locator(".origin")).to_contain_text("Jonas Shall we begin?")
    await mine.click(button="right")
    await tab.page.get_by_role("menuitem", name="Edit message").click()
    await expect(tab.composer).to_have_value("We shal.")
    await tab.composer.fill("We shall.")
    await tab.composer.press("Enter")
    await expect(tab.message("We shall.").last).to_contain_text("(edited)")
    await stage.jonas.react(asked, "🔥")
    chip = theirs.locator(".reaction")
    await expect(chip).to_have_text(re.compile("🔥 1"))
    await chip.click()
    await expect(chip).to_have_text(re.compile("🔥 2"))
    await tab.message("We shall.").last.click(button="right")
    await tab.page.get_by_role("menuitem", name="Delete message").click()
    await expect(tab.message("We shall.")).to_have_count(0)
    await theirs.click(button="right")
    await expect(tab.page.get_by_role("menuitem", name="Delete message")).to_have_count(0)


async def test_commands_in_the_menus_of_messages_and_people(stage: Stage, tab: ThreadTab) -> None:
    await stage.jonas.say("one two three", channel=tab.thread)
    await tab.message("one two three").click(button="right")
    await tab.page.get_by_role("menuitem", name="Count words").click()
    await expect(tab.message("3 words")).to_contain_text("Mara used Count words")
    await tab.page.locator(".people").get_by_role("button", name="Jonas").click()
    await tab.page.get_by_role("menuitem", name="Greet").click()
    await expect(tab.message("Hello @Jonas")).to_be_visible()


async def test_direct_messages_with_the_bot(stage: Stage, tab: ThreadTab) -> None:
    await tab.page.locator(".people").get_by_role("button", name="Inkcircle").click()
    await tab.page.get_by_role("menuitem", name="Message").click()
    await expect(tab.page.locator(".place")).to_have_text(re.compile("@.Inkcircle"))
    await tab.composer.fill("Between you and me")
    await tab.composer.press("Enter")
    await expect(tab.message("Between you and me")).to_be_visible()
    await tab.run_command("whisper")
    await expect(tab.message("a secret between us")).to_be_visible()
    await tab.become("Jonas")
    await stage.jonas.say("Nobody else here", channel="workshop")
    await tab.page.get_by_role("button", name="# workshop").click()
    await expect(tab.message("Nobody else here")).to_be_visible()
    await expect(tab.page.locator(".channel").filter(has_text="@ Inkcircle")).to_have_count(0)


async def test_who_may_not_write_is_told_so(stage: Stage, tab: ThreadTab) -> None:
    jonas = stage.jonas.user
    stage.playground.deny("stories", Permission.SEND_MESSAGES, jonas)
    await tab.page.get_by_role("button", name="# stories").click()
    await expect(tab.page.locator(".place")).to_have_text(re.compile("#.stories"))
    await expect(tab.composer).to_be_visible()
    await tab.become("Jonas")
    await expect(tab.page.get_by_text("You do not have permission to send messages")).to_be_visible()
    await expect(tab.composer).to_be_hidden()
    stage.playground.allow("stories", who=jonas)


async def test_a_thread_begins_at_a_message(stage: Stage, tab: ThreadTab) -> None:
    await tab.page.get_by_role("button", name="# stories").click()
    await stage.jonas.say("A seed of a story", channel="stories")
    await tab.message("A seed of a story").click(button="right")
    await tab.page.get_by_role("menuitem", name="Create thread").click()
    await tab.page.get_by_label("Thread name").fill("The seed")
    await tab.page.get_by_role("button", name="Create", exact=True).click()
    await expect(tab.page.locator(".place")).to_have_text("The seed")
    await expect(tab.message("A seed of a story")).to_have_count(1)
    await tab.composer.fill("It grew.")
    await tab.composer.press("Enter")
    await expect(tab.message("It grew.")).to_be_visible()
    await tab.page.get_by_role("button", name="# stories").click()
    await (
        tab.message("A seed of a story").get_by_role("button", name=re.compile("The seed 1 message")).click()
    )
    await expect(tab.message("It grew.")).to_be_visible()


async def test_the_line_that_tells_of_a_thread_leads_into_it(tab: ThreadTab) -> None:
    await tab.page.get_by_role("button", name="# workshop").click()
    await expect(tab.page.locator(".place")).to_have_text(re.compile("#.workshop"))
    line = tab.message("Mara started a thread:").filter(has_text=tab.thread.name)
    await line.get_by_role("button", name=tab.thread.name).click()
    await expect(tab.page.locator(".place")).to_have_text(tab.thread.name)
    await tab.composer.fill(f"Not in <#{tab.thread.parent_id}>")
    await tab.composer.press("Enter")
    await tab.message("Not in #workshop").get_by_role("link", name="#workshop").press("Enter")
    await expect(tab.page.locator(".place")).to_have_text(re.compile("#.workshop"))


async def test_a_file_that_is_too_large_is_refused_with_the_limit(
    stage: Stage, tab: ThreadTab, tmp_path: Path
) -> None:
    # By its path, which the browser opens itself: its bytes would take seconds on their way there.
    large = tmp_path / "novel.txt"
    with large.open("wb") as file:
        file.truncate(stage.mara.file_limit() + 1)
    await tab.choose_command("give")
    await tab.form.locator("input[type=file]").set_input_files(large)
    await expect(tab.page.get_by_text("That file is too large: at most 10.00 MB each.")).to_be_visible()


async def test_a_long_channel_begins_with_its_newest_messages(stage: Stage, tab: ThreadTab) -> None:
    channel = tab.thread
    for number in range(60):
        await stage.jonas.say(f"line {number}", channel=channel)
    await expect(tab.message("line 59")).to_be_in_viewport()
    await tab.become("Jonas")
    await expect(tab.message("line 59")).to_be_in_viewport()
    await expect(tab.page.get_by_text("line 5", exact=True)).to_have_count(0)
    await tab.page.get_by_role("button", name="Show older messages").click()
    await expect(tab.page.get_by_text("line 5", exact=True)).to_have_count(1)


async def test_a_narrow_window_keeps_everything_within_reach(tab: ThreadTab) -> None:
    await tab.page.set_viewport_size({"width": 380, "height": 700})
    await expect(tab.page.locator(".sidebar")).not_to_be_in_viewport()
    await tab.page.get_by_role("button", name="Channels").click()
    await tab.page.get_by_role("button", name="# stories").click()
    await expect(tab.page.locator(".place")).to_have_text(re.compile("#.stories"))
    await expect(tab.page.locator(".sidebar")).not_to_be_in_viewport()
    await tab.run_command("buttons")
    await expect(tab.message("Press one").last).to_be_in_viewport()
    await tab.run_command("layouts")
    change = tab.message("A section").last.get_by_role("button", name="Change")
    # One line high: words at its side make way for a button.
    assert await change.evaluate("button => button.offsetHeight") < 40
    assert await tab.page.evaluate("document.documentElement.scrollWidth") <= 380


async def test_two_tabs_are_two_people(stage: Stage, tab: ThreadTab) -> None:
    other = ThreadTab(await tab.page.context.new_page(), thread=tab.thread)
    await other.page.goto(f"{stage.playground.url}/")
    await other.become("Jonas")
    await other.open_thread()
    await other.composer.fill("From the other tab")
    await other.composer.press("Enter")
    await expect(tab.message("From the other tab")).to_contain_text("Jonas")
    await other.page.close()


async def test_other_sites_are_kept_out(stage: Stage) -> None:
    async with httpx.AsyncClient() as client:
        for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
            answer = await client.get(f"{stage.playground.url}/page/", headers=headers)
            assert answer.status_code == 403
        answer = await client.get(f"{stage.playground.url}/page/")
    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]


async def test_uploads_of_the_test_are_seen_by_members_too(stage: Stage, tab: ThreadTab) -> None:
    await stage.jonas.say("here", files=[Upload("notes.md", b"# Notes")], channel=tab.thread)
    await asyncio.wait_for(tab.message("here").locator("a.file").wait_for(), timeout=30)
    await expect(tab.message("here")).to_contain_text("7 bytes")
