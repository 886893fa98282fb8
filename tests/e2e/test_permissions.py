"""Permissions are checked where the work is done, and the sentence says which one is missing."""

import asyncio

import pytest

from bot.playground import Member, Permission
from tests.e2e.faulty_manuscripts import scene
from tests.e2e.letters import LETTER
from tests.e2e.stage import PATIENCE, Gate, Stage, ended, upload
from tests.model_server import Words

pytestmark = pytest.mark.asyncio(loop_scope="module")

_PRAISE = "I like how quietly your scene puts its weight on small things."


async def test_the_bot_says_which_permission_it_needs(stage: Stage, mara: Member, jonas: Member) -> None:
    stage.playground.deny("workshop", Permission.SEND_MESSAGES)
    try:
        response = await mara.slash("critique", manuscript=upload(), visibility="this channel")
        assert "I need the permission **Send Messages** in this channel" in response.text
        assert response.message is not None
        assert response.message.ephemeral
        # It would be a waste to write a letter that cannot be shown.
        assert not stage.model.requests
        message = await jonas.say(scene()[:1800], channel="workshop")
        asked = await mara.context("Critique this", message)
        assert "**Send Messages**" in asked.text
    finally:
        stage.playground.allow("workshop")


async def test_a_private_letter_needs_no_permission(stage: Stage, mara: Member) -> None:
    stage.playground.deny("workshop", Permission.SEND_MESSAGES)
    try:
        assert _PRAISE in await ended(await mara.slash("critique", manuscript=upload()))
    finally:
        stage.playground.allow("workshop")


async def test_a_thread_needs_another_permission(stage: Stage, mara: Member) -> None:
    thread = await mara.start_thread("My scene", channel="workshop")
    stage.playground.deny("workshop", Permission.SEND_MESSAGES_IN_THREADS)
    try:
        response = await mara.slash(
            "critique", channel=thread, manuscript=upload(), visibility="this channel"
        )
        assert "**Send Messages in Threads**" in response.text
    finally:
        stage.playground.allow("workshop")
    shown = await mara.slash("critique", channel=thread, manuscript=upload(), visibility="this channel")
    await ended(shown)
    posted = await mara.wait_for(lambda each: _PRAISE in each.text, channel=thread)
    assert posted.channel_id == thread.id


async def test_who_may_not_write_in_a_channel_cannot_have_the_bot_write_for_them(
    stage: Stage, mara: Member
) -> None:
    stage.playground.deny("workshop", Permission.SEND_MESSAGES, mara.user)
    response = await mara.slash("critique", manuscript=upload(), visibility="this channel")
    assert "You need the permission **Send Messages**" in response.text
    assert not stage.model.requests


async def test_a_permission_that_is_lost_meanwhile_loses_no_letter(stage: Stage, mara: Member) -> None:
    gate = Gate()
    stage.model.script(Words(LETTER, gate=gate))
    response = await mara.slash("critique", manuscript=upload(), visibility="this channel")
    await response.until(lambda now: now.text == "Writing your letter …", PATIENCE)
    stage.playground.deny("workshop", Permission.SEND_MESSAGES)
    try:
        gate.set()
        told = await ended(response)
    finally:
        stage.playground.allow("workshop")
    assert "for you alone" in told
    assert "**Send Messages**" in told
    assert _PRAISE in told


async def test_a_channel_that_is_deleted_meanwhile_breaks_nothing(stage: Stage, mara: Member) -> None:
    await asyncio.wait_for(stage.playground.until_connected(), PATIENCE)
    thread = await mara.start_thread("Soon gone", channel="workshop")
    gate = Gate()
    stage.model.script(Words(LETTER, gate=gate))
    response = await mara.slash("critique", channel=thread, manuscript=upload(), visibility="this channel")
    await response.until(lambda now: now.text == "Writing your letter …", PATIENCE)
    stage.playground.world.guilds.delete_channel(thread)
    gate.set()
    # She is free again, and the bot still answers.
    async with asyncio.timeout(PATIENCE):
        while (
            "still at work"
            in (again := await mara.slash("critique", channel="workshop", manuscript=upload())).text
        ):
            pass
    assert _PRAISE in await ended(again)
