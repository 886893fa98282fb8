"""https://docs.discord.com/developers/resources/channel."""
# ruff: noqa: FAST003 - the ids of the paths are read by the dependencies, which the rule does not follow

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from bot.playground.api_errors import Refusal
from bot.playground.forms import ChannelEditForm, PermissionForm, parse_form
from bot.playground.model import Channel, ChannelType
from bot.playground.permissions import Permission
from bot.playground.routes.request import BodyDep, BotDep, WorldDep, answer, no_content

router = APIRouter()


async def visible_channel(channel_id: int, bot: BotDep, world: WorldDep) -> Channel:
    """Find the channel of the path, which the bot must be able to see (10003, 50001)."""
    channel = world.channel(channel_id)
    world.require(bot.id, channel)
    return channel


ChannelDep = Annotated[Channel, Depends(visible_channel)]


@router.get("/channels/{channel_id}")
async def get_channel(channel: ChannelDep, bot: BotDep, world: WorldDep) -> Response:
    """Give a channel or a thread."""
    return answer(world.payloads.channel(channel, viewer=bot.id))


@router.patch("/channels/{channel_id}")
async def modify_channel(channel: ChannelDep, body: BodyDep, bot: BotDep, world: WorldDep) -> Response:
    """Change a channel or a thread."""
    form = parse_form(ChannelEditForm, body.payload)
    if channel.type.is_thread:
        world.threads.edit(bot.id, channel, form)
    else:
        world.require(bot.id, channel, Permission.MANAGE_CHANNELS)
        if "permission_overwrites" in form.model_fields_set:
            world.require(bot.id, channel, Permission.MANAGE_ROLES)
        world.guilds.edit_channel(channel, form)
    return answer(world.payloads.channel(channel, viewer=bot.id))


@router.delete("/channels/{channel_id}")
async def delete_channel(channel: ChannelDep, bot: BotDep, world: WorldDep) -> Response:
    """Delete a channel or a thread; a direct message is only closed."""
    payload = world.payloads.channel(channel, viewer=bot.id)
    if channel.type is not ChannelType.DM:
        needed = Permission.MANAGE_THREADS if channel.type.is_thread else Permission.MANAGE_CHANNELS
        world.require(bot.id, channel, needed)
        world.guilds.delete_channel(channel)
    return answer(payload)


@router.put("/channels/{channel_id}/permissions/{overwrite_id}")
async def edit_channel_permissions(
    channel: ChannelDep, overwrite_id: int, body: BodyDep, bot: BotDep, world: WorldDep
) -> Response:
    """Make a channel's exception for a role or a member."""
    form = parse_form(PermissionForm, body.payload)
    guild = world.guild_of(channel)
    if guild is None or channel.type.is_thread:
        raise Refusal.WRONG_CHANNEL_TYPE.error()
    world.require(bot.id, channel, Permission.MANAGE_ROLES)
    allow, deny = Permission(form.allow or 0), Permission(form.deny or 0)
    # Nobody hands out what they do not have.
    if (allow | deny) & ~world.permissions(bot.id, channel):
        raise Refusal.MISSING_PERMISSIONS.error()
    if form.type == 0:
        if overwrite_id not in guild.roles:
            raise Refusal.UNKNOWN_ROLE.error()
        world.guilds.set_overwrite(channel, guild.roles[overwrite_id], allow=allow, deny=deny)
    else:
        world.guilds.set_overwrite(channel, world.user(overwrite_id), allow=allow, deny=deny)
    return no_content()


@router.delete("/channels/{channel_id}/permissions/{overwrite_id}")
async def delete_channel_permission(
    channel: ChannelDep, overwrite_id: int, bot: BotDep, world: WorldDep
) -> Response:
    """Take a channel's exception back."""
    world.require(bot.id, channel, Permission.MANAGE_ROLES)
    world.guilds.remove_overwrite(channel, overwrite_id)
    return no_content()


@router.post("/channels/{channel_id}/typing")
async def trigger_typing_indicator(channel: ChannelDep, bot: BotDep, world: WorldDep) -> Response:
    """Show that the bot is writing."""
    world.messages.typing(bot.id, channel)
    return no_content()
