"""Permissions and how they are worked out for one member in one channel.

https://docs.discord.com/developers/topics/permissions#permission-overwrites
"""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.playground.model import Channel, Guild


class Permission(IntFlag):
    """Discord's permission bits."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    PRIORITY_SPEAKER = 1 << 8
    STREAM = 1 << 9
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    VIEW_GUILD_INSIGHTS = 1 << 19
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MUTE_MEMBERS = 1 << 22
    DEAFEN_MEMBERS = 1 << 23
    MOVE_MEMBERS = 1 << 24
    USE_VAD = 1 << 25
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    MANAGE_GUILD_EXPRESSIONS = 1 << 30
    USE_APPLICATION_COMMANDS = 1 << 31
    REQUEST_TO_SPEAK = 1 << 32
    MANAGE_EVENTS = 1 << 33
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    USE_EXTERNAL_STICKERS = 1 << 37
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EMBEDDED_ACTIVITIES = 1 << 39
    MODERATE_MEMBERS = 1 << 40
    SEND_VOICE_MESSAGES = 1 << 46
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51


NONE = Permission(0)
ALL = Permission(~0 & sum(Permission))

# What @everyone may do in a server as Discord creates it, as far as text goes.
EVERYONE = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.ADD_REACTIONS
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CHANGE_NICKNAME
    | Permission.CREATE_INSTANT_INVITE
    | Permission.SEND_POLLS
)
# A direct message with a bot knows no roles.
DIRECT = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.ADD_REACTIONS
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.MENTION_EVERYONE
)


def in_guild(guild: Guild, user_id: int) -> Permission:
    """Work out what the roles of a member allow, before any channel has its say."""
    member = guild.members.get(user_id)
    if member is None:
        return NONE
    if guild.owner_id == user_id:
        return ALL
    allowed = guild.roles[guild.id].permissions
    for role_id in member.roles:
        allowed |= guild.roles[role_id].permissions
    return ALL if Permission.ADMINISTRATOR in allowed else allowed


def in_channel(guild: Guild, channel: Channel, user_id: int) -> Permission:
    """Work out what a member may do in a channel; a thread's parent is the channel to ask about.

    Overwrites apply in Discord's order: @everyone, then all roles at once, then the member. They do nothing
    to administrators, and nothing for who is no member.
    """
    allowed = in_guild(guild, user_id)
    if Permission.ADMINISTRATOR in allowed or user_id not in guild.members:
        return allowed
    everyone = channel.overwrites.get(guild.id)
    if everyone is not None:
        allowed = (allowed & ~everyone.deny) | everyone.allow
    role_allow = role_deny = NONE
    for role_id in guild.members[user_id].roles:
        overwrite = channel.overwrites.get(role_id)
        if overwrite is not None:
            role_allow |= overwrite.allow
            role_deny |= overwrite.deny
    allowed = (allowed & ~role_deny) | role_allow
    own = channel.overwrites.get(user_id)
    if own is not None:
        allowed = (allowed & ~own.deny) | own.allow
    return _implied(allowed)


def _implied(allowed: Permission) -> Permission:
    """Who cannot see a channel can do nothing there; who cannot send cannot embed, attach or ping."""
    if Permission.VIEW_CHANNEL not in allowed:
        return NONE
    return allowed


def when_timed_out(allowed: Permission) -> Permission:
    """Leave what a member may still do during a time-out."""
    return allowed & (Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY)


def for_sending(allowed: Permission, *, thread: bool) -> Permission:
    """Drop what depends on sending where sending is denied."""
    needed = Permission.SEND_MESSAGES_IN_THREADS if thread else Permission.SEND_MESSAGES
    if needed in allowed:
        return allowed
    dependent = (
        Permission.SEND_TTS_MESSAGES
        | Permission.MENTION_EVERYONE
        | Permission.EMBED_LINKS
        | Permission.ATTACH_FILES
    )
    return allowed & ~dependent
