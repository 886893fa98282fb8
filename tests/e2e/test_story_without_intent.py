"""A story where the bot may not read what is written: by replies that ping it, by the form, by the menu."""

import pytest
import pytest_asyncio

from bot.playground import Member
from tests.e2e.stage import Stage, nobody_was_pinged
from tests.e2e.story_thread import SCENES, Thread, begun, idle, prompts, with_storyteller
from tests.stories.telling import OPENING, TURN, prompt_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

_UNREAD = "Nobody shall read that the harbour master was a forger."


@pytest_asyncio.fixture(loop_scope="module")
async def stage(whole_stage: Stage) -> Stage:
    """Give the stage, as a bot without the intent finds it, with a storyteller of thirty different parts."""
    assert not whole_stage.app.client.intents.message_content
    return with_storyteller(whole_stage)


async def _exported(member: Member, thread: Thread) -> str:
    await idle(thread.stage)
    file = (await member.slash("story export", channel=thread.channel)).message
    assert file is not None
    return file.attachments[0].data.decode()


async def test_the_opening_card_says_what_is_read(stage: Stage, mara: Member) -> None:
    thread = await begun(stage, mara)
    card, beginning = thread.messages(mara)[:2]
    assert "Reply to my last message with the ping on, or press **Write next**" in card.text
    assert "I read nothing else here" in card.text
    assert "Every message in this thread" not in card.text
    assert OPENING[:60] in beginning.text


async def test_a_reply_with_the_ping_is_a_turn_and_nothing_else_is_read(
    stage: Stage, mara: Member, jonas: Member
) -> None:
    thread = await begun(stage, mara)
    first = await thread.part(mara, 0)
    jonas.go(thread.channel)
    await jonas.say(_UNREAD)
    await jonas.say(_UNREAD, reply_to=first, ping=False)
    await mara.say(TURN, reply_to=first)
    second = await thread.part(mara, 1)
    assert second.text.startswith(SCENES[0][:40])
    assert TURN in prompts(stage)[-1]
    assert all(_UNREAD not in prompt_of(each) for each in stage.model.requests)
    exported = await _exported(mara, thread)
    assert f"\n\n{TURN}\n\n{SCENES[0][:40]}" in exported
    assert _UNREAD not in exported
    assert await stage.app.client.story_book.replies.written_by(jonas.user.id) == []


async def test_a_message_that_names_the_bot_is_a_turn_without_the_name(stage: Stage, mara: Member) -> None:
    thread = await begun(stage, mara)
    me = stage.playground.world.bot
    await mara.say(f"<@{me.id}> {TURN}", channel=thread.channel)
    await thread.part(mara, 1)
    assert f"\n\n{TURN}\n\n" in await _exported(mara, thread)


async def test_a_changed_reply_is_what_it_is_by_now(stage: Stage, mara: Member) -> None:
    thread = await begun(stage, mara)
    said = await mara.say("Ewan laughed out loud.", reply_to=await thread.part(mara, 0))
    second = await thread.part(mara, 1)
    await mara.edit(said, "Ewan whistled through his teeth.")
    await mara.say(TURN, reply_to=second)
    await thread.part(mara, 2)
    assert "Ewan whistled through his teeth." in prompts(stage)[-1]
    assert "laughed out loud" not in prompts(stage)[-1]


async def test_the_form_takes_a_turn_and_shows_it(stage: Stage, mara: Member, jonas: Member) -> None:
    thread = await begun(stage, mara)
    jonas.go(thread.channel)
    form = await jonas.press(await thread.part(mara, 0), "Write next")
    assert form.modal is not None
    await jonas.submit(form.modal, turn=f"{TURN} ((more rain))")
    shown = await mara.wait_for(lambda each: TURN in each.text, channel=thread.channel)
    assert shown.text.startswith(f"**{jonas.user.display_name}**")
    assert nobody_was_pinged(shown)
    await thread.part(mara, 1)
    assert TURN in prompts(stage)[-1]
    assert "more rain" in prompts(stage)[-1]
    exported = await _exported(mara, thread)
    assert f"\n\n{TURN}\n\n" in exported
    assert "more rain" not in exported
    assert jonas.user.display_name in exported.splitlines()[2]


async def test_the_menu_adds_ones_own_message_once(stage: Stage, mara: Member, jonas: Member) -> None:
    thread = await begun(stage, mara)
    jonas.go(thread.channel)
    said = await jonas.say(TURN)
    mara.go(thread.channel)
    assert "others add theirs" in (await mara.context("Add to story", said)).text
    assert (await jonas.context("Add to story", said)).text == "It is part of the story now."
    await thread.part(mara, 1)
    assert TURN in prompts(stage)[-1]
    assert (await jonas.context("Add to story", said)).text == "It is part of the story already."
    assert (await _exported(mara, thread)).count(TURN) == 1


async def test_the_menu_knows_where_no_story_is(stage: Stage, mara: Member) -> None:
    said = await mara.say("Hello, everybody.", channel="workshop")
    for command in ("Add to story", "Not story"):
        assert "There is no story here" in (await mara.context(command, said)).text
    assert not stage.model.requests
