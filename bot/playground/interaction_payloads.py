"""Interactions as Discord writes them: to the bot, and back to who answered one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.forms import CallbackType
from bot.playground.model import ChannelType, Message
from bot.playground.payload_parts import Json, user_payload

if TYPE_CHECKING:
    from bot.playground.interaction import Interaction
    from bot.playground.world import World


def interaction_payload(world: World, interaction: Interaction) -> Json:
    """Give an interaction as the bot is told of it."""
    channel = world.channel(interaction.channel_id)
    guild = world.guild_of(channel)
    bot_id = world.application.bot_id
    channel_payload = world.payloads.channel(channel, viewer=bot_id)
    channel_payload["permissions"] = str(int(world.permissions(interaction.user_id, channel)))
    payload: Json = {
        "id": str(interaction.id),
        "application_id": str(world.application.id),
        "type": int(interaction.type),
        "token": interaction.token,
        "version": 1,
        "data": dict(interaction.data),
        "channel_id": str(channel.id),
        "channel": channel_payload,
        "locale": "en-US",
        "app_permissions": str(int(world.permissions(bot_id, channel))),
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": {"0": str(channel.guild_id or 0)},
        "context": 0 if guild else 1,
        "attachment_size_limit": world.file_limit(channel),
    }
    if guild is None or channel.type is ChannelType.DM:
        payload["user"] = user_payload(world.users[interaction.user_id])
    else:
        permissions = world.permissions(interaction.user_id, channel)
        payload |= {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": {
                **world.payloads.member(guild, interaction.user_id),
                "permissions": str(int(permissions)),
            },
        }
    if interaction.source_message is not None:
        payload["message"] = world.payloads.message(interaction.source_message, viewer=bot_id)
    return payload


def callback_payload(world: World, interaction: Interaction, message: Message | None) -> Json:
    """Give the answer to `with_response=1`."""
    summary: Json = {
        "id": str(interaction.id),
        "type": int(interaction.type),
        "channel_id": str(interaction.channel_id),
    }
    channel = world.channel(interaction.channel_id)
    if channel.guild_id is not None:
        summary["guild_id"] = str(channel.guild_id)
    payload: Json = {"interaction": summary}
    if message is not None:
        summary["response_message_id"] = str(message.id)
        summary["response_message_loading"] = message.loading
        summary["response_message_ephemeral"] = message.ephemeral
        bot_id = world.application.bot_id
        changed = interaction.answer in (CallbackType.UPDATE_MESSAGE, CallbackType.DEFERRED_UPDATE)
        payload["resource"] = {
            # Discord's description knows these two alone, for deferrals as well.
            "type": int(CallbackType.UPDATE_MESSAGE if changed else CallbackType.MESSAGE),
            "message": world.payloads.message(message, viewer=bot_id),
        }
    return payload
