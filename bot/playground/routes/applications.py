"""https://docs.discord.com/developers/interactions/application-commands, and the application itself."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from bot.playground.api_errors import Refusal
from bot.playground.application_payloads import application_payload, command_payload
from bot.playground.commands import parse_command, parse_commands
from bot.playground.routes.request import BodyDep, BotDep, WorldDep, answer, no_content

router = APIRouter()


@router.get("/oauth2/applications/@me")
@router.get("/applications/@me")
async def get_current_application(_bot: BotDep, world: WorldDep) -> Response:
    """Give the bot's entry in the developer portal."""
    return answer(application_payload(world))


async def _own_application(application_id: int, _bot: BotDep, world: WorldDep) -> None:
    if application_id != world.application.id:
        raise Refusal.UNKNOWN_APPLICATION.error()


async def _scope(bot: BotDep, world: WorldDep, guild_id: int | None = None) -> int | None:
    """Give the guild of the path, which the bot must be in, or None for global commands."""
    if guild_id is None:
        return None
    guild = world.guilds.all.get(guild_id)
    if guild is None or bot.id not in guild.members:
        raise Refusal.MISSING_ACCESS.error()
    return guild.id


ScopeDep = Annotated[int | None, Depends(_scope)]

commands = APIRouter(dependencies=[Depends(_own_application)])
_GLOBAL = "/applications/{application_id}/commands"
_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"


@commands.get(_GLOBAL)
@commands.get(_GUILD)
async def list_commands(world: WorldDep, scope: ScopeDep) -> Response:
    """Give the registered commands."""
    return answer([command_payload(world, each) for each in world.commands.listed(scope)])


@commands.put(_GLOBAL)
@commands.put(_GUILD)
async def overwrite_commands(body: BodyDep, world: WorldDep, scope: ScopeDep) -> Response:
    """Register exactly these commands and give them back with their ids."""
    registered = world.commands.replace_all(scope, parse_commands(body.payload))
    return answer([command_payload(world, each) for each in registered])


@commands.post(_GLOBAL)
@commands.post(_GUILD)
async def create_command(body: BodyDep, world: WorldDep, scope: ScopeDep) -> Response:
    """Register one command; 201 for a new name, 200 for a new version."""
    command, new = world.commands.upsert(scope, parse_command(body.payload))
    return answer(command_payload(world, command), 201 if new else 200)


@commands.get(_GLOBAL + "/{command_id}")
@commands.get(_GUILD + "/{command_id}")
async def get_command(command_id: int, world: WorldDep, scope: ScopeDep) -> Response:
    """Give one command."""
    return answer(command_payload(world, world.commands.find(scope, command_id)))


@commands.patch(_GLOBAL + "/{command_id}")
@commands.patch(_GUILD + "/{command_id}")
async def edit_command(command_id: int, body: BodyDep, world: WorldDep, scope: ScopeDep) -> Response:
    """Change one command."""
    command = world.commands.find(scope, command_id)
    form = parse_command(body.payload, over=command.form.model_dump(exclude_unset=True))
    return answer(command_payload(world, world.commands.change(command, form)))


@commands.delete(_GLOBAL + "/{command_id}")
@commands.delete(_GUILD + "/{command_id}")
async def delete_command(command_id: int, world: WorldDep, scope: ScopeDep) -> Response:
    """Take one command out."""
    world.commands.delete(scope, command_id)
    return no_content()


router.include_router(commands)
