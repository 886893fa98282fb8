"""A small server to begin with: a category, text channels, two writers, a moderator, and the bot."""

from __future__ import annotations

from dataclasses import dataclass

from bot.playground.forms import ChannelCreateForm
from bot.playground.model import Channel, ChannelType, Guild, Role, User
from bot.playground.permissions import Permission
from bot.playground.world import World

# What an invitation link of a bot that works with messages, files and threads asks for.
BOT_PERMISSIONS = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.MANAGE_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.ADD_REACTIONS
    | Permission.READ_MESSAGE_HISTORY
)
MODERATOR_PERMISSIONS = (
    Permission.MANAGE_GUILD
    | Permission.MANAGE_MESSAGES
    | Permission.MANAGE_THREADS
    | Permission.MANAGE_CHANNELS
    | Permission.KICK_MEMBERS
    | Permission.PIN_MESSAGES
    | Permission.MENTION_EVERYONE
)


CHANNELS = (
    ("general", "Say hello"),
    ("workshop", "Scenes and what we think of them"),
    ("stories", "Written together"),
)


@dataclass(frozen=True)
class Seed:
    """What was planted."""

    guild: Guild
    channels: tuple[Channel, ...]
    writer: User
    second_writer: User
    moderator: User
    moderator_role: Role


def found(world: World, name: str) -> tuple[Guild, tuple[Channel, ...], Role]:
    """Found a server of the operator's, with channels, a role for moderators, and nobody else in it yet."""
    guild = world.guilds.create(name, world.users[world.application.owner_id])
    moderators = world.guilds.add_role(guild, "Moderator", MODERATOR_PERMISSIONS, mentionable=True)
    category = world.guilds.create_channel(
        guild, ChannelCreateForm(name="Workshop", type=ChannelType.CATEGORY)
    )
    channels = tuple(
        world.guilds.create_channel(
            guild, ChannelCreateForm(name=channel, topic=topic, parent_id=category.id)
        )
        for channel, topic in CHANNELS
    )
    return guild, (category, *channels), moderators


def plant(world: World) -> Seed:
    """Found the server and let everybody in."""
    guild, channels, moderators = found(world, "Writing circle")
    writer, second, moderator = (world.add_user(name) for name in ("Mara", "Jonas", "Ines"))
    world.guilds.add_member(guild, writer)
    world.guilds.add_member(guild, second)
    world.guilds.add_member(guild, moderator, [moderators])
    world.guilds.invite_bot(guild, BOT_PERMISSIONS)
    return Seed(guild, channels, writer, second, moderator, moderators)
