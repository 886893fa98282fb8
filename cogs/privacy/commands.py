"""The commands, and what runs beside them: cleaning at the start and daily."""

import asyncio
from typing import Final

import discord
import structlog
from discord import app_commands
from discord.ext import tasks

from bot.client import Inkcircle
from bot.discord_io.access import Feature, access
from bot.discord_io.buttons import view_of
from bot.discord_io.cog import KeepsNothing
from cogs.privacy import rights
from cogs.privacy.buttons import DeleteButton, ExportButton, ReallyDeleteButton

_log = structlog.get_logger(__name__)


class DataRights(KeepsNothing):
    """What members may ask of their data. What it keeps itself belongs to the house (`bot.privacy`)."""

    needs_intents = ("guilds",)
    mydata: Final = app_commands.Group(name="mydata", description="Get all that I keep of you, or delete it")

    def __init__(self, client: Inkcircle) -> None:
        self._client = client

    async def cog_load(self) -> None:
        """Begin to clean: once now, as soon as every command is there, and then daily."""
        self._daily.start()

    async def cog_unload(self) -> None:
        """Leave it."""
        self._daily.cancel()

    @app_commands.command(
        name="privacy", description="What I keep of you, for how long, who sees it, and whom to ask"
    )
    @access(Feature.PRIVACY)
    async def privacy(self, interaction: discord.Interaction[Inkcircle]) -> None:
        """Say it, to the one who asks."""
        buttons = (kind(member=interaction.user.id) for kind in (ExportButton, DeleteButton))
        await rights.show_statement(interaction, view_of(*buttons))

    @mydata.command(name="export", description="Get all that I keep of you, over all servers, as a ZIP file")
    @access(Feature.PRIVACY)
    async def export(self, interaction: discord.Interaction[Inkcircle]) -> None:
        """Send it."""
        await rights.export(interaction)

    @mydata.command(name="delete", description="Have all that I keep of you deleted, over all servers")
    @access(Feature.PRIVACY)
    async def delete(self, interaction: discord.Interaction[Inkcircle]) -> None:
        """Ask once more, saying what goes."""
        button = ReallyDeleteButton(member=interaction.user.id)
        await rights.ask_before_deleting(interaction, view_of(button))

    @tasks.loop(hours=24)
    async def _daily(self) -> None:
        await self._client.privacy.retention.clean()

    @_daily.before_loop
    async def _when_every_command_is_there(self) -> None:
        await self._client.loaded.wait()

    @_daily.error
    async def _cleaning_failed(self, error: BaseException) -> None:
        _log.error("retention.stopped", exc_info=error)
        await asyncio.sleep(0)
        self._daily.restart()
