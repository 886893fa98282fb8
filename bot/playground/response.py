"""What a member gets to see of an interaction that they began."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.playground.components import Label, ModalRow
from bot.playground.controls import Component
from bot.playground.events import Event
from bot.playground.forms import ChoiceForm, ModalForm
from bot.playground.interaction import Interaction, InteractionState
from bot.playground.model import Message
from bot.playground.views import MessageView, view_of

if TYPE_CHECKING:
    from bot.playground.world import World

PATIENCE_SECONDS = 30.0


class Modal:
    """A modal that the bot opened for a member, until they submit it."""

    def __init__(self, interaction: Interaction, form: ModalForm) -> None:
        self.interaction = interaction
        self.form = form

    @property
    def title(self) -> str:
        """Give the heading."""
        return self.form.title

    @property
    def components(self) -> tuple[Component, ...]:
        """Give the top-level parts, in order, for drawing."""
        return tuple(self.form.components)

    @property
    def fields(self) -> tuple[tuple[str, Component], ...]:
        """Give each field with the label that people read."""
        fields: list[tuple[str, Component]] = []
        for part in self.form.components:
            if isinstance(part, Label):
                fields.append((part.label, part.component))
            elif isinstance(part, ModalRow):
                fields.extend((item.label or "", item) for item in part.components)
        return tuple(fields)


class Response:
    """The course of one interaction; every look gives the state of that moment."""

    def __init__(self, world: World, interaction: Interaction) -> None:
        self._world = world
        self.interaction = interaction

    @property
    def failed(self) -> bool:
        """Say whether the member reads 'The application did not respond'."""
        return self.interaction.state is InteractionState.FAILED

    @property
    def message(self) -> MessageView | None:
        """Give the first answer as it is now: a new message, or the one whose component was used."""
        return self._view(self.interaction.original)

    @property
    def followups(self) -> tuple[MessageView, ...]:
        """Give the messages that followed, deleted ones left out."""
        views = (self._view(message) for message in self.interaction.followups)
        return tuple(view for view in views if view is not None)

    @property
    def modal(self) -> Modal | None:
        """Give the modal that opened, if one did."""
        form = self.interaction.modal
        return None if form is None else Modal(self.interaction, form)

    @property
    def choices(self) -> tuple[ChoiceForm, ...]:
        """Give the suggestions of an autocompletion."""
        return self.interaction.choices

    @property
    def text(self) -> str:
        """Give the words of the first answer; empty while there is none."""
        message = self.message
        return message.text if message is not None else ""

    async def until(
        self,
        holds: Callable[[Response], bool],
        timeout: float = PATIENCE_SECONDS,  # noqa: ASYNC109 - a limit per call is what tests ask for
    ) -> Response:
        """Wait until something holds of it.

        Raises:
            TimeoutError: It did not within `timeout` seconds of real time.
        """
        return await self._world.bus.until(
            lambda: self if holds(self) else None, timeout, concerns=self._concerns
        )

    async def finished(self, timeout: float = PATIENCE_SECONDS) -> MessageView:  # noqa: ASYNC109 - as above
        """Wait until the bot no longer 'thinks' and give the answer."""
        await self.until(lambda each: each.message is not None and not each.message.loading, timeout)
        message = self.message
        assert message is not None  # noqa: S101 - the line above waited for it
        return message

    def _concerns(self, event: Event) -> bool:
        interaction = self.interaction
        message = event.message
        if message is None:
            return event.data.get("id") == str(interaction.id)
        ours = message.origin is not None and message.origin.id == interaction.id
        return ours or message is interaction.original

    def _view(self, message: Message | None) -> MessageView | None:
        if message is None or self._world.messages.find(message.channel_id, message.id) is not message:
            return None
        return view_of(self._world, message, self.interaction.user_id)
