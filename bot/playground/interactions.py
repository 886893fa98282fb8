"""Interactions: three seconds to acknowledge, fifteen minutes to go on, one first answer.

https://docs.discord.com/developers/interactions/receiving-and-responding
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from bot.playground.api_errors import Refusal, invalid_field
from bot.playground.events import Event
from bot.playground.files import Upload
from bot.playground.forms import (
    AutocompleteForm,
    CallbackForm,
    CallbackType,
    MessageForm,
    ModalForm,
    parse_form,
)
from bot.playground.interaction import Interaction, InteractionState, InteractionType
from bot.playground.interaction_payloads import interaction_payload
from bot.playground.layout import check_unique, give_ids
from bot.playground.messages import AnswerTo
from bot.playground.model import (
    Channel,
    InteractionOrigin,
    Message,
    MessageFlag,
    MessageReference,
    MessageType,
)

if TYPE_CHECKING:
    from bot.playground.world import World

ACKNOWLEDGE_SECONDS = 3.0
TOKEN_SECONDS = 15 * 60.0


class Interactions:
    """Sends interactions to the bot and takes its answers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_id: dict[int, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}

    # From a member to the bot

    def start(
        self,
        kind: InteractionType,
        user_id: int,
        channel: Channel,
        data: Mapping[str, object],
        *,
        name: str | None = None,
        source_message: Message | None = None,
        target_message: Message | None = None,
        target_user_id: int | None = None,
        modal_parent: Interaction | None = None,
    ) -> Interaction:
        """Tell the bot of what a member did, and start the three seconds."""
        world = self._world
        new_id = world.ids.new()
        origin = InteractionOrigin(
            id=new_id,
            type=int(kind),
            user_id=user_id,
            guild_id=channel.guild_id,
            name=name,
            target_user_id=target_user_id,
            target_message_id=target_message.id if target_message else None,
            interacted_message_id=(
                source_message.id if source_message and kind is InteractionType.COMPONENT else None
            ),
            triggering=modal_parent.origin if modal_parent else None,
        )
        context_menu = target_message is not None or target_user_id is not None
        interaction = Interaction(
            id=new_id,
            token=secrets.token_urlsafe(96),
            type=kind,
            user_id=user_id,
            channel_id=channel.id,
            created_at=world.clock.time(),
            data=data,
            origin=origin,
            message_type=_message_type(kind, context_menu=context_menu),
            source_message=source_message,
            target_message=target_message,
            modal_parent=modal_parent,
        )
        self._by_id[interaction.id] = interaction
        self._by_token[interaction.token] = interaction
        world.clock.later(ACKNOWLEDGE_SECONDS, lambda: self._give_up(interaction))
        bot_id = world.application.bot_id
        world.emit(
            Event(
                "INTERACTION_CREATE",
                interaction_payload(world, interaction),
                guild_id=channel.guild_id,
                channel_id=channel.id,
                audience=frozenset({bot_id}),
            )
        )
        return interaction

    def _give_up(self, interaction: Interaction) -> None:
        if interaction.state is InteractionState.WAITING:
            interaction.state = InteractionState.FAILED
            self._settle(interaction)

    def _settle(self, interaction: Interaction) -> None:
        interaction.settled_at = time.monotonic()
        interaction.settled.set()
        # For members and the page alone: a modal opened, choices came, or nothing did.
        self._world.emit(
            Event(
                "INTERACTION_SETTLED",
                {"id": str(interaction.id), "state": interaction.state.value},
                channel_id=interaction.channel_id,
                audience=frozenset({interaction.user_id}),
            )
        )

    # From the bot

    def respond(
        self, interaction_id: int, token: str, form: CallbackForm, uploads: Sequence[Upload] = ()
    ) -> tuple[Interaction, Message | None]:
        """Take the first answer; gives the message that it made or changed.

        Raises:
            ApiError: 10062 too late or unknown; 40060 already answered; 50035.
        """
        interaction = self._by_id.get(interaction_id)
        if (
            interaction is None
            or not secrets.compare_digest(interaction.token, token)
            or interaction.state is InteractionState.FAILED
            or self._expired(interaction)
        ):
            raise Refusal.UNKNOWN_INTERACTION.error()
        if interaction.state is InteractionState.ANSWERED:
            raise Refusal.ALREADY_ACKNOWLEDGED.error()
        _check_type(interaction, form.type)
        message = self._first_answer(interaction, form, uploads)
        interaction.answer = form.type
        interaction.state = InteractionState.ANSWERED
        interaction.acknowledged_after = time.perf_counter() - interaction.started
        interaction.original = message
        self._settle(interaction)
        return interaction, message

    def by_token(self, application_id: int, token: str) -> Interaction:
        """Find the interaction that a token belongs to, for what comes after the first answer.

        Raises:
            ApiError: 10015 for an unknown one or before the first answer; 50027 after fifteen minutes.
        """
        interaction = self._by_token.get(token)
        if interaction is None or application_id != self._world.application.id:
            raise Refusal.UNKNOWN_WEBHOOK.error()
        if self._expired(interaction):
            raise Refusal.INVALID_TOKEN.error()
        if interaction.state is not InteractionState.ANSWERED:
            raise Refusal.UNKNOWN_WEBHOOK.error()
        return interaction

    def follow_up(
        self, interaction: Interaction, form: MessageForm, uploads: Sequence[Upload] = ()
    ) -> Message:
        """Send one more message; the first after a deferral completes the deferred one, as Discord has it."""
        if (
            interaction.original is not None
            and interaction.original.loading
            and self._alive(interaction.original)
        ):
            self._world.messages.change(interaction.original, form, uploads)
            return interaction.original
        ephemeral = MessageFlag.EPHEMERAL in MessageFlag(form.flags or 0)
        reference = None
        if interaction.original is not None and self._alive(interaction.original):
            original = interaction.original
            reference = MessageReference(
                original.channel_id, original.id, self._channel(interaction).guild_id
            )
        origin = _follow_up_origin(interaction)
        answer = AnswerTo(
            origin,
            MessageType.REPLY if reference else MessageType.DEFAULT,
            interaction.user_id if ephemeral else None,
            reference,
        )
        message = self._world.messages.answer(self._channel(interaction), form, uploads, answer)
        interaction.followups.append(message)
        return message

    def message(self, interaction: Interaction, message_id: int | None) -> Message:
        """Give the first answer (None) or a follow-up.

        Raises:
            ApiError: 10008 where there is none, or it was deleted.
        """
        if message_id is None:
            message = interaction.original
        else:
            ours = [interaction.original, *interaction.followups]
            message = next((each for each in ours if each is not None and each.id == message_id), None)
        if message is None or not self._alive(message):
            raise Refusal.UNKNOWN_MESSAGE.error()
        return message

    # The parts of the above

    def _first_answer(
        self, interaction: Interaction, form: CallbackForm, uploads: Sequence[Upload]
    ) -> Message | None:
        data = form.data or {}
        match form.type:
            case CallbackType.MESSAGE:
                return self._new_message(interaction, parse_form(MessageForm, data, ("data",)), uploads)
            case CallbackType.DEFERRED_MESSAGE:
                return self._new_message(
                    interaction, parse_form(MessageForm, data, ("data",)), (), loading=True
                )
            case CallbackType.DEFERRED_UPDATE:
                return interaction.source_message
            case CallbackType.UPDATE_MESSAGE:
                source = interaction.source_message
                if source is None or not self._alive(source):
                    raise Refusal.UNKNOWN_MESSAGE.error()
                if not source.ephemeral:
                    self._world.threads.check_answer(interaction.user_id, self._channel(interaction))
                self._world.messages.change(source, parse_form(MessageForm, data, ("data",)), uploads)
                return source
            case CallbackType.AUTOCOMPLETE:
                interaction.choices = tuple(parse_form(AutocompleteForm, data, ("data",)).choices)
            case CallbackType.MODAL:
                modal = parse_form(ModalForm, data, ("data",))
                check_unique(modal.components)
                give_ids(modal.components)
                interaction.modal = modal
            case CallbackType.PONG:
                pass
        return None

    def _new_message(
        self, interaction: Interaction, form: MessageForm, uploads: Sequence[Upload], *, loading: bool = False
    ) -> Message:
        ephemeral = MessageFlag.EPHEMERAL in MessageFlag(form.flags or 0)
        reference = None
        kind = interaction.message_type
        target = interaction.target_message or interaction.source_message
        if target is not None and self._alive(target) and kind is not MessageType.CHAT_INPUT_COMMAND:
            reference = MessageReference(target.channel_id, target.id, self._channel(interaction).guild_id)
            if kind is MessageType.DEFAULT:
                kind = MessageType.REPLY
        answer = AnswerTo(interaction.origin, kind, interaction.user_id if ephemeral else None, reference)
        return self._world.messages.answer(self._channel(interaction), form, uploads, answer, loading=loading)

    def _expired(self, interaction: Interaction) -> bool:
        return self._world.clock.time() - interaction.created_at >= TOKEN_SECONDS

    def _alive(self, message: Message) -> bool:
        return self._world.messages.find(message.channel_id, message.id) is message

    def _channel(self, interaction: Interaction) -> Channel:
        return self._world.channel(interaction.channel_id)


# What may answer what; a modal at a message may change that message too.
_ALLOWED: Final = {
    InteractionType.COMMAND: {
        CallbackType.MESSAGE,
        CallbackType.DEFERRED_MESSAGE,
        CallbackType.MODAL,
    },
    InteractionType.COMPONENT: {
        CallbackType.MESSAGE,
        CallbackType.DEFERRED_MESSAGE,
        CallbackType.DEFERRED_UPDATE,
        CallbackType.UPDATE_MESSAGE,
        CallbackType.MODAL,
    },
    InteractionType.AUTOCOMPLETE: {CallbackType.AUTOCOMPLETE},
    InteractionType.MODAL_SUBMIT: {CallbackType.MESSAGE, CallbackType.DEFERRED_MESSAGE},
}


def _check_type(interaction: Interaction, wanted: CallbackType) -> None:
    allowed = _ALLOWED[interaction.type]
    if interaction.type is InteractionType.MODAL_SUBMIT and interaction.source_message is not None:
        allowed = allowed | {CallbackType.DEFERRED_UPDATE, CallbackType.UPDATE_MESSAGE}
    if wanted not in allowed:
        listed = ", ".join(str(int(each)) for each in sorted(allowed))
        raise invalid_field(("type",), "BASE_TYPE_CHOICES", f"Value must be one of ({listed}).")


def _message_type(kind: InteractionType, *, context_menu: bool) -> MessageType:
    if kind is not InteractionType.COMMAND:
        return MessageType.DEFAULT
    return MessageType.CONTEXT_MENU_COMMAND if context_menu else MessageType.CHAT_INPUT_COMMAND


def _follow_up_origin(interaction: Interaction) -> InteractionOrigin:
    """A follow-up names the first answer, and shows no 'used /command' line of its own."""
    origin = interaction.origin
    return InteractionOrigin(
        id=origin.id,
        type=origin.type,
        user_id=origin.user_id,
        guild_id=origin.guild_id,
        target_user_id=origin.target_user_id,
        target_message_id=origin.target_message_id,
        interacted_message_id=origin.interacted_message_id,
        original_response_message_id=interaction.original.id if interaction.original else None,
        triggering=origin.triggering,
    )
