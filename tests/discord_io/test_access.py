"""Who may do what is asked in one place, and what declares nothing may be used by nobody."""

from typing import Any
from unittest.mock import create_autospec

import discord
import pytest
from discord import app_commands, ui

from bot.discord_io.access import (
    Access,
    DeniedError,
    Feature,
    Standing,
    access,
    access_of,
    may_write_for,
    require_access,
)
from bot.discord_io.views import SafeDynamicItem, SafeLayoutView, SafeModal, SafeView
from bot.guilds import GuildSettings, Limits

_GUILD, _OTHER_GUILD = 20, 21
_WORKSHOP, _GENERAL, _THREAD = 30, 31, 32
_WRITER, _MODERATOR, _OTHER_ROLE = 50, 51, 52
_LIMITED = GuildSettings(
    _GUILD,
    moderator_role=_MODERATOR,
    limits={Feature.CRITIQUE: Limits(channels=frozenset({_WORKSHOP}), roles=frozenset({_WRITER}))},
)


class _Source:
    def __init__(self, settings: GuildSettings) -> None:
        self._settings = settings

    async def of(self, guild_id: int) -> GuildSettings:
        return self._settings if guild_id == self._settings.guild_id else GuildSettings(guild_id)


def _interaction(
    *,
    guild: int | None = _GUILD,
    channel: int = _WORKSHOP,
    parent: int | None = None,
    roles: tuple[int, ...] = (),
    permissions: discord.Permissions | None = None,
    user: int = 40,
) -> Any:
    interaction = create_autospec(discord.Interaction, instance=True)
    interaction.guild_id, interaction.channel_id = guild, channel
    interaction.user = create_autospec(discord.Member, instance=True)
    interaction.user.id = user
    interaction.user.roles = [create_autospec(discord.Role, instance=True, id=each) for each in roles]
    if parent is not None:
        interaction.channel = create_autospec(discord.Thread, instance=True, parent_id=parent)
    interaction.permissions = permissions or discord.Permissions.none()
    interaction.response = create_autospec(discord.InteractionResponse, instance=True)
    interaction.client.guild_settings = _Source(_LIMITED)
    return interaction


async def _refused(interaction: Any, declared: Access, **more: Any) -> str:
    with pytest.raises(DeniedError) as caught:
        await require_access(interaction, declared, **more)
    return caught.value.sentence


async def test_a_limit_is_told_with_those_who_may() -> None:
    critique = Access(Feature.CRITIQUE)
    await require_access(_interaction(roles=(_WRITER,)), critique)
    assert (
        await _refused(_interaction(roles=(_OTHER_ROLE,)), critique)
        == f"Critiques are for members with the role <@&{_WRITER}>."
    )
    assert (
        await _refused(_interaction(roles=(_WRITER,), channel=_GENERAL), critique)
        == f"Critiques have their place in <#{_WORKSHOP}>: please ask there."
    )
    assert (
        await _refused(_interaction(channel=_GENERAL), critique)
        == f"Critiques are for members with the role <@&{_WRITER}>, in <#{_WORKSHOP}>."
    )


async def test_a_thread_counts_as_its_channel() -> None:
    critique = Access(Feature.CRITIQUE)
    await require_access(_interaction(roles=(_WRITER,), channel=_THREAD, parent=_WORKSHOP), critique)
    await _refused(_interaction(roles=(_WRITER,), channel=_THREAD, parent=_GENERAL), critique)


async def test_a_limit_whose_role_is_gone_says_so() -> None:
    interaction = _interaction()
    interaction.guild.get_role.return_value = None
    assert "gone" in await _refused(interaction, Access(Feature.CRITIQUE))


@pytest.mark.parametrize(
    "permissions", [discord.Permissions(manage_guild=True), discord.Permissions(administrator=True)]
)
async def test_moderators_are_so_by_permission_or_by_role(permissions: discord.Permissions) -> None:
    settings = Access(Feature.SETTINGS, Standing.MODERATOR)
    await require_access(_interaction(permissions=permissions), settings)
    await require_access(_interaction(roles=(_MODERATOR,)), settings)
    told = await _refused(_interaction(roles=(_WRITER,)), settings)
    assert f"whoever has the role <@&{_MODERATOR}> or the permission **Manage Server**" in told


async def test_outside_of_servers_there_is_only_what_belongs_to_oneself() -> None:
    for feature in Feature:
        interaction = _interaction(guild=None)
        if feature.limitable:
            assert "in a server" in await _refused(interaction, Access(feature))
        else:
            await require_access(interaction, Access(feature))
        assert "in a server" in await _refused(interaction, Access(feature, Standing.MODERATOR))


async def test_what_belongs_to_one_person_or_one_server_serves_no_other() -> None:
    own = Access(Feature.OWN)
    await require_access(_interaction(user=40), own, owner_id=40, guild_id=_GUILD)
    assert "somebody else" in await _refused(_interaction(user=41), own, owner_id=40)
    told = await _refused(_interaction(guild=_OTHER_GUILD), own, guild_id=_GUILD)
    assert "another server" in told
    assert "another server" in await _refused(_interaction(guild=None), own, guild_id=_GUILD)


async def test_a_message_is_taken_only_from_those_who_may_and_nobody_is_told() -> None:
    def message(*, roles: tuple[int, ...] = (), channel: int = _WORKSHOP, manages: bool = False) -> Any:
        written = create_autospec(discord.Message, instance=True)
        written.guild.id = _GUILD
        written.author = create_autospec(discord.Member, instance=True)
        written.author.roles = [create_autospec(discord.Role, instance=True, id=each) for each in roles]
        written.author.guild_permissions = discord.Permissions(manage_guild=manages)
        written.channel = create_autospec(discord.Thread, instance=True, id=_THREAD, parent_id=channel)
        return written

    client = _interaction().client
    critique = Access(Feature.CRITIQUE)
    assert await may_write_for(client, message(roles=(_WRITER,)), critique)
    assert await may_write_for(client, message(manages=True), critique)
    assert not await may_write_for(client, message(roles=(_OTHER_ROLE,)), critique)
    assert not await may_write_for(client, message(roles=(_WRITER,), channel=_GENERAL), critique)
    elsewhere = message(roles=(_WRITER,))
    elsewhere.guild = None
    assert not await may_write_for(client, elsewhere, critique)


async def test_what_declares_nothing_may_be_used_by_nobody() -> None:
    administrator = _interaction(permissions=discord.Permissions.all())
    with pytest.raises(RuntimeError):
        await require_access(administrator, None)
    for view in (SafeView(), SafeLayoutView(), SafeModal(title="x")):
        with pytest.raises(RuntimeError):
            await view.interaction_check(administrator)


class _Settings(SafeView):
    access = Access(Feature.SETTINGS, Standing.MODERATOR)


class _Form(SafeModal, title="x"):
    access = Access(Feature.CRITIQUE)


class _Button(SafeDynamicItem["ui.Button[ui.View]"], template=r"ink:access-test"):
    access = Access(Feature.CRITIQUE)
    not_yours = "Not yours."

    def __init__(self) -> None:
        super().__init__(ui.Button(label="x", custom_id="ink:access-test"))
        self.owner_id = 40
        self.was_pressed = False

    async def pressed(self, _interaction: discord.Interaction[Any]) -> None:
        self.was_pressed = True


async def test_views_forms_and_buttons_are_checked_alike() -> None:
    view = _Settings(owner_id=40)
    manager = discord.Permissions(manage_guild=True)
    assert await view.interaction_check(_interaction(permissions=manager))
    for stranger in (_interaction(), _interaction(permissions=manager, user=41)):
        with pytest.raises(DeniedError):
            await view.interaction_check(stranger)

    form = _Form()
    await form.open(_interaction(roles=(_WRITER,)))
    assert await form.interaction_check(_interaction(roles=(_WRITER,)))
    # The role was lost, another's hand, another server.
    for stranger in (_interaction(), _interaction(roles=(_WRITER,), user=41), _interaction(guild=21)):
        with pytest.raises(DeniedError):
            await form.interaction_check(stranger)
    form.stop()

    button = _Button()
    for stranger in (_interaction(), _interaction(roles=(_WRITER,), user=41)):
        stranger.response.is_done.return_value = False
        stranger.extras = {}
        await button.callback(stranger)
        assert not button.was_pressed
        stranger.response.send_message.assert_awaited_once()
    await button.callback(_interaction(roles=(_WRITER,)))
    assert button.was_pressed


def test_a_moderators_command_is_hidden_from_others_in_discords_menu() -> None:
    @app_commands.command(name="x", description="x")
    @access(Feature.SETTINGS, Standing.MODERATOR)
    async def for_moderators(_interaction: discord.Interaction) -> None: ...

    @app_commands.command(name="y", description="y")
    @access(Feature.CRITIQUE)
    async def for_all(_interaction: discord.Interaction) -> None: ...

    assert for_moderators.default_permissions == discord.Permissions(manage_guild=True)
    assert access_of(for_moderators) == Access(Feature.SETTINGS, Standing.MODERATOR)
    assert for_all.default_permissions is None
    assert access_of(for_all) == Access(Feature.CRITIQUE)
