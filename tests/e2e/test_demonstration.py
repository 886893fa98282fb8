"""The demonstration model: labelled always, and in a real server only after a moderator's yes."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.config import Settings
from bot.llm import BETTER_MODEL_HINT, DEMONSTRATION_LABEL
from bot.playground import Member, Permission
from tests.e2e.faulty_manuscripts import scene
from tests.e2e.stage import Stage, all_of, is_stage, nobody_was_pinged, open_stage, upload

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.embedded]

_LETTER_SECONDS = 90.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Give a stage on which the embedded model writes."""
    async with open_stage(tmp_path_factory.mktemp("data"), embedded=True) as stage:
        await asyncio.wait_for(stage.app.engine.models.ready(), _LETTER_SECONDS)
        yield stage


@pytest.fixture
def _real_server(monkeypatch: pytest.MonkeyPatch, stage: Stage) -> None:
    """Have the bot take the local Discord for a real one, where nobody has said anything yet."""
    monkeypatch.setattr(Settings, "on_this_machine", False)
    stage.app.client.guild_store._confirmed.clear()


async def test_the_embedded_model_writes_a_labelled_letter(mara: Member) -> None:
    response = await mara.slash("critique", manuscript=upload())
    await response.until(lambda now: bool(now.text) and not is_stage(now.text), _LETTER_SECONDS)
    told = all_of(response)
    if "A letter for you" in told:
        plain = told.replace("\\", "")
        assert DEMONSTRATION_LABEL in plain
        assert BETTER_MODEL_HINT in plain
    else:
        # A model this small may fail; then it says so, and what was measured is true all the same.
        assert "No letter this time" in told
    assert "“" in told
    assert "In the margin" in told or "measured" in told


@pytest.mark.usefixtures("_real_server")
async def test_a_moderator_must_confirm_once(stage: Stage, mara: Member, jonas: Member, ines: Member) -> None:
    # A member is told, and the moderators are asked in the channel, without a ping.
    told = await mara.slash("critique", manuscript=upload())
    assert "a moderator must confirm once" in told.text
    assert told.message is not None
    assert told.message.ephemeral
    question = await ines.wait_for(lambda each: "May the demonstration model" in each.text)
    assert nobody_was_pinged(question)
    assert "COACH_MODEL" in question.text
    # Not again for the next one.
    await jonas.slash("critique", manuscript=upload())
    form = await jonas.slash("critique")
    assert form.modal is None
    message = await jonas.say(scene()[:1800], channel="workshop")
    assert "must confirm" in (await jonas.context("Critique this", message)).text
    questions = [each for each in ines.messages("workshop") if "May the demonstration" in each.text]
    assert len(questions) == 1
    # Nobody else can answer it.
    pressed = await jonas.press(question, "Confirm")
    assert "for moderators" in pressed.text
    assert "**Manage Server**" in pressed.text
    assert await stage.app.client.guild_store.demonstration(stage.playground.guild.id) is None
    # The moderator can, and it is written down who did.
    await ines.press(question, "Confirm")
    assert "Confirmed" in ines.message(question.id).text
    assert not ines.message(question.id).buttons
    stage.app.client.guild_store._confirmed.clear()
    confirmed = await stage.app.client.guild_store.demonstration(stage.playground.guild.id)
    assert confirmed is not None
    assert confirmed.by == ines.user.id
    # And from then on it serves.
    response = await mara.slash("critique", manuscript=upload())
    assert is_stage(response.text)


@pytest.mark.usefixtures("_real_server")
async def test_a_moderator_is_asked_in_private_and_a_closed_channel_is_no_obstacle(
    stage: Stage, mara: Member, ines: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unconfirmed(_guild_id: int) -> None:
        return None

    monkeypatch.setattr(stage.app.client.guild_store, "demonstration", unconfirmed)
    asked = await ines.slash("critique", manuscript=upload())
    assert asked.message is not None
    assert asked.message.ephemeral
    assert [button.label for button in asked.message.buttons] == ["Confirm"]
    gate = stage.app.client.get_cog("Critiques")._gate  # type: ignore[union-attr]
    gate._asked.clear()
    stage.playground.deny("workshop", Permission.SEND_MESSAGES)
    try:
        told = await mara.slash("critique", manuscript=upload())
    finally:
        stage.playground.allow("workshop")
    assert "ask one of them to use **/critique**" in told.text


async def test_a_known_model_of_one_s_own_needs_no_confirmation(mara: Member) -> None:
    """On this machine nobody is asked: the demonstration is what it is there for."""
    form = await mara.slash("critique")
    assert form.modal is not None


async def test_the_bot_says_which_model_writes(mara: Member) -> None:
    assert "demonstration model" in (await mara.slash("inkcircle")).text
