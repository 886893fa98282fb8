"""The buttons under `/privacy` and `/mydata`: each is one member's, and answers after a restart too."""

import re
from typing import Any, ClassVar, Self

import discord
from discord import ui

from bot.discord_io.access import Access, Feature
from bot.discord_io.views import SafeDynamicItem
from cogs.privacy import rights


class _OfMember(SafeDynamicItem["ui.Button[ui.View]"], template=r"^$"):
    """A button of one member's; the subclasses say what it does."""

    access = Access(Feature.PRIVACY)
    label: ClassVar[str]
    style: ClassVar[discord.ButtonStyle]
    prefix: ClassVar[str]

    def __init__(self, member_id: int) -> None:
        super().__init__(
            ui.Button(label=self.label, style=self.style, custom_id=f"{self.prefix}:{member_id}")
        )
        self.owner_id = member_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Build the button out of what its `custom_id` says."""
        return cls(int(match["member"]))


def view_of(*buttons: type[_OfMember], member_id: int) -> ui.View:
    """Give a view of some of these buttons, for one member."""
    view = ui.View(timeout=None)
    for button in buttons:
        view.add_item(button(member_id))
    return view


class ExportButton(_OfMember, template=r"ink:mydata:export:(?P<member>\d+)"):
    """Sends what is kept."""

    label = "Get my data"
    style = discord.ButtonStyle.secondary
    prefix = "ink:mydata:export"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Send it."""
        await rights.export(interaction)


class DeleteButton(_OfMember, template=r"ink:mydata:delete:(?P<member>\d+)"):
    """Asks once more before deleting."""

    label = "Delete my data"
    style = discord.ButtonStyle.danger
    prefix = "ink:mydata:delete"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Ask."""
        button = view_of(ReallyDeleteButton, member_id=interaction.user.id)
        await rights.ask_before_deleting(interaction, button)


class ReallyDeleteButton(_OfMember, template=r"ink:mydata:really:(?P<member>\d+)"):
    """Deletes."""

    label = "Delete everything"
    style = discord.ButtonStyle.danger
    prefix = "ink:mydata:really"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Delete."""
        await rights.delete(interaction)
