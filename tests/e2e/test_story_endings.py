"""Behind what reads like an end the writers are asked: end it, an epilogue, or the next chapter."""

import asyncio
import json

import pytest
import pytest_asyncio

from bot.playground import Member, MessageView
from tests.e2e.stage import PATIENCE, Stage
from tests.e2e.story_thread import Thread, begun, idle, prompts, with_storyteller
from tests.stories.telling import FORM, MEMORY, OTHER, TURN, ByPurpose

pytestmark = pytest.mark.asyncio(loop_scope="module")

_USUAL = ["Undo", "Retry", "Branch", "Write next"]
_ENDS = json.dumps({**FORM, "summary": "Mara shuts the office for good and goes.", "reads_as_ending": True})


@pytest_asyncio.fixture(loop_scope="module")
async def stage(reading_stage: Stage) -> Stage:
    """Give it with a storyteller whose memory finds that the first turn reads like an end."""
    return with_storyteller(reading_stage, memories=[MEMORY, _ENDS, MEMORY])


async def _asked(stage: Stage, mara: Member) -> tuple[Thread, MessageView]:
    """Have a story come to what reads like its end; give the part that asks."""
    thread = await begun(stage, mara)
    assert "could have been the end" not in (await thread.part(mara, 0)).text
    # What is written while the beginning's work ends is answered at once, and its pause still runs behind it.
    await idle(stage)
    await mara.say(TURN, channel=thread.channel)
    part = await thread.part(mara, 1)
    assert "That could have been the end" in part.text
    assert [button.label for button in part.buttons] == [*_USUAL, "End it here", "Epilogue", "Next chapter"]
    await idle(stage)
    return thread, part


async def test_the_end_is_for_whoever_began_the_story(stage: Stage, mara: Member, jonas: Member) -> None:
    thread, part = await _asked(stage, mara)
    jonas.go(thread.channel)
    for button in ("End it here", "Epilogue"):
        assert "Only whoever began this story" in (await jonas.press(part, button)).text
    mara.go(thread.channel)
    assert "ended this story" in (await mara.press(part, "End it here")).text
    assert "has ended" in (await mara.press(part, "Next chapter")).text


async def test_words_that_wait_are_answered_before_an_epilogue(stage: Stage, mara: Member) -> None:
    thread, part = await _asked(stage, mara)
    stage.app.client.get_cog("Stories").telling._quiet = 60.0  # type: ignore[union-attr] # as slow as it is outside of tests
    try:
        await mara.say("She looked back once.", channel=thread.channel)
        book, guild = stage.app.client.story_book, stage.playground.guild.id
        story = await book.in_thread(guild, thread.channel.id)
        assert story is not None
        async with asyncio.timeout(PATIENCE):
            while await book.claims.next_turn(guild, story.id) is None:  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.02)
        for button in ("Epilogue", "Next chapter"):
            told = await mara.press(part, button)
            assert told.text == "Somebody has just written on: I answer that first."
    finally:
        stage.app.client.get_cog("Stories").telling._quiet = 0.3  # type: ignore[union-attr] # as the stage has it
    # Else they would be answered in the middle of another test.
    await mara.say("It was cold.", channel=thread.channel)
    await thread.part(mara, 2)
    await idle(stage)


async def test_an_epilogue_may_end_and_the_story_ends_with_it(stage: Stage, mara: Member) -> None:
    thread, part = await _asked(stage, mara)
    stage.model.otherwise = ByPurpose(links=[f"{OTHER}\n\nThey lived happily ever after. THE END"])
    assert (await mara.press(part, "Epilogue")).text == "I am writing the epilogue: with it the story ends."
    epilogue = await thread.part(mara, 2)
    assert "happily ever after" in epilogue.text
    assert "With this the story has ended" in epilogue.text
    assert [button.label for button in epilogue.buttons] == ["Branch"]
    await idle(stage)
    prompt = prompts(stage)[-1]
    assert "This link is the epilogue" in prompt
    assert "This is not the end" not in prompt
    assert "This happens in your link" not in prompt
    story = await stage.app.client.story_book.in_thread(stage.playground.guild.id, thread.channel.id)
    assert story is not None
    assert story.ended
    await stage.until(lambda: not mara.message(part).buttons)
    file = (await mara.slash("story export", channel=thread.channel)).message
    assert file is not None
    assert "happily ever after" in file.attachments[0].data.decode()


async def test_the_next_chapter_goes_on_also_after_a_restart(
    stage: Stage, mara: Member, jonas: Member
) -> None:
    thread, part = await _asked(stage, mara)
    await stage.stop()
    await stage.start()
    jonas.go(thread.channel)
    assert (await jonas.press(part, "Next chapter")).text == "I am opening the next chapter."
    opened = await thread.part(jonas, 2)
    assert [button.label for button in opened.buttons] == _USUAL
    assert "A new chapter begins with your link" in prompts(stage)[-1]
    assert "This is not the end" in prompts(stage)[-1]
    await idle(stage)
    # Another try of it opens a chapter as well.
    await jonas.press(opened, "Retry")
    await stage.until(lambda: "Another try stands" in jonas.message(opened).text)
    assert "A new chapter begins with your link" in prompts(stage)[-1]
    await idle(stage)
    await jonas.say("The chapter after that was short.", channel=thread.channel)
    await stage.until(lambda: "The chapter after that was short." in prompts(stage)[-1])
    assert "A new chapter begins" not in prompts(stage)[-1]
    await thread.part(jonas, 3)
    await stage.until(lambda: not [each for each in thread.parts(jonas)[:-1] if each.buttons])
