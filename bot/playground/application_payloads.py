"""The bot's own entry and its commands, as Discord writes them back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.commands import Command, CommandType
from bot.playground.model import Intent
from bot.playground.payload_parts import Json, options_payload, user_payload

if TYPE_CHECKING:
    from bot.playground.world import World


def application_payload(world: World) -> Json:
    """Give the bot's entry as it sees it itself."""
    application = world.application
    return {
        "id": str(application.id),
        "name": application.name,
        "icon": None,
        "description": application.description,
        "type": None,
        "bot": user_payload(world.users[application.bot_id]),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": application.verify_key,
        "flags": application_flags(world),
        "flags_new": str(application_flags(world)),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user_payload(world.users[application.owner_id]),
        "approximate_guild_count": len(world.guilds.all),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
    }


def application_flags(world: World) -> int:
    """Give the flags that tell which privileged intents are granted (to an app in few servers)."""
    granted = world.application.privileged_intents
    flags = 0
    for intent, bit in (
        (Intent.GUILD_PRESENCES, 13),
        (Intent.GUILD_MEMBERS, 15),
        (Intent.MESSAGE_CONTENT, 19),
    ):
        if intent in granted:
            flags |= 1 << bit
    return flags


def command_payload(world: World, command: Command) -> Json:
    """Give a command as the bot gets it back."""
    form = command.form
    payload: Json = {
        "id": str(command.id),
        "application_id": str(world.application.id),
        "version": str(command.version),
        "default_member_permissions": None if command.needs is None else str(int(command.needs)),
        "type": int(command.type),
        "name": command.name,
        "name_localizations": form.name_localizations,
        "description": command.description,
        "description_localizations": form.description_localizations,
        "nsfw": bool(form.nsfw),
        "integration_types": form.integration_types or [0],
    }
    if command.guild_id is not None:
        payload["guild_id"] = str(command.guild_id)
    else:
        payload["contexts"] = None if form.contexts is None else [int(each) for each in form.contexts]
        payload["dm_permission"] = form.dm_permission is not False
    if command.type is CommandType.CHAT_INPUT and command.options:
        payload["options"] = options_payload(command.options)
    return payload
