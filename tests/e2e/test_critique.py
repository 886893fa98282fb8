"""`/critique`, from the command to the letter, over the real protocol."""

import asyncio
import gc
import io
import weakref
from typing import Any

import pytest
from sqlalchemy import select

from bot import log
from bot.coach import Critique
from bot.manuscripts import Manuscript
from bot.playground import Member
from bot.playground.interactions import ACKNOWLEDGE_SECONDS
from bot.store.schema import CallRow
from tests.e2e.faulty_manuscripts import docx_of, scene
from tests.e2e.letters import A_FALSE_QUOTATION, LETTER, LONG_LETTER
from tests.e2e.stage import PATIENCE, Gate, Stage, all_of, ended, nobody_was_pinged, upload
from tests.model_server import Silent, Words

pytestmark = pytest.mark.asyncio(loop_scope="module")

_PRAISE = "I like how quietly your scene puts its weight on small things."


@pytest.mark.parametrize(
    ("name", "kind"), [("scene.txt", "plain"), ("scene.md", "plain"), ("scene.docx", "word")]
)
async def test_an_attached_file_brings_a_letter(stage: Stage, mara: Member, name: str, kind: str) -> None:
    data = docx_of(scene()) if kind == "word" else scene().encode()
    letter = await ended(await mara.slash("critique", manuscript=upload(data, name)))
    assert _PRAISE in letter
    assert "In the margin" in letter
    # The model was given the story whole.
    assert "Then they can come and row it." in stage.model.requests[0].last


async def test_it_is_acknowledged_at_once_and_shows_stages(stage: Stage, mara: Member) -> None:
    gate = Gate()
    stage.model.script(Words(LETTER, gate=gate))
    response = await mara.slash("critique", manuscript=upload())
    assert response.text == "Reading your scene …"
    await response.until(lambda now: now.text == "Writing your letter …", PATIENCE)
    assert response.message is not None
    assert response.message.ephemeral
    gate.set()
    assert _PRAISE in await ended(response)


async def test_only_the_writer_sees_the_letter(mara: Member, jonas: Member) -> None:
    before = jonas.messages()
    response = await mara.slash("critique", manuscript=upload())
    assert _PRAISE in await ended(response)
    assert response.message is not None
    assert response.message.ephemeral
    assert all(each.ephemeral for each in response.followups)
    assert jonas.messages() == before


async def test_this_channel_shows_it_to_everybody_and_pings_nobody(mara: Member, jonas: Member) -> None:
    response = await mara.slash("critique", manuscript=upload(), visibility="this channel")
    told = await ended(response)
    posted = await jonas.wait_for(
        lambda each: f"A letter for {mara.user.display_name}" in each.text, channel="workshop"
    )
    assert _PRAISE in posted.text
    assert not posted.ephemeral
    assert nobody_was_pinged(posted)
    # The writer is told so, in a message that only they see.
    assert told == "Your letter is in this channel now."
    assert response.message is not None
    assert response.message.ephemeral


async def test_a_long_letter_comes_whole_in_one_message(stage: Stage, mara: Member) -> None:
    """One edit brings all of it: a process that does not know whether it was made can make it again."""
    stage.model.otherwise = Words(LONG_LETTER)
    response = await mara.slash("critique", manuscript=upload())
    told = await ended(response)
    message = response.message
    assert message is not None
    assert message.ephemeral
    assert not response.followups
    assert len(message.content) <= 2000
    assert [len(embed.description or "") <= 4096 for embed in message.embeds] == [True, True]
    assert "In the margin" in told
    shown = " ".join(told.replace("\\", "").split())
    assert all(sentence in shown for sentence in LONG_LETTER.replace("\n\n", " ").split(". "))


async def test_the_focus_reaches_the_model(stage: Stage, mara: Member) -> None:
    await ended(await mara.slash("critique", manuscript=upload(), focus="point of view"))
    assert "look at point of view above all" in stage.model.requests[0].last


async def test_every_focus_of_the_list_can_be_chosen(mara: Member) -> None:
    command = next(each for each in mara.commands() if each.name == "critique")
    focus = next(each for each in command.options if each.name == "focus")
    assert [choice.name for choice in focus.choices or ()] == [
        "Tone",
        "Style and voice",
        "Pace",
        "Dialogue",
        "Character",
        "Point of view",
        "Description",
    ]


async def test_without_a_file_a_form_opens_to_paste_into(stage: Stage, mara: Member) -> None:
    response = await mara.slash("critique", focus="dialogue")
    modal = response.modal
    assert modal is not None
    assert "4,000" in str(modal.components[0])
    letter = await ended(await mara.submit(modal, paste=scene()))
    assert _PRAISE in letter
    assert "look at dialogue above all" in stage.model.requests[0].last


async def test_the_form_takes_a_file_as_well(stage: Stage, mara: Member) -> None:
    response = await mara.slash("critique")
    assert response.modal is not None
    letter = await ended(await mara.submit(response.modal, upload=upload(docx_of(scene()), "scene.docx")))
    assert _PRAISE in letter
    assert "gave herself that one" in stage.model.requests[0].last


async def test_an_empty_form_is_answered_with_what_to_do(mara: Member) -> None:
    response = await mara.slash("critique")
    assert response.modal is not None
    answer = await mara.submit(response.modal)
    assert "The form was empty" in answer.text
    assert answer.message is not None
    assert answer.message.ephemeral


async def test_one_s_own_message_can_be_critiqued_from_its_menu(stage: Stage, mara: Member) -> None:
    message = await mara.say(scene()[:1900], channel="workshop")
    assert _PRAISE in await ended(await mara.context("Critique this", message))
    assert "The kettle had been screaming" in stage.model.requests[0].last


async def test_a_file_in_one_s_own_message_goes_before_its_words(stage: Stage, mara: Member) -> None:
    message = await mara.say("Here is my scene, be kind!", channel="workshop", files=[upload()])
    assert _PRAISE in await ended(await mara.context("Critique this", message))
    assert "be kind" not in stage.model.requests[0].last


async def test_a_message_with_nothing_to_read_is_said_to_have_nothing(mara: Member) -> None:
    picture = upload(b"\x89PNG\r\n\x1a\n" + bytes(40), "cat.png")
    message = await mara.say(channel="workshop", files=[picture])
    told = await ended(await mara.context("Critique this", message))
    assert ".txt" in told
    assert ".docx" in told


async def test_nobody_can_start_a_pile_of_critiques(stage: Stage, mara: Member, jonas: Member) -> None:
    gate = Gate()
    stage.model.script(Words(LETTER, gate=gate))
    first = await mara.slash("critique", manuscript=upload())
    await asyncio.wait_for(gate.reached.wait(), PATIENCE)
    second = await mara.slash("critique", manuscript=upload())
    assert "still at work on your last pages" in second.text
    form = await mara.slash("critique")
    assert form.modal is None
    # Others are not kept waiting by that.
    assert _PRAISE in await ended(await jonas.slash("critique", manuscript=upload()))
    gate.set()
    assert _PRAISE in await ended(first)
    # And the next one may come.
    assert _PRAISE in await ended(await mara.slash("critique", manuscript=upload()))


async def test_a_false_quotation_never_reaches_the_writer(stage: Stage, mara: Member) -> None:
    stage.model.script(Words(A_FALSE_QUOTATION), Words(A_FALSE_QUOTATION))
    told = await ended(await mara.slash("critique", manuscript=upload()))
    assert "take it away" not in told


async def test_each_call_leaves_a_row_in_the_ledger_without_a_word_of_the_text(
    stage: Stage, mara: Member
) -> None:
    await ended(await mara.slash("critique", manuscript=upload()))
    await stage.booked()
    async with stage.app.store.session() as session:
        row = (await session.scalars(select(CallRow).order_by(CallRow.id.desc()))).first()
    assert row is not None
    assert (row.member_id, row.guild_id) == (mara.user.id, stage.playground.guild.id)
    assert (row.role, row.model, row.outcome) == ("coach", "editor", "stop")
    files = [file.read_bytes() for file in stage.settings.data.iterdir() if file.is_file()]
    assert files
    assert not any(b"kettle" in data for data in files)


async def test_a_dismissed_message_stops_the_work(stage: Stage, mara: Member) -> None:
    stage.model.otherwise = Silent()
    response = await mara.slash("critique", manuscript=upload())
    assert response.message is not None
    await mara.delete(response.message)
    # She may ask again as soon as the bot has noticed.
    stage.model.otherwise = Words(LETTER)
    async with asyncio.timeout(PATIENCE):
        while "still at work" in (again := await mara.slash("critique", manuscript=upload())).text:
            pass
    assert _PRAISE in await ended(again)


async def test_a_source_message_that_is_deleted_stops_the_work(stage: Stage, mara: Member) -> None:
    stage.model.script(Silent())
    message = await mara.say(scene()[:1900], channel="workshop")
    response = await mara.context("Critique this", message)
    await asyncio.wait_for(stage.model.waiting.wait(), PATIENCE)
    await mara.delete(message)
    assert "was deleted, so I stopped and kept nothing" in await ended(response)


async def test_who_leaves_meanwhile_gets_no_letter_posted_behind_them(stage: Stage, jonas: Member) -> None:
    gate = Gate()
    stage.model.script(Words(LETTER, gate=gate))
    guest = stage.playground.add_member("Guest")
    guest.go("workshop")
    before = len(jonas.messages("workshop"))
    await guest.slash("critique", manuscript=upload(), visibility="this channel")
    stage.playground.remove_member("Guest")
    gate.set()
    await stage.until_sent("GET", "/guilds/{guild_id}/members/{user_id}")
    # One more round trip: what would have been posted after that question would be there by now.
    await jonas.slash("inkcircle", channel="general")
    assert len(jonas.messages("workshop")) == before


async def test_the_bot_says_what_it_is(mara: Member) -> None:
    response = await mara.slash("inkcircle")
    assert "/critique" in response.text
    assert "`editor`" in response.text
    assert all_of(response)


async def test_an_interaction_that_is_too_late_is_answered_another_way(
    stage: Stage, mara: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    log.configure(style="json", stream=stream)
    attachments = stage.app.client.attachments
    monkeypatch.setattr(
        attachments, "check_size", lambda *_, **__: stage.playground.clock.advance(ACKNOWLEDGE_SECONDS + 1)
    )
    try:
        response = await mara.slash("critique", manuscript=upload())
        assert response.failed
        await stage.until_sent("POST", "/interactions/{interaction_id}/{interaction_token}/callback")
        monkeypatch.undo()
        # What she wrote was kept by then, so the letter comes all the same.
        announcement = await mara.wait_for(
            lambda each: any(button.label == "Open" for button in each.buttons), timeout=PATIENCE
        )
        assert _PRAISE in all_of(await mara.press(announcement, "Open"))
    finally:
        log.configure()
    assert "interaction.late" in stream.getvalue()
    assert "incident" not in stream.getvalue().replace('"incident": null', "")


async def test_the_text_is_let_go_of_when_the_work_is_over(
    stage: Stage, mara: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    coach = stage.app.client.coach
    honest = coach.critique
    seen: list[weakref.ref[Manuscript]] = []

    async def watched(manuscript: Manuscript, **more: Any) -> Critique:
        seen.append(weakref.ref(manuscript))
        return await honest(manuscript, **more)

    monkeypatch.setattr(coach, "critique", watched)
    await ended(await mara.slash("critique", manuscript=upload()))
    form = await mara.slash("critique")
    assert form.modal is not None
    await ended(await mara.submit(form.modal, paste=scene()))
    assert len(seen) == 2
    async with asyncio.timeout(PATIENCE):
        while any(ref() is not None for ref in seen):
            # More round trips, so that the tasks of the last ones are over.
            await mara.slash("inkcircle")
            gc.collect()
