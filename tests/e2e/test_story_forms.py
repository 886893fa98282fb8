"""The story's forms: open while the bot restarts, sent twice, opened by somebody who is new."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.playground import Member, Response
from bot.playground.response import Modal
from bot.stories.kept import Reply
from bot.stories.tree import Author
from tests.e2e.stage import PATIENCE, Stage, open_stage
from tests.e2e.story_thread import Thread, begun, idle, prompts, with_storyteller
from tests.stories.telling import OPENING, TURN, prompt_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Give a stage on which nobody has continued yet."""
    async with open_stage(tmp_path_factory.mktemp("data") / "data", first_use=True) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(whole_stage: Stage) -> Stage:
    """Give it with a storyteller that has thirty different parts to tell."""
    return with_storyteller(whole_stage)


async def test_a_turn_in_a_form_that_was_open_while_the_bot_restarted_is_kept(
    stage: Stage, mara: Member, jonas: Member
) -> None:
    for member in (mara, jonas):
        await stage.app.client.first_use.note_continued(member.user.id)
    thread = await begun(stage, mara)
    form = await mara.press(await thread.part(mara, 0), "Write next")
    assert form.modal is not None
    await idle(stage)
    await stage.stop()
    await stage.start()
    # It is hers alone, as before.
    jonas.go(thread.channel)
    assert "somebody else's" in (await jonas.submit(form.modal, turn="Not his.")).text
    mara.go(thread.channel)
    shown = await mara.submit(form.modal, turn=TURN)
    assert TURN in shown.text
    await thread.part(mara, 1)
    assert TURN in prompts(stage)[-1]
    assert "Not his." not in prompts(stage)[-1]


async def test_a_beginning_in_a_form_that_was_open_while_the_bot_restarted_is_kept(
    stage: Stage, mara: Member
) -> None:
    await stage.app.client.first_use.note_continued(mara.user.id)
    form = await mara.slash("story start", title="The *crate*", words=90)
    assert form.modal is not None
    await stage.stop()
    await stage.start()
    told = await mara.submit(form.modal, premise=OPENING, voice="third person, past tense")
    assert told.text.startswith("Your story is kept")
    await stage.until(lambda: any(each.name == "The *crate*" for each in mara.channels()))
    place = next(each for each in mara.channels() if each.name == "The *crate*")
    thread = Thread(stage, place)
    await thread.part(mara, 0)
    assert "about 90 words" in prompts(stage)[-1]
    assert "The story is told in third person, past tense" in prompts(stage)[-1]
    # The title is the one in the form, which can be changed there.
    mara.go("workshop")
    again = await mara.slash("story start", title="Draft")
    assert again.modal is not None
    await mara.submit(again.modal, title="The ledger", premise=OPENING)
    await stage.until(lambda: any(each.name == "The ledger" for each in mara.channels()))


async def test_who_is_new_is_asked_before_the_form_and_before_what_is_in_it(
    stage: Stage, mara: Member, jonas: Member
) -> None:
    await stage.app.client.first_use.note_continued(mara.user.id)
    thread = await begun(stage, mara)
    jonas.go(thread.channel)
    notice = await jonas.press(await thread.part(jonas, 0), "Write next")
    assert notice.modal is None
    assert notice.message is not None
    assert "Before we begin" in notice.text
    form = await jonas.press(notice.message, "Continue")
    assert form.modal is not None
    # While he writes he has all his data deleted: he is new again.
    await stage.app.client.privacy.forgetting.fulfil(jonas.user.id)
    asked = await jonas.submit(form.modal, turn=TURN)
    assert asked.message is not None
    assert asked.message.ephemeral
    assert "Before we begin" in asked.text
    assert await stage.app.client.story_book.replies.written_by(jonas.user.id) == []
    shown = await jonas.press(asked.message, "Continue")
    await shown.until(lambda now: TURN in now.text, PATIENCE)
    await thread.part(jonas, 1)
    assert TURN in prompts(stage)[-1]


async def test_not_story_takes_out_what_was_written_with_the_form(
    stage: Stage, mara: Member, jonas: Member, ines: Member
) -> None:
    for member in (mara, jonas, ines):
        await stage.app.client.first_use.note_continued(member.user.id)
    thread = await begun(stage, mara)
    first = await thread.part(mara, 0)
    words = "Nobody brings cake on Sunday. " * 100
    long = await mara.submit(_form(await mara.press(first, "Write next")), turn=words)
    await long.until(lambda now: bool(now.followups), PATIENCE)
    # A later page will do as well as the first.
    page = long.followups[-1]
    jonas.go(thread.channel)
    assert "Only its author" in (await jonas.context("Not story", page)).text
    mara.go(thread.channel)
    assert "a message of mine" in (await mara.context("Not story", first)).text
    assert "not part of the story any more" in (await mara.context("Not story", page)).text
    # And what a moderator deletes is gone.
    short = await mara.submit(_form(await thread.press(mara, "Write next")), turn="The gull was a spy.")
    assert short.message is not None
    await thread.kept(short.message)
    ines.go(thread.channel)
    await ines.delete(short.message)
    await thread.words_of(mara, until=lambda words: "spy" not in words)
    await idle(stage)
    stage.model.requests.clear()
    await mara.submit(_form(await thread.press(mara, "Write next")), turn=TURN)
    await stage.until(lambda: any(TURN in prompt_of(each) for each in stage.model.requests))
    await idle(stage)
    assert "cake on Sunday" not in prompts(stage)[-1]
    assert "The gull was a spy" not in prompts(stage)[-1]


async def test_a_turn_that_was_kept_and_not_shown_is_shown_once_after_the_start(
    stage: Stage, mara: Member
) -> None:
    await stage.app.client.first_use.note_continued(mara.user.id)
    thread = await begun(stage, mara)
    await idle(stage)
    guild = stage.playground.guild.id
    story = await stage.app.client.story_book.in_thread(guild, thread.channel.id)
    assert story is not None
    # The process died before it could show the first, and before it knew that the second was shown.
    seen = await mara.submit(_form(await mara.press(await thread.part(mara, 0), "Write next")), turn="Seen.")
    assert seen.message is not None
    await thread.part(mara, 1)
    await idle(stage)
    await stage.stop()
    await stage.start()
    replies, author = stage.app.client.story_book.replies, Author(mara.user.id, mara.user.display_name)
    before = thread.messages(mara)[0].id
    await replies.stands_in(guild, seen.message.id, -before)
    await replies.add(guild, story.id, Reply(-before - 1, author, "Unseen."))
    await stage.stop()
    await stage.start()
    replies = stage.app.client.story_book.replies
    await stage.until(lambda: "Unseen." in prompts(stage)[-1])
    async with asyncio.timeout(PATIENCE):
        while await replies.unshown():  # noqa: ASYNC110 - a table tells nobody
            await asyncio.sleep(0.02)
    await idle(stage)
    texts = [each.text for each in thread.messages(mara)]
    assert [sum(text.endswith(f"**\n{words}") for text in texts) for words in ("Seen.", "Unseen.")] == [1, 1]


def _form(response: Response) -> Modal:
    assert response.modal is not None
    return response.modal
