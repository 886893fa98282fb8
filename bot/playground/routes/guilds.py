"""https://docs.discord.com/developers/resources/guild."""
# ruff: noqa: FAST003 - the ids of the paths are read by the dependencies, which the rule does not follow

from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from bot.playground.api_errors import Refusal, invalid_field
from bot.playground.forms import ChannelCreateForm, MemberEditForm, parse_form
from bot.playground.model import Guild
from bot.playground.payload_parts import Json, guild_payload, role_payload, user_payload
from bot.playground.permissions import Permission
from bot.playground.routes.request import BodyDep, BotDep, WorldDep, answer, no_content
from bot.playground.world import World

router = APIRouter()


async def _guild(guild_id: int, bot: BotDep, world: WorldDep) -> Guild:
    return world.guilds.for_member(guild_id, bot.id)


GuildDep = Annotated[Guild, Depends(_guild)]


def _require(world: World, guild: Guild, user_id: int, needed: Permission) -> None:
    if needed & ~world.guild_permissions(guild, user_id):
        raise Refusal.MISSING_PERMISSIONS.error()


def _rank(guild: Guild, user_id: int) -> int:
    """Give the position of somebody's highest role; the owner stands above all."""
    if guild.owner_id == user_id:
        return len(guild.roles) + 1
    return max((guild.roles[role_id].position for role_id in guild.members[user_id].roles), default=0)


@router.get("/guilds/{guild_id}")
async def get_guild(guild: GuildDep, *, with_counts: bool = False) -> Response:
    """Give a server."""
    payload = guild_payload(guild)
    if with_counts:
        payload |= {"approximate_member_count": len(guild.members), "approximate_presence_count": 0}
    return answer(payload)


@router.get("/guilds/{guild_id}/channels")
async def get_guild_channels(guild: GuildDep, world: WorldDep) -> Response:
    """Give a server's channels, without threads."""
    channels = [channel for channel in world.guilds.channels_of(guild) if not channel.type.is_thread]
    return answer([world.payloads.channel(channel) for channel in channels])


@router.post("/guilds/{guild_id}/channels")
async def create_guild_channel(guild: GuildDep, body: BodyDep, bot: BotDep, world: WorldDep) -> Response:
    """Make a channel."""
    _require(world, guild, bot.id, Permission.MANAGE_CHANNELS)
    channel = world.guilds.create_channel(guild, parse_form(ChannelCreateForm, body.payload))
    return answer(world.payloads.channel(channel), 201)


@router.get("/guilds/{guild_id}/roles")
async def get_guild_roles(guild: GuildDep) -> Response:
    """Give a server's roles."""
    return answer([role_payload(role) for role in guild.roles.values()])


@router.get("/guilds/{guild_id}/roles/{role_id}")
async def get_guild_role(guild: GuildDep, role_id: int) -> Response:
    """Give one role."""
    if role_id not in guild.roles:
        raise Refusal.UNKNOWN_ROLE.error()
    return answer(role_payload(guild.roles[role_id]))


@router.get("/guilds/{guild_id}/members")
async def list_guild_members(
    guild: GuildDep,
    world: WorldDep,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1,
    after: int = 0,
) -> Response:
    """Give a page of members, by id."""
    page = [user_id for user_id in sorted(guild.members) if user_id > after][:limit]
    return answer([world.payloads.member(guild, user_id) for user_id in page])


@router.get("/guilds/{guild_id}/members/search")
async def search_guild_members(
    guild: GuildDep,
    world: WorldDep,
    query: str,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> Response:
    """Give members by the beginning of their name."""
    start = query.lower()
    found = [
        user_id
        for user_id, member in guild.members.items()
        if world.users[user_id].username.startswith(start) or (member.nick or "").lower().startswith(start)
    ]
    return answer([world.payloads.member(guild, user_id) for user_id in found[:limit]])


@router.get("/guilds/{guild_id}/members/{user_id}")
async def get_guild_member(guild: GuildDep, user_id: int, world: WorldDep) -> Response:
    """Give one member."""
    if user_id not in guild.members:
        raise Refusal.UNKNOWN_MEMBER.error()
    return answer(world.payloads.member(guild, user_id))


@router.patch("/guilds/{guild_id}/members/@me")
async def modify_current_member(guild: GuildDep, body: BodyDep, bot: BotDep, world: WorldDep) -> Response:
    """Change the bot's own name in a server."""
    form = parse_form(MemberEditForm, body.payload)
    if "nick" in form.model_fields_set:
        _require(world, guild, bot.id, Permission.CHANGE_NICKNAME)
        guild.members[bot.id].nick = form.nick or None
        world.guilds.announce_member(guild, bot.id)
    return answer(world.payloads.member(guild, bot.id))


@router.patch("/guilds/{guild_id}/members/{user_id}")
async def modify_guild_member(
    guild: GuildDep, user_id: int, body: BodyDep, bot: BotDep, world: WorldDep
) -> Response:
    """Change a member's name or roles."""
    form = parse_form(MemberEditForm, body.payload)
    if user_id not in guild.members:
        raise Refusal.UNKNOWN_MEMBER.error()
    if "roles" in form.model_fields_set:
        _require(world, guild, bot.id, Permission.MANAGE_ROLES)
        unknown = [role_id for role_id in form.roles or [] if role_id not in guild.roles]
        if unknown:
            raise invalid_field(("roles",), "ROLE_INVALID", "Unknown role")
        before = guild.members[user_id].roles
        for role_id in before ^ set(form.roles or []):
            _check_role(world, guild, bot.id, role_id)
        world.guilds.set_member_roles(guild, user_id, [guild.roles[each] for each in form.roles or []])
    if "communication_disabled_until" in form.model_fields_set:
        _require(world, guild, bot.id, Permission.MODERATE_MEMBERS)
        _check_below(guild, bot.id, user_id)
        if Permission.ADMINISTRATOR in world.guild_permissions(guild, user_id):
            raise Refusal.MISSING_PERMISSIONS.error()
        world.guilds.time_out(guild, user_id, form.communication_disabled_until)
    if "nick" in form.model_fields_set:
        _require(world, guild, bot.id, Permission.MANAGE_NICKNAMES)
        _check_below(guild, bot.id, user_id)
        guild.members[user_id].nick = form.nick or None
        world.guilds.announce_member(guild, user_id)
    return answer(world.payloads.member(guild, user_id))


@router.delete("/guilds/{guild_id}/members/{user_id}")
async def remove_guild_member(guild: GuildDep, user_id: int, bot: BotDep, world: WorldDep) -> Response:
    """Remove a member who stands below the bot."""
    _require(world, guild, bot.id, Permission.KICK_MEMBERS)
    _check_below(guild, bot.id, user_id)
    world.guilds.remove_member(guild, user_id)
    return no_content()


@router.get("/guilds/{guild_id}/bans")
async def list_guild_bans(
    guild: GuildDep,
    bot: BotDep,
    world: WorldDep,
    *,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    before: int | None = None,
    after: int = 0,
) -> Response:
    """Give a page of who is banned, by id."""
    _require(world, guild, bot.id, Permission.BAN_MEMBERS)
    ids = [each for each in sorted(guild.bans) if each > after and (before is None or each < before)]
    return answer([_ban(world, guild, each) for each in ids[:limit]])


@router.get("/guilds/{guild_id}/bans/{user_id}")
async def get_guild_ban(guild: GuildDep, user_id: int, bot: BotDep, world: WorldDep) -> Response:
    """Give one ban."""
    _require(world, guild, bot.id, Permission.BAN_MEMBERS)
    if user_id not in guild.bans:
        raise Refusal.UNKNOWN_BAN.error()
    return answer(_ban(world, guild, user_id))


@router.put("/guilds/{guild_id}/bans/{user_id}")
async def ban_user_from_guild(
    guild: GuildDep, user_id: int, request: Request, _body: BodyDep, *, bot: BotDep, world: WorldDep
) -> Response:
    """Keep a user out who, if a member, stands below the bot. What they wrote stays, whatever is asked."""
    _require(world, guild, bot.id, Permission.BAN_MEMBERS)
    _check_below(guild, bot.id, user_id)
    reason = unquote(request.headers.get("x-audit-log-reason", "")) or None
    world.guilds.ban(guild, world.user(user_id), reason)
    return no_content()


@router.delete("/guilds/{guild_id}/bans/{user_id}")
async def unban_user_from_guild(
    guild: GuildDep, user_id: int, _body: BodyDep, bot: BotDep, world: WorldDep
) -> Response:
    """Let a user join again."""
    _require(world, guild, bot.id, Permission.BAN_MEMBERS)
    world.guilds.unban(guild, world.user(user_id))
    return no_content()


def _ban(world: World, guild: Guild, user_id: int) -> Json:
    return {"user": user_payload(world.users[user_id]), "reason": guild.bans[user_id]}


@router.put("/guilds/{guild_id}/members/{user_id}/roles/{role_id}")
async def add_guild_member_role(
    guild: GuildDep, user_id: int, role_id: int, bot: BotDep, world: WorldDep
) -> Response:
    """Give a member one role more."""
    _check_role(world, guild, bot.id, role_id)
    if user_id not in guild.members:
        raise Refusal.UNKNOWN_MEMBER.error()
    roles = guild.members[user_id].roles | {role_id}
    world.guilds.set_member_roles(guild, user_id, [guild.roles[each] for each in roles])
    return no_content()


@router.delete("/guilds/{guild_id}/members/{user_id}/roles/{role_id}")
async def remove_guild_member_role(
    guild: GuildDep, user_id: int, role_id: int, bot: BotDep, world: WorldDep
) -> Response:
    """Take one role from a member."""
    _check_role(world, guild, bot.id, role_id)
    if user_id not in guild.members:
        raise Refusal.UNKNOWN_MEMBER.error()
    roles = guild.members[user_id].roles - {role_id}
    world.guilds.set_member_roles(guild, user_id, [guild.roles[each] for each in roles])
    return no_content()


def _check_below(guild: Guild, actor_id: int, user_id: int) -> None:
    """Nobody removes or silences who stands as high as they do."""
    if user_id in guild.members and _rank(guild, user_id) >= _rank(guild, actor_id):
        raise Refusal.MISSING_PERMISSIONS.error()


def _check_role(world: World, guild: Guild, actor_id: int, role_id: int) -> None:
    """A role can be given and taken by who may manage roles and stands above it."""
    if role_id not in guild.roles:
        raise Refusal.UNKNOWN_ROLE.error()
    _require(world, guild, actor_id, Permission.MANAGE_ROLES)
    role = guild.roles[role_id]
    if role.bot_id is not None or role_id == guild.id or role.position >= _rank(guild, actor_id):
        raise Refusal.MISSING_PERMISSIONS.error()


@router.get("/guilds/{guild_id}/threads/active")
async def list_active_guild_threads(guild: GuildDep, bot: BotDep, world: WorldDep) -> Response:
    """Give the threads that are awake and that the bot may see."""
    threads = world.threads.active(guild, bot.id)
    joined = [each for each in threads if each.thread is not None and bot.id in each.thread.members]
    return answer(
        {
            "threads": [world.payloads.channel(each, viewer=bot.id) for each in threads],
            "members": [world.payloads.thread_member(each, bot.id) for each in joined],
            "has_more": False,
        }
    )
