"""The library speaks to the server that was set, and to discord.com again afterwards."""

from collections.abc import Iterator

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.discord_io.server import Server


@pytest.fixture(autouse=True)
def _back_to_discord() -> Iterator[None]:
    yield
    Server().point_the_library_at_it()


def test_it_points_at_another_server_and_back() -> None:
    Server("http://127.0.0.1:8090/api/v10", "ws://127.0.0.1:8090/").point_the_library_at_it()
    assert Route("GET", "/users/@me").url == "http://127.0.0.1:8090/api/v10/users/@me"
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == "ws://127.0.0.1:8090/"
    assert discord.Asset.BASE == "http://127.0.0.1:8090"
    Server().point_the_library_at_it()
    assert Route("GET", "/users/@me").url == "https://discord.com/api/v10/users/@me"
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == "wss://gateway.discord.gg/"
    assert discord.Asset.BASE == "https://cdn.discordapp.com"
