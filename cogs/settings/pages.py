"""The pages of the panel. Each is made new out of what is set, so that it never shows an old choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import discord
from discord import ui

from bot.client import Inkcircle
from bot.discord_io.access import Feature, access_of
from bot.discord_io.views import SafeLayoutView
from bot.errors import UserError
from bot.guilds import GuildSettings, Limits
from bot.llm import Endpoint, Role
from cogs.settings import words
from cogs.settings.buttons import PageButton
from cogs.settings.choices import KeepingMenu, ModelMenu
from cogs.settings.limits import ChannelsMenu, ModeratorMenu, RolesMenu
from cogs.settings.page import MODERATORS, Page

_CHANNELS: Final = "Channels where it may be used; none for all"
_ROLES: Final = "Roles that may use it; none for everybody"
_HIDDEN: Final = (
    "Discord itself shows **/settings** to those with Manage Server alone. For the role to see it, allow it "
    "in Server Settings → Integrations."
)


@dataclass(frozen=True, slots=True)
class State:
    """How things stand in one server.

    Attributes:
        settings: Its decisions.
        endpoints: What stands behind each role here.
        features: What is there to be limited.
        names: The models that may be chosen.
        most_days: For how many days whoever runs the bot lets traces be kept.
        currency: What money is counted in.
    """

    settings: GuildSettings
    endpoints: dict[Role, Endpoint]
    features: tuple[Feature, ...]
    names: tuple[str, ...]
    most_days: int
    currency: str

    @property
    def choosable(self) -> tuple[Role, ...]:
        """The roles whose model can be chosen: the embedded server has but one."""
        return tuple(role for role, endpoint in self.endpoints.items() if not endpoint.embedded)


class SettingsPanel(SafeLayoutView):
    """One page."""

    access = MODERATORS

    def __init__(self, *blocks: ui.Item[Any]) -> None:
        super().__init__(timeout=None)
        self.add_item(ui.Container(*blocks))


async def look(interaction: discord.Interaction[Any]) -> State:
    """Give how things stand where an interaction was made.

    Raises:
        UserError: Not in a server.
    """
    client, guild_id = cast("Inkcircle", interaction.client), interaction.guild_id
    if guild_id is None:
        raise UserError("I can only do that in a server.")
    declared = (
        access_of(command)
        for command in client.tree.walk_commands()
        if isinstance(command, discord.app_commands.Command)
    )
    features = {each.feature for each in declared if each is not None}
    return State(
        settings=await client.office.settings.of(guild_id),
        endpoints={role: await client.models.endpoint_for(role, guild_id) for role in Role},
        features=tuple(each for each in Feature if each in features and each.limitable),
        names=client.office.settings.model_names,
        most_days=client.settings.inkcircle_trace_days,
        currency=client.office.purse.currency,
    )


async def panel(interaction: discord.Interaction[Any], page: Page) -> SettingsPanel:
    """Give a page as it is now."""
    state = await look(interaction)
    if page.feature is not None:
        return SettingsPanel(*_limits(state, page.feature))
    blocks = {
        Page.MODERATORS: _moderators,
        Page.MODELS: _models,
        Page.KEEPING: _keeping,
    }.get(page, _overview)
    return SettingsPanel(*blocks(state))


def _overview(state: State) -> Sequence[ui.Item[Any]]:
    settings = state.settings
    lines = [(Page(each.value), each.label, words.who_and_where(settings, each)) for each in state.features]
    lines += [
        (Page.MODERATORS, "Moderators", words.moderators(settings)),
        (Page.MODELS, "Models", words.models(state.endpoints)),
        (Page.BUDGETS, "Budgets", words.budgets(settings, state.currency)),
        (Page.TONE, "House tone", words.tone(settings)),
        (Page.KEEPING, "Keeping", words.keeping(settings, state.most_days)),
    ]
    return [
        ui.TextDisplay("### What I do in this server"),
        *(
            ui.Section[Any](f"**{title}**\n{text}", accessory=PageButton(settings.guild_id, page))
            for page, title, text in lines
        ),
    ]


def _limits(state: State, feature: Feature) -> Sequence[ui.Item[Any]]:
    settings = state.settings
    limits = settings.limits.get(feature, Limits())
    return [
        ui.TextDisplay(
            f"### {feature.label}\n{words.who_and_where(settings, feature)} A thread counts as its channel. "
            "Moderators need no role."
        ),
        ui.ActionRow[Any](ChannelsMenu(settings.guild_id, feature, limits.channels, _CHANNELS)),
        ui.ActionRow[Any](RolesMenu(settings.guild_id, feature, limits.roles, _ROLES)),
        _back(settings),
    ]


def _moderators(state: State) -> Sequence[ui.Item[Any]]:
    settings = state.settings
    return [
        ui.TextDisplay(f"### Moderators\n{words.moderators(settings)}\n-# {_HIDDEN}"),
        ui.ActionRow[Any](ModeratorMenu(settings.guild_id, settings.moderator_role)),
        _back(settings),
    ]


def _models(state: State) -> Sequence[ui.Item[Any]]:
    settings = state.settings
    text = f"### Models\n{words.models(state.endpoints)}"
    roles = state.choosable if state.names else ()
    if not roles:
        text += "\nWhoever runs me has left no other model to choose from (`INKCIRCLE_GUILD_MODELS`)."
    return [
        ui.TextDisplay(text),
        *(
            ui.ActionRow[Any](ModelMenu(settings.guild_id, role, settings.models.get(role), state.names))
            for role in roles
        ),
        _back(settings),
    ]


def _keeping(state: State) -> Sequence[ui.Item[Any]]:
    settings = state.settings
    blocks: list[ui.Item[Any]] = [ui.TextDisplay(f"### Keeping\n{words.keeping(settings, state.most_days)}")]
    if state.most_days:
        menu = KeepingMenu(settings.guild_id, settings.trace_days, state.most_days)
        blocks.append(ui.ActionRow[Any](menu))
    return [*blocks, _back(settings)]


def _back(settings: GuildSettings) -> ui.ActionRow[Any]:
    return ui.ActionRow[Any](PageButton(settings.guild_id, Page.OVERVIEW))
