"""The doctor on Discord, against the local one over HTTP."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest
from discord import app_commands
from discord.ext import commands

from bot.client import cog_classes
from bot.discord_io.cog import KeepsNothing, permissions_of
from bot.doctor import Check, State
from bot.doctor.discord_side import declared_by, look_at_discord
from bot.doctor.files import look_at_data
from bot.playground import Permission, Playground
from bot.playground.model import Intent
from tests.doctor.patient import Patient, found, the_one
from tests.playground.plain_http import PlainHttp

CHECK = "token"


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    async with Playground(bot_name="Quill") as running:
        yield running


@pytest.fixture
def patient(tmp_path: Path, playground: Playground) -> Patient:
    return Patient(tmp_path).set(
        DISCORD_API_URL=playground.api_url,
        DISCORD_GATEWAY_URL=playground.gateway_url,
        DISCORD_TOKEN=playground.bot_token,
    )


async def test_a_token_that_works_has_a_name(patient: Patient, playground: Playground) -> None:
    report = await patient.look(CHECK)
    assert report.ok
    assert "Quill" in the_one(report, "token").says
    assert the_one(report, "intents").state is State.OK
    assert playground.gateway.identified == 0
    assert playground.bot_token not in str(report.to_json())


async def test_a_revoked_token_is_told_with_what_to_do(patient: Patient) -> None:
    patient.set(DISCORD_TOKEN="revoked")  # noqa: S106 - nobody's
    report = await patient.look(CHECK)
    finding = the_one(report, "token")
    assert finding.state is State.FAILED
    assert "Reset Token" in finding.says + finding.todo
    assert {the_one(report, name).state for name in ("intents", "commands", "permissions")} == {State.SKIPPED}


async def test_what_is_no_token_is_not_sent_to_discord(tmp_path: Path) -> None:
    pasted = "AbCdEfGhIjKlMnOpQrStUvWxYz012345"
    report = await Patient(tmp_path).set(DISCORD_TOKEN=pasted).look(CHECK)
    assert "client secret" in the_one(report, "token").todo
    assert pasted not in str(report.to_json())


async def test_a_missing_token_leads_to_the_set_up(patient: Patient) -> None:
    patient.set(DISCORD_TOKEN=None)
    assert "inkcircle setup" in the_one(await patient.look(CHECK), "token").todo


async def test_an_unreachable_discord_is_told(patient: Patient) -> None:
    patient.set(DISCORD_API_URL="http://127.0.0.1:9/api", DISCORD_GATEWAY_URL="ws://127.0.0.1:9")
    finding = the_one(await patient.look(CHECK), "token")
    assert finding.state is State.FAILED
    assert "network" in finding.todo


async def test_an_intent_that_is_needed_and_off_fails(
    patient: Patient, playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Reads(KeepsNothing):
        needs_intents = ("guilds", "message_content")

    monkeypatch.setattr("bot.doctor.discord_side.cog_classes", lambda: (Reads,))
    assert the_one(await patient.look(CHECK), "intents").state is State.OK
    playground.world.application.privileged_intents = Intent(0)
    finding = the_one(await patient.look(CHECK), "intents")
    assert finding.state is State.FAILED
    assert "'Message Content Intent'" in finding.todo


async def test_an_intent_that_a_setting_asks_for_is_looked_at(
    patient: Patient, playground: Playground
) -> None:
    playground.world.application.privileged_intents = Intent(0)
    assert "None" in the_one(await patient.look(CHECK), "intents").says
    patient.set(INKCIRCLE_MESSAGE_CONTENT="true")
    finding = the_one(await patient.look(CHECK), "intents")
    assert finding.state is State.FAILED
    assert "'Message Content Intent'" in finding.todo


async def test_commands_that_discord_does_not_know_yet_are_named(
    patient: Patient, playground: Playground
) -> None:
    finding = the_one(await patient.look(CHECK), "commands")
    assert finding.state is State.WARNING
    assert "/critique" in finding.says
    names = {name for cog in cog_classes() for name in declared_by(cog)}
    async with PlainHttp(playground) as http:
        path = f"/applications/{playground.world.application.id}/commands"
        await http("PUT", path, [{"name": name, "description": "x", "type": 1} for name in sorted(names)])
    assert the_one(await patient.look(CHECK), "commands").state is State.OK


async def test_what_is_missing_in_a_channel_is_named(patient: Patient, playground: Playground) -> None:
    needed = Permission(permissions_of(cog_classes()).value)
    playground.set_bot_permissions(needed)
    assert the_one(await patient.look(CHECK), "permissions").state is State.OK
    playground.deny("workshop", Permission.SEND_MESSAGES)
    playground.deny("stories", Permission.VIEW_CHANNEL)
    report = await patient.look(CHECK)
    finding = the_one(report, "permissions")
    assert finding.state is State.WARNING
    assert "#workshop lacks" in finding.says
    assert "Send Messages" in finding.says
    assert "hidden from the bot: #stories" in finding.says
    assert "#stories lacks" not in finding.says
    assert report.ok


async def test_a_bot_that_may_work_nowhere_fails(patient: Patient, playground: Playground) -> None:
    playground.set_bot_permissions(Permission.VIEW_CHANNEL)
    for role in playground.guild.roles.values():
        playground.world.guilds.set_role_permissions(playground.guild, role, Permission.VIEW_CHANNEL)
    report = await patient.look(CHECK)
    last = found(report, "permissions")[-1]
    assert last.state is State.FAILED
    assert "https://discord.com/oauth2/authorize?client_id=" in last.todo


async def test_a_bot_in_no_server_gets_its_invitation(patient: Patient, playground: Playground) -> None:
    playground.world.guilds.remove_member(playground.guild, playground.world.bot.id)
    finding = the_one(await patient.look(CHECK), "permissions")
    assert finding.state is State.WARNING
    assert f"permissions={permissions_of(cog_classes()).value}" in finding.todo


async def test_a_discord_that_never_answers_holds_up_no_other_check(tmp_path: Path) -> None:
    async def deaf(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)
        writer.close()

    listener = await asyncio.start_server(deaf, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    patient = Patient(tmp_path).set(
        DISCORD_API_URL=f"http://127.0.0.1:{port}/api", DISCORD_GATEWAY_URL=f"ws://127.0.0.1:{port}"
    )
    patient.set(DISCORD_TOKEN=base64.b64encode(b"nobody").decode())
    report = await patient.look_with(
        [Check("token", look_at_discord, 0.5), Check("data folder", look_at_data)]
    )
    listener.close()
    assert "no answer within" in the_one(report, "token").says
    assert the_one(report, "data folder").state is State.OK


def test_a_group_of_commands_counts_as_one() -> None:
    class Tales(KeepsNothing, commands.GroupCog, group_name="tale"):
        @app_commands.command(description="Begin")
        async def start(self, interaction: discord.Interaction) -> None:
            """Begin."""

    assert declared_by(Tales) == {"tale"}


def test_what_the_invitation_asks_for_is_not_everything() -> None:
    needed = permissions_of(cog_classes())
    assert needed.send_messages
    assert not needed & discord.Permissions(administrator=True, manage_guild=True)
