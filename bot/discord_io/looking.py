"""Looking before acting: whether what we are about to post stands there already, and who is still there.

After a restart nobody knows whether the last request arrived. Discord drops a message whose nonce it has seen
in the last minutes; what is older than that is found by looking.
"""

from collections.abc import Callable
from typing import Final

import discord

# Unknown guild, member or user; a guild that we are not in.
_GONE: Final = frozenset({10004, 10007, 10013, 50001})
# One request; whoever asks does so within minutes of what they look for.
_LOOKED_AT: Final = 100


async def find_own(
    client: discord.Client,
    channel: discord.abc.Messageable,
    since: int,
    is_it: Callable[[discord.Message], bool],
) -> discord.Message | None:
    """Find a message of our own in a channel.

    Args:
        client: The client that is logged in.
        channel: Where to look.
        since: A snowflake from before it was posted.
        is_it: Knows it.

    Returns:
        The message; None if there is none, or if we may not read there.
    """
    try:
        async for message in channel.history(limit=_LOOKED_AT, after=discord.Object(since)):
            if client.user is not None and message.author.id == client.user.id and is_it(message):
                return message
    except discord.Forbidden:
        # Then Discord's memory of nonces must do.
        return None
    return None


def has_button(message: discord.Message, custom_id: str | None) -> bool:
    """Tell whether a message has a certain button."""
    return any(
        getattr(child, "custom_id", None) == custom_id
        for row in message.components
        for child in getattr(row, "children", ())
    )


async def member_of(client: discord.Client, guild_id: int, member_id: int) -> discord.Member | None:
    """Ask Discord for a member of a server; None if they have left, or we have.

    Raises:
        discord.HTTPException: Discord does not say.
    """
    try:
        guild = client.get_guild(guild_id) or await client.fetch_guild(guild_id, with_counts=False)
        return await guild.fetch_member(member_id)
    except discord.HTTPException as error:
        # Any other refusal says nothing about them.
        if error.code in _GONE:
            return None
        raise
