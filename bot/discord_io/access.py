"""The one check of who may do what: for commands, buttons, selects and forms alike.

A command says `@access(Feature.X, Standing.Y)`; an item or a form has the class attribute `access`. What says
nothing may be used by nobody. It is asked at each interaction, by the roles that Discord sends with that very
interaction, so that a role that was lost counts no more the moment it is lost.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol, TypeVar, cast

import discord
from discord import app_commands

from bot.discord_io.looking import member_of
from bot.errors import UserError
from bot.guilds import Access, Asker, Feature, GuildSettings, Refused, Standing

__all__ = [
    "Access",
    "DeniedError",
    "Feature",
    "Standing",
    "access",
    "access_of",
    "asker_of",
    "is_moderator",
    "may_write_for",
    "moderates",
    "require_access",
]

CallbackT = TypeVar("CallbackT", bound=Callable[..., Any])
AnyCommand = app_commands.Command[Any, ..., Any] | app_commands.ContextMenu

_MARK: Final = "__inkcircle_access__"
# More names than this make no sentence.
_NAMED: Final = 5
_OUTSIDE: Final = "I can only do that in a server."


class DeniedError(UserError):
    """Somebody may not do that; the sentence says who may."""


class SettingsSource(Protocol):
    """Where the decisions of servers are looked up."""

    async def of(self, guild_id: int) -> GuildSettings:
        """Give one server's."""


class _Client(Protocol):
    guild_settings: SettingsSource


def access(feature: Feature, standing: Standing = Standing.EVERYONE) -> Callable[[CallbackT], CallbackT]:
    """Declare what a command's function belongs to and whom it is for. Stands right above the function.

    A moderators' command is also hidden from others in Discord's own menu, as far as Discord knows: it knows
    Manage Server, not the moderator role.
    """

    def declare(callback: CallbackT) -> CallbackT:
        setattr(callback, _MARK, Access(feature, standing))
        if standing is Standing.MODERATOR:
            callback = app_commands.default_permissions(manage_guild=True)(callback)
        return callback

    return declare


def access_of(command: AnyCommand) -> Access | None:
    """Give what a command declared; None if it did not."""
    return cast("Access | None", getattr(command.callback, _MARK, None))


async def require_access(
    interaction: discord.Interaction[Any],
    declared: Access | None,
    *,
    owner_id: int | None = None,
    guild_id: int | None = None,
    not_yours: str = "That button is somebody else's.",
) -> None:
    """See that whoever made an interaction may do what it asks for.

    Args:
        interaction: The command, press or form.
        declared: What it declares of itself.
        owner_id: The only one who may; None for everybody whom `declared` lets.
        guild_id: The server that it belongs to; None if it belongs to none.
        not_yours: What others than the owner are told.

    Raises:
        DeniedError: They may not; the sentence says who may.
        RuntimeError: Nothing was declared, so nobody may: a fault of ours.
    """
    if declared is None:
        raise RuntimeError("this declares no access, so nobody may use it")
    if guild_id is not None and interaction.guild_id != guild_id:
        raise DeniedError("That button belongs to another server.")
    if owner_id is not None and interaction.user.id != owner_id:
        raise DeniedError(not_yours)
    if interaction.guild_id is None:
        refused = GuildSettings(0).judge(declared, asker_of(interaction))
        if refused is not None:
            raise DeniedError(_OUTSIDE)
        return
    settings = await _settings_of(interaction, interaction.guild_id)
    refused = settings.judge(declared, asker_of(interaction))
    if refused is not None:
        raise DeniedError(_sentence(refused, settings, interaction.guild))


async def may_write_for(client: Any, message: discord.Message, declared: Access) -> bool:  # noqa: ANN401 - any client
    """Tell whether a plain message may be taken for something: its author and its channel must be let.

    Nobody is told, since nobody asked: who writes in a thread may just be talking.
    """
    author, channel = message.author, message.channel
    if message.guild is None or not isinstance(author, discord.Member):
        return False
    channels = {channel.id, channel.parent_id if isinstance(channel, discord.Thread) else channel.id}
    settings = await cast("_Client", client).guild_settings.of(message.guild.id)
    return settings.judge(declared, _asker(author, frozenset(channels))) is None


async def moderates(client: Any, guild_id: int, member_id: int) -> bool:  # noqa: ANN401 - any client
    """Tell whether somebody is a moderator of a server at this moment, outside of any interaction.

    Raises:
        discord.HTTPException: Discord does not say.
    """
    member = await member_of(client, guild_id, member_id)
    settings = await cast("_Client", client).guild_settings.of(guild_id)
    return member is not None and settings.is_moderator(_asker(member, frozenset()))


def _asker(member: discord.Member, channel_ids: frozenset[int]) -> Asker:
    granted = member.guild_permissions
    return Asker(
        in_guild=True,
        channel_ids=channel_ids,
        role_ids=frozenset(role.id for role in member.roles),
        manages=granted.manage_guild or granted.administrator,
    )


async def is_moderator(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether whoever made an interaction is a moderator where they made it."""
    if interaction.guild_id is None:
        return False
    settings = await _settings_of(interaction, interaction.guild_id)
    return settings.is_moderator(asker_of(interaction))


def asker_of(interaction: discord.Interaction[Any]) -> Asker:
    """Give who asks, and where, as the interaction says it."""
    member, channel = interaction.user, interaction.channel
    channels = {interaction.channel_id}
    if isinstance(channel, discord.Thread):
        channels.add(channel.parent_id)
    granted = interaction.permissions
    return Asker(
        in_guild=interaction.guild_id is not None,
        channel_ids=frozenset(each for each in channels if each is not None),
        role_ids=frozenset(role.id for role in member.roles)
        if isinstance(member, discord.Member)
        else frozenset(),
        manages=granted.manage_guild or granted.administrator,
    )


async def _settings_of(interaction: discord.Interaction[Any], guild_id: int) -> GuildSettings:
    return await cast("_Client", interaction.client).guild_settings.of(guild_id)


def _sentence(refused: Refused, settings: GuildSettings, guild: discord.Guild | None) -> str:
    if refused.moderators_only:
        role = settings.moderator_role
        by_role = f"whoever has the role <@&{role}> or" if role is not None else "whoever has"
        return f"That is for moderators: {by_role} the permission **Manage Server**."
    channels = _existing(refused.elsewhere, guild.get_channel if guild else None)
    roles = _existing(refused.others, guild.get_role if guild else None)
    if (refused.elsewhere and not channels) or (refused.others and not roles):
        return (
            f"{refused.feature.label} are for a channel or a role that is gone: please ask a moderator to "
            "choose another one in **/settings**."
        )
    if not roles:
        return f"{refused.feature.label} have their place in {_listed('<#', channels)}: please ask there."
    where = f", in {_listed('<#', channels)}" if channels else ""
    return f"{refused.feature.label} are for members with the role {_listed('<@&', roles)}{where}."


def _existing(ids: Iterable[int], find: Callable[[int], object] | None) -> list[int]:
    return [each for each in sorted(ids) if find is None or find(each) is not None]


def _listed(opening: str, ids: list[int]) -> str:
    names = [f"{opening}{each}>" for each in ids[:_NAMED]]
    if len(ids) > _NAMED:
        names.append(f"{len(ids) - _NAMED} more")
        return f"{', '.join(names[:-1])} and {names[-1]}"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
