"""Every error ends in one sentence for the member and one cause in the log, without anybody's words in it."""

import io
import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import AsyncMock, MagicMock, create_autospec

import aiohttp
import discord
import pytest
from discord import app_commands, ui

from bot import log
from bot.discord_io import incidents
from bot.discord_io.access import Access, Feature
from bot.discord_io.views import SafeDynamicItem, SafeLayoutView, SafeModal, SafeView
from bot.errors import InkcircleError, UserError
from bot.guilds import NothingDecided

_CANARY = "canary-in-the-manuscript"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    log.configure(level="debug", style="json", stream=stream)
    yield stream
    log.configure()


def _interaction(*, answered: bool = False) -> Any:
    interaction = create_autospec(discord.Interaction, instance=True)
    interaction.id, interaction.guild_id, interaction.channel_id = 10, 20, 30
    interaction.user.id = 40
    interaction.permissions = discord.Permissions.none()
    interaction.client.guild_settings = NothingDecided()
    interaction.extras = {}
    interaction.response = create_autospec(discord.InteractionResponse, instance=True)
    interaction.response.is_done = MagicMock(return_value=answered)
    interaction.followup = create_autospec(discord.Webhook, instance=True)
    return interaction


def _http_error(kind: type[discord.HTTPException], status: int, code: int) -> discord.HTTPException:
    response = create_autospec(aiohttp.ClientResponse, instance=True)
    response.status, response.reason = status, "reason"
    return kind(response, {"code": code, "message": _CANARY})


def _told(interaction: Any) -> str:
    (call,) = interaction.response.send_message.await_args_list + interaction.followup.send.await_args_list
    assert call.kwargs["ephemeral"] is True
    assert call.kwargs["allowed_mentions"].to_dict() == {"parse": []}
    return str(call.args[0])


async def test_the_members_own_fault_is_said_plainly_and_has_no_id(lines: io.StringIO) -> None:
    interaction = _interaction()
    await incidents.handle(interaction, UserError("That file is empty."), where="critique")
    assert _told(interaction) == "That file is empty."
    assert "interaction.declined" in lines.getvalue()


async def test_any_other_error_has_an_id_that_the_log_has_too(lines: io.StringIO) -> None:
    interaction = _interaction(answered=True)
    try:
        raise KeyError(_CANARY)  # noqa: TRY301 - an error that has been raised has places
    except KeyError as error:
        await incidents.handle(interaction, error, where="critique")
    sentence = _told(interaction)
    (line,) = (json.loads(line) for line in lines.getvalue().splitlines())
    assert line["incident"] in sentence
    assert (line["where"], line["guild"], line["member"]) == ("critique", 20, 40)
    assert any("KeyError at " in place for place in line["cause"])
    assert _CANARY not in lines.getvalue() + sentence


async def test_our_own_errors_bring_their_sentence_and_cause(lines: io.StringIO) -> None:
    class DownError(InkcircleError):
        cause = "unreachable: attempt 3"

    interaction = _interaction()
    wrapped = app_commands.CommandInvokeError(MagicMock(), DownError("The model's server cannot be reached."))
    await incidents.handle(interaction, wrapped, where="critique")
    assert _told(interaction).startswith("The model's server cannot be reached. (`ink-")
    assert json.loads(lines.getvalue())["reason"] == "unreachable: attempt 3"


@pytest.mark.parametrize("code", [10062, 40060])
async def test_an_interaction_that_is_too_late_is_dropped_with_a_line(lines: io.StringIO, code: int) -> None:
    interaction = _interaction()
    await incidents.handle(interaction, _http_error(discord.NotFound, 404, code), where="critique")
    assert not interaction.response.send_message.await_args_list
    assert "interaction.late" in lines.getvalue()
    assert _CANARY not in lines.getvalue()


async def test_a_permission_that_discord_misses_is_said(lines: io.StringIO) -> None:
    interaction = _interaction()
    await incidents.handle(interaction, _http_error(discord.Forbidden, 403, 50013), where="critique")
    assert "Send Messages" in _told(interaction)
    assert json.loads(lines.getvalue())["code"] == 50013


async def test_a_thread_that_was_locked_meanwhile_is_nobodys_fault(lines: io.StringIO) -> None:
    interaction = _interaction()
    await incidents.handle(interaction, _http_error(discord.HTTPException, 400, 50083), where="critique")
    assert "thread is archived" in _told(interaction)
    assert "ink-" not in _told(interaction)
    assert json.loads(lines.getvalue())["event"] == "interaction.declined"


async def test_an_answer_under_way_is_turned_into_the_sentence() -> None:
    class Answer:
        fail = AsyncMock()

    interaction = _interaction(answered=True)
    incidents.answers_with(interaction, Answer())
    await incidents.handle(interaction, UserError("No."), where="critique")
    Answer.fail.assert_awaited_once_with("No.")
    assert not interaction.followup.send.await_args_list


async def test_a_member_who_cannot_be_told_breaks_nothing(lines: io.StringIO) -> None:
    interaction = _interaction()
    interaction.response.send_message.side_effect = _http_error(discord.NotFound, 404, 10015)
    await incidents.handle(interaction, UserError("No."), where="critique")
    assert "interaction.untold" in lines.getvalue()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (app_commands.NoPrivateMessage(), "in a server"),
        (app_commands.MissingPermissions(["manage_guild"]), "Manage Server"),
        (app_commands.BotMissingPermissions(["attach_files"]), "Attach Files"),
        (app_commands.CommandOnCooldown(app_commands.Cooldown(1, 60), 42.4), "42 seconds"),
        (app_commands.CommandNotFound("critique", []), "reload Discord"),
    ],
)
async def test_discords_own_refusals_are_sentences(error: Exception, words: str) -> None:
    interaction = _interaction()
    await incidents.handle(interaction, error, where="critique")
    assert words in _told(interaction)


class _Button(SafeDynamicItem["ui.Button[ui.View]"], template=r"ink:test"):
    access = Access(Feature.OWN)

    def __init__(self) -> None:
        super().__init__(ui.Button(label="x", custom_id="ink:test"))

    async def pressed(self, _interaction: discord.Interaction[Any]) -> None:
        raise UserError("Not now.")


async def test_views_forms_and_lasting_buttons_go_the_same_way() -> None:
    async def view(interaction: Any) -> None:
        await SafeView().on_error(interaction, UserError("Not now."), ui.Button())

    async def layout(interaction: Any) -> None:
        await SafeLayoutView().on_error(interaction, UserError("Not now."), ui.Button())

    async def modal(interaction: Any) -> None:
        await SafeModal(title="x").on_error(interaction, UserError("Not now."))

    for fail in (view, layout, modal, _Button().callback):
        interaction = _interaction()
        await fail(interaction)
        assert _told(interaction) == "Not now."
