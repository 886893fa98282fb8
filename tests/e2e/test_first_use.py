"""A member's first use: one notice, one Continue, and what they asked for is done without asking again."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.discord_io.buttons import view_of
from bot.discord_io.first_use import ContinueButton
from bot.guilds import Feature, GuildSettings
from bot.guilds.rules import Limits
from bot.playground import Member, Response
from bot.store import Members
from tests.e2e.faulty_manuscripts import scene
from tests.e2e.stage import PATIENCE, Stage, ended, open_stage, upload

pytestmark = pytest.mark.asyncio(loop_scope="module")

_PRAISE = "I like how quietly your scene puts its weight on small things."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Give a stage on which nobody has continued yet."""
    async with open_stage(tmp_path_factory.mktemp("data") / "data", first_use=True) as stage:
        yield stage


def _is_notice(response: Response) -> bool:
    message = response.message
    return message is not None and [each.label for each in message.buttons] == ["Continue"]


async def _continue(member: Member, notice: Response) -> Response:
    assert _is_notice(notice)
    assert notice.message is not None
    return await member.press(notice.message, "Continue")


async def test_an_attached_file_is_read_after_continue(stage: Stage, mara: Member, jonas: Member) -> None:
    before = jonas.messages("workshop")
    notice = await mara.slash("critique", manuscript=upload())
    assert _is_notice(notice)
    assert notice.message is not None
    assert notice.message.ephemeral
    assert "/mydata" in notice.text
    assert "`editor` on this machine" in notice.text
    assert not stage.model.requests, "nothing is read before"
    assert _PRAISE in await ended(await _continue(mara, notice))
    await notice.until(lambda now: now.message is None, PATIENCE)
    assert jonas.messages("workshop") == before


async def test_it_is_asked_once_and_costs_nothing_then(stage: Stage, mara: Member) -> None:
    await ended(await _continue(mara, await mara.slash("critique", manuscript=upload())))
    stage.exchanges.clear()
    assert _PRAISE in await ended(await mara.slash("critique", manuscript=upload()))
    callbacks = [each for each in stage.exchanges if each.path is not None and "callback" in each.path]
    assert len(callbacks) == 1, "one answer, and no notice before it"
    found = await Members(stage.app.store).continued(mara.user.id)
    assert found is not None


async def test_the_form_opens_after_continue(mara: Member) -> None:
    carried = await _continue(mara, await mara.slash("critique"))
    assert carried.modal is not None
    letter = await mara.submit(carried.modal, {"Paste your pages": scene()[:3500]})
    assert _PRAISE in await ended(letter)


async def test_the_options_are_carried_along(mara: Member, jonas: Member) -> None:
    notice = await mara.slash("critique", manuscript=upload(), visibility="this channel", focus="Dialogue")
    await ended(await _continue(mara, notice))
    posted = await jonas.wait_for(lambda each: _PRAISE in each.text, channel="workshop")
    assert not posted.ephemeral


async def test_a_message_is_carried_along(mara: Member) -> None:
    message = await mara.say(scene()[:1900], channel="workshop")
    notice = await mara.context("Critique this", message)
    assert _PRAISE in await ended(await _continue(mara, notice))


async def test_reading_about_the_bot_asks_nothing(mara: Member) -> None:
    for command in ("inkcircle", "privacy", "mydata delete"):
        response = await mara.slash(command)
        assert response.text
        assert not _is_notice(response), command


async def test_nobody_else_can_continue_for_a_member(stage: Stage, mara: Member, jonas: Member) -> None:
    notice = await mara.slash("critique", manuscript=upload())
    assert notice.message is not None
    custom_id = notice.message.buttons[0].custom_id or ""
    # Others do not see the notice; so the same button is put where they do.
    button = ContinueButton(waiting=custom_id.split(":")[2], member=mara.user.id)
    channel = stage.app.client.get_partial_messageable(jonas.channel("workshop").id)
    sent = await channel.send("?", view=view_of(button))
    shown = await jonas.wait_for(lambda each: each.id == sent.id, channel="workshop")
    refused = await jonas.press(shown, "Continue")
    assert "somebody else's" in refused.text
    assert not stage.model.requests
    members = Members(stage.app.store)
    assert await members.continued(jonas.user.id) is None
    assert await members.continued(mara.user.id) is None


async def test_a_second_press_does_nothing_twice(stage: Stage, mara: Member) -> None:
    notice = await mara.slash("critique", manuscript=upload())
    assert notice.message is not None
    first, second = await asyncio.gather(
        mara.press(notice.message, "Continue"), mara.press(notice.message, "Continue")
    )
    told = {await ended(each) for each in (first, second)}
    assert sum(_PRAISE in each for each in told) == 1
    assert len(stage.model.requests) == 1


async def test_what_was_asked_long_ago_is_not_done(stage: Stage, mara: Member) -> None:
    notice = await mara.slash("critique", manuscript=upload())
    stage.app.client.first_use.forget(mara.user.id)
    answer = await _continue(mara, notice)
    assert "ask me again" in answer.text
    assert answer.message is not None
    assert not answer.message.buttons
    assert _PRAISE in await ended(await mara.slash("critique", manuscript=upload()))


async def test_a_newer_policy_asks_again(stage: Stage, mara: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    await ended(await _continue(mara, await mara.slash("critique", manuscript=upload())))
    stage.app.client.privacy.notices.forget(mara.user.id)
    assert not _is_notice(await mara.slash("critique", manuscript=upload()))
    stage.app.client.privacy.notices.forget(mara.user.id)
    monkeypatch.setattr("bot.privacy.notice.POLICY_VERSION", 99)
    assert _is_notice(await mara.slash("critique", manuscript=upload()))


class _OnlyForOthers:
    """Servers in which critiques are for a role that nobody has."""

    async def of(self, guild_id: int) -> GuildSettings:
        return GuildSettings(guild_id, limits={Feature.CRITIQUE: Limits(roles=frozenset({1}))})


async def test_who_may_not_use_a_command_is_told_so_and_not_asked(
    stage: Stage, mara: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.app.client, "guild_settings", _OnlyForOthers())
    response = await mara.slash("critique", manuscript=upload())
    assert not _is_notice(response)
    assert "Critiques are for" in response.text


async def test_an_author_who_allows_is_told_first(stage: Stage, mara: Member, jonas: Member) -> None:
    message = await jonas.say(scene()[:1900], channel="workshop")
    response = await _continue(mara, await mara.context("Critique this", message))
    question = await jonas.wait_for(
        lambda each: "Only you can answer" in each.text and each.reply_to == message.id, channel="workshop"
    )
    notice = await jonas.press(question, "Allow")
    assert not stage.model.requests
    assert _PRAISE in await ended(await _continue(jonas, notice))
    assert _PRAISE in await ended(response)


async def test_what_cannot_be_done_any_more_is_said_as_ever(mara: Member, jonas: Member) -> None:
    message = await jonas.say(scene()[:1900], channel="workshop")
    await _continue(mara, await mara.context("Critique this", message))
    question = await jonas.wait_for(
        lambda each: "Only you can answer" in each.text and each.reply_to == message.id, channel="workshop"
    )
    first = await jonas.press(question, "Allow")
    second = await jonas.press(question, "Allow")
    assert _PRAISE in await ended(await _continue(jonas, first))
    told = await ended(await _continue(jonas, second))
    assert "This question is over" in told
    assert "ink-" not in told
