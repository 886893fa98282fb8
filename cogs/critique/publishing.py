"""A letter in the channel, for everybody, once."""

from typing import Final

import discord
import structlog

from bot.client import Inkcircle
from bot.discord_io.escape import one_line
from bot.discord_io.looking import find_own, member_of
from bot.discord_io.permissions import missing_in
from bot.discord_io.reply import Reply
from bot.store.jobs import Job
from cogs.critique.letter import Told

_log = structlog.get_logger(__name__)

_NOTHING: Final = discord.AllowedMentions.none()


async def publish(client: Inkcircle, job: Job, told: Told, reply: Reply, *, again: bool) -> None:
    """Post a letter in the channel; if that is not possible any more, bring it to the member alone.

    Each page has a nonce of its own, by which Discord knows it again for some minutes. Where the letter may
    have been posted before, which is after a restart or a failure, the channel is looked at first.

    Args:
        client: The client that is logged in.
        job: The work.
        told: What came of it.
        reply: The member's own message.
        again: Whether this may have been done before.
    """
    member = await member_of(client, job.guild_id, job.member_id)
    if member is None:
        _log.info("critique.reader_left", job=job.id, guild=job.guild_id, member=job.member_id)
        return
    posted: discord.Message | None = None
    channel: discord.abc.Messageable | None = None
    try:
        channel = await _writable(client, job.channel_id)
        for number, page in enumerate(told.pages(f"**A letter for {one_line(member.display_name, 40)}**")):
            message = await _post(client, channel, job, number, page, look=again)
            posted = posted or message
    except (discord.Forbidden, discord.NotFound, discord.InvalidData) as error:
        _log.warning("critique.unpublished", job=job.id, code=getattr(error, "code", None))
        lacking = missing_in(channel)
        because = f" ({lacking})" if lacking else ""
        why = f"I could not write in this channel any more{because}, so this letter is for you alone."
        await reply.finish(told.answer(why))
        return
    if posted is not None:
        # discord.py knows links to discord.com alone.
        link = f": {posted.jump_url}" if client.server.api_url is None else "."
        await reply.tell(f"Your letter is in this channel now{link}")


async def _writable(client: Inkcircle, channel_id: int) -> discord.abc.Messageable:
    channel = await client.fetch_channel(channel_id)
    if not isinstance(channel, discord.abc.Messageable):
        raise discord.InvalidData("nobody can write in this kind of channel")
    return channel


async def _post(
    client: Inkcircle, channel: discord.abc.Messageable, job: Job, number: int, page: str, *, look: bool
) -> discord.Message:
    if look:
        since = job.readers[0].interaction_id
        found = await find_own(client, channel, since, lambda each: each.content == page)
        if found is not None:
            return found
    return await channel.send(
        page, nonce=f"{job.id}-{number}", allowed_mentions=_NOTHING, suppress_embeds=True
    )


async def still_stands(client: Inkcircle, channel_id: int, message_id: int) -> bool:
    """Tell whether a message is still there; where we may not look, it counts as there.

    Raises:
        discord.HTTPException: Discord does not say.
    """
    try:
        channel = await client.fetch_channel(channel_id)
        if isinstance(channel, discord.abc.Messageable):
            await channel.fetch_message(message_id)
    except discord.NotFound:
        return False
    except discord.Forbidden:
        return True
    return True
