"""https://docs.discord.com/developers/resources/message#create-reaction."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from bot.playground.payload_parts import user_payload
from bot.playground.routes.messages import MessageDep, ReadableDep
from bot.playground.routes.request import BotDep, WorldDep, answer, no_content

router = APIRouter()

_ALL = "/channels/{channel_id}/messages/{message_id}/reactions"
_ONE = _ALL + "/{emoji_name}"


@router.put(_ONE + "/@me")
async def create_reaction(message: MessageDep, emoji_name: str, bot: BotDep, world: WorldDep) -> Response:
    """React to a message."""
    world.reactions.add(bot.id, message, emoji_name)
    return no_content()


@router.delete(_ONE + "/@me")
async def delete_own_reaction(message: MessageDep, emoji_name: str, bot: BotDep, world: WorldDep) -> Response:
    """Take the bot's own reaction back."""
    world.reactions.remove(bot.id, message, emoji_name, bot.id)
    return no_content()


@router.delete(_ONE + "/{user_id}")
async def delete_user_reaction(
    message: MessageDep, emoji_name: str, user_id: int, bot: BotDep, world: WorldDep
) -> Response:
    """Take somebody else's reaction away."""
    world.reactions.remove(bot.id, message, emoji_name, user_id)
    return no_content()


@router.get(_ONE)
async def get_reactions(
    message: ReadableDep,
    emoji_name: str,
    world: WorldDep,
    after: int = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> Response:
    """Give who chose an emoji."""
    users = [user_id for user_id in world.reactions.users(message, emoji_name) if user_id > after]
    return answer([user_payload(world.users[user_id]) for user_id in users[:limit]])


@router.delete(_ALL)
async def delete_all_reactions(message: MessageDep, bot: BotDep, world: WorldDep) -> Response:
    """Take all reactions away."""
    world.reactions.clear(bot.id, message)
    return no_content()


@router.delete(_ONE)
async def delete_all_reactions_for_emoji(
    message: MessageDep, emoji_name: str, bot: BotDep, world: WorldDep
) -> Response:
    """Take all reactions with one emoji away."""
    world.reactions.clear(bot.id, message, emoji_name)
    return no_content()
