"""A critique leaves a trace that says how it came about, found by the id that its writer reads."""

import re

import pytest

from bot.playground import Member
from bot.store import Traces
from bot.trace import TracedWork, read
from tests.e2e.faulty_manuscripts import scene
from tests.e2e.letters import A_FALSE_QUOTATION, LETTER
from tests.e2e.stage import PATIENCE, Stage, ended, upload
from tests.model_server import Words

pytestmark = pytest.mark.asyncio(loop_scope="module")

_PRAISE = "I like how quietly your scene puts its weight on small things."


async def _traced(stage: Stage, name: str) -> list[TracedWork]:
    await stage.app.client.privacy.tracer.flush()
    return read(await Traces(stage.app.store).of(name))


async def _latest(stage: Stage) -> list[TracedWork]:
    await stage.app.client.privacy.tracer.flush()
    (job, *_) = await Traces(stage.app.store).latest(1)
    return await _traced(stage, job.job)


async def test_a_gate_that_fired_is_seen_with_its_reason(stage: Stage, mara: Member) -> None:
    stage.model.script(Words(A_FALSE_QUOTATION), Words(LETTER))
    assert _PRAISE in await ended(await mara.slash("critique", manuscript=upload()))
    first, second, judged = await _latest(stage)
    assert first.words is not None
    assert second.words is not None
    assert judged.words is not None
    assert A_FALSE_QUOTATION in first.words["attempts"][0]["text"]
    assert "Let them come and take it away" in second.words["attempts"][0]["messages"][-1]["content"]
    actions = {gate["gate"]: gate["action"] for gate in judged.words["gates"]}
    assert actions["quotation"] == "asked again"
    assert judged.words["text"].startswith("I like how quietly")


async def test_the_id_that_a_member_reads_leads_to_it(stage: Stage, mara: Member) -> None:
    stage.model.otherwise = Words("lorem ipsum dolor " * 60)
    told = await ended(await mara.slash("critique", manuscript=upload()))
    (incident,) = re.findall(r"ink-[0-9A-Z]{6}", told)
    works = await _traced(stage, incident)
    assert [work.is_call for work in works][-1] is False
    assert "lorem ipsum" in str(works[0].words)
    assert works[-1].trace.outcome == "nothing"


async def test_what_is_about_anothers_words_is_sealed_with_theirs(
    stage: Stage, mara: Member, jonas: Member
) -> None:
    message = await jonas.say(scene()[:1900], channel="workshop")
    response = await mara.context("Critique this", message)
    question = await jonas.wait_for(
        lambda each: "Only you can answer" in each.text and each.reply_to == message.id, channel="workshop"
    )
    await ended(await jonas.press(question, "Allow"))
    await ended(response)
    (called, judged) = await _latest(stage)
    assert called.trace.member_id == mara.user.id
    about_jonas = [each async for each in Traces(stage.app.store).of_member(jonas.user.id)]
    assert [each.job for each in about_jonas] == [called.trace.job] * 2
    assert called.words is not None
    asked = await jonas.slash("mydata delete")
    assert asked.message is not None
    pressed = await jonas.press(asked.message, "Delete everything")
    await pressed.until(lambda now: now.text.startswith("Done"), PATIENCE)
    assert await _traced(stage, judged.trace.job) == []
