"""The menus of a server's models, and of how long calls to them are kept."""

import re
from collections.abc import Iterable
from typing import Any, Final

import discord
from discord import ui

from bot.discord_io.views import SafeDynamicItem
from bot.llm import Role
from cogs.settings import words
from cogs.settings.page import MODERATORS, Page
from cogs.settings.turning import book_of, client_of, turn_to

# What whoever runs the bot has set.
_OPERATORS: Final = "default"
# What a menu offers, as far as the operator lets traces be kept.
_DAYS: Final = (0, 1, 3, 7, 14, 30, 60, 90)


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
        client, value = client_of(interaction), self.item.values[0]
        name = None if value == _OPERATORS else value.removeprefix("model:")
        settings = await client.office.settings.of(self.guild_id)
        endpoint = client.models.endpoint_with(self.role, name)
        client.office.purse.require_countable(settings.budgets, [endpoint])
        await client.office.settings.set_model(self.guild_id, self.role, name, by=interaction.user.id)
        await turn_to(interaction, Page.MODELS)


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
        await book_of(interaction).set_trace_days(self.guild_id, days, by=interaction.user.id)
        await turn_to(interaction, Page.KEEPING)
