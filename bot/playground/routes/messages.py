"""https://docs.discord.com/developers/resources/message."""
# ruff: noqa: FAST003 - the ids of the paths are read by the dependencies, which the rule does not follow

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from bot.playground.api_errors import Refusal
from bot.playground.forms import BulkDeleteForm, MessageForm, RefreshUrlsForm, parse_form
from bot.playground.history import page
from bot.playground.model import Channel, ChannelType, Intent, Message, User
from bot.playground.payload_parts import Json, moment
from bot.playground.permissions import Permission
from bot.playground.routes.channels import ChannelDep
from bot.playground.routes.request import BodyDep, BotDep, WorldDep, answer, no_content
from bot.playground.world import World

router = APIRouter()


async def readable_message(channel: ChannelDep, message_id: int, bot: BotDep, world: WorldDep) -> Message:
    """Find the message of the path in a channel whose history the bot may read."""
    world.require(bot.id, channel, Permission.READ_MESSAGE_HISTORY)
    return world.messages.public(channel, message_id)


async def known_message(channel: ChannelDep, message_id: int, world: WorldDep) -> Message:
    """Find the message of the path, which the bot need not be able to read back."""
    return world.messages.public(channel, message_id)


ReadableDep = Annotated[Message, Depends(readable_message)]
MessageDep = Annotated[Message, Depends(known_message)]


def written(world: World, message: Message, bot: User) -> Json:
    """Give a message, without what the message-content intent would open if the portal grants it not."""
    payload = world.payloads.message(message, viewer=bot.id)
    _hide(world, message, payload, bot)
    referenced = payload.get("referenced_message")
    if message.reference is not None and isinstance(referenced, dict):
        original = world.messages.find(message.reference.channel_id, message.reference.message_id)
        if original is not None:
            _hide(world, original, referenced, bot)
    return payload


def _hide(world: World, message: Message, payload: Json, bot: User) -> None:
    if Intent.MESSAGE_CONTENT in world.application.privileged_intents:
        return
    direct = world.channels[message.channel_id].guild_id is None
    if message.author_id != bot.id and not direct and bot.id not in message.mentions.users:
        payload |= {"content": "", "embeds": [], "attachments": [], "components": []}


@router.get("/channels/{channel_id}/messages")
async def get_channel_messages(
    channel: ChannelDep,
    bot: BotDep,
    world: WorldDep,
    *,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """Give a page of the history, newest first; without the permission to read it, nothing."""
    if Permission.READ_MESSAGE_HISTORY not in world.permissions(bot.id, channel):
        return answer([])
    everybodys = world.messages.everybodys(channel)
    found = page(everybodys, before=before, after=after, around=around, limit=limit)
    return answer([written(world, message, bot) for message in found])


@router.post("/channels/{channel_id}/messages")
async def create_message(channel: ChannelDep, body: BodyDep, bot: BotDep, world: WorldDep) -> Response:
    """Send a message."""
    form = parse_form(MessageForm, body.payload)
    message = world.messages.post(bot.id, channel, form, body.uploads)
    return answer(written(world, message, bot))


@router.get("/channels/{channel_id}/messages/pins")
async def get_channel_pins(
    channel: ChannelDep,
    bot: BotDep,
    world: WorldDep,
    before: str | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 50,
) -> Response:
    """Give a page of the pinned messages, the one pinned last first."""
    pins = [(each.pinned_at, each) for each in _pins(world, channel, bot) if each.pinned_at is not None]
    if before is not None:
        pins = [(at, each) for at, each in pins if moment(at) < before]
    items = [{"pinned_at": moment(at), "message": written(world, each, bot)} for at, each in pins[:limit]]
    return answer({"items": items, "has_more": len(pins) > limit})


@router.get("/channels/{channel_id}/pins")
async def get_pinned_messages(channel: ChannelDep, bot: BotDep, world: WorldDep) -> Response:
    """Give the pinned messages, by the older address."""
    return answer([written(world, message, bot) for message in _pins(world, channel, bot)])


def _pins(world: World, channel: Channel, bot: User) -> list[Message]:
    if Permission.READ_MESSAGE_HISTORY not in world.permissions(bot.id, channel):
        return []
    return world.pins.listed(channel)


@router.put("/channels/{channel_id}/messages/pins/{message_id}")
@router.put("/channels/{channel_id}/pins/{message_id}")
async def pin_message(message: MessageDep, bot: BotDep, world: WorldDep) -> Response:
    """Pin a message."""
    world.pins.add(bot.id, message)
    return no_content()


@router.delete("/channels/{channel_id}/messages/pins/{message_id}")
@router.delete("/channels/{channel_id}/pins/{message_id}")
async def unpin_message(message: MessageDep, bot: BotDep, world: WorldDep) -> Response:
    """Take a pin off."""
    world.pins.remove(bot.id, message)
    return no_content()


@router.post("/channels/{channel_id}/messages/bulk-delete")
async def bulk_delete_messages(channel: ChannelDep, body: BodyDep, bot: BotDep, world: WorldDep) -> Response:
    """Delete many messages at once."""
    form = parse_form(BulkDeleteForm, body.payload)
    world.messages.bulk_delete(bot.id, channel, form.messages)
    return no_content()


@router.get("/channels/{channel_id}/messages/{message_id}")
async def get_channel_message(message: ReadableDep, bot: BotDep, world: WorldDep) -> Response:
    """Give one message."""
    return answer(written(world, message, bot))


@router.patch("/channels/{channel_id}/messages/{message_id}")
async def edit_message(message: MessageDep, body: BodyDep, bot: BotDep, world: WorldDep) -> Response:
    """Change a message."""
    form = parse_form(MessageForm, body.payload)
    world.messages.edit(bot.id, message, form, body.uploads)
    return answer(written(world, message, bot))


@router.delete("/channels/{channel_id}/messages/{message_id}")
async def delete_message(message: MessageDep, bot: BotDep, world: WorldDep) -> Response:
    """Delete a message."""
    world.messages.delete(bot.id, message)
    return no_content()


@router.post("/channels/{channel_id}/messages/{message_id}/crosspost")
async def crosspost_message(message: MessageDep, world: WorldDep) -> Response:
    """Refuse: there are no announcement channels here."""
    if world.channels[message.channel_id].type is not ChannelType.TEXT:
        raise Refusal.NOT_A_TEXT_CHANNEL.error()
    raise Refusal.WRONG_CHANNEL_TYPE.error()


@router.post("/attachments/refresh-urls")
async def refresh_attachment_urls(body: BodyDep, _bot: BotDep, world: WorldDep) -> Response:
    """Sign the addresses of files anew."""
    form = parse_form(RefreshUrlsForm, body.payload)
    refreshed = [(url, world.files.refreshed(url)) for url in form.attachment_urls]
    return answer({"refreshed_urls": [{"original": old, "refreshed": new} for old, new in refreshed if new]})
