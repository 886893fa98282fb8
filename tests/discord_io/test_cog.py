"""Every cog states what it needs, and how a member's data is exported and deleted."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import discord
import pytest
import pytest_asyncio
from discord.ext import commands
from pydantic import SecretStr

import cogs
from bot.app import App
from bot.client import EXTENSIONS, Inkcircle, Pace, cog_classes
from bot.config import Settings
from bot.discord_io.cog import Cog, ExportedFile, KeepsNothing, intents_of, permissions_of
from bot.store import MasterKey


@pytest_asyncio.fixture
async def client(tmp_path: Path) -> AsyncIterator[Inkcircle]:
    """Give a client that has loaded what it loads at the start, without any Discord."""
    key = SecretStr(MasterKey.generate().encoded())
    settings = Settings.load(
        None, inkcircle_data=tmp_path / "data", inkcircle_key=key, inkcircle_metrics_port=0
    )
    async with App(settings, pace=Pace(clock=time.monotonic)) as app:
        for extension in EXTENSIONS:
            await app.client.load_extension(extension)
        yield app.client


async def test_every_cog_states_how_it_exports_and_deletes(client: Inkcircle) -> None:
    loaded = client.cogs
    assert loaded
    for name, cog in loaded.items():
        assert isinstance(cog, Cog), f"{name} states nothing: derive it from bot.discord_io.cog.Cog"
        for file in await cog.export_member(1):
            assert isinstance(file, ExportedFile)
        await cog.forget_member(1)
        await cog.forget_member(1)


async def test_who_keeps_something_says_so_to_members(client: Inkcircle) -> None:
    for name, cog in client.cogs.items():
        assert isinstance(cog, Cog)
        assert isinstance(cog, KeepsNothing) is not bool(cog.keeps), (
            f"{name}: say in `keeps` what, and for how long"
        )


async def test_what_is_listed_without_a_client_is_what_the_client_loads(client: Inkcircle) -> None:
    # By name: discord.py runs an extension's module anew when it loads it.
    assert {each.__qualname__ for each in cog_classes()} == {
        type(cog).__qualname__ for cog in client.cogs.values()
    }


async def test_the_client_listens_to_what_its_cogs_need(client: Inkcircle) -> None:
    on = {name for name, value in client.intents if value}
    assert set(intents_of(cog_classes())) <= on


def test_every_file_of_commands_is_loaded() -> None:
    there = {
        f"cogs.{path.stem}"
        for path in Path(next(iter(cogs.__path__))).iterdir()
        if not path.name.startswith(("_", "."))
    }
    assert there == set(EXTENSIONS)


def test_a_cog_that_keeps_silent_cannot_be_made() -> None:
    class Silent(Cog):
        bot_permissions = discord.Permissions.none()
        needs_intents = ()

    with pytest.raises(TypeError, match="export_member"):
        Silent()  # type: ignore[abstract]


def test_a_cog_that_states_no_permissions_cannot_be_written() -> None:
    with pytest.raises(TypeError, match="bot_permissions"):

        class Careless(Cog):
            async def export_member(self, member_id: int) -> Sequence[ExportedFile]:
                return [ExportedFile("careless.txt", str(member_id).encode())]

            async def forget_member(self, member_id: int) -> None:
                await asyncio.sleep(member_id)


def test_an_intent_that_does_not_exist_is_named() -> None:
    with pytest.raises(TypeError, match="mind_reading"):

        class Psychic(KeepsNothing):
            needs_intents = ("guilds", "mind_reading")


def test_what_is_needed_adds_up() -> None:
    class Writes(KeepsNothing):
        bot_permissions = discord.Permissions(send_messages=True)

    class Reads(KeepsNothing):
        bot_permissions = discord.Permissions(read_message_history=True)
        needs_intents = ("guild_messages",)

    needed = permissions_of([Writes, Reads])
    assert needed == discord.Permissions(send_messages=True, read_message_history=True)
    assert intents_of([Reads, Writes]) == ("guild_messages",)
    assert issubclass(Writes, commands.Cog)


def test_an_exported_file_does_not_show_what_stands_in_it() -> None:
    assert "canary" not in repr(ExportedFile("critique/letter.txt", b"canary"))
