"""What the author of a message presses: Allow, or No."""

from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import discord

from bot.discord_io.access import Access, Feature
from bot.discord_io.buttons import LastingButton

if TYPE_CHECKING:
    from bot.client import Inkcircle
    from cogs.critique.asking import Asking

_NOTHING: Final = discord.AllowedMentions.none()
_COG: Final = "Critiques"
NOT_THE_AUTHOR: Final = "Only the author of that message can answer this."


class _Face(Protocol):
    """The cog, which has the questions."""

    asking: "Asking"


def _asking_of(interaction: discord.Interaction[Any]) -> "Asking":
    client = cast("Inkcircle", interaction.client)
    return cast("_Face", client.get_cog(_COG)).asking


class AllowButton(LastingButton, template=r"ink:allow:(?P<question>[0-9a-f]{16}):(?P<author>\d+)"):
    """The author's yes: theirs to give, whatever they may use themselves."""

    access = Access(Feature.OWN)
    asks_first = True
    not_yours = NOT_THE_AUTHOR
    label = "Allow"
    style = discord.ButtonStyle.success

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Begin."""
        asking = _asking_of(interaction)
        question = asking.take(self.parts["question"], self.number("author"), interaction.user.id)
        await asking.allowed(interaction, question)


class DeclineButton(LastingButton, template=r"ink:decline:(?P<question>[0-9a-f]{16}):(?P<author>\d+)"):
    """The author's no."""

    access = Access(Feature.OWN)
    not_yours = NOT_THE_AUTHOR
    label = "No"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Let it be."""
        asking = _asking_of(interaction)
        question = asking.take(self.parts["question"], self.number("author"), interaction.user.id)
        try:
            await interaction.response.send_message(
                "Good: I have read nothing of it.", ephemeral=True, allowed_mentions=_NOTHING
            )
        finally:
            # Whether or not they heard it: it was a no, and nothing is kept any longer.
            await asking.declined(question)
