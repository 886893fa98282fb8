"""A story whose thread a moderator locked rests until it is opened again, and whoever presses reads so."""

import pytest
import pytest_asyncio

from bot.playground import Member, MessageView
from tests.e2e.stage import Stage
from tests.e2e.story_thread import Thread, begun, idle, with_storyteller
from tests.stories.telling import TURN

pytestmark = pytest.mark.asyncio(loop_scope="module")

_LOCKED = "This thread is locked, so its story rests: a moderator can open it again."


@pytest_asyncio.fixture(loop_scope="module")
async def stage(reading_stage: Stage) -> Stage:
    """Give it with a storyteller that has thirty different parts to tell."""
    return with_storyteller(reading_stage)


async def _two_parts(stage: Stage, member: Member) -> tuple[Thread, MessageView]:
    """Have a member begin a story and write on; give its thread and its second part."""
    thread = await begun(stage, member)
    await member.say(TURN, channel=thread.channel)
    await thread.part(member, 1)
    await idle(stage)
    return thread, await thread.part(member, 1)


@pytest.mark.parametrize("archived", [True, False], ids=["archived", "awake"])
async def test_who_presses_in_a_locked_thread_is_told_and_nothing_moves(
    stage: Stage, mara: Member, ines: Member, *, archived: bool
) -> None:
    thread, last = await _two_parts(stage, mara)
    book, guild = stage.app.client.story_book, stage.playground.guild.id
    form = (await mara.press(last, "Write next")).modal
    assert form is not None
    before = await book.in_thread(guild, thread.channel.id)
    shown = [each.id for each in thread.messages(mara) if not each.ephemeral]
    stage.model.requests.clear()
    await ines.change_thread(thread.channel, locked=True, archived=archived)
    answers = [await mara.press(last, button) for button in ("Undo", "Retry", "Write next")]
    answers.append(await mara.submit(form, turn=TURN))
    answers += [await mara.slash(command) for command in ("story undo", "story retry", "story end")]
    for answer in answers:
        assert answer.modal is None
        assert answer.text == _LOCKED
        assert answer.message is not None
        assert answer.message.ephemeral
    assert await book.in_thread(guild, thread.channel.id) == before
    assert [each.id for each in thread.messages(mara) if not each.ephemeral] == shown
    assert not stage.model.requests
    state = thread.channel.thread
    assert state is not None
    assert (state.locked, state.archived) == (True, archived)
    # A moderator's word opens it: what they do is shown to all.
    assert "took the last turn back" in (await ines.press(last, "Undo")).text
    assert not state.archived
