"""Telling whoever began a story that its thread could not be opened."""

from typing import Final

import discord
import structlog

from bot.client import Inkcircle
from bot.discord_io.escape import one_line
from bot.discord_io.insisting import UNHEARD
from bot.discord_io.looking import member_of
from bot.stories.kept import Story

_log = structlog.get_logger(__name__)

_NOTHING: Final = discord.AllowedMentions.none()


async def tell_unopened(client: Inkcircle, story: Story) -> None:
    """Say in a direct message, else in the story's channel, that it has not begun, and what to do."""
    words = (
        f"Discord did not let me open a thread for **{one_line(story.title, 80)}**, so it has not begun. "
        f"Please use **/story start** in <#{story.channel_id}> again; if it stays so, ask a moderator to "
        "give me the permissions **Create Public Threads** and **Send Messages in Threads** there. "
        "**/mydata** has what you wrote."
    )
    for directly in (True, False):
        try:
            place = await (_direct(client, story) if directly else _channel(client, story))
            if place is not None:
                await place.send(words, nonce=f"{story.id:x}-unopened", allowed_mentions=_NOTHING)
                return
        except (*UNHEARD, discord.ClientException) as error:
            _log.info("story.untold", guild=story.guild_id, directly=directly, kind=type(error).__name__)
    _log.warning("story.unopened_untold", guild=story.guild_id, story=story.id)


async def _direct(client: Inkcircle, story: Story) -> discord.abc.Messageable | None:
    member = await member_of(client, story.guild_id, story.started_by)
    return None if member is None else member.dm_channel or await member.create_dm()


async def _channel(client: Inkcircle, story: Story) -> discord.abc.Messageable | None:
    channel = client.get_channel(story.channel_id) or await client.fetch_channel(story.channel_id)
    return channel if isinstance(channel, discord.abc.Messageable) else None
