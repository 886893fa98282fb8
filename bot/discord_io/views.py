"""The bases of every button, select and form: they share the one error path and may belong to one person."""

from typing import Any, Generic, TypeVar

import discord
from discord import ui

from bot.discord_io import incidents

BaseItemT_co = TypeVar("BaseItemT_co", bound="ui.Item[Any]", covariant=True)


class SafeView(ui.View):
    """A view whose errors go the one way, and which only `owner_id` may use if it is given."""

    def __init__(self, *, owner_id: int | None = None, timeout: float | None = 180.0) -> None:
        super().__init__(timeout=timeout)
        self.owner_id = owner_id

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let only the owner press."""
        return await belongs_to(interaction, self.owner_id)

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, _item: ui.Item[Any], /
    ) -> None:
        """Take the one way."""
        await incidents.handle(interaction, error, where=type(self).__name__)


class SafeLayoutView(ui.LayoutView):
    """The same for views made of components V2."""

    def __init__(self, *, owner_id: int | None = None, timeout: float | None = 180.0) -> None:
        super().__init__(timeout=timeout)
        self.owner_id = owner_id

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let only the owner press."""
        return await belongs_to(interaction, self.owner_id)

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, _item: ui.Item[Any], /
    ) -> None:
        """Take the one way."""
        await incidents.handle(interaction, error, where=type(self).__name__)


class SafeModal(ui.Modal):
    """A form whose errors go the one way. Open it with `open`; its fields need a `custom_id` each."""

    async def open(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form.

        `send_modal` alone lets discord.py know the form only after Discord has answered, and what a quick
        hand has submitted by then is dropped without a word. So it is made known before.
        """
        seconds, self.timeout = self.timeout, None
        interaction.client.add_view(self)
        self.timeout = seconds
        try:
            await interaction.response.send_modal(self)
        except BaseException:
            self.stop()
            raise

    async def on_error(  # type: ignore[override] # discord.py calls a modal's without the item
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        """Take the one way."""
        await incidents.handle(interaction, error, where=type(self).__name__)


class SafeDynamicItem(ui.DynamicItem[BaseItemT_co], Generic[BaseItemT_co], template="^$"):
    """A button that still answers after a restart, since its `custom_id` says all that it needs.

    discord.py would log an error of such an item and leave the member with 'This interaction failed'; so
    subclasses write `pressed`, and errors go the one way.
    """

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button is for."""
        try:
            await self.pressed(interaction)
        except Exception as error:  # noqa: BLE001 - the one error path takes every kind
            await incidents.handle(interaction, error, where=type(self).__name__)

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button is for; may raise."""
        raise NotImplementedError


async def belongs_to(interaction: discord.Interaction[Any], owner_id: int | None) -> bool:
    """Tell whether the person who pressed is the one who may; if not, tell them so."""
    if owner_id is None or interaction.user.id == owner_id:
        return True
    await interaction.response.send_message(
        "That button is somebody else's.", ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
    )
    return False
