"""Servers: members, roles, channels and their permissions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from bot.playground import permissions
from bot.playground.api_errors import Refusal, invalid_field
from bot.playground.events import Event
from bot.playground.forms import ChannelCreateForm, ChannelEditForm, OverwriteForm
from bot.playground.model import (
    Channel,
    ChannelType,
    Guild,
    GuildMember,
    Intent,
    Overwrite,
    OverwriteKind,
    Role,
    User,
)
from bot.playground.payload_parts import Json, role_payload, user_payload
from bot.playground.permissions import NONE, Permission
from bot.playground.thread_sync import threads_synced

if TYPE_CHECKING:
    from bot.playground.world import World

_MEMBERS = Intent.GUILD_MEMBERS


class Guilds:
    """Founds servers and changes who and what is in them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.all: dict[int, Guild] = {}

    def find(self, guild_id: int) -> Guild:
        """Find a server.

        Raises:
            ApiError: 10004.
        """
        if guild_id not in self.all:
            raise Refusal.UNKNOWN_GUILD.error()
        return self.all[guild_id]

    def for_member(self, guild_id: int, user_id: int) -> Guild:
        """Find a server that a user is in; others do not exist for them (10004)."""
        guild = self.find(guild_id)
        if user_id not in guild.members:
            raise Refusal.UNKNOWN_GUILD.error()
        return guild

    def create(self, name: str, owner: User, *, everyone: Permission = permissions.EVERYONE) -> Guild:
        """Found a server; its owner is its first member."""
        guild = Guild(self._world.ids.new(), name, owner.id)
        guild.roles[guild.id] = Role(guild.id, "@everyone", everyone, position=0)
        guild.members[owner.id] = GuildMember(owner.id, self._world.clock.now())
        self.all[guild.id] = guild
        return guild

    def channels_of(self, guild: Guild) -> list[Channel]:
        """Give all channels and threads of a server, by position and age."""
        mine = [channel for channel in self._world.channels.values() if channel.guild_id == guild.id]
        return sorted(mine, key=lambda channel: (channel.position, channel.id))

    def add_role(
        self, guild: Guild, name: str, allowed: Permission = NONE, *, mentionable: bool = False
    ) -> Role:
        """Make a role above the ones that are there."""
        role = Role(self._world.ids.new(), name, allowed, len(guild.roles), mentionable=mentionable)
        guild.roles[role.id] = role
        self._tell(guild, "GUILD_ROLE_CREATE", {"guild_id": str(guild.id), "role": role_payload(role)})
        return role

    def set_role_permissions(self, guild: Guild, role: Role, allowed: Permission) -> None:
        """Change what a role allows."""
        with threads_synced(self._world, guild):
            role.permissions = allowed
            self._tell(guild, "GUILD_ROLE_UPDATE", {"guild_id": str(guild.id), "role": role_payload(role)})

    def add_member(self, guild: Guild, user: User, roles: Iterable[Role] = ()) -> GuildMember:
        """Let a user join. A bot that joins gets a role of its own and the whole server by the gateway.

        Raises:
            ApiError: 40007 for who is banned.
        """
        world = self._world
        if user.id in guild.bans:
            raise Refusal.USER_BANNED.error()
        if user.id == world.application.bot_id:
            return self.invite_bot(guild)
        member = GuildMember(user.id, world.clock.now(), {role.id for role in roles})
        guild.members[user.id] = member
        payload = {**world.payloads.member(guild, user.id), "guild_id": str(guild.id)}
        self._tell(guild, "GUILD_MEMBER_ADD", payload, _MEMBERS)
        return member

    def invite_bot(self, guild: Guild, allowed: Permission = NONE) -> GuildMember:
        """Let the bot join as by an invitation link, with a role of its own that has these permissions."""
        world = self._world
        own = Role(world.ids.new(), world.bot.display_name, allowed, len(guild.roles), bot_id=world.bot.id)
        guild.roles[own.id] = own
        member = guild.members[world.bot.id] = GuildMember(world.bot.id, world.clock.now(), {own.id})
        world.emit(Event("GUILD_CREATE", {"id": str(guild.id)}, Intent.GUILDS, guild.id))
        return member

    def ban(self, guild: Guild, user: User, reason: str | None = None) -> None:
        """Keep a user out; a member is removed."""
        if user.id in guild.bans:
            return
        guild.bans[user.id] = reason
        if user.id in guild.members:
            self.remove_member(guild, user.id)
        self._tell_ban(guild, "GUILD_BAN_ADD", user)

    def unban(self, guild: Guild, user: User) -> None:
        """Let a user join again.

        Raises:
            ApiError: 10026 for who is not banned.
        """
        if user.id not in guild.bans:
            raise Refusal.UNKNOWN_BAN.error()
        del guild.bans[user.id]
        self._tell_ban(guild, "GUILD_BAN_REMOVE", user)

    def time_out(self, guild: Guild, user_id: int, until: datetime | None) -> None:
        """Tell a member to be quiet until then; None lets them speak again."""
        if user_id not in guild.members:
            raise Refusal.UNKNOWN_MEMBER.error()
        guild.members[user_id].timed_out_until = until
        self.announce_member(guild, user_id)

    def remove_member(self, guild: Guild, user_id: int) -> None:
        """Let a user leave or be removed; the bot then loses the whole server."""
        world = self._world
        if user_id not in guild.members:
            raise Refusal.UNKNOWN_MEMBER.error()
        for channel in self.channels_of(guild):
            if channel.thread is not None and user_id in channel.thread.members:
                world.threads.members.remove(channel, user_id)
        del guild.members[user_id]
        if user_id == world.application.bot_id:
            for role in [role for role in guild.roles.values() if role.bot_id == user_id]:
                del guild.roles[role.id]
            world.emit(
                Event(
                    "GUILD_DELETE",
                    {"id": str(guild.id)},
                    Intent.GUILDS,
                    guild.id,
                    audience=frozenset({user_id}),
                )
            )
            return
        payload: Json = {"guild_id": str(guild.id), "user": user_payload(world.users[user_id])}
        self._tell(guild, "GUILD_MEMBER_REMOVE", payload, _MEMBERS)

    def set_member_roles(self, guild: Guild, user_id: int, roles: Iterable[Role]) -> None:
        """Give a member exactly these roles, besides a bot's own."""
        if user_id not in guild.members:
            raise Refusal.UNKNOWN_MEMBER.error()
        member = guild.members[user_id]
        own = {role_id for role_id in member.roles if guild.roles[role_id].bot_id is not None}
        with threads_synced(self._world, guild):
            member.roles = own | {role.id for role in roles}
            self.announce_member(guild, user_id)

    def announce_member(self, guild: Guild, user_id: int) -> None:
        """Tell that a member has changed; a bot always learns of its own changes."""
        payload = {**self._world.payloads.member(guild, user_id), "guild_id": str(guild.id)}
        intents = Intent.GUILDS if user_id == self._world.application.bot_id else _MEMBERS
        self._tell(guild, "GUILD_MEMBER_UPDATE", payload, intents)

    def create_channel(self, guild: Guild, form: ChannelCreateForm) -> Channel:
        """Make a text channel or a category."""
        kind = form.type or 0
        if kind not in (ChannelType.TEXT, ChannelType.CATEGORY):
            raise invalid_field(("type",), "BASE_TYPE_CHOICES", "Value must be one of (0, 4).")
        self._check_parent(guild, form.parent_id)
        name = form.name if kind == ChannelType.CATEGORY else text_channel_name(form.name)
        siblings = [channel for channel in self.channels_of(guild) if not channel.type.is_thread]
        channel = Channel(
            self._world.ids.new(),
            ChannelType(kind),
            guild.id,
            name,
            position=len(siblings) if form.position is None else form.position,
            parent_id=form.parent_id,
            topic=form.topic,
            nsfw=bool(form.nsfw),
            slowmode_seconds=form.rate_limit_per_user or 0,
        )
        if form.permission_overwrites is not None:
            self._set_overwrites(channel, form.permission_overwrites)
        elif form.parent_id is not None:
            parent = self._world.channels[form.parent_id]
            channel.overwrites = {
                key: Overwrite(each.id, each.kind, each.allow, each.deny)
                for key, each in parent.overwrites.items()
            }
        self._world.channels[channel.id] = channel
        self.announce_channel("CHANNEL_CREATE", channel)
        return channel

    def edit_channel(self, channel: Channel, form: ChannelEditForm) -> None:
        """Change a channel as far as the form says."""
        sent = form.model_fields_set
        guild = self._world.guild_of(channel)
        if guild is None:
            raise Refusal.DM_ONLY_OWN.error()
        if "name" in sent or "topic" in sent:
            self._world.renames.take(channel.id)
        if "name" in sent and form.name is not None:
            channel.name = form.name if channel.type is ChannelType.CATEGORY else text_channel_name(form.name)
        if "topic" in sent:
            channel.topic = form.topic
        if "position" in sent and form.position is not None:
            channel.position = form.position
        if "nsfw" in sent:
            channel.nsfw = bool(form.nsfw)
        if "rate_limit_per_user" in sent:
            channel.slowmode_seconds = form.rate_limit_per_user or 0
        if "parent_id" in sent:
            self._check_parent(guild, form.parent_id)
            channel.parent_id = form.parent_id
        with threads_synced(self._world, guild):
            if "permission_overwrites" in sent:
                self._set_overwrites(channel, form.permission_overwrites or [])
            self.announce_channel("CHANNEL_UPDATE", channel)

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel or a thread, and all threads under it."""
        world = self._world
        for thread in [each for each in world.channels.values() if each.parent_id == channel.id]:
            if thread.type.is_thread:
                self.delete_channel(thread)
            else:
                thread.parent_id = None
                self.announce_channel("CHANNEL_UPDATE", thread)
        if channel.type.is_thread:
            data: Json = {
                "id": str(channel.id),
                "guild_id": str(channel.guild_id),
                "parent_id": str(channel.parent_id),
                "type": int(channel.type),
            }
            world.emit(Event("THREAD_DELETE", data, Intent.GUILDS, channel.guild_id, channel.id))
        else:
            self.announce_channel("CHANNEL_DELETE", channel)
        world.threads.forget(channel)
        world.messages.forget_channel(channel)
        del world.channels[channel.id]

    def set_overwrite(
        self, channel: Channel, target: Role | User, *, allow: Permission = NONE, deny: Permission = NONE
    ) -> None:
        """Make a channel's exception for a role or a member."""
        kind = OverwriteKind.ROLE if isinstance(target, Role) else OverwriteKind.MEMBER
        with threads_synced(self._world, self.all[channel.guild_id or 0]):
            channel.overwrites[target.id] = Overwrite(target.id, kind, allow, deny)
            self.announce_channel("CHANNEL_UPDATE", channel)

    def remove_overwrite(self, channel: Channel, target_id: int) -> None:
        """Take a channel's exception back.

        Raises:
            ApiError: 10009 when there is none.
        """
        if target_id not in channel.overwrites:
            raise Refusal.UNKNOWN_OVERWRITE.error()
        with threads_synced(self._world, self.all[channel.guild_id or 0]):
            del channel.overwrites[target_id]
            self.announce_channel("CHANNEL_UPDATE", channel)

    def announce_channel(self, name: str, channel: Channel) -> None:
        """Tell of a channel as it is now."""
        data = self._world.payloads.channel(channel)
        self._world.emit(Event(name, data, Intent.GUILDS, channel.guild_id, channel.id))

    def _check_parent(self, guild: Guild, parent_id: int | None) -> None:
        if parent_id is None:
            return
        parent = self._world.channels.get(parent_id)
        if parent is None or parent.guild_id != guild.id:
            raise invalid_field(("parent_id",), "CHANNEL_PARENT_INVALID", "Category does not exist")
        if parent.type is not ChannelType.CATEGORY:
            raise invalid_field(("parent_id",), "CHANNEL_PARENT_INVALID_TYPE", "Not a category")

    def _set_overwrites(self, channel: Channel, forms: Iterable[OverwriteForm]) -> None:
        channel.overwrites = {
            form.id: Overwrite(
                form.id, OverwriteKind(form.type), Permission(form.allow or 0), Permission(form.deny or 0)
            )
            for form in forms
        }

    def _tell_ban(self, guild: Guild, name: str, user: User) -> None:
        data: Json = {"guild_id": str(guild.id), "user": user_payload(user)}
        self._tell(guild, name, data, Intent.GUILD_MODERATION)

    def _tell(self, guild: Guild, name: str, data: Json, intents: Intent = Intent.GUILDS) -> None:
        self._world.emit(Event(name, data, intents, guild.id))


def text_channel_name(name: str) -> str:
    """Write a name as Discord writes those of text channels: lower case, hyphens for spaces."""
    return "-".join(name.lower().split())
