"""The whole state of the local Discord and who may do what in it."""

from __future__ import annotations

import secrets

from bot.playground.api_errors import Refusal
from bot.playground.clock import Clock
from bot.playground.command_book import CommandBook
from bot.playground.events import Bus, Event
from bot.playground.files import FILE_LIMITS, Files
from bot.playground.guilds import Guilds
from bot.playground.interactions import Interactions
from bot.playground.messages import Messages
from bot.playground.model import Application, Channel, ChannelType, Guild, Intent, User
from bot.playground.payloads import Payloads
from bot.playground.permissions import (
    DIRECT,
    NONE,
    Permission,
    for_sending,
    in_channel,
    in_guild,
    when_timed_out,
)
from bot.playground.pins import Pins
from bot.playground.reactions import Reactions
from bot.playground.snowflakes import Snowflakes
from bot.playground.sublimits import RENAME_SECONDS, RENAMES, Sublimit
from bot.playground.threads import Threads


class World:
    """One Discord with one application in it.

    Each part (`guilds`, `messages`, `threads`, `reactions`, `pins`, `commands`, `interactions`, `files`) owns
    one subject; they find each other through the world.
    """

    def __init__(self, *, clock: Clock | None = None, bot_name: str = "Inkcircle") -> None:
        self.clock = clock or Clock()
        self.ids = Snowflakes(self.clock)
        self.renames = Sublimit(self.clock, RENAMES, RENAME_SECONDS)
        self.bus = Bus()
        self.users: dict[int, User] = {}
        self.channels: dict[int, Channel] = {}
        self.files = Files(self.clock, self.ids)
        self.payloads = Payloads(self)
        self.guilds = Guilds(self)
        self.messages = Messages(self)
        self.threads = Threads(self)
        self.reactions = Reactions(self)
        self.pins = Pins(self)
        self.commands = CommandBook(self)
        self.interactions = Interactions(self)
        self.application = self._found_application(bot_name)

    @property
    def bot(self) -> User:
        """Give the application's bot."""
        return self.users[self.application.bot_id]

    def add_user(self, name: str, *, display_name: str | None = None, bot: bool = False) -> User:
        """Let a person, or another bot, exist."""
        user = User(self.ids.new(), name.lower().replace(" ", "_"), display_name or name, bot)
        self.users[user.id] = user
        return user

    def user(self, user_id: int) -> User:
        """Find a user.

        Raises:
            ApiError: 10013.
        """
        if user_id not in self.users:
            raise Refusal.UNKNOWN_USER.error()
        return self.users[user_id]

    def channel(self, channel_id: int) -> Channel:
        """Find a channel.

        Raises:
            ApiError: 10003.
        """
        if channel_id not in self.channels:
            raise Refusal.UNKNOWN_CHANNEL.error()
        return self.channels[channel_id]

    def guild_of(self, channel: Channel) -> Guild | None:
        """Give a channel's server; direct messages have none."""
        return None if channel.guild_id is None else self.guilds.all[channel.guild_id]

    def direct_channel(self, one: int, other: int) -> Channel:
        """Give the direct-message channel of two users, opening it if need be."""
        for channel in self.channels.values():
            if channel.type is ChannelType.DM and set(channel.recipients) == {one, other}:
                return channel
        channel = Channel(self.ids.new(), ChannelType.DM, recipients=(one, other))
        self.channels[channel.id] = channel
        # People's apps are told; bots have not been since version 8 of the gateway.
        people = frozenset(each for each in channel.recipients if not self.users[each].bot)
        self.emit(
            Event("CHANNEL_CREATE", self.payloads.channel(channel), channel_id=channel.id, audience=people)
        )
        return channel

    def permissions(self, user_id: int, channel: Channel) -> Permission:
        """Work out what a user may do in a channel, a thread or a direct message."""
        guild = self.guild_of(channel)
        if guild is None:
            return DIRECT if user_id in channel.recipients else NONE
        is_thread = channel.type.is_thread
        asked = self.channels[channel.parent_id or 0] if is_thread else channel
        allowed = for_sending(in_channel(guild, asked, user_id), thread=is_thread)
        return when_timed_out(allowed) if self.timed_out(guild, user_id) else allowed

    def guild_permissions(self, guild: Guild, user_id: int) -> Permission:
        """Work out what a user may do in a server, before any channel has its say."""
        allowed = in_guild(guild, user_id)
        return when_timed_out(allowed) if self.timed_out(guild, user_id) else allowed

    def timed_out(self, guild: Guild, user_id: int) -> bool:
        """Say whether a member has been told to be quiet for a while that is not over yet.

        Administrators cannot be told so, and the channels' exceptions make nobody one.
        """
        member = guild.members.get(user_id)
        until = member.timed_out_until if member is not None else None
        if until is None or until <= self.clock.now():
            return False
        return Permission.ADMINISTRATOR not in in_guild(guild, user_id)

    def can_see(self, user_id: int, channel: Channel) -> bool:
        """Say whether a channel exists for a user; private threads do for members and moderators alone."""
        allowed = self.permissions(user_id, channel)
        if Permission.VIEW_CHANNEL not in allowed:
            return False
        if channel.type is ChannelType.PRIVATE_THREAD and channel.thread is not None:
            return user_id in channel.thread.members or Permission.MANAGE_THREADS in allowed
        return True

    def require(self, user_id: int, channel: Channel, needed: Permission = NONE) -> None:
        """Refuse who may not see the channel (50001) or lacks a permission there (50013)."""
        if not self.can_see(user_id, channel):
            raise Refusal.MISSING_ACCESS.error()
        if needed & ~self.permissions(user_id, channel):
            raise Refusal.MISSING_PERMISSIONS.error()

    def file_limit(self, channel: Channel) -> int:
        """Give the largest file, in bytes, that may be sent there."""
        guild = self.guild_of(channel)
        return FILE_LIMITS[guild.premium_tier if guild else 0]

    def emit(self, event: Event) -> None:
        """Tell everybody who listens."""
        self.bus.emit(event)

    def _found_application(self, name: str) -> Application:
        owner = self.add_user("operator", display_name="Operator")
        bot = self.add_user(name, display_name=name, bot=True)
        # A real token begins with the bot's id in base 64; nothing here depends on it.
        return Application(
            id=bot.id,
            bot_id=bot.id,
            owner_id=owner.id,
            name=name,
            description="",
            verify_key=secrets.token_hex(32),
            token=f"playground.{secrets.token_urlsafe(24)}",
            privileged_intents=Intent.MESSAGE_CONTENT | Intent.GUILD_MEMBERS,
        )
