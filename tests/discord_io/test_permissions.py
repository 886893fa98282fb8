"""A missing permission is named as Discord's settings name it."""

from unittest.mock import create_autospec

import discord
import pytest

from bot.discord_io.permissions import (
    MissingPermissionError,
    name_of,
    require_of_bot,
    require_of_member,
    to_write_in,
)


def test_the_sentence_names_what_the_bot_lacks() -> None:
    granted = discord.Permissions(read_messages=True)
    with pytest.raises(MissingPermissionError, match=r"I need the permission \*\*Send Messages\*\* in this"):
        require_of_bot(granted, "read_messages", "send_messages")
    with pytest.raises(
        MissingPermissionError, match=r"\*\*View Channel\*\* and \*\*Send Messages in Threads\*\*"
    ):
        require_of_bot(discord.Permissions.none(), "read_messages", "send_messages_in_threads")


def test_the_sentence_names_what_a_member_lacks() -> None:
    with pytest.raises(MissingPermissionError, match=r"You need the permission \*\*Manage Server\*\*"):
        require_of_member(discord.Permissions.none(), "manage_guild")
    require_of_member(discord.Permissions(manage_guild=True), "manage_guild")


def test_an_administrator_lacks_nothing() -> None:
    require_of_bot(discord.Permissions(administrator=True), "send_messages")


def test_in_a_thread_another_permission_counts() -> None:
    thread = create_autospec(discord.Thread, instance=True)
    channel = create_autospec(discord.TextChannel, instance=True)
    assert to_write_in(thread) == ("read_messages", "send_messages_in_threads")
    assert to_write_in(channel) == ("read_messages", "send_messages")


def test_every_name_is_one_that_discord_knows() -> None:
    for permission in ("send_messages", "read_messages", "manage_guild", "read_message_history"):
        assert permission in discord.Permissions.VALID_FLAGS
        assert "_" not in name_of(permission)
