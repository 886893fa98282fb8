"""Pinned messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.api_errors import Refusal
from bot.playground.events import Event
from bot.playground.model import Channel, ChannelType, Intent, Message, MessageReference, MessageType
from bot.playground.payload_parts import Json, moment
from bot.playground.permissions import Permission

if TYPE_CHECKING:
    from bot.playground.world import World

MAX_PINS = 50


class Pins:
    """Pins messages and takes pins off."""

    def __init__(self, world: World) -> None:
        self._world = world

    def listed(self, channel: Channel) -> list[Message]:
        """Give the pinned messages, the one pinned last first."""
        pinned = [
            (each.pinned_at, each)
            for each in self._world.messages.all(channel.id)
            if each.pinned_at is not None
        ]
        return [
            message for _, message in sorted(pinned, key=lambda pair: (pair[0], pair[1].id), reverse=True)
        ]

    def add(self, actor_id: int, message: Message) -> None:
        """Pin a message; the channel is told by a message of its own."""
        channel = self._world.channels[message.channel_id]
        self._require_pinning(actor_id, channel)
        if message.pinned_at is not None:
            return
        if len(self.listed(channel)) >= MAX_PINS:
            raise Refusal.TOO_MANY_PINS.error()
        message.pinned_at = self._world.clock.now()
        self._pins_changed(channel, message)
        reference = MessageReference(channel.id, message.id, channel.guild_id)
        self._world.messages.system(MessageType.PINNED, actor_id, channel, "", reference)

    def remove(self, actor_id: int, message: Message) -> None:
        """Take a pin off."""
        channel = self._world.channels[message.channel_id]
        self._require_pinning(actor_id, channel)
        if message.pinned_at is not None:
            message.pinned_at = None
            self._pins_changed(channel, message)

    def _require_pinning(self, actor_id: int, channel: Channel) -> None:
        if channel.type is ChannelType.DM:
            self._world.require(actor_id, channel)
            return
        self._world.require(actor_id, channel)
        allowed = self._world.permissions(actor_id, channel)
        if not allowed & (Permission.PIN_MESSAGES | Permission.MANAGE_MESSAGES):
            raise Refusal.MISSING_PERMISSIONS.error()
        self._world.threads.check_awake(channel)

    def _pins_changed(self, channel: Channel, message: Message) -> None:
        channel.last_pin_at = self._world.clock.now()
        data: Json = {"channel_id": str(channel.id), "last_pin_timestamp": moment(channel.last_pin_at)}
        if channel.guild_id is not None:
            data["guild_id"] = str(channel.guild_id)
        intents = Intent.GUILDS if channel.guild_id is not None else Intent.DIRECT_MESSAGES
        self._world.emit(Event("CHANNEL_PINS_UPDATE", data, intents, channel.guild_id, channel.id))
        self._world.messages.announce_change(message)
