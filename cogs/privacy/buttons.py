"""The buttons under `/privacy` and `/mydata`: each is one member's, and answers after a restart too."""

from typing import Any, Final

import discord

from bot.discord_io.access import Access, Feature
from bot.discord_io.buttons import LastingButton, view_of
from cogs.privacy import rights

_ACCESS: Final = Access(Feature.PRIVACY)


class ExportButton(LastingButton, template=r"ink:mydata:export:(?P<member>\d+)"):
    """Sends what is kept."""

    access = _ACCESS
    label = "Get my data"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Send it."""
        await rights.export(interaction)


class DeleteButton(LastingButton, template=r"ink:mydata:delete:(?P<member>\d+)"):
    """Asks once more before deleting."""

    access = _ACCESS
    label = "Delete my data"
    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Ask."""
        button = ReallyDeleteButton(member=interaction.user.id)
        await rights.ask_before_deleting(interaction, view_of(button))


class ReallyDeleteButton(LastingButton, template=r"ink:mydata:really:(?P<member>\d+)"):
    """Deletes."""

    access = _ACCESS
    label = "Delete everything"
    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Delete."""
        await rights.delete(interaction)
