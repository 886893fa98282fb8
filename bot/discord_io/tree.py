"""The commands as the client has them: the one check before each, and the one error path behind it."""

from typing import TYPE_CHECKING, Any, cast

import discord
import structlog
from discord import app_commands

from bot.discord_io import incidents
from bot.discord_io.access import access_of, require_access
from bot.discord_io.arrivals import Arrivals

if TYPE_CHECKING:
    from bot.discord_io.first_use import HasFirstUse

_log = structlog.get_logger(__name__)


class Tree(app_commands.CommandTree[Any]):
    """The commands: whether one may be used is asked here, and errors go the one way."""

    def __init__(self, client: discord.Client) -> None:
        super().__init__(client)
        self._arrivals = Arrivals()

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let a command run only for those whom it is for; the others are told who may."""
        if self._arrivals.came_before(interaction):
            return False
        command = interaction.command
        if command is None:
            # Not known any more: discord.py says so.
            return True
        try:
            await require_access(interaction, access_of(command))
        except Exception as error:  # noqa: BLE001 - the one error path takes every kind
            if interaction.type is discord.InteractionType.autocomplete:
                await _suggest_nothing(interaction)
            else:
                await incidents.handle(interaction, error, where=command.qualified_name)
            return False
        if interaction.type is discord.InteractionType.autocomplete:
            return True
        client = cast("HasFirstUse", self.client)
        return await client.first_use.lets_pass(
            interaction, access_of(command), lambda pressed: self._carry_on(interaction, pressed)
        )

    async def _carry_on(self, asked: discord.Interaction[Any], pressed: discord.Interaction[Any]) -> None:
        """Do a command that waited, as the answer to the button that was pressed."""
        pressed.type, pressed.data, pressed.message = asked.type, asked.data, None
        # What discord.py calls when a command comes in; a task of its own, errors included.
        self._from_interaction(pressed)

    async def on_error(
        self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /
    ) -> None:
        """Take the one way."""
        name = interaction.command.qualified_name if interaction.command else "unknown command"
        await incidents.handle(interaction, error, where=name)


async def _suggest_nothing(interaction: discord.Interaction[Any]) -> None:
    try:
        await interaction.response.autocomplete([])
    except discord.HTTPException as error:
        # Whoever types quickly has moved on.
        _log.info("autocomplete.late", status=error.status, code=error.code)
