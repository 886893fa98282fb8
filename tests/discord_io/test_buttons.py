"""Buttons that say in their `custom_id` whose they are and what they are about."""

import re
from typing import Any
from unittest.mock import create_autospec

import discord
import pytest

from bot.discord_io.access import Access, DeniedError, Feature
from bot.discord_io.buttons import LastingButton, view_of
from bot.discord_io.incidents import handle
from bot.guilds import GuildSettings


class _TakeButton(LastingButton, template=r"ink:take:(?P<owner>\d+):(?P<item>\d+)"):
    access = Access(Feature.OWN)
    label = "Take {item}"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message("taken")


class _GuildButton(LastingButton, template=r"ink:there:(?P<guild>\d+):(?P<letter>[0-9a-f]{4})"):
    access = Access(Feature.OWN)
    label = "There"


def test_what_a_button_holds_stands_in_its_custom_id_and_comes_back() -> None:
    button = _TakeButton(owner=7, item=12)
    assert button.item.custom_id == "ink:take:7:12"
    assert button.item.label == "Take 12"
    assert (button.owner_id, button.guild_id, button.number("item")) == (7, None, 12)
    there = _GuildButton(guild=9, letter="0a0a")
    assert (there.owner_id, there.guild_id, there.parts["letter"]) == (None, 9, "0a0a")
    assert [each.custom_id for each in view_of(button, there).children] == [  # type: ignore[attr-defined] # buttons
        "ink:take:7:12",
        "ink:there:9:0a0a",
    ]


async def test_it_is_built_anew_from_a_message() -> None:
    match = re.fullmatch(r"ink:take:(?P<owner>\d+):(?P<item>\d+)", "ink:take:7:12")
    assert match is not None
    again = await _TakeButton.from_custom_id(_interaction(7), create_autospec(discord.ui.Item), match)
    assert (again.owner_id, again.number("item"), again.item.custom_id) == (7, 12, "ink:take:7:12")


@pytest.mark.parametrize(
    "parts", [{"owner": 7}, {"owner": 7, "item": "x"}, {"owner": 7, "item": 1, "more": 2}]
)
def test_what_does_not_fit_its_pattern_makes_no_button(parts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        _TakeButton(**parts)


async def test_it_is_its_owners_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[Exception] = []

    async def heard(_interaction: Any, error: Exception, *, where: str) -> None:
        assert where == "_TakeButton"
        refused.append(error)

    monkeypatch.setattr(f"{handle.__module__}.handle", heard)
    mine, theirs = _interaction(7), _interaction(8)
    await _TakeButton(owner=7, item=12).callback(mine)
    mine.response.send_message.assert_awaited_once_with("taken")
    await _TakeButton(owner=7, item=12).callback(theirs)
    theirs.response.send_message.assert_not_called()
    assert [type(each) for each in refused] == [DeniedError]


class _Open:
    async def of(self, guild_id: int) -> GuildSettings:
        return GuildSettings(guild_id)


def _interaction(user: int) -> Any:
    interaction = create_autospec(discord.Interaction, instance=True)
    interaction.guild_id, interaction.channel_id = 20, 30
    interaction.user = create_autospec(discord.Member, instance=True)
    interaction.user.id, interaction.user.roles = user, []
    interaction.permissions = discord.Permissions.none()
    interaction.response = create_autospec(discord.InteractionResponse, instance=True)
    interaction.client.guild_settings = _Open()
    return interaction
