"""What a server's moderators are told when the bot joins, once; and what follows when it is removed.

Whom to tell: Discord says in the audit log alone who invited a bot, and the bot asks for no permission to
read that. So the words go where moderators look. First choice is the server's channel for Discord's own notes
to moderators (`public_updates_channel`), which only they see. Whether the system channel is public cannot be
told from outside, but in small servers it is where news about the server stands, so it comes second; then the
first text channels that the bot may write in; and if there is none, a direct message to the owner. The words
say nothing that members should not read, and ping nobody.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import discord
import structlog
from discord.ext import commands

from bot.client import Inkcircle
from bot.discord_io.cog import KeepsNothing
from bot.discord_io.permissions import to_write_in
from bot.privacy import GUILD_DAYS

_log = structlog.get_logger(__name__)

# Who invites a bot often starts it only afterwards. One that has been there for longer has been met.
_NEW: Final = timedelta(days=1)
_MOST_CHANNELS: Final = 3


class Welcome(KeepsNothing):
    """Knows which servers it has greeted. What it keeps are servers' ids, and nobody's."""

    bot_permissions = discord.Permissions(view_channel=True, send_messages=True)
    needs_intents = ("guilds",)

    def __init__(self, client: Inkcircle) -> None:
        self._client = client
        # Coming and going of a server are written down in the order in which they happened.
        self._order = asyncio.Lock()

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Greet a server, if it was not greeted before; a deletion that was due is off."""
        if await self._is_new(guild):
            await self._greet(guild)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Have what is kept of a server deleted in a while."""
        async with self._order:
            await self._client.privacy.retention.left(guild.id)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Make up for what happened while nobody was connected: servers joined, and servers left."""
        async with self._order:
            here = {guild.id for guild in self._client.guilds}
            for guild_id in await self._client.privacy.stays.missing(here):
                await self._client.privacy.retention.left(guild_id)
        for guild in list(self._client.guilds):
            joined = None if guild.unavailable else guild.me.joined_at
            is_new = await self._is_new(guild)
            if is_new and joined is not None and self._client.now() - joined < _NEW:
                await self._greet(guild)

    async def _is_new(self, guild: discord.Guild) -> bool:
        """Write down that the bot is in a server, and tell whether it never was before."""
        async with self._order:
            if self._client.get_guild(guild.id) is None:
                # Removed again in the meantime.
                return False
            return await self._client.privacy.stays.arrived(guild.id, at=self._client.now())

    async def _greet(self, guild: discord.Guild) -> None:
        """Write to the first place that takes it. That it was tried is written down already: never twice."""
        words = await self._words(guild.id)
        async for place in self._places(guild):
            try:
                await place.send(words, silent=True, allowed_mentions=discord.AllowedMentions.none())
            except discord.HTTPException as error:
                _log.info("welcome.refused", guild=guild.id, status=error.status, code=error.code)
            else:
                _log.info("welcome.said", guild=guild.id)
                return
        _log.warning("welcome.unsaid", guild=guild.id)

    async def _places(self, guild: discord.Guild) -> AsyncIterator[discord.abc.Messageable]:
        """Give where to write, best first; see the top of this file for why."""
        channels = (guild.public_updates_channel, guild.system_channel, *guild.text_channels)
        open_to_us = [channel for channel in channels if channel is not None and _may_write(channel)]
        for channel in list(dict.fromkeys(open_to_us))[:_MOST_CHANNELS]:
            yield channel
        if guild.owner_id is not None:
            # Members are not remembered, so Discord is asked who that is.
            yield await self._client.fetch_user(guild.owner_id)

    async def _words(self, guild_id: int) -> str:
        readers = " and ".join(dict.fromkeys(await self._client.readers_in(guild_id)))
        return (
            "**Thank you for having me. A word to those who look after this server:**\n"
            "- **Where:** members can use **/critique** and **/story** in every channel that I see. "
            "**/settings** limits me to some channels or roles, and sets what I may spend.\n"
            "- **Moderators:** whoever may manage the server; you can name a role in **/settings**.\n"
            f"- **Model:** members' pages are read by {readers}.\n"
            "- **Privacy:** I read what is given to me, and the threads of stories. **/privacy** says what I "
            f"keep; if you remove me, all that I keep of this server goes after {GUILD_DAYS} days."
        )


def _may_write(channel: discord.TextChannel) -> bool:
    granted = channel.permissions_for(channel.guild.me)
    return all(getattr(granted, permission) for permission in to_write_in(channel))


async def setup(client: Inkcircle) -> None:
    """Add the listeners."""
    await client.add_cog(Welcome(client))
