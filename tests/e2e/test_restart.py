"""What waits for somebody outlives a restart: questions, letters, and what was deleted meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest_asyncio
from sqlalchemy import select

from bot.playground import Member, MessageView, Response, Upload
from bot.playground.faults import FaultKind
from bot.store.schema.jobs import JobReaderRow, JobRow, QuestionRow, WaitingLetterRow
from tests.e2e.faulty_manuscripts import scene
from tests.e2e.letters import LETTER
from tests.e2e.stage import PATIENCE, Gate, Stage, all_of, ended, open_stage, upload
from tests.model_server import Silent, Status, Words

_PRAISE = "I like how quietly your scene puts its weight on small things."


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Give a stage of one's own, whose bot may be stopped."""
    async with open_stage(tmp_path) as stage:
        stage.model.otherwise = Words(LETTER)
        yield stage


async def _asked(stage: Stage) -> tuple[Member, Member, MessageView, Response, MessageView]:
    """Have Mara ask for a letter about a message of Jonas's."""
    mara, jonas = stage.member("mara"), stage.member("jonas")
    mara.go("workshop")
    jonas.go("workshop")
    message = await jonas.say(scene()[:1900], channel="workshop")
    response = await mara.context("Critique this", message)
    question = await jonas.wait_for(lambda each: each.reply_to == message.id and bool(each.buttons))
    await stage.until(lambda: bool(stage.sent("POST", "/channels/{channel_id}/messages")))
    return mara, jonas, message, response, question


async def _rows(stage: Stage) -> int:
    """Count all that is kept of what members gave."""
    found = 0
    async with stage.app.store.session() as session:
        for table in (JobRow, JobReaderRow, WaitingLetterRow, QuestionRow):
            found += len((await session.scalars(select(table))).all())
    return found


async def _until_nothing_is_kept(stage: Stage) -> None:
    async with asyncio.timeout(PATIENCE):
        while await _rows(stage):  # noqa: ASYNC110 - a database tells nobody
            await asyncio.sleep(0.05)


async def test_allow_still_works_after_a_restart(stage: Stage) -> None:
    _, jonas, _, response, question = await _asked(stage)
    await stage.stop()
    await stage.start()
    pressed = await jonas.press(question, "Allow")
    assert _PRAISE in await ended(pressed)
    await response.until(lambda now: _PRAISE in all_of(now), PATIENCE)
    await _until_nothing_is_kept(stage)


async def test_pages_in_a_form_that_was_open_meanwhile_are_read_as_was_chosen(stage: Stage) -> None:
    mara, jonas = stage.member("mara"), stage.member("jonas")
    mara.go("workshop")
    form = await mara.slash("critique", focus="Dialogue", visibility="this channel")
    assert form.modal is not None
    await stage.stop()
    await stage.start()
    await ended(await mara.submit(form.modal, upload=upload()))
    assert (await jonas.wait_for(lambda each: _PRAISE in each.text, channel="workshop")).id
    assert "look at dialogue above all" in stage.model.requests[-1].last


async def test_a_no_after_a_restart_is_told_to_the_one_who_asked(stage: Stage) -> None:
    _, jonas, _, response, question = await _asked(stage)
    await stage.stop()
    await stage.start()
    assert "read nothing" in (await jonas.press(question, "No")).text
    await response.until(lambda now: "would rather not" in now.text, PATIENCE)
    await _until_nothing_is_kept(stage)


async def test_words_that_were_deleted_meanwhile_are_forgotten_at_the_start(stage: Stage) -> None:
    _, jonas, message, response, question = await _asked(stage)
    await stage.stop()
    await jonas.delete(message)
    await stage.start()
    await response.until(lambda now: "was deleted, so I kept nothing of it" in now.text, PATIENCE)
    await stage.until(lambda: all(each.id != question.id for each in jonas.messages("workshop")))
    await _until_nothing_is_kept(stage)
    assert not stage.model.requests


async def test_a_question_s_time_goes_on_while_the_bot_is_away(stage: Stage) -> None:
    _, jonas, _, response, question = await _asked(stage)
    asking = stage.app.client.get_cog("Critiques").asking  # type: ignore[union-attr]
    (kept,) = asking._questions
    assert kept.until - stage.playground.clock.now() < timedelta(minutes=10)
    await stage.stop()
    stage.playground.clock.advance(10 * 60)
    await stage.start()
    await response.until(lambda now: "no answer within 10 minutes" in now.text, PATIENCE)
    await stage.until(lambda: all(each.id != question.id for each in jonas.messages("workshop")))
    await _until_nothing_is_kept(stage)


async def test_the_deleted_message_of_work_under_way_is_noticed_at_the_start(stage: Stage) -> None:
    """While the bot is away nobody tells it; so it looks before it reads."""
    mara = stage.member("mara")
    stage.playground.faults.add(FaultKind.FILE_SLOW, "**", seconds=60.0)
    message = await mara.say("Here it is.", channel="workshop", files=[upload()])
    response = await mara.context("Critique this", message)
    await stage.stop()
    stage.playground.faults.clear()
    await mara.delete(message)
    await stage.start()
    assert "was deleted, so I stopped and kept nothing" in await ended(response)
    await _until_nothing_is_kept(stage)
    assert not stage.model.requests


async def test_who_asks_again_after_a_restart_is_told_that_the_first_is_at_work(stage: Stage) -> None:
    mara = stage.member("mara")
    stage.model.otherwise = Silent()
    first = await mara.slash("critique", manuscript=upload())
    await asyncio.wait_for(stage.model.waiting.wait(), PATIENCE)
    await stage.stop()
    await stage.start()
    assert "still at work on your last pages" in (await mara.slash("critique", manuscript=upload())).text
    await stage.stop()
    stage.model.otherwise = Words(LETTER)
    await stage.start()
    assert _PRAISE in await ended(first)


async def test_one_who_waits_in_line_takes_their_words_back_at_once(stage: Stage) -> None:
    gate = Gate()
    stage.model.otherwise = Words(LETTER, gate=gate)
    crowd = [stage.playground.add_member(f"Early {number}") for number in range(8)]
    for member in crowd:
        member.go("workshop")
    early = await asyncio.gather(*(member.slash("critique", manuscript=upload()) for member in crowd))
    await asyncio.wait_for(stage.model.serves(8), PATIENCE)
    mara = stage.member("mara")
    message = await mara.say(scene()[:1900], channel="workshop")
    response = await mara.context("Critique this", message)
    await mara.delete(message)
    assert "was deleted, so I stopped and kept nothing" in await ended(response)
    gate.set()
    for each in early:
        assert _PRAISE in await ended(each)


async def test_no_word_can_be_read_in_the_data_folder_while_and_after_work_goes_on(stage: Stage) -> None:
    """Whatever happens: a letter, a failure of the model, of the file, of ours; and a letter that waits."""
    mara = stage.member("mara")
    words = ("quetzalcanary", "umbrellacanary", "walruscanary")
    story = scene().replace("kettle", words[0])
    file = Upload(f"{words[1]}.txt", story.encode())
    letter = LETTER.replace("a page of history", f"a page of {words[2]}")
    gate = Gate()
    stage.model.script(Words(letter, gate=gate), Status(400))
    first = await mara.slash("critique", manuscript=file)
    await asyncio.wait_for(gate.reached.wait(), PATIENCE)
    token = first.interaction.token
    _nothing_readable(stage, *words, token)
    first.interaction.created_at -= 16 * 60
    gate.set()
    announcement = await mara.wait_for(
        lambda each: any(button.label == "Open" for button in each.buttons), timeout=PATIENCE
    )
    assert await _rows(stage)
    _nothing_readable(stage, *words, token)
    assert words[2] in all_of(await mara.press(announcement, "Open"))
    assert "No letter this time" in await ended(await mara.slash("critique", manuscript=file))
    coach = stage.app.client.coach
    known = coach.critique

    async def fail(*_args: object, **_more: object) -> None:
        raise LookupError(story)

    coach.critique = fail  # type: ignore[method-assign, assignment]
    assert "Something went wrong" in await ended(await mara.slash("critique", manuscript=file))
    coach.critique = known  # type: ignore[method-assign]
    await ended(await mara.slash("critique", manuscript=Upload(file.filename, words[0].encode())))
    await _until_nothing_is_kept(stage)
    _nothing_readable(stage, *words, token)
    await stage.stop()
    _nothing_readable(stage, *words, token)


def _nothing_readable(stage: Stage, *words: str) -> None:
    files = [file for file in stage.settings.data.rglob("*") if file.is_file()]
    assert {"inkcircle.db", "work.db"} <= {file.name for file in files}
    for file in files:
        data = file.read_bytes()
        for word in words:
            assert word.encode() not in data, (file.name, word)
            assert word.encode("utf-16-le") not in data, (file.name, word)
