"""Looking at the bot's account over REST, without a gateway."""

import asyncio
import socket

import discord
import pytest

from bot.client import cog_classes
from bot.discord_io.account import (
    DiscordUnreachableError,
    TokenRefusedError,
    how_to_switch_on,
    invitation,
    privileged_among,
    visit,
)
from bot.discord_io.cog import permissions_of
from bot.discord_io.server import Server
from bot.playground import Permission, Playground
from bot.playground.model import Intent

NEEDED = discord.Permissions(view_channel=True, send_messages=True, read_message_history=True)


def server_of(playground: Playground) -> Server:
    return Server(playground.api_url, playground.gateway_url)


async def test_it_says_who_the_token_is_without_a_gateway() -> None:
    async with Playground(bot_name="Quill") as playground:
        playground.world.application.privileged_intents = Intent.MESSAGE_CONTENT
        async with visit(server_of(playground), playground.bot_token) as look:
            assert look.account.bot_name == "Quill"
            assert look.account.bot_id == playground.world.bot.id
            assert look.account.application_id == playground.world.application.id
            assert look.account.granted == {"message_content"}
        assert not playground.gateway.sessions


async def test_a_revoked_token_is_told_with_what_to_do() -> None:
    async with Playground() as playground:
        with pytest.raises(TokenRefusedError, match="Reset Token"):
            async with visit(server_of(playground), "revoked"):
                raise AssertionError


async def test_a_server_that_is_not_there_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(DiscordUnreachableError, match="network"):
            async with visit(Server(f"http://127.0.0.1:{port}/api/v10", f"ws://127.0.0.1:{port}/"), "x"):
                raise AssertionError


async def test_what_is_missing_in_each_channel_is_found() -> None:
    async with Playground() as playground:
        playground.deny("workshop", Permission.SEND_MESSAGES)
        playground.deny("stories", Permission.VIEW_CHANNEL, playground.guild.roles[playground.guild.id])
        async with visit(server_of(playground), playground.bot_token) as look:
            (circle,) = await look.circles(NEEDED)
        assert circle.name == "Writing circle"
        found = {place.name: place for place in circle.places}
        assert set(found) == {"general", "workshop", "stories"}
        assert found["general"].missing == ()
        assert found["workshop"].missing == ("Send Messages",)
        assert found["stories"].hidden
        assert "View Channel" in found["stories"].missing


async def test_an_administrator_lacks_nothing() -> None:
    async with Playground() as playground:
        playground.set_bot_permissions(Permission.ADMINISTRATOR)
        playground.deny("workshop", Permission.SEND_MESSAGES)
        async with visit(server_of(playground), playground.bot_token) as look:
            (circle,) = await look.circles(NEEDED)
        assert not [place for place in circle.places if place.missing]


async def test_the_commands_that_discord_knows_are_listed() -> None:
    async with Playground() as playground, visit(server_of(playground), playground.bot_token) as look:
        assert await look.commands() == frozenset()


async def test_it_can_be_given_up_in_the_middle() -> None:
    async def deaf(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)
        writer.close()

    listener = await asyncio.start_server(deaf, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]

    async def look() -> None:
        async with visit(Server(f"http://127.0.0.1:{port}/api/v10", f"ws://127.0.0.1:{port}/"), "x"):
            raise AssertionError

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(look(), 0.3)
    listener.close()


def test_the_invitation_has_exact_scopes_and_what_the_cogs_declare() -> None:
    needed = permissions_of(cog_classes())
    url = invitation(42, needed)
    assert url == (
        "https://discord.com/oauth2/authorize?client_id=42&scope=bot+applications.commands"
        f"&permissions={needed.value}"
    )
    assert not needed.administrator


def test_only_privileged_intents_are_switched_on_by_hand() -> None:
    assert privileged_among(("guilds", "message_content", "guild_messages")) == ("message_content",)
    assert "'Message Content Intent'" in how_to_switch_on(("message_content",))
