"""Joining a server: a word to those who look after it, never twice; leaving one: its data goes in a while."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bot.playground import Member, MessageView, Permission
from bot.playground.model import Guild
from bot.store.schema import CallRow, GuildStayRow, TraceRow
from tests.e2e.stage import PATIENCE, Stage, ended, nobody_was_pinged, open_stage, upload

pytestmark = pytest.mark.asyncio(loop_scope="module")

_DAY = 24 * 60 * 60.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Give a stage whose clock this file moves."""
    async with open_stage(tmp_path_factory.mktemp("data") / "data") as stage:
        yield stage


def _welcomes(member: Member, guild: Guild) -> list[MessageView]:
    own = [channel for channel in member.channels(guild) if channel.name != "Workshop"]
    messages = [message for channel in own for message in member.messages(channel)]
    return [each for each in messages if "Thank you for having me" in each.text]


async def _stay(stage: Stage, guild: Guild) -> GuildStayRow | None:
    async with stage.app.store.session() as session:
        return await session.get(GuildStayRow, guild.id)


async def _until(stage: Stage, guild: Guild, holds: Callable[[GuildStayRow], bool]) -> GuildStayRow:
    async with asyncio.timeout(PATIENCE):
        while True:
            row = await _stay(stage, guild)
            if row is not None and holds(row):
                return row
            await asyncio.sleep(0.05)


async def _until_left(stage: Stage, guild: Guild) -> GuildStayRow:
    return await _until(stage, guild, lambda row: row.left_at is not None)


async def _until_here(stage: Stage, guild: Guild) -> GuildStayRow:
    return await _until(stage, guild, lambda row: row.left_at is None)


async def _joined(stage: Stage, name: str, ines: Member) -> tuple[Guild, MessageView]:
    guild = stage.playground.add_guild(name, members=["mara"], moderators=["ines"])
    channel = stage.playground.channel("general", guild)
    told = await ines.wait_for(lambda each: "Thank you for having me" in each.text, channel=channel)
    return guild, told


async def test_those_who_look_after_a_server_are_told_once(stage: Stage, ines: Member) -> None:
    guild, told = await _joined(stage, "The second circle", ines)
    for words in ("/critique", "/settings", "`editor` on this machine", "/privacy", "30 days"):
        assert words in told.text, words
    assert nobody_was_pinged(told)
    assert not told.ephemeral
    await stage.stop()
    await stage.start()
    stage.playground.remove_bot(guild)
    await _until_left(stage, guild)
    stage.playground.invite_bot(guild)
    await _until_here(stage, guild)
    assert len(_welcomes(ines, guild)) == 1


async def test_where_it_may_not_write_the_owner_is_told(stage: Stage) -> None:
    guild = stage.playground.add_guild("A quiet circle", with_bot=False)
    world = stage.playground.world
    for channel in world.guilds.channels_of(guild):
        world.guilds.set_overwrite(channel, world.bot, deny=Permission.SEND_MESSAGES)
    stage.playground.invite_bot(guild)
    owner = stage.playground.member(world.users[guild.owner_id].username)
    await owner.wait_for(lambda each: "Thank you for having me" in each.text, channel=owner.direct())


async def test_a_server_joined_while_away_is_greeted_after_the_start(stage: Stage, ines: Member) -> None:
    await stage.stop()
    guild = stage.playground.add_guild("A circle at night", moderators=["ines"])
    await stage.start()
    channel = stage.playground.channel("general", guild)
    await ines.wait_for(lambda each: "Thank you for having me" in each.text, channel=channel)


async def test_what_is_kept_of_a_server_goes_after_thirty_days(stage: Stage, ines: Member) -> None:
    guild, _ = await _joined(stage, "A short circle", ines)
    mara = stage.member("mara")
    await ended(
        await mara.slash("critique", channel=stage.playground.channel("general", guild), manuscript=upload())
    )
    await stage.booked()
    await stage.app.client.privacy.tracer.flush()
    stage.playground.remove_bot(guild)
    row = await _until_left(stage, guild)
    assert row.delete_at is not None
    assert row.left_at is not None
    assert row.delete_at - row.left_at == timedelta(days=30)
    retention = stage.app.client.privacy.retention
    stage.playground.clock.advance(13 * _DAY)
    await retention.clean()
    assert await _kept(stage, guild) == (2, 1)
    stage.playground.clock.advance(18 * _DAY)
    await retention.clean()
    assert await _kept(stage, guild) == (0, 0)
    assert await _stay(stage, guild) is None


async def test_coming_back_in_time_keeps_everything(stage: Stage, ines: Member) -> None:
    guild, _ = await _joined(stage, "A circle that changed its mind", ines)
    stage.playground.remove_bot(guild)
    await _until_left(stage, guild)
    stage.playground.clock.advance(29 * _DAY)
    stage.playground.invite_bot(guild)
    row = await _until_here(stage, guild)
    assert row.delete_at is None
    stage.playground.clock.advance(29 * _DAY)
    await stage.app.client.privacy.retention.clean()
    assert await _stay(stage, guild) is not None


async def test_being_removed_while_away_counts_from_the_start(stage: Stage, ines: Member) -> None:
    guild, _ = await _joined(stage, "A circle that closed", ines)
    await stage.stop()
    stage.playground.remove_bot(guild)
    await stage.start()
    row = await _until_left(stage, guild)
    assert row.delete_at is not None


async def _kept(stage: Stage, guild: Guild) -> tuple[int, int]:
    async with stage.app.store.session() as session:
        traces = select(func.count()).select_from(TraceRow).where(TraceRow.guild_id == guild.id)
        calls = select(func.count()).select_from(CallRow).where(CallRow.guild_id == guild.id)
        return int(await session.scalar(traces) or 0), int(await session.scalar(calls) or 0)
