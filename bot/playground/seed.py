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


@dataclass(frozen=True)
class Seed:
    """What was planted."""

    guild: Guild
    channels: tuple[Channel, ...]
    writer: User
    second_writer: User
    moderator: User
    moderator_role: Role


def plant(world: World) -> Seed:
    """Found the server and let everybody in."""
    guild = world.guilds.create("Writing circle", world.users[world.application.owner_id])
    moderators = world.guilds.add_role(guild, "Moderator", MODERATOR_PERMISSIONS, mentionable=True)
    category = world.guilds.create_channel(
        guild, ChannelCreateForm(name="Workshop", type=ChannelType.CATEGORY)
    )
    channels = tuple(
        world.guilds.create_channel(guild, ChannelCreateForm(name=name, topic=topic, parent_id=category.id))
        for name, topic in (
            ("general", "Say hello"),
            ("workshop", "Scenes and what we think of them"),
            ("stories", "Written together"),
        )
    )
    writer, second, moderator = (world.add_user(name) for name in ("Mara", "Jonas", "Ines"))
    world.guilds.add_member(guild, writer)
    world.guilds.add_member(guild, second)
    world.guilds.add_member(guild, moderator, [moderators])
    world.guilds.add_member(guild, world.bot)
    own = next(role for role in guild.roles.values() if role.bot_id == world.bot.id)
    world.guilds.set_role_permissions(guild, own, BOT_PERMISSIONS)
    return Seed(guild, (category, *channels), writer, second, moderator, moderators)
