"""'Critique this' on another's message: nothing is read before its author presses Allow."""

import asyncio

import pytest

from bot.playground import FaultKind, Member, MessageView, Response
from tests.e2e.faulty_manuscripts import scene
from tests.e2e.letters import LETTER
from tests.e2e.stage import PATIENCE, Gate, Stage, all_of, ended, nobody_was_pinged, upload
from tests.model_server import Words

pytestmark = pytest.mark.asyncio(loop_scope="module")

_PRAISE = "I like how quietly your scene puts its weight on small things."


async def _asked(reader: Member, author: Member) -> tuple[MessageView, Response, MessageView]:
    """Have somebody ask for a letter about another's message; give the message, the answer, the question."""
    message = await author.say(scene()[:1900], channel="workshop")
    response = await reader.context("Critique this", message)
    question = await author.wait_for(lambda each: each.reply_to == message.id and bool(each.buttons))
    return message, response, question


async def test_the_author_is_asked_and_nobody_is_pinged(stage: Stage, mara: Member, jonas: Member) -> None:
    _, response, question = await _asked(mara, jonas)
    assert f"Those are {jonas.user.display_name}'s words" in response.text
    assert response.message is not None
    assert response.message.ephemeral
    names = f"{jonas.user.display_name}, {mara.user.display_name}"
    assert question.text.startswith(f"{names} would like an editor's letter about this message.")
    assert nobody_was_pinged(question)
    assert not stage.model.requests
    await jonas.press(question, "No")


async def test_after_allow_both_get_the_letter_and_nobody_else(
    stage: Stage, mara: Member, jonas: Member, ines: Member
) -> None:
    _, response, question = await _asked(mara, jonas)
    pressed = await jonas.press(question, "Allow")
    assert _PRAISE in await ended(pressed)
    await response.until(lambda now: _PRAISE in all_of(now))
    assert "The kettle had been screaming" in stage.model.requests[0].last
    assert not any(_PRAISE in each.text for each in ines.messages("workshop"))
    # The question does not stay behind.
    await stage.until(lambda: all(each.id != question.id for each in ines.messages("workshop")))


async def test_only_the_author_can_answer(stage: Stage, mara: Member, jonas: Member, ines: Member) -> None:
    _, response, question = await _asked(mara, jonas)
    for stranger in (mara, ines):
        for button in ("Allow", "No"):
            pressed = await stranger.press(question, button)
            assert "Only the author of that message can answer this." in pressed.text
    assert not stage.model.requests
    assert f"Those are {jonas.user.display_name}'s words" in response.text
    await jonas.press(question, "No")


async def test_a_no_is_a_no(stage: Stage, mara: Member, jonas: Member) -> None:
    _, response, question = await _asked(mara, jonas)
    assert "read nothing" in (await jonas.press(question, "No")).text
    await response.until(lambda now: "would rather not" in now.text)
    assert not stage.model.requests


async def test_a_question_does_not_wait_for_ever(stage: Stage, mara: Member, jonas: Member) -> None:
    _, _, question = await _asked(mara, jonas)
    questions = stage.app.client.get_cog("Critiques").asking._questions  # type: ignore[union-attr]
    await stage.until(lambda: all(each.asked_in == question.id for each in questions))
    stage.playground.clock.advance(10 * 60)
    pressed = await jonas.press(question, "Allow")
    assert "This question is over" in pressed.text
    assert not stage.model.requests
    # What ends it by itself is the loop's own timer; here it is called by hand.
    (left,) = questions
    questions._expire(left.id)
    await stage.until(lambda: all(each.id != question.id for each in jonas.messages("workshop")))


async def test_words_that_are_deleted_are_forgotten(stage: Stage, mara: Member, jonas: Member) -> None:
    message, response, question = await _asked(mara, jonas)
    await jonas.delete(message)
    await response.until(lambda now: "was deleted, so I kept nothing of it" in now.text)
    await stage.until(lambda: all(each.id != question.id for each in jonas.messages("workshop")))
    assert not stage.model.requests


async def test_a_question_that_a_moderator_deletes_is_over(
    stage: Stage, mara: Member, jonas: Member, ines: Member
) -> None:
    _, response, question = await _asked(mara, jonas)
    await ines.delete(question)
    await response.until(lambda now: "My question was deleted" in now.text)
    assert not stage.model.requests


async def test_nobody_can_ask_twice_at_once(mara: Member, jonas: Member, ines: Member) -> None:
    message, _, question = await _asked(mara, jonas)
    assert "already waiting for the author" in (await ines.context("Critique this", message)).text
    other = await jonas.say(scene()[:1800], channel="workshop")
    assert "still waiting for an answer" in (await mara.context("Critique this", other)).text
    await jonas.press(question, "No")


async def test_who_asked_may_be_waiting_for_another_letter_when_it_is_allowed(
    stage: Stage, mara: Member, jonas: Member
) -> None:
    _, response, question = await _asked(mara, jonas)
    gate = Gate()
    stage.model.script(Words(LETTER, gate=gate))
    other = await mara.slash("critique", manuscript=upload())
    await asyncio.wait_for(gate.reached.wait(), PATIENCE)
    assert "waiting for another letter" in (await jonas.press(question, "Allow")).text
    gate.set()
    await ended(other)
    await stage.until(lambda: not len(stage.app.client.desk))
    assert _PRAISE in await ended(await jonas.press(question, "Allow"))
    await response.until(lambda now: _PRAISE in all_of(now))


async def test_a_no_that_cannot_be_thanked_for_is_a_no(stage: Stage, mara: Member, jonas: Member) -> None:
    _, response, question = await _asked(mara, jonas)
    stage.playground.faults.add(FaultKind.NOT_FOUND, "POST /interactions/*/*/callback", code=10062, times=1)
    await jonas.press(question, "No")
    await response.until(lambda now: "would rather not" in all_of(now), PATIENCE)


async def test_a_bot_s_message_is_nobody_s_story(stage: Stage, mara: Member, jonas: Member) -> None:
    _, _, question = await _asked(mara, jonas)
    told = await mara.context("Critique this", question)
    assert "A bot wrote that message" in told.text
    await jonas.press(question, "No")
    assert not stage.model.requests


async def test_a_fault_is_told_to_both(stage: Stage, mara: Member, jonas: Member) -> None:
    message = await jonas.say("Two words.", channel="workshop")
    response = await mara.context("Critique this", message)
    question = await jonas.wait_for(lambda each: each.reply_to == message.id and bool(each.buttons))
    pressed = await jonas.press(question, "Allow")
    told = await ended(pressed)
    assert "words" in told
    await response.until(lambda now: now.text == pressed.text)
    assert not stage.model.requests
