"""https://docs.discord.com/developers/resources/channel#start-thread-from-message."""
# ruff: noqa: FAST003 - the ids of the paths are read by the dependencies, which the rule does not follow

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from bot.playground.api_errors import Refusal
from bot.playground.forms import ThreadForm, parse_form
from bot.playground.model import Channel, ChannelType, User
from bot.playground.payload_parts import Json, moment
from bot.playground.permissions import Permission
from bot.playground.routes.channels import ChannelDep
from bot.playground.routes.messages import MessageDep
from bot.playground.routes.request import BodyDep, BotDep, WorldDep, answer, no_content
from bot.playground.world import World

router = APIRouter()


@router.post("/channels/{channel_id}/messages/{message_id}/threads")
async def start_thread_from_message(
    message: MessageDep, body: BodyDep, bot: BotDep, world: WorldDep
) -> Response:
    """Start a thread at a message."""
    thread = world.threads.start_from(bot.id, message, parse_form(ThreadForm, body.payload))
    return answer(world.payloads.channel(thread, viewer=bot.id), 201)


@router.post("/channels/{channel_id}/threads")
async def start_thread_without_message(
    channel: ChannelDep, body: BodyDep, bot: BotDep, world: WorldDep
) -> Response:
    """Start a thread by itself."""
    thread = world.threads.start(bot.id, channel, parse_form(ThreadForm, body.payload))
    return answer(world.payloads.channel(thread, viewer=bot.id), 201)


@router.put("/channels/{channel_id}/thread-members/@me")
async def join_thread(channel: ChannelDep, bot: BotDep, world: WorldDep) -> Response:
    """Let the bot join."""
    world.threads.members.join(bot.id, channel)
    return no_content()


@router.put("/channels/{channel_id}/thread-members/{user_id}")
async def add_thread_member(channel: ChannelDep, user_id: int, bot: BotDep, world: WorldDep) -> Response:
    """Bring somebody in."""
    world.threads.members.invite(bot.id, channel, user_id)
    return no_content()


@router.delete("/channels/{channel_id}/thread-members/@me")
async def leave_thread(channel: ChannelDep, bot: BotDep, world: WorldDep) -> Response:
    """Let the bot leave."""
    world.threads.members.expel(bot.id, channel, bot.id)
    return no_content()


@router.delete("/channels/{channel_id}/thread-members/{user_id}")
async def remove_thread_member(channel: ChannelDep, user_id: int, bot: BotDep, world: WorldDep) -> Response:
    """Put somebody out."""
    world.threads.members.expel(bot.id, channel, user_id)
    return no_content()


@router.get("/channels/{channel_id}/thread-members/{user_id}")
async def get_thread_member(
    channel: ChannelDep, user_id: int, world: WorldDep, *, with_member: bool = False
) -> Response:
    """Give one member of a thread."""
    if user_id not in world.threads.state(channel).members:
        raise Refusal.UNKNOWN_MEMBER.error()
    return answer(_member(world, channel, user_id, with_member=with_member))


@router.get("/channels/{channel_id}/thread-members")
async def list_thread_members(
    channel: ChannelDep,
    world: WorldDep,
    *,
    with_member: bool = False,
    after: int = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> Response:
    """Give the members of a thread, by id."""
    members = [user_id for user_id in sorted(world.threads.state(channel).members) if user_id > after]
    return answer([_member(world, channel, each, with_member=with_member) for each in members[:limit]])


def _member(world: World, channel: Channel, user_id: int, *, with_member: bool) -> Json:
    payload = world.payloads.thread_member(channel, user_id)
    guild = world.guild_of(channel)
    if with_member and guild is not None and user_id in guild.members:
        payload["member"] = world.payloads.member(guild, user_id)
    return payload


@router.get("/channels/{channel_id}/threads/archived/public")
async def list_public_archived_threads(
    channel: ChannelDep,
    bot: BotDep,
    world: WorldDep,
    before: str | None = None,
    limit: Annotated[int, Query(ge=2, le=100)] = 50,
) -> Response:
    """Give a page of the archived public threads."""
    world.require(bot.id, channel, Permission.READ_MESSAGE_HISTORY)
    found = world.threads.archived(channel, ChannelType.PUBLIC_THREAD)
    return answer(_page(world, bot, _archived_before(found, before), limit))


@router.get("/channels/{channel_id}/threads/archived/private")
async def list_private_archived_threads(
    channel: ChannelDep,
    bot: BotDep,
    world: WorldDep,
    before: str | None = None,
    limit: Annotated[int, Query(ge=2, le=100)] = 50,
) -> Response:
    """Give a page of the archived private threads, to who manages threads."""
    world.require(bot.id, channel, Permission.READ_MESSAGE_HISTORY | Permission.MANAGE_THREADS)
    found = world.threads.archived(channel, ChannelType.PRIVATE_THREAD)
    return answer(_page(world, bot, _archived_before(found, before), limit))


@router.get("/channels/{channel_id}/users/@me/threads/archived/private")
async def list_joined_private_archived_threads(
    channel: ChannelDep,
    bot: BotDep,
    world: WorldDep,
    before: int | None = None,
    limit: Annotated[int, Query(ge=2, le=100)] = 50,
) -> Response:
    """Give a page of the archived private threads that the bot is in, newest first."""
    world.require(bot.id, channel, Permission.READ_MESSAGE_HISTORY)
    found = world.threads.archived(channel, ChannelType.PRIVATE_THREAD, joined_by=bot.id)
    found = sorted(found, key=lambda each: each.id, reverse=True)
    return answer(_page(world, bot, [each for each in found if before is None or each.id < before], limit))


def _archived_before(threads: list[Channel], before: str | None) -> list[Channel]:
    if before is None:
        return threads
    return [
        each for each in threads if each.thread is not None and moment(each.thread.archive_timestamp) < before
    ]


def _page(world: World, bot: User, threads: list[Channel], limit: int) -> Json:
    page = threads[:limit]
    joined = [each for each in page if each.thread is not None and bot.id in each.thread.members]
    return {
        "threads": [world.payloads.channel(each, viewer=bot.id) for each in page],
        "members": [world.payloads.thread_member(each, bot.id) for each in joined],
        "has_more": len(threads) > limit,
    }
