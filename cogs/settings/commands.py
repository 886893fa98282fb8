"""The command: it opens the panel."""

from typing import Final

import discord
from discord import app_commands

from bot.client import Inkcircle
from bot.discord_io.access import Feature, Standing, access
from bot.discord_io.cog import KeepsNothing
from cogs.settings.page import Page
from cogs.settings.pages import panel

_NOTHING: Final = discord.AllowedMentions.none()


class SettingsOfServers(KeepsNothing):
    """`/settings`. What it keeps belongs to servers, and to no member."""

    needs_intents = ("guilds",)

    @app_commands.command(
        name="settings", description="For moderators: who may use me here, models, budgets, tone, keeping"
    )
    @app_commands.guild_only()
    @access(Feature.SETTINGS, Standing.MODERATOR)
    async def settings(self, interaction: discord.Interaction[Inkcircle]) -> None:
        """Show how things stand, to the one who asks."""
        await interaction.response.send_message(
            view=await panel(interaction, Page.OVERVIEW),
            ephemeral=True,
            allowed_mentions=_NOTHING,
        )

    async def turn_to(self, interaction: discord.Interaction[Inkcircle], page: Page) -> None:
        """Show another page in the panel's message."""
        await interaction.response.edit_message(
            view=await panel(interaction, page), allowed_mentions=_NOTHING
        )
