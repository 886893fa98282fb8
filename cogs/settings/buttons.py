"""The button that leads to a page of the panel, or opens a form."""

import re
from typing import Any, Final

import discord
from discord import ui

from bot.discord_io.views import SafeDynamicItem
from cogs.settings.forms import BudgetsForm, ToneForm
from cogs.settings.page import MODERATORS, Page
from cogs.settings.turning import book_of, client_of, turn_to

_TITLES: Final = {Page.OVERVIEW: "Back"}


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
        settings = await book_of(interaction).of(self.guild_id)
        if self.page is Page.BUDGETS:
            currency = client_of(interaction).office.purse.currency
            await BudgetsForm.showing(settings, currency).open(interaction)
        elif self.page is Page.TONE:
            await ToneForm.showing(settings).open(interaction)
        else:
            await turn_to(interaction, self.page)
