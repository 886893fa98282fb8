"""What a person's message in a story's thread says."""

from typing import Final

import discord

_UNPINGED: Final = "@\N{ZERO WIDTH SPACE}"


def words_of(message: discord.Message) -> str:
    """Give a message's words, with people and channels by name, and without the ping that brought it."""
    words = message.clean_content
    if _UNPINGED not in message.content:
        # discord.py puts it into @everyone and @here; our messages ping nobody anyway, and what people
        # write is kept letter for letter.
        words = words.replace(_UNPINGED, "@")
    me = message.guild.me if message.guild is not None else None
    return words.removeprefix(f"@{me.display_name}").strip() if me is not None else words
