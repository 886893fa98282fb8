"""The forms of what moderators write: budgets and the house tone."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias, cast

import discord
from discord import ui

from bot.client import Inkcircle
from bot.discord_io.views import SafeModal
from bot.guilds import MOST_TONE, Amount, GuildSettings, Period, Scope
from bot.llm import Role
from cogs.settings.page import MODERATORS, Page

TurnTo: TypeAlias = Callable[[discord.Interaction[Any], Page], Awaitable[None]]

_HOUR: Final = 60 * 60.0
_LABELS: Final = {
    (Scope.GUILD, Period.DAY): "All together, a day",
    (Scope.GUILD, Period.MONTH): "All together, a month",
    (Scope.MEMBER, Period.DAY): "Each member, a day",
    (Scope.MEMBER, Period.MONTH): "Each member, a month",
}


class BudgetsForm(SafeModal, title="Budgets"):
    """Takes the four budgets, and changes nothing if somebody else has changed them meanwhile."""

    access = MODERATORS

    def __init__(self, currency: str, seen: GuildSettings, turn_to: TurnTo) -> None:
        super().__init__(timeout=_HOUR)
        self._currency = currency
        self._seen = seen
        self._turn_to = turn_to
        self._fields: dict[tuple[Scope, Period], ui.TextInput[Any]] = {}
        for key, label in _LABELS.items():
            amount = seen.budgets.get(key)
            field: ui.TextInput[Any] = ui.TextInput(
                custom_id=f"{key[0].value}_{key[1].value}",
                required=False,
                max_length=40,
                default=amount.text(currency) if amount else None,
                placeholder=f"2.50 for {currency}, 200k tokens, or nothing for no limit",
            )
            self._fields[key] = field
            self.add_item(ui.Label(text=label, component=field))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Save them.

        Raises:
            UserError: One is no amount, or cannot be counted; or somebody changed them meanwhile.
        """
        client, guild_id = cast("Inkcircle", interaction.client), self._seen.guild_id
        written = {
            key: Amount.parse(field.value, currency=self._currency) for key, field in self._fields.items()
        }
        budgets = {key: amount for key, amount in written.items() if amount is not None}
        endpoints = [await client.models.endpoint_for(role, guild_id) for role in Role]
        client.office.purse.require_countable(budgets, endpoints)
        await client.office.settings.set_budgets(
            guild_id, budgets, seen=self._seen.budgets, by=interaction.user.id
        )
        await self._turn_to(interaction, Page.OVERVIEW)


class ToneForm(SafeModal, title="House tone"):
    """Takes the house tone, and changes nothing if somebody else has changed it meanwhile."""

    access = MODERATORS

    def __init__(self, seen: GuildSettings, turn_to: TurnTo) -> None:
        super().__init__(timeout=_HOUR)
        self._seen = seen
        self._turn_to = turn_to
        self._tone: ui.TextInput[Any] = ui.TextInput(
            custom_id="tone",
            style=discord.TextStyle.paragraph,
            required=False,
            max_length=MOST_TONE,
            default=seen.house_tone or None,
            placeholder="Dry and brief. We are adults, most of us write crime.",
        )
        self.add_item(
            ui.Label(
                text="How letters and stories should sound",
                description="A wish about taste, told to the model in your words. Empty for none.",
                component=self._tone,
            )
        )

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Save it.

        Raises:
            UserError: It is too long; or somebody changed it meanwhile.
        """
        client = cast("Inkcircle", interaction.client)
        await client.office.settings.set_tone(
            self._seen.guild_id, self._tone.value, seen=self._seen.house_tone, by=interaction.user.id
        )
        await self._turn_to(interaction, Page.OVERVIEW)
