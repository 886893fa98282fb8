"""https://docs.discord.com/developers/resources/user."""

from fastapi import APIRouter
from fastapi.responses import Response

from bot.playground.api_errors import Refusal, invalid_field
from bot.playground.forms import DirectMessageForm, parse_form
from bot.playground.payload_parts import own_user_payload, user_payload
from bot.playground.routes.request import BodyDep, BotDep, WorldDep, answer, no_content

router = APIRouter()


@router.get("/users/@me")
async def get_current_user(bot: BotDep) -> Response:
    """Give the bot itself: the first thing that a client asks for."""
    return answer(own_user_payload(bot))


@router.get("/users/@me/guilds")
async def get_current_user_guilds(bot: BotDep, world: WorldDep) -> Response:
    """Give the servers that the bot is in."""
    mine = [guild for guild in world.guilds.all.values() if bot.id in guild.members]
    return answer(
        [
            {
                "id": str(guild.id),
                "name": guild.name,
                "icon": None,
                "banner": None,
                "owner": guild.owner_id == bot.id,
                "permissions": str(int(world.guild_permissions(guild, bot.id))),
                "features": [],
            }
            for guild in mine
        ]
    )


@router.delete("/users/@me/guilds/{guild_id}")
async def leave_guild(guild_id: int, bot: BotDep, world: WorldDep) -> Response:
    """Let the bot leave a server."""
    world.guilds.remove_member(world.guilds.for_member(guild_id, bot.id), bot.id)
    return no_content()


@router.post("/users/@me/channels")
async def create_dm(body: BodyDep, bot: BotDep, world: WorldDep) -> Response:
    """Open a direct-message channel."""
    form = parse_form(DirectMessageForm, body.payload)
    recipient = world.users.get(form.recipient_id)
    if recipient is None:
        raise invalid_field(("recipient_id",), "UNKNOWN_USER", "Unknown User")
    if recipient.bot:
        raise Refusal.CANNOT_DM.error()
    return answer(world.payloads.channel(world.direct_channel(bot.id, recipient.id), viewer=bot.id))


@router.get("/users/{user_id}")
async def get_user(user_id: int, _bot: BotDep, world: WorldDep) -> Response:
    """Give any user."""
    return answer(user_payload(world.user(user_id)))
