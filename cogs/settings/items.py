"""The panel's buttons and menus.

Each carries its server in its `custom_id`, so that it answers after a restart, does nothing in another
server, and asks anew whether whoever uses it is a moderator.
"""

import re
from collections.abc import Iterable
from typing import Any, Final, Protocol, cast

import discord
from discord import ui

from bot.client import Inkcircle
from bot.discord_io.access import Feature
from bot.discord_io.views import SafeDynamicItem
from bot.errors import UserError
from bot.guilds import SettingsBook
from bot.llm import Role
from cogs.settings import words
from cogs.settings.forms import BudgetsForm, ToneForm
from cogs.settings.page import MODERATORS, Page

_COG: Final = "SettingsOfServers"
_TITLES: Final = {Page.OVERVIEW: "Back"}
_MOST: Final = 25
_OPERATORS: Final = "default"
_FEATURES: Final = "|".join(each for each in Feature if each.limitable)
_WRITABLE: Final = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
]
# What a menu offers, as far as the operator lets traces be kept.
_DAYS: Final = (0, 1, 3, 7, 14, 30, 60, 90)


class _Face(Protocol):
    """The cog, which makes the pages (and imports this file)."""

    async def turn_to(self, interaction: discord.Interaction[Any], page: Page) -> None: ...


def _client(interaction: discord.Interaction[Any]) -> Inkcircle:
    return cast("Inkcircle", interaction.client)


def _book(interaction: discord.Interaction[Any]) -> SettingsBook:
    return _client(interaction).office.settings


async def _turn_to(interaction: discord.Interaction[Any], page: Page) -> None:
    await cast("_Face", _client(interaction).get_cog(_COG)).turn_to(interaction, page)


class PageButton(
    SafeDynamicItem["ui.Button[Any]"],
    template=rf"ink:settings:page:(?P<page>{'|'.join(Page)}):(?P<guild>\d+)",
):
    """Turns to a page, or opens the form of what is written and not chosen."""

    access = MODERATORS

    def __init__(self, guild_id: int, page: Page) -> None:
        super().__init__(
            ui.Button(
                label=_TITLES.get(page, "Change"), custom_id=f"ink:settings:page:{page.value}:{guild_id}"
            )
        )
        self.guild_id: int = guild_id
        self.page = page

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> "PageButton":
        """Build the button out of what its `custom_id` says."""
        return cls(int(match["guild"]), Page(match["page"]))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Turn to the page."""
        settings = await _book(interaction).of(self.guild_id)
        if self.page is Page.BUDGETS:
            await BudgetsForm(_client(interaction).office.purse.currency, settings, _turn_to).open(
                interaction
            )
        elif self.page is Page.TONE:
            await ToneForm(settings, _turn_to).open(interaction)
        else:
            await _turn_to(interaction, self.page)


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
        await _book(interaction).set_channels(self.guild_id, self.feature, channels, by=interaction.user.id)
        await _turn_to(interaction, Page.of(self.feature))


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
        await _book(interaction).set_roles(self.guild_id, self.feature, roles, by=interaction.user.id)
        await _turn_to(interaction, Page.of(self.feature))


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
        await _book(interaction).set_moderator_role(self.guild_id, role_id, by=interaction.user.id)
        await _turn_to(interaction, Page.MODERATORS)


class ModelMenu(
    SafeDynamicItem["ui.Select[Any]"],
    template=rf"ink:settings:model:(?P<role>{'|'.join(Role)}):(?P<guild>\d+)",
):
    """Chooses the model of a role."""

    access = MODERATORS

    def __init__(
        self, guild_id: int, role: Role, chosen: str | None = None, names: Iterable[str] = ()
    ) -> None:
        options = [
            discord.SelectOption(
                label=f"{words.ROLE_NAMES[role]}: the usual model", value=_OPERATORS, default=chosen is None
            )
        ]
        options += [
            discord.SelectOption(label=name, value=f"model:{name}"[:100], default=name == chosen)
            for name in names
        ]
        super().__init__(ui.Select(custom_id=f"ink:settings:model:{role.value}:{guild_id}", options=options))
        self.guild_id: int = guild_id
        self.role = role

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> "ModelMenu":
        """Build the menu out of what its `custom_id` says."""
        return cls(int(match["guild"]), Role(match["role"]))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Save what was chosen.

        Raises:
            UserError: It cannot be chosen any more, or its price is not known and there is a budget in money.
        """
        client, value = _client(interaction), self.item.values[0]
        name = None if value == _OPERATORS else value.removeprefix("model:")
        settings = await client.office.settings.of(self.guild_id)
        endpoint = client.models.endpoint_with(self.role, name)
        client.office.purse.require_countable(settings.budgets, [endpoint])
        await client.office.settings.set_model(self.guild_id, self.role, name, by=interaction.user.id)
        await _turn_to(interaction, Page.MODELS)


class KeepingMenu(SafeDynamicItem["ui.Select[Any]"], template=r"ink:settings:keeping:(?P<guild>\d+)"):
    """Chooses how long calls to models are kept."""

    access = MODERATORS

    def __init__(self, guild_id: int, chosen: int | None = None, most: int = 0) -> None:
        options = [
            discord.SelectOption(
                label=f"As whoever runs me has set it ({words.days_text(most)})",
                value=_OPERATORS,
                default=chosen is None,
            ),
            *(
                discord.SelectOption(
                    label=words.days_text(days).capitalize() if days else "Keep nothing",
                    value=str(days),
                    default=days == chosen,
                )
                for days in sorted({*_DAYS, *(() if chosen is None else (chosen,))})
                if days < most or days == chosen
            ),
        ]
        super().__init__(ui.Select(custom_id=f"ink:settings:keeping:{guild_id}", options=options))
        self.guild_id: int = guild_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> "KeepingMenu":
        """Build the menu out of what its `custom_id` says."""
        return cls(int(match["guild"]))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Save what was chosen."""
        value = self.item.values[0]
        days = None if value == _OPERATORS else int(value)
        await _book(interaction).set_trace_days(self.guild_id, days, by=interaction.user.id)
        await _turn_to(interaction, Page.KEEPING)


def _defaults(ids: Iterable[int], kind: discord.SelectDefaultValueType) -> list[discord.SelectDefaultValue]:
    return [discord.SelectDefaultValue(id=each, type=kind) for each in sorted(ids)[:_MOST]]
