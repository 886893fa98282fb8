"""Threads that a bot comes to see because a channel was opened to it.

https://docs.discord.com/developers/topics/threads#gaining-access-to-channels
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.playground.events import Event
from bot.playground.model import ChannelType, Guild, Intent
from bot.playground.payload_parts import Json

if TYPE_CHECKING:
    from bot.playground.world import World


@contextmanager
def threads_synced(world: World, guild: Guild) -> Iterator[None]:
    """Tell the bot of the threads in channels that a change of permissions opens to it."""
    before = _seen(world, guild)
    yield
    gained = _seen(world, guild) - before
    if not gained:
        return
    bot_id = world.application.bot_id
    threads = [each for each in world.threads.active(guild, bot_id) if each.parent_id in gained]
    joined = [each for each in threads if each.thread is not None and bot_id in each.thread.members]
    data: Json = {
        "guild_id": str(guild.id),
        "channel_ids": [str(each) for each in sorted(gained)],
        "threads": [world.payloads.channel(each, viewer=bot_id) for each in threads],
        "members": [world.payloads.thread_member(each, bot_id) for each in joined],
    }
    world.emit(Event("THREAD_LIST_SYNC", data, Intent.GUILDS, guild.id, audience=frozenset({bot_id})))


def _seen(world: World, guild: Guild) -> set[int]:
    bot_id = world.application.bot_id
    return {
        channel.id
        for channel in world.guilds.channels_of(guild)
        if channel.type is ChannelType.TEXT and world.can_see(bot_id, channel)
    }
