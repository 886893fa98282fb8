"""Letters that come after the interaction's fifteen minutes, by moving the clocks."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.discord_io.reply import TOKEN_SECONDS
from bot.playground import Member, MessageView, Permission, Response
from bot.playground.api_errors import Refusal
from bot.store.schema.jobs import WaitingLetterRow
from bot.store.waiting import WaitingLetters
from tests.e2e.letters import LETTER
from tests.e2e.stage import PATIENCE, Gate, Stage, all_of, ended, nobody_was_pinged, open_stage, upload
from tests.model_server import Words

pytestmark = pytest.mark.asyncio(loop_scope="module")

_PRAISE = "I like how quietly your scene puts its weight on small things."


async def _late_letter(stage: Stage, member: Member) -> tuple[Response, MessageView]:
    """Have a letter take longer than its token lives, and give the message that comes instead."""
    gate = Gate()
    stage.model.script(Words(LETTER, gate=gate))
    response = await member.slash("critique", manuscript=upload())
    await response.until(lambda now: now.text == "Writing your letter …", PATIENCE)
    stage.playground.clock.advance(TOKEN_SECONDS + 1)
    gate.set()
    return response, await member.wait_for(
        lambda each: any(button.label == "Open" for button in each.buttons), timeout=PATIENCE
    )


def _take_no_direct_messages(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_users: int) -> None:
        raise Refusal.CANNOT_DM.error()

    monkeypatch.setattr(stage.playground.world, "direct_channel", refuse)


async def test_the_letter_waits_behind_a_button(stage: Stage, mara: Member, jonas: Member) -> None:
    before = jonas.messages("workshop")
    response, announcement = await _late_letter(stage, mara)
    # In a direct message: nobody else learns that she asked.
    assert announcement.channel_id == mara.direct().id
    assert "letter is ready" in announcement.text
    assert _PRAISE not in announcement.text + all_of(response)
    assert jonas.messages("workshop") == before
    opened = await mara.press(announcement, "Open")
    assert _PRAISE in all_of(opened)
    assert opened.message is not None
    assert opened.message.ephemeral


async def test_an_opened_letter_is_kept_no_longer(stage: Stage, mara: Member) -> None:
    _, announcement = await _late_letter(stage, mara)
    assert await _waiting(stage) == 1
    await mara.press(announcement, "Open")
    await stage.until(lambda: all(each.id != announcement.id for each in mara.messages(mara.direct())))
    assert await _waiting(stage) == 0


async def test_who_takes_no_direct_messages_is_told_in_the_channel_without_a_ping(
    stage: Stage, mara: Member, jonas: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    _take_no_direct_messages(stage, monkeypatch)
    _, announcement = await _late_letter(stage, mara)
    assert announcement.channel_id == mara.channel("workshop").id
    assert announcement.text.startswith(f"{mara.user.display_name}, your letter is ready")
    assert nobody_was_pinged(announcement)
    # Another member sees the message, but cannot open the letter.
    stranger = await jonas.press(announcement, "Open")
    assert "only they can open it" in stranger.text
    assert _PRAISE not in all_of(stranger)
    assert _PRAISE in all_of(await mara.press(announcement, "Open"))


async def test_a_letter_that_can_be_announced_nowhere_breaks_nothing(
    stage: Stage, mara: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    _take_no_direct_messages(stage, monkeypatch)
    stage.playground.deny("workshop", Permission.SEND_MESSAGES)
    gate = Gate()
    stage.model.script(Words(LETTER, gate=gate))
    try:
        response = await mara.slash("critique", manuscript=upload())
        await response.until(lambda now: now.text == "Writing your letter …", PATIENCE)
        stage.playground.clock.advance(TOKEN_SECONDS + 1)
        gate.set()
        await stage.until_sent("POST", "/users/@me/channels")
        # She is free to ask again, and nothing lies around.
        async with asyncio.timeout(PATIENCE):
            while "still at work" in (again := await mara.slash("critique", manuscript=upload())).text:
                pass
        assert _PRAISE in await ended(again)
        async with asyncio.timeout(PATIENCE):
            while await _waiting(stage):  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.02)
    finally:
        stage.playground.allow("workshop")


async def test_who_has_left_meanwhile_is_not_written_to(stage: Stage, mara: Member) -> None:
    gate = Gate()
    stage.model.script(Words(LETTER, gate=gate))
    response = await mara.slash("critique", manuscript=upload())
    await response.until(lambda now: now.text == "Writing your letter …", PATIENCE)
    stage.playground.clock.advance(TOKEN_SECONDS + 1)
    await mara.leave()
    gate.set()
    await stage.until_sent("GET", "/guilds/{guild_id}/members/{user_id}")
    # One more round trip: what would have been sent after that question would be there by now.
    await stage.member("jonas").slash("inkcircle")
    assert not stage.sent("POST", "/users/@me/channels")
    assert await _waiting(stage) == 0


async def test_a_token_that_ends_sooner_than_we_thought_loses_no_letter(stage: Stage, mara: Member) -> None:
    """Discord's clock decides; ours may be slow, or have been put back."""
    gate = Gate()
    stage.model.script(Words(LETTER, gate=gate))
    honest = stage.app.client.now
    stage.app.client.now = lambda: honest() - timedelta(days=1)
    try:
        response = await mara.slash("critique", manuscript=upload())
        await response.until(lambda now: now.text == "Writing your letter …", PATIENCE)
        stage.playground.clock.advance(TOKEN_SECONDS + 1)
        gate.set()
        announcement = await mara.wait_for(
            lambda each: any(button.label == "Open" for button in each.buttons), timeout=PATIENCE
        )
    finally:
        stage.app.client.now = honest
    assert _PRAISE in all_of(await mara.press(announcement, "Open"))


async def test_the_channel_still_gets_a_letter_that_is_late(
    stage: Stage, mara: Member, jonas: Member
) -> None:
    gate = Gate()
    stage.model.script(Words(LETTER, gate=gate))
    response = await mara.slash("critique", manuscript=upload(), visibility="this channel")
    await response.until(lambda now: now.text == "Writing your letter …", PATIENCE)
    stage.playground.clock.advance(TOKEN_SECONDS + 1)
    gate.set()
    posted = await jonas.wait_for(lambda each: _PRAISE in each.text, channel="workshop", timeout=PATIENCE)
    assert nobody_was_pinged(posted)


async def test_a_letter_waits_for_a_day_and_is_thrown_away_then(
    stage: Stage, mara: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, announcement = await _late_letter(stage, mara)
    waiting = await _waiting(stage)
    a_day_later = stage.playground.clock.now() + timedelta(days=1)
    monkeypatch.setattr(stage.app.client.shelf, "_now", lambda: a_day_later)
    pressed = await mara.press(announcement, "Open")
    assert "This letter is gone: I keep unopened letters for a day." in pressed.text
    assert "/critique" in pressed.text
    assert await _waiting(stage) == waiting >= 1
    await WaitingLetters(stage.app.store).throw_away_old(a_day_later)
    assert await _waiting(stage) == 0


async def test_after_a_restart_the_button_still_opens_the_letter(tmp_path: Path) -> None:
    # The last of the file: discord.py speaks to one server at a time, and this one has its own.
    async with open_stage(tmp_path) as stage:
        mara = stage.member("mara")
        mara.go("workshop")
        stage.model.otherwise = Words(LETTER)
        _, announcement = await _late_letter(stage, mara)
        await stage.stop()
        await stage.start()
        assert _PRAISE in all_of(await mara.press(announcement, "Open"))


async def _waiting(stage: Stage) -> int:
    async with stage.app.store.session() as session:
        return len((await session.scalars(select(WaitingLetterRow))).all())
