"""Reactions: an emoji under a message, and who chose it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.playground.api_errors import Refusal
from bot.playground.events import Event
from bot.playground.model import Channel, Intent, Message, Reaction
from bot.playground.payload_parts import Json, emoji_payload
from bot.playground.permissions import Permission

if TYPE_CHECKING:
    from bot.playground.world import World

MAX_KINDS = 20
_CUSTOM = re.compile(r"\w{2,32}:\d{15,20}")


class Reactions:
    """Adds and removes reactions, and tells of it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add(self, user_id: int, message: Message, emoji: str) -> None:
        """React to a message.

        Raises:
            ApiError: 10014 for what is no emoji; 50001, 50013, 50083 or 30010 when it may not be.
        """
        emoji = known_emoji(emoji)
        channel = self._channel(message)
        self._world.require(user_id, channel, Permission.READ_MESSAGE_HISTORY)
        self._world.threads.check_awake(channel)
        reaction = self._find(message, emoji)
        if reaction is None:
            self._world.require(user_id, channel, Permission.ADD_REACTIONS)
            if len(message.reactions) >= MAX_KINDS:
                raise Refusal.TOO_MANY_REACTIONS.error()
            reaction = Reaction(emoji)
            message.reactions.append(reaction)
        if user_id not in reaction.users:
            reaction.users[user_id] = None
            self._tell("MESSAGE_REACTION_ADD", message, emoji, user_id)

    def remove(self, actor_id: int, message: Message, emoji: str, user_id: int) -> None:
        """Take a reaction back; somebody else's needs MANAGE_MESSAGES."""
        channel = self._channel(message)
        needed = Permission.MANAGE_MESSAGES if actor_id != user_id else Permission(0)
        self._world.require(actor_id, channel, needed)
        self._world.threads.check_awake(channel)
        reaction = self._find(message, known_emoji(emoji))
        if reaction is None or user_id not in reaction.users:
            raise Refusal.UNKNOWN_EMOJI.error()
        del reaction.users[user_id]
        if not reaction.users:
            message.reactions.remove(reaction)
        self._tell("MESSAGE_REACTION_REMOVE", message, reaction.emoji, user_id)

    def clear(self, actor_id: int, message: Message, emoji: str | None = None) -> None:
        """Take all reactions away, or all of one emoji."""
        channel = self._channel(message)
        self._world.require(actor_id, channel, Permission.MANAGE_MESSAGES)
        self._world.threads.check_awake(channel)
        if emoji is None:
            message.reactions.clear()
            self._tell("MESSAGE_REACTION_REMOVE_ALL", message, None, None)
            return
        reaction = self._find(message, known_emoji(emoji))
        if reaction is not None:
            message.reactions.remove(reaction)
            self._tell("MESSAGE_REACTION_REMOVE_EMOJI", message, reaction.emoji, None)

    def users(self, message: Message, emoji: str) -> list[int]:
        """Give who chose an emoji, in order of their ids."""
        reaction = self._find(message, known_emoji(emoji))
        return sorted(reaction.users) if reaction else []

    def _find(self, message: Message, emoji: str) -> Reaction | None:
        return next((each for each in message.reactions if each.emoji == emoji), None)

    def _channel(self, message: Message) -> Channel:
        return self._world.channel(message.channel_id)

    def _tell(self, name: str, message: Message, emoji: str | None, user_id: int | None) -> None:
        channel = self._channel(message)
        guild = self._world.guild_of(channel)
        data: Json = {"channel_id": str(channel.id), "message_id": str(message.id)}
        if emoji is not None:
            data |= {"emoji": emoji_payload(emoji), "burst": False, "type": 0}
        if user_id is not None:
            data["user_id"] = str(user_id)
            data["message_author_id"] = str(message.author_id)
        if guild is not None:
            data["guild_id"] = str(guild.id)
            if name == "MESSAGE_REACTION_ADD" and user_id in guild.members:
                data["member"] = self._world.payloads.member(guild, user_id)
        intents = Intent.DIRECT_MESSAGE_REACTIONS if guild is None else Intent.GUILD_MESSAGE_REACTIONS
        audience = None if message.ephemeral_to is None else frozenset({message.ephemeral_to})
        self._world.emit(Event(name, data, intents, channel.guild_id, channel.id, audience=audience))


def known_emoji(emoji: str) -> str:
    """Accept `name:id` or a short run of signs that holds none of a plain text.

    The variation selector, which programs add or leave out as they like, does not count.
    """
    if _CUSTOM.fullmatch(emoji):
        return emoji
    bare = emoji.replace("\ufe0f", "")
    keycap = bare.endswith("\u20e3")
    if not bare or len(bare) > 16 or (not keycap and any(sign.isascii() or sign.isalnum() for sign in bare)):  # noqa: PLR2004 - the longest flags and families have fewer signs
        raise Refusal.UNKNOWN_EMOJI.error()
    return emoji
