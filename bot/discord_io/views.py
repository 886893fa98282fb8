"""The bases of every button, select and form: they share the one error path and the one check.

Each says with the class attribute `access` what it belongs to and whom it is for; without one nobody may use
it. What belongs to one person has an `owner_id`, what belongs to one server a `guild_id`.
"""

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast

import discord
from discord import ui

from bot.discord_io import incidents
from bot.discord_io.access import Access, require_access
from bot.discord_io.arrivals import Arrivals

BaseItemT_co = TypeVar("BaseItemT_co", bound="ui.Item[Any]", covariant=True)


class _Safe:
    """What views of both kinds share; stands before discord.py's class, whose methods these replace."""

    access: ClassVar[Access | None] = None
    owner_id: int | None = None

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let only those press who may."""
        await require_access(interaction, self.access, owner_id=self.owner_id)
        return True

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, _item: ui.Item[Any], /
    ) -> None:
        """Take the one way."""
        await incidents.handle(interaction, error, where=type(self).__name__)


class SafeView(_Safe, ui.View):
    """A view whose errors go the one way, and which only `owner_id` may use if it is given."""

    def __init__(self, *, owner_id: int | None = None, timeout: float | None = 180.0) -> None:
        super().__init__(timeout=timeout)
        self.owner_id = owner_id


class SafeLayoutView(_Safe, ui.LayoutView):
    """The same for views made of components V2."""

    def __init__(self, *, owner_id: int | None = None, timeout: float | None = 180.0) -> None:
        super().__init__(timeout=timeout)
        self.owner_id = owner_id


class SafeModal(ui.Modal):
    """A form whose errors go the one way. Open it with `open`; its fields need a `custom_id` each.

    It belongs to whom it was opened for, and who lost their access meanwhile cannot submit it.
    """

    access: ClassVar[Access | None] = None
    _owner_id: int | None = None
    _guild_id: int | None = None

    async def open(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form.

        `send_modal` alone lets discord.py know the form only after Discord has answered, and what a quick
        hand has submitted by then is dropped without a word. So it is made known before.
        """
        self._owner_id, self._guild_id = interaction.user.id, interaction.guild_id
        seconds, self.timeout = self.timeout, None
        interaction.client.add_view(self)
        self.timeout = seconds
        try:
            await interaction.response.send_modal(self)
        except BaseException:
            self.stop()
            raise

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let only those submit who may."""
        await require_access(
            interaction,
            self.access,
            owner_id=self._owner_id,
            guild_id=self._guild_id,
            not_yours="That form is somebody else's.",
        )
        return True

    async def on_error(  # type: ignore[override] # discord.py calls a modal's without the item
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        """Take the one way."""
        await incidents.handle(interaction, error, where=type(self).__name__)


class _FirstUse(Protocol):
    async def lets_pass(
        self,
        interaction: discord.Interaction[Any],
        access: Access | None,
        carry_on: Callable[[discord.Interaction[Any]], Awaitable[None]],
    ) -> bool: ...


class _HasFirstUse(Protocol):
    first_use: _FirstUse


class SafeDynamicItem(ui.DynamicItem[BaseItemT_co], Generic[BaseItemT_co], template="^$"):
    """A button that still answers after a restart, since its `custom_id` says all that it needs.

    discord.py would log an error of such an item and leave the member with 'This interaction failed'; so
    subclasses write `pressed`, and errors go the one way.

    Attributes:
        access: What it belongs to and whom it is for.
        not_yours: What others than the owner are told.
        owner_id: The only one who may press it, if there is one.
        guild_id: The server that it belongs to, if to one; elsewhere it does nothing.
        asks_first: Whether it takes a member's words, so that who has never used the bot is told first what
            happens to them.
    """

    access: ClassVar[Access | None] = None
    asks_first: ClassVar[bool] = False
    not_yours: ClassVar[str] = "That button is somebody else's."
    owner_id: int | None = None
    guild_id: int | None = None
    _arrivals: ClassVar[Arrivals] = Arrivals()

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button is for, if the one who pressed may."""
        if self._arrivals.came_before(interaction):
            return
        try:
            await require_access(
                interaction,
                self.access,
                owner_id=self.owner_id,
                guild_id=self.guild_id,
                not_yours=self.not_yours,
            )
            client = cast("_HasFirstUse", interaction.client)
            if not self.asks_first or await client.first_use.lets_pass(interaction, None, self.pressed):
                await self.pressed(interaction)
        except Exception as error:  # noqa: BLE001 - the one error path takes every kind
            await incidents.handle(interaction, error, where=type(self).__name__)

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button is for; may raise."""
        raise NotImplementedError
