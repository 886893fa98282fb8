"""What one person sees at their Discord app."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from bot.playground.api_errors import Refusal
from bot.playground.commands import Command
from bot.playground.events import Event
from bot.playground.model import Channel, ChannelType, Guild, Message, Role, User
from bot.playground.payload_parts import Json
from bot.playground.permissions import Permission
from bot.playground.response import PATIENCE_SECONDS
from bot.playground.views import MessageView, view_of

if TYPE_CHECKING:
    from bot.playground.world import World

Where: TypeAlias = Channel | int | str
OfMessage: TypeAlias = MessageView | int


class Onlooker:
    """A person who looks. Channels are given as objects, ids or names; else it is the one last looked at."""

    def __init__(self, world: World, user: User) -> None:
        self._world = world
        self.user = user
        self._here: Channel | None = None

    def guilds(self) -> tuple[Guild, ...]:
        """Give the servers that they are in."""
        return tuple(guild for guild in self._world.guilds.all.values() if self.user.id in guild.members)

    def channels(self, guild: Guild | None = None) -> tuple[Channel, ...]:
        """Give the channels that they see, with categories, threads and direct messages."""
        return tuple(
            channel
            for channel in sorted(self._world.channels.values(), key=lambda each: (each.position, each.id))
            if self._world.can_see(self.user.id, channel) and (guild is None or channel.guild_id == guild.id)
        )

    def channel(self, where: Where | None = None) -> Channel:
        """Find a channel that they see; None for where they are."""
        if where is None:
            if self._here is None or self._here.id not in self._world.channels:
                self._here = next(each for each in self.channels() if each.type is ChannelType.TEXT)
            return self._here
        for channel in self.channels():
            if where in (channel.id, channel.name) or where is channel:
                return channel
        raise Refusal.MISSING_ACCESS.error()

    def go(self, where: Where) -> Channel:
        """Look at a channel from now on."""
        self._here = self.channel(where)
        return self._here

    def direct(self) -> Channel:
        """Give their direct messages with the bot."""
        return self._world.direct_channel(self._world.bot.id, self.user.id)

    def messages(self, channel: Where | None = None) -> tuple[MessageView, ...]:
        """Give what they read in a channel, oldest first, their own ephemerals included."""
        place = self.channel(channel)
        return tuple(
            view_of(self._world, message, self.user.id)
            for message in self._world.messages.visible(self.user.id, place)
        )

    def message(self, message: OfMessage) -> MessageView:
        """Look at a message as it is now.

        Raises:
            ApiError: 10008 when it is gone, or was never theirs to see.
        """
        return view_of(self._world, self._find(message), self.user.id)

    def payloads(self, channel: Where | None = None) -> tuple[Json, ...]:
        """Give the same as Discord's JSON, which the page draws."""
        place = self.channel(channel)
        return tuple(
            self._world.payloads.message(message, viewer=self.user.id)
            for message in self._world.messages.visible(self.user.id, place)
        )

    def payload(self, message: OfMessage) -> Json:
        """Give one message as Discord's JSON.

        Raises:
            ApiError: 10008 when it is gone, or was never theirs to see.
        """
        return self._world.payloads.message(self._find(message), viewer=self.user.id)

    def people(self, guild: Guild | None = None) -> tuple[User, ...]:
        """Give everybody in a server, or whom they share any with, themselves and bots included."""
        ids = dict.fromkeys(user_id for each in self._of(guild) for user_id in each.members)
        return tuple(self._world.users[user_id] for user_id in ids)

    def roles(self, user: User | None = None, guild: Guild | None = None) -> tuple[Role, ...]:
        """Give the roles of a server or of all theirs, or those that one person has; without @everyone."""
        return tuple(
            role
            for each in self._of(guild)
            for role in each.roles.values()
            if role.id != each.id
            and (user is None or (user.id in each.members and role.id in each.members[user.id].roles))
        )

    def permissions(self, channel: Where | None = None) -> Permission:
        """Work out what they may do in a channel."""
        return self._world.permissions(self.user.id, self.channel(channel))

    def file_limit(self, channel: Where | None = None) -> int:
        """Give the largest file, in bytes, that they may send there."""
        return self._world.file_limit(self.channel(channel))

    def commands(self, channel: Where | None = None) -> tuple[Command, ...]:
        """Give the commands that they are offered in a channel."""
        return tuple(self._world.commands.offered(self.user.id, self.channel(channel)))

    def subscribe(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Be told of everything that happens where they can see it; gives the way to end it."""

        def listen(event: Event) -> None:
            if self._concerns(event):
                callback(event)

        return self._world.bus.subscribe(listen)

    async def wait_for(
        self,
        holds: Callable[[MessageView], bool],
        *,
        channel: Where | None = None,
        timeout: float = PATIENCE_SECONDS,  # noqa: ASYNC109 - a limit per call is what tests ask for
    ) -> MessageView:
        """Wait for a message of which something holds, in one channel or anywhere; the newest such one.

        Raises:
            TimeoutError: None within `timeout` seconds of real time.
        """

        def found() -> MessageView | None:
            places = self.channels() if channel is None else (self.channel(channel),)
            hits = [view for place in places for view in self.messages(place) if holds(view)]
            return max(hits, key=lambda view: view.id, default=None)

        return await self._world.bus.until(found, timeout)

    def _of(self, guild: Guild | None) -> tuple[Guild, ...]:
        """Give one of their servers, or all."""
        return self.guilds() if guild is None else tuple(each for each in self.guilds() if each is guild)

    def _find(self, message: OfMessage) -> Message:
        wanted = message if isinstance(message, int) else message.id
        for channel in self.channels():
            found = self._world.messages.find(channel.id, wanted)
            if found is not None and found.ephemeral_to in (None, self.user.id):
                return found
        raise Refusal.UNKNOWN_MESSAGE.error()

    def _concerns(self, event: Event) -> bool:
        if event.audience is not None:
            return self.user.id in event.audience
        if event.channel_id is not None:
            channel = self._world.channels.get(event.channel_id)
            return channel is not None and self._world.can_see(self.user.id, channel)
        guild = self._world.guilds.all.get(event.guild_id or 0)
        return guild is not None and self.user.id in guild.members
