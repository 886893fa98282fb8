"""Who writes in a story's thread and never used the bot is asked first; nothing is kept, nothing is lost."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.playground import Member, MessageView
from bot.store import Members
from bot.stories.held import HeldMessage
from bot.stories.kept import Story
from tests.e2e.stage import PATIENCE, Stage, nobody_was_pinged, open_stage
from tests.e2e.story_thread import Thread, begun, idle, prompts, with_storyteller
from tests.stories.telling import TURN, prompt_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

_FIRST = "Jonas of the lamp came down the stairs."
_SECOND = "He had no lamp with him."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Give a stage on which nobody has continued yet, and every message is read."""
    async with open_stage(
        tmp_path_factory.mktemp("data") / "data", first_use=True, inkcircle_message_content=True
    ) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(whole_stage: Stage) -> Stage:
    """Give it with a storyteller that has thirty different parts to tell."""
    return with_storyteller(whole_stage)


async def _begun(stage: Stage, mara: Member) -> Thread:
    """Have Mara, who went on long ago, begin a story."""
    await stage.app.client.first_use.note_continued(mara.user.id)
    return await begun(stage, mara)


async def _question(thread: Thread, member: Member) -> MessageView:
    """Wait for the question to somebody, and until the bot knows that it stands."""
    question = await member.wait_for(lambda each: _asks(each, member), channel=thread.channel)
    cog: Any = thread.stage.app.client.get_cog("Stories")
    await thread.stage.until(lambda: all(each.done() for each in cog.newcomers._asked.values()))
    return question


def _asks(message: MessageView, member: Member) -> bool:
    named = message.text.startswith(f"**{member.user.display_name}**")
    return named and [button.label for button in message.buttons] == ["Continue"]


def _questions(thread: Thread, member: Member) -> list[MessageView]:
    return [each for each in thread.messages(member) if _asks(each, member)]


async def _story(stage: Stage, thread: Thread) -> Story:
    story = await stage.app.client.story_book.in_thread(stage.playground.guild.id, thread.channel.id)
    assert story is not None
    return story


async def _held(stage: Stage, member: Member, number: int) -> None:
    """Wait until so many messages of a member are held."""
    async with asyncio.timeout(PATIENCE):
        while len(await stage.app.client.story_book.held.of_member(member.user.id)) != number:  # noqa: ASYNC110 - a table tells nobody
            await asyncio.sleep(0.05)


async def test_a_newcomer_is_asked_once_and_holds_nobody_up(
    stage: Stage, mara: Member, jonas: Member
) -> None:
    thread = await _begun(stage, mara)
    first = await jonas.say(_FIRST, channel=thread.channel)
    question = await _question(thread, jonas)
    await jonas.say(_SECOND, channel=thread.channel)
    await _held(stage, jonas, 2)
    assert question.reply_to == first.id
    assert nobody_was_pinged(question)
    assert "the model `editor` on this machine" in question.text
    assert "Until then I keep none of them" in question.text
    # Others go on.
    await mara.say(TURN, channel=thread.channel)
    await thread.part(mara, 1)
    assert len(_questions(thread, mara)) == 0
    assert len(_questions(thread, jonas)) == 1
    book = stage.app.client.story_book
    assert await book.replies.written_by(jonas.user.id) == []
    assert all(_FIRST not in prompt_of(each) for each in stage.model.requests)
    # Nobody else can answer for them.
    mara.go(thread.channel)
    assert "somebody else's" in (await mara.press(question, "Continue")).text
    # With their yes both messages are one turn.
    jonas.go(thread.channel)
    thanks = await jonas.press(question, "Continue")
    assert thanks.text.startswith("Thank you. What you wrote here joins the story")
    assert thanks.message is not None
    assert thanks.message.ephemeral
    await thread.part(jonas, 2)
    assert f"{_FIRST}\n\n{_SECOND}" in prompts(stage)[-1]
    await stage.until(lambda: not _questions(thread, jonas))
    assert await Members(stage.app.store).continued(jonas.user.id) is not None
    # From now on they write like everybody.
    await jonas.say("Then he found it.", channel=thread.channel)
    await thread.part(jonas, 3)
    assert "Then he found it." in prompts(stage)[-1]
    assert not _questions(thread, jonas)


async def test_what_is_changed_before_the_yes_is_taken_in_as_it_is_by_then(
    stage: Stage, mara: Member, jonas: Member
) -> None:
    thread = await _begun(stage, mara)
    changed = await jonas.say("Ewan drowned the dog.", channel=thread.channel)
    gone = await jonas.say("Mara wept like a spring tide.", channel=thread.channel)
    question = await _question(thread, jonas)
    await jonas.edit(changed, "Ewan patted the dog.")
    await jonas.delete(gone)
    await jonas.press(question, "Continue")
    await thread.part(jonas, 1)
    assert "Ewan patted the dog." in prompts(stage)[-1]
    assert all("drowned" not in each and "spring tide" not in each for each in prompts(stage))


async def test_who_takes_it_all_back_is_asked_nothing_any_more(
    stage: Stage, mara: Member, jonas: Member
) -> None:
    thread = await _begun(stage, mara)
    said = await jonas.say(_FIRST, channel=thread.channel)
    await _question(thread, jonas)
    await jonas.delete(said)
    await stage.until(lambda: not _questions(thread, jonas))
    await _held(stage, jonas, 0)
    # And is asked again when they write again.
    await jonas.say(_SECOND, channel=thread.channel)
    assert (await _question(thread, jonas)).reply_to is not None


async def test_a_question_that_a_moderator_deleted_is_asked_again(
    stage: Stage, mara: Member, jonas: Member, ines: Member
) -> None:
    thread = await _begun(stage, mara)
    await jonas.say(_FIRST, channel=thread.channel)
    question = await _question(thread, jonas)
    ines.go(thread.channel)
    await ines.delete(question)
    await jonas.say(_SECOND, channel=thread.channel)
    again = await _question(thread, jonas)
    assert again.id != question.id
    await _held(stage, jonas, 2)
    await jonas.press(again, "Continue")
    await thread.part(jonas, 1)
    assert f"{_FIRST}\n\n{_SECOND}" in prompts(stage)[-1]


async def test_a_continue_elsewhere_is_enough(stage: Stage, mara: Member, jonas: Member) -> None:
    thread = await _begun(stage, mara)
    await jonas.say(_FIRST, channel=thread.channel)
    await _question(thread, jonas)
    notice = await jonas.slash("story export", channel=thread.channel)
    assert notice.message is not None
    await jonas.press(notice.message, "Continue")
    await thread.part(jonas, 1)
    assert _FIRST in prompts(stage)[-1]
    await stage.until(lambda: not _questions(thread, jonas))


async def test_who_goes_on_in_the_very_moment_is_not_asked_again(
    stage: Stage, mara: Member, jonas: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = await _begun(stage, mara)
    answers = iter((False, True))

    async def has_continued(_member_id: int) -> bool:
        return next(answers, True)

    monkeypatch.setattr(stage.app.client.first_use, "has_continued", has_continued)
    await jonas.say(_FIRST, channel=thread.channel)
    await thread.part(jonas, 1)
    assert _FIRST in prompts(stage)[-1]
    assert not _questions(thread, jonas)


async def test_a_story_that_ended_meanwhile_takes_no_more(stage: Stage, mara: Member, jonas: Member) -> None:
    thread = await _begun(stage, mara)
    await jonas.say(_FIRST, channel=thread.channel)
    question = await _question(thread, jonas)
    await idle(stage)
    await mara.slash("story end", channel=thread.channel)
    assert not await stage.app.client.story_book.held.of_member(jonas.user.id)
    told = await jonas.press(question, "Continue")
    assert "has ended meanwhile" in told.text
    await stage.until(lambda: not _questions(thread, jonas))
    ines = stage.playground.add_member("Ines the newcomer")
    await ines.say("Is there more?", channel=thread.channel)
    await asyncio.sleep(0.5)
    assert not _questions(thread, ines)
    assert all("Is there more?" not in prompt_of(each) for each in stage.model.requests)


async def test_a_restart_forgets_no_newcomer_and_asks_nobody_twice(
    stage: Stage, mara: Member, jonas: Member
) -> None:
    thread = await _begun(stage, mara)
    await jonas.say(_FIRST, channel=thread.channel)
    await _question(thread, jonas)
    await idle(stage)
    # The process dies between writing down what Tom wrote and asking him; and right after Hanne went on.
    story = await _story(stage, thread)
    tom, hanne = stage.playground.add_member("Tom"), stage.playground.add_member("Hanne")
    await stage.stop()
    said = [await each.say(words, channel=thread.channel) for each, words in ((tom, "T."), (hanne, "H."))]
    await stage.start()
    book = stage.app.client.story_book
    for member, message in zip((tom, hanne), said, strict=True):
        await book.held.add(HeldMessage(story.guild_id, story.id, member.user.id, message.id))
    await stage.app.client.privacy.notices.note_continued(hanne.user.id)
    await stage.stop()
    await stage.start()
    asked = await _question(thread, tom)
    assert asked.reply_to == said[0].id
    await thread.part(mara, 1)
    assert "H." in prompts(stage)[-1]
    (question,) = _questions(thread, jonas)
    await jonas.press(question, "Continue")
    await thread.part(jonas, 2)
    assert _FIRST in prompts(stage)[-1]
    await stage.until(lambda: not _questions(thread, jonas))


async def test_deleting_ones_data_takes_the_question_away(stage: Stage, mara: Member, jonas: Member) -> None:
    thread = await _begun(stage, mara)
    await jonas.say(_FIRST, channel=thread.channel)
    await _question(thread, jonas)
    await stage.app.client.privacy.forgetting.fulfil(jonas.user.id)
    await stage.until(lambda: not _questions(thread, jonas))
    await _held(stage, jonas, 0)
