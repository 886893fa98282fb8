"""The cog of stories, for its buttons and forms: these are made out of a `custom_id`, and know nobody."""

from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import discord

from bot.client import Inkcircle

if TYPE_CHECKING:
    from cogs.story.moves import Moves
    from cogs.story.newcomers import Newcomers
    from cogs.story.telling import Telling

_COG: Final = "Stories"


class Face(Protocol):
    """The cog."""

    moves: "Moves"
    newcomers: "Newcomers"
    telling: "Telling"


def face_of(interaction: discord.Interaction[Any]) -> Face:
    """Give the cog of the bot that an interaction came to."""
    return cast("Face", cast("Inkcircle", interaction.client).get_cog(_COG))
