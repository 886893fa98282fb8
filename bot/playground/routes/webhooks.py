"""The webhook that each interaction brings: its first answer, and follow-ups.

https://docs.discord.com/developers/interactions/receiving-and-responding#followup-messages
Webhooks of channels are not part of this server.
"""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from bot.playground.forms import MessageForm, parse_form
from bot.playground.interaction import Interaction
from bot.playground.model import Message
from bot.playground.routes.request import BodyDep, WorldDep, answer, no_content
from bot.playground.world import World

router = APIRouter()

_HOOK = "/webhooks/{webhook_id}/{webhook_token}"


async def _interaction(webhook_id: int, webhook_token: str, world: WorldDep) -> Interaction:
    return world.interactions.by_token(webhook_id, webhook_token)


InteractionDep = Annotated[Interaction, Depends(_interaction)]


async def _original(interaction: InteractionDep, world: WorldDep) -> Message:
    return world.interactions.message(interaction, None)


async def _one(interaction: InteractionDep, message_id: int, world: WorldDep) -> Message:
    return world.interactions.message(interaction, message_id)


OriginalDep = Annotated[Message, Depends(_original)]
MessageDep = Annotated[Message, Depends(_one)]


@router.post(_HOOK)
async def create_followup_message(interaction: InteractionDep, body: BodyDep, world: WorldDep) -> Response:
    """Send a follow-up; an interaction's webhook always waits."""
    form = parse_form(MessageForm, body.payload)
    message = world.interactions.follow_up(interaction, form, body.uploads)
    return _written(world, message)


@router.get(_HOOK + "/messages/@original")
async def get_original_response(message: OriginalDep, world: WorldDep) -> Response:
    """Give the first answer."""
    return _written(world, message)


@router.patch(_HOOK + "/messages/@original")
async def edit_original_response(message: OriginalDep, body: BodyDep, world: WorldDep) -> Response:
    """Change the first answer, or complete a deferred one."""
    return _edited(world, message, body)


@router.delete(_HOOK + "/messages/@original")
async def delete_original_response(message: OriginalDep, world: WorldDep) -> Response:
    """Delete the first answer."""
    world.messages.discard(message)
    return no_content()


@router.get(_HOOK + "/messages/{message_id}")
async def get_followup_message(message: MessageDep, world: WorldDep) -> Response:
    """Give a follow-up."""
    return _written(world, message)


@router.patch(_HOOK + "/messages/{message_id}")
async def edit_followup_message(message: MessageDep, body: BodyDep, world: WorldDep) -> Response:
    """Change a follow-up."""
    return _edited(world, message, body)


@router.delete(_HOOK + "/messages/{message_id}")
async def delete_followup_message(message: MessageDep, world: WorldDep) -> Response:
    """Delete a follow-up."""
    world.messages.discard(message)
    return no_content()


def _edited(world: World, message: Message, body: BodyDep) -> Response:
    world.messages.change(message, parse_form(MessageForm, body.payload), body.uploads)
    return _written(world, message)


def _written(world: World, message: Message) -> Response:
    return answer(world.payloads.message(message, viewer=world.application.bot_id))
