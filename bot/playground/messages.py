"""Messages: writing, changing, deleting, reading, pinning."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.playground.api_errors import Refusal
from bot.playground.drafts import Drafts
from bot.playground.events import Event
from bot.playground.files import Upload
from bot.playground.forms import MessageForm
from bot.playground.model import (
    Channel,
    ChannelType,
    Intent,
    InteractionOrigin,
    Message,
    MessageFlag,
    MessageReference,
    MessageType,
)
from bot.playground.nonces import Nonces
from bot.playground.payload_parts import Json
from bot.playground.permissions import Permission
from bot.playground.sending import Slowmode, check_leave, needed_to_send
from bot.playground.sublimits import OLD_EDIT_SECONDS, OLD_EDITS, OLD_SECONDS, Sublimit

if TYPE_CHECKING:
    from bot.playground.world import World

BULK_DELETE_DAYS = 14


@dataclass(frozen=True)
class AnswerTo:
    """What makes a message an interaction's answer."""

    origin: InteractionOrigin
    type: MessageType
    ephemeral_to: int | None = None
    reference: MessageReference | None = None


class Messages:
    """All messages, by channel, in the order of their ids."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_channel: dict[int, dict[int, Message]] = {}
        self._nonces = Nonces(world.clock)
        self._slowmode = Slowmode(world)
        self._drafts = Drafts(world)
        self.old_edits = Sublimit(
            world.clock,
            OLD_EDITS,
            OLD_EDIT_SECONDS,
            code=30046,
            message="Maximum number of edits to messages older than 1 hour reached. Try again later",
        )

    # Reading

    def find(self, channel_id: int, message_id: int) -> Message | None:
        """Give a message, whoever may see it, or None."""
        return self._by_channel.get(channel_id, {}).get(message_id)

    def all(self, channel_id: int) -> Sequence[Message]:
        """Give a channel's messages, oldest first, ephemerals included."""
        return tuple(self._by_channel.get(channel_id, {}).values())

    def visible(self, user_id: int, channel: Channel) -> Sequence[Message]:
        """Give the messages of a channel that a user may read, oldest first."""
        allowed = self._world.permissions(user_id, channel)
        if not self._world.can_see(user_id, channel):
            return ()
        whole = Permission.READ_MESSAGE_HISTORY in allowed
        return [
            message
            for message in self.all(channel.id)
            if message.ephemeral_to == user_id or (message.ephemeral_to is None and whole)
        ]

    def public(self, channel: Channel, message_id: int) -> Message:
        """Find a message as a bot may: ephemerals can be reached by their interaction alone.

        Raises:
            ApiError: 10008.
        """
        message = self.find(channel.id, message_id)
        if message is None or message.ephemeral:
            raise Refusal.UNKNOWN_MESSAGE.error()
        return message

    def everybodys(self, channel: Channel) -> Sequence[Message]:
        """Give the messages that all in a channel see, oldest first."""
        return [message for message in self.all(channel.id) if not message.ephemeral]

    # Writing

    def post(
        self, author_id: int, channel: Channel, form: MessageForm, uploads: Sequence[Upload] = ()
    ) -> Message:
        """Send a message as a member or the bot, with everything that Discord checks on the way.

        Raises:
            ApiError: 50001, 50013, 50006, 50007, 50035, 40005, 50008, 50083, 160005, 160006, 20016.
        """
        world = self._world
        check_leave(world, author_id, channel, files=bool(uploads), embeds=bool(form.embeds))
        sent = self._nonces.sent(author_id, channel.id, form)
        repeated = self.find(channel.id, sent) if sent is not None else None
        if repeated is not None:
            return repeated
        reference = self._drafts.reference(author_id, channel, form)
        self._slowmode.check(author_id, channel)
        message = self._drafts.build(author_id, channel, form, uploads)
        if reference is not None:
            message.type = MessageType.REPLY
            message.reference = reference
        self._drafts.ping(message, channel, form)
        if form.nonce is not None:
            message.nonce = form.nonce
        self._nonces.note(author_id, channel.id, form, message.id)
        self._slowmode.note(author_id, channel)
        self.insert(message)
        return message

    def answer(
        self,
        channel: Channel,
        form: MessageForm,
        uploads: Sequence[Upload],
        answer: AnswerTo,
        *,
        loading: bool = False,
    ) -> Message:
        """Put an interaction's answer into its channel; needs no permission of the bot there.

        Raises:
            ApiError: 50006, 50035, 50083, 160006.
        """
        world = self._world
        author_id = world.application.bot_id
        if answer.ephemeral_to is None:
            world.threads.check_answer(answer.origin.user_id, channel)
        if loading:
            message = Message(world.ids.new(), channel.id, author_id, world.clock.now())
            message.flags = MessageFlag.LOADING
        else:
            message = self._drafts.build(
                author_id, channel, form, uploads, ephemeral=answer.ephemeral_to is not None
            )
        message.type = answer.type
        message.origin = answer.origin
        message.reference = answer.reference
        message.application_id = world.application.id
        if answer.ephemeral_to is not None:
            message.ephemeral_to = answer.ephemeral_to
            message.flags |= MessageFlag.EPHEMERAL
        self._drafts.ping(message, channel, form)
        self.insert(message)
        return message

    def system(
        self,
        kind: MessageType,
        author_id: int,
        channel: Channel,
        content: str,
        reference: MessageReference | None,
    ) -> Message:
        """Put a message there that Discord itself writes, such as 'started a thread'."""
        message = Message(
            self._world.ids.new(), channel.id, author_id, self._world.clock.now(), kind, content
        )
        message.reference = reference
        self.insert(message)
        return message

    def insert(self, message: Message) -> None:
        """Store a message and tell of it."""
        world = self._world
        channel = world.channels[message.channel_id]
        self._by_channel.setdefault(channel.id, {})[message.id] = message
        if not message.ephemeral:
            channel.last_message_id = message.id
            if channel.thread is not None:
                world.threads.on_message(channel, message)
        self._tell("MESSAGE_CREATE", message)

    def edit(
        self, author_id: int, message: Message, form: MessageForm, uploads: Sequence[Upload] = ()
    ) -> None:
        """Change one's own message; anybody else may at most hide its embeds with MANAGE_MESSAGES.

        Raises:
            ApiError: 50005, 50006, 50035, 50083, 30046.
        """
        world = self._world
        channel = world.channels[message.channel_id]
        world.require(author_id, channel)
        if message.author_id != author_id:
            if form.model_fields_set - {"flags"}:
                raise Refusal.NOT_OWN_MESSAGE.error()
            world.require(author_id, channel, Permission.MANAGE_MESSAGES)
        if message.type not in (
            MessageType.DEFAULT,
            MessageType.REPLY,
            MessageType.CHAT_INPUT_COMMAND,
            MessageType.CONTEXT_MENU_COMMAND,
        ):
            raise Refusal.SYSTEM_MESSAGE.error()
        if not message.ephemeral:
            world.threads.check_awake(channel)
        if world.users[author_id].bot and world.clock.now() - message.created_at > timedelta(
            seconds=OLD_SECONDS
        ):
            self.old_edits.take(channel.id)
        self.change(message, form, uploads)

    def change(self, message: Message, form: MessageForm, uploads: Sequence[Upload] = ()) -> None:
        """Change a message without asking who does it: the way of an interaction's token.

        Raises:
            ApiError: 50006, 50035, 50083, 160006.
        """
        world = self._world
        channel = world.channels[message.channel_id]
        if message.origin is not None and not message.ephemeral:
            world.threads.check_answer(message.origin.user_id, channel)
        self._drafts.rework(message, channel, form, uploads)
        self._tell("MESSAGE_UPDATE", message)

    def announce_change(self, message: Message) -> None:
        """Tell of a message that is not the same as it was."""
        self._tell("MESSAGE_UPDATE", message)

    def delete(self, actor_id: int, message: Message) -> None:
        """Delete one's own message, or with MANAGE_MESSAGES anybody's."""
        channel = self._world.channels[message.channel_id]
        self._world.require(actor_id, channel)
        if message.author_id != actor_id:
            if channel.type is ChannelType.DM:
                raise Refusal.DM_ONLY_OWN.error()
            self._world.require(actor_id, channel, Permission.MANAGE_MESSAGES)
        self.discard(message)

    def discard(self, message: Message) -> None:
        """Take a message out and tell of it."""
        channel = self._world.channels[message.channel_id]
        self._remove(message)
        data: Json = {"id": str(message.id), "channel_id": str(channel.id)}
        if channel.guild_id is not None:
            data["guild_id"] = str(channel.guild_id)
        self._emit("MESSAGE_DELETE", data, message)

    def bulk_delete(self, actor_id: int, channel: Channel, message_ids: Iterable[int]) -> None:
        """Delete 2 to 100 messages that are not older than two weeks; unknown ones do not count."""
        wanted = list(dict.fromkeys(message_ids))
        if channel.type is ChannelType.DM:
            raise Refusal.DM_ONLY_OWN.error()
        self._world.require(actor_id, channel, Permission.MANAGE_MESSAGES)
        if not 2 <= len(wanted) <= 100:  # noqa: PLR2004 - Discord's bounds
            raise Refusal.BULK_DELETE_COUNT.error()
        found = [self.find(channel.id, each) for each in wanted]
        messages = [message for message in found if message is not None and not message.ephemeral]
        oldest = self._world.clock.now() - timedelta(days=BULK_DELETE_DAYS)
        if any(message.created_at < oldest for message in messages):
            raise Refusal.TOO_OLD_TO_DELETE.error()
        for message in messages:
            self._remove(message)
        data: Json = {"ids": [str(message.id) for message in messages], "channel_id": str(channel.id)}
        if channel.guild_id is not None:
            data["guild_id"] = str(channel.guild_id)
        self._world.emit(
            Event("MESSAGE_DELETE_BULK", data, Intent.GUILD_MESSAGES, channel.guild_id, channel.id)
        )

    def typing(self, user_id: int, channel: Channel) -> None:
        """Show that somebody is writing, who may send what they write."""
        world = self._world
        world.require(user_id, channel, needed_to_send(channel))
        guild = world.guild_of(channel)
        data: Json = {
            "channel_id": str(channel.id),
            "user_id": str(user_id),
            "timestamp": int(world.clock.time()),
        }
        if guild is not None:
            data |= {"guild_id": str(guild.id), "member": world.payloads.member(guild, user_id)}
        intents = Intent.DIRECT_MESSAGE_TYPING if guild is None else Intent.GUILD_MESSAGE_TYPING
        world.emit(Event("TYPING_START", data, intents, channel.guild_id, channel.id))

    def forget_channel(self, channel: Channel) -> None:
        """Drop everything that a deleted channel held."""
        for message in self._by_channel.pop(channel.id, {}).values():
            for attachment in message.attachments:
                self._world.files.drop(attachment.id)

    # The parts of the above

    def _remove(self, message: Message) -> None:
        del self._by_channel[message.channel_id][message.id]
        for attachment in message.attachments:
            self._world.files.drop(attachment.id)

    def _tell(self, name: str, message: Message) -> None:
        message.shown_at = time.monotonic()
        data = self._world.payloads.gateway_message(message, viewer=self._world.application.bot_id)
        self._emit(name, data, message)

    def _emit(self, name: str, data: Json, message: Message) -> None:
        channel = self._world.channels[message.channel_id]
        intents = Intent.DIRECT_MESSAGES if channel.guild_id is None else Intent.GUILD_MESSAGES
        audience = None if message.ephemeral_to is None else frozenset({message.ephemeral_to})
        self._world.emit(Event(name, data, intents, channel.guild_id, channel.id, message, audience))
