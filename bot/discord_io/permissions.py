"""Permissions, asked where the work is done, and named as Discord's own settings name them."""

from typing import Any, Final

import discord

from bot.errors import UserError

# Where Discord's settings call a permission otherwise than its API does.
_NAMES: Final = {
    "manage_guild": "Manage Server",
    "read_messages": "View Channel",
    "send_messages_in_threads": "Send Messages in Threads",
    "external_emojis": "Use External Emojis",
}


class MissingPermissionError(UserError):
    """Somebody lacks a permission; the sentence says who, which and where."""


def name_of(permission: str) -> str:
    """Give a permission the name that it has in Discord's settings, such as 'Send Messages'."""
    return _NAMES.get(permission) or permission.replace("_", " ").title()


def to_write_in(channel: object) -> tuple[str, ...]:
    """Give the permissions that writing in a channel takes; in a thread, Send Messages has no effect."""
    if isinstance(channel, discord.Thread):
        return ("read_messages", "send_messages_in_threads")
    return ("read_messages", "send_messages")


def _missing(granted: discord.Permissions, needed: tuple[str, ...]) -> list[str]:
    if granted.administrator:
        return []
    return [name_of(permission) for permission in needed if not getattr(granted, permission)]


def require_of_bot(granted: discord.Permissions, *needed: str) -> None:
    """See that the bot may do what it is about to do.

    Raises:
        MissingPermissionError: It may not; the sentence says which permission it needs.
    """
    missing = _missing(granted, needed)
    if missing:
        one = len(missing) == 1
        raise MissingPermissionError(
            f"I need the permission{'' if one else 's'} {_listed(missing)} in this channel: "
            f"please ask a moderator to give {'it' if one else 'them'} to me."
        )


def require_of_member(granted: discord.Permissions, *needed: str) -> None:
    """See that a member may do what they ask for.

    Raises:
        MissingPermissionError: They may not; the sentence says which permission it takes.
    """
    missing = _missing(granted, needed)
    if missing:
        raise MissingPermissionError(f"You need the permission {_listed(missing)} for that.")


def require_in_guild(interaction: discord.Interaction[Any]) -> int:
    """Give the id of the server that an interaction was made in.

    Raises:
        UserError: It was made in none.
    """
    if interaction.guild_id is None:
        raise UserError("I can only do that in a server.")
    return interaction.guild_id


def missing_in(channel: object) -> str | None:
    """Say which permissions the bot lacks by now to write in a channel; None if none."""
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return None
    try:
        granted = channel.permissions_for(channel.guild.me)
    except discord.ClientException:
        # A thread whose parent is gone.
        return None
    missing = _missing(granted, to_write_in(channel))
    return f"I need the permission{'' if len(missing) == 1 else 's'} {_listed(missing)}" if missing else None


def _listed(names: list[str]) -> str:
    bold = [f"**{name}**" for name in names]
    return bold[0] if len(bold) == 1 else f"{', '.join(bold[:-1])} and {bold[-1]}"
