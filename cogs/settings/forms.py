"""The forms of what moderators write: budgets and the house tone."""

from hashlib import blake2b
from typing import Any, ClassVar, Final

import discord
from discord import ui

from bot.discord_io.access import Access
from bot.discord_io.forms import LastingForm, Said
from bot.discord_io.permissions import require_in_guild
from bot.guilds import MOST_TONE, Amount, Budgets, ChangedMeanwhileError, GuildSettings, Period, Scope
from bot.llm import Role
from cogs.settings.page import MODERATORS, Page
from cogs.settings.turning import book_of, client_of, turn_to

_LABELS: Final = {
    (Scope.GUILD, Period.DAY): "All together, a day",
    (Scope.GUILD, Period.MONTH): "All together, a month",
    (Scope.MEMBER, Period.DAY): "Each member, a day",
    (Scope.MEMBER, Period.MONTH): "Each member, a month",
}
_TONE: Final = "tone"


class BudgetsForm(LastingForm, title="Budgets"):
    """Takes the four budgets, and changes nothing if somebody else has changed them meanwhile."""

    access: ClassVar[Access | None] = MODERATORS
    word: ClassVar[str] = "budgets"

    @classmethod
    def showing(cls, seen: GuildSettings, currency: str) -> "BudgetsForm":
        """Make it with the budgets as they stand."""
        form = cls(_edition_of_budgets(seen.budgets))
        for key, label in _LABELS.items():
            amount = seen.budgets.get(key)
            field: ui.TextInput[Any] = ui.TextInput(
                custom_id=_field(key),
                required=False,
                max_length=40,
                default=amount.text(currency) if amount else None,
                placeholder=f"2.50 for {currency}, 200k tokens, or nothing for no limit",
            )
            form.add_item(ui.Label(text=label, component=field))
        return form

    async def submitted(self, interaction: discord.Interaction[Any], said: Said) -> None:
        """Save them.

        Raises:
            UserError: One is no amount, or cannot be counted.
            ChangedMeanwhileError: They are not those that the form showed.
        """
        client, guild_id = client_of(interaction), require_in_guild(interaction)
        currency = client.office.purse.currency
        written = {key: Amount.parse(said.text(_field(key)), currency=currency) for key in _LABELS}
        budgets = {key: amount for key, amount in written.items() if amount is not None}
        endpoints = [await client.models.endpoint_for(role, guild_id) for role in Role]
        client.office.purse.require_countable(budgets, endpoints)
        seen = (await book_of(interaction).of(guild_id)).budgets
        if _edition_of_budgets(seen) != self.about:
            raise ChangedMeanwhileError
        await book_of(interaction).set_budgets(guild_id, budgets, seen=seen, by=interaction.user.id)
        await turn_to(interaction, Page.OVERVIEW)


class ToneForm(LastingForm, title="House tone"):
    """Takes the house tone, and changes nothing if somebody else has changed it meanwhile."""

    access: ClassVar[Access | None] = MODERATORS
    word: ClassVar[str] = "tone"

    @classmethod
    def showing(cls, seen: GuildSettings) -> "ToneForm":
        """Make it with the tone as it stands."""
        form = cls(_edition(seen.house_tone))
        field: ui.TextInput[Any] = ui.TextInput(
            custom_id=_TONE,
            style=discord.TextStyle.paragraph,
            required=False,
            max_length=MOST_TONE,
            default=seen.house_tone or None,
            placeholder="Dry and brief. We are adults, most of us write crime.",
        )
        form.add_item(
            ui.Label(
                text="How letters and stories should sound",
                description="A wish about taste, told to the model in your words. Empty for none.",
                component=field,
            )
        )
        return form

    async def submitted(self, interaction: discord.Interaction[Any], said: Said) -> None:
        """Save it.

        Raises:
            UserError: It is too long.
            ChangedMeanwhileError: It is not the one that the form showed.
        """
        guild_id = require_in_guild(interaction)
        seen = (await book_of(interaction).of(guild_id)).house_tone
        if _edition(seen) != self.about:
            raise ChangedMeanwhileError
        await book_of(interaction).set_tone(guild_id, said.text(_TONE), seen=seen, by=interaction.user.id)
        await turn_to(interaction, Page.OVERVIEW)


def _field(key: tuple[Scope, Period]) -> str:
    return f"{key[0].value}_{key[1].value}"


def _edition_of_budgets(budgets: Budgets) -> str:
    return _edition(sorted((_field(key), each.unit.value, each.value) for key, each in budgets.items()))


def _edition(seen: object) -> str:
    """Name what a form showed, for the form itself to carry: what was shown is too long for it."""
    return blake2b(repr(seen).encode(), digest_size=8).hexdigest()
