"""What the panel's buttons and menus stand on: the bot's book of settings, and the way to another page."""

from typing import Any, Final, Protocol, cast

import discord

from bot.client import Inkcircle
from bot.guilds import SettingsBook
from cogs.settings.page import Page

_COG: Final = "SettingsOfServers"


class _Face(Protocol):
    """The cog, which makes the pages (and imports the buttons and menus on them)."""

    async def turn_to(self, interaction: discord.Interaction[Any], page: Page) -> None: ...


def client_of(interaction: discord.Interaction[Any]) -> Inkcircle:
    """Give the client that an interaction came to."""
    return cast("Inkcircle", interaction.client)


def book_of(interaction: discord.Interaction[Any]) -> SettingsBook:
    """Give where the decisions of servers stand."""
    return client_of(interaction).office.settings


async def turn_to(interaction: discord.Interaction[Any], page: Page) -> None:
    """Show a page in the panel's place."""
    await cast("_Face", client_of(interaction).get_cog(_COG)).turn_to(interaction, page)
