"""The menus of who may use what and where.

Each, as all of the panel's buttons and menus, carries its server in its `custom_id`, so that it answers after
a restart, does nothing in another server, and asks anew whether whoever uses it is a moderator.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

import discord
from discord import ui

from bot.discord_io.access import Feature
from bot.discord_io.views import SafeDynamicItem
from bot.errors import UserError
from cogs.settings.page import MODERATORS, Page
from cogs.settings.turning import book_of, turn_to

_MOST: Final = 25
_FEATURES: Final = "|".join(each for each in Feature if each.limitable)
_WRITABLE: Final = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
]


class ChannelsMenu(
    SafeDynamicItem["ui.ChannelSelect[Any]"],
    template=rf"ink:settings:channels:(?P<feature>{_FEATURES}):(?P<guild>\d+)",
):
    """Chooses the channels where a feature may be used."""

    access = MODERATORS

    def __init__(
        self, guild_id: int, feature: Feature, chosen: Iterable[int] = (), placeholder: str | None = None
    ) -> None:
        super().__init__(
            ui.ChannelSelect(
                custom_id=f"ink:settings:channels:{feature.value}:{guild_id}",
                placeholder=placeholder,
                channel_types=_WRITABLE,
                min_values=0,
                max_values=_MOST,
                default_values=_defaults(chosen, discord.SelectDefaultValueType.channel),
            )
        )
        self.guild_id: int = guild_id
        self.feature = feature

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> "ChannelsMenu":
        """Build the menu out of what its `custom_id` says."""
        return cls(int(match["guild"]), Feature(match["feature"]))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Save what was chosen."""
        channels = {channel.id for channel in self.item.values}
        await book_of(interaction).set_channels(self.guild_id, self.feature, channels, by=interaction.user.id)
        await turn_to(interaction, Page.of(self.feature))


class RolesMenu(
    SafeDynamicItem["ui.RoleSelect[Any]"],
    template=rf"ink:settings:roles:(?P<feature>{_FEATURES}):(?P<guild>\d+)",
):
    """Chooses the roles that may use a feature."""

    access = MODERATORS

    def __init__(
        self, guild_id: int, feature: Feature, chosen: Iterable[int] = (), placeholder: str | None = None
    ) -> None:
        super().__init__(
            ui.RoleSelect(
                custom_id=f"ink:settings:roles:{feature.value}:{guild_id}",
                placeholder=placeholder,
                min_values=0,
                max_values=_MOST,
                default_values=_defaults(chosen, discord.SelectDefaultValueType.role),
            )
        )
        self.guild_id: int = guild_id
        self.feature = feature

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> "RolesMenu":
        """Build the menu out of what its `custom_id` says."""
        return cls(int(match["guild"]), Feature(match["feature"]))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Save what was chosen."""
        # Everybody has the role @everyone: who chooses it means no limit.
        roles = {role.id for role in self.item.values if role.id != self.guild_id}
        if len(roles) < len(self.item.values):
            roles = set()
        await book_of(interaction).set_roles(self.guild_id, self.feature, roles, by=interaction.user.id)
        await turn_to(interaction, Page.of(self.feature))


class ModeratorMenu(
    SafeDynamicItem["ui.RoleSelect[Any]"], template=r"ink:settings:moderators:(?P<guild>\d+)"
):
    """Chooses the moderator role."""

    access = MODERATORS

    def __init__(self, guild_id: int, chosen: int | None = None) -> None:
        super().__init__(
            ui.RoleSelect(
                custom_id=f"ink:settings:moderators:{guild_id}",
                placeholder="A role whose bearers are moderators; none for Manage Server alone",
                min_values=0,
                max_values=1,
                default_values=_defaults(
                    () if chosen is None else (chosen,), discord.SelectDefaultValueType.role
                ),
            )
        )
        self.guild_id: int = guild_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> "ModeratorMenu":
        """Build the menu out of what its `custom_id` says."""
        return cls(int(match["guild"]))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Save what was chosen.

        Raises:
            UserError: Everybody would be a moderator.
        """
        role_id = next((role.id for role in self.item.values), None)
        if role_id == self.guild_id:
            raise UserError(
                "Everybody has that role, so everybody would be a moderator: please choose another one."
            )
        await book_of(interaction).set_moderator_role(self.guild_id, role_id, by=interaction.user.id)
        await turn_to(interaction, Page.MODERATORS)


def _defaults(ids: Iterable[int], kind: discord.SelectDefaultValueType) -> list[discord.SelectDefaultValue]:
    return [discord.SelectDefaultValue(id=each, type=kind) for each in sorted(ids)[:_MOST]]
