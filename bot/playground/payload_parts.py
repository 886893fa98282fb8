"""Discord's JSON for what needs no look at the world around it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from bot.playground.commands import Option, OptionType
from bot.playground.model import Guild, MessageReference, Overwrite, Role, User

Json: TypeAlias = dict[str, object]


def moment(value: datetime) -> str:
    """Write a time as Discord does, in UTC with microseconds."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def optional_id(value: int | None) -> str | None:
    """Write an id or null."""
    return None if value is None else str(value)


def user_payload(user: User) -> Json:
    """Give a user as others see them."""
    return {
        "id": str(user.id),
        "username": user.username,
        "avatar": None,
        "discriminator": "0000" if user.bot else "0",
        "public_flags": 0,
        "flags": 0,
        "bot": user.bot,
        "banner": None,
        "accent_color": None,
        "global_name": user.global_name,
        "avatar_decoration_data": None,
        "collectibles": None,
        "primary_guild": None,
    }


def own_user_payload(user: User) -> Json:
    """Give the bot as it sees itself."""
    return {**user_payload(user), "mfa_enabled": False, "locale": "en-US", "email": None, "verified": True}


def role_payload(role: Role) -> Json:
    """Give a role."""
    payload: Json = {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(int(role.permissions)),
        "position": role.position,
        "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": None, "tertiary_color": None},
        "hoist": role.hoist,
        "managed": role.bot_id is not None,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    if role.bot_id is not None:
        payload["tags"] = {"bot_id": str(role.bot_id)}
    return payload


def overwrite_payload(overwrite: Overwrite) -> Json:
    """Give a channel's exception."""
    return {
        "id": str(overwrite.id),
        "type": int(overwrite.kind),
        "allow": str(int(overwrite.allow)),
        "deny": str(int(overwrite.deny)),
    }


def guild_payload(guild: Guild) -> Json:
    """Give a server as `GET /guilds/{id}` does."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "owner_id": str(guild.owner_id),
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "roles": [role_payload(role) for role in guild.roles.values()],
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": guild.premium_tier,
        "premium_subscription_count": 0,
        "preferred_locale": "en-US",
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }


def options_payload(options: Sequence[Option]) -> list[Json]:
    """Give a command's options."""
    written = []
    for option in options:
        payload: Json = option.model_dump(mode="json", exclude_none=True, exclude={"options", "choices"})
        for key in ("required", "autocomplete"):
            if not payload[key]:
                del payload[key]
        if option.type is OptionType.INTEGER:
            for key in ("min_value", "max_value"):
                if key in payload:
                    payload[key] = int(payload[key])  # type: ignore[call-overload]
        if option.choices is not None:
            payload["choices"] = [
                choice.model_dump(mode="json", exclude_none=True) for choice in option.choices
            ]
        if option.options is not None:
            payload["options"] = options_payload(option.options)
        written.append(payload)
    return written


def emoji_payload(emoji: str) -> Json:
    """Give an emoji: one of Unicode's, or `name:id` for a custom one."""
    name, _, emoji_id = emoji.partition(":")
    return {"id": emoji_id or None, "name": name}


def reference_payload(reference: MessageReference) -> Json:
    """Give what a reply refers to."""
    payload: Json = {
        "type": 0,
        "channel_id": str(reference.channel_id),
        "message_id": str(reference.message_id),
    }
    if reference.guild_id is not None:
        payload["guild_id"] = str(reference.guild_id)
    return payload
