"""Everything that can be called or pressed, by everybody, everywhere: allowed and denied exactly as declared.

The bot's own commands, menus and buttons are enumerated, so that a new one is tested the day it is there.
What passes the check says so and does nothing more.
"""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Awaitable, Iterator
from typing import Any

import discord
import pytest
import pytest_asyncio
from discord import app_commands, ui

from bot.discord_io.access import Access, Feature, Standing, access_of
from bot.discord_io.views import SafeDynamicItem, SafeLayoutView, SafeModal, SafeView
from bot.playground import Member, Permission, Response
from bot.playground.commands import CommandType
from bot.playground.forms import MessageForm, parse_form
from bot.playground.interaction import InteractionType
from bot.playground.model import Channel, Message, Role
from tests.e2e.stage import Stage, open_stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

_PASSED = "PASSED"
_LIMITED = (Feature.CRITIQUE, Feature.STORY, Feature.CORPUS)
_MODERATORS = ("moderator role", "Manage Server", "administrator")
# Discord's numbers of the components, by the class that draws them.
_COMPONENTS = {"Button": 2, "Select": 3, "UserSelect": 5, "RoleSelect": 6, "ChannelSelect": 8}
# Who owns something stands in its `custom_id` under one of these names.
_OWNERS = ("owner", "author", "member")
_STRANGER = 4711


class _Scene:
    """A server with limits, six people and four places.

    Attributes:
        roles: By the name of who bears them.
        people: By name.
        places: By name.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.world = stage.playground.world
        self.guild = stage.playground.guild
        permissions = {
            "allowed role": Permission(0),
            "other role": Permission(0),
            "moderator role": Permission(0),
            "Manage Server": Permission.MANAGE_GUILD,
            "administrator": Permission.ADMINISTRATOR,
        }
        self.roles: dict[str, Role] = {
            name: self.world.guilds.add_role(self.guild, name, granted)
            for name, granted in permissions.items()
        }
        self.people: dict[str, Member] = {
            name: stage.playground.add_member(
                name.replace(" ", "-"), [self.roles[name]] if name in self.roles else []
            )
            for name in ("everyone", *permissions)
        }
        self.places: dict[str, Channel] = {}

    async def furnish(self) -> None:
        """Open the places, and have the server decide."""
        playground = self.stage.playground
        allowed, other = playground.channel("workshop"), playground.channel("stories")
        starter = self.people["administrator"]
        self.places = {
            "allowed channel": allowed,
            "other channel": other,
            "thread of the allowed": await starter.start_thread("here", channel=allowed),
            "thread of the other": await starter.start_thread("there", channel=other),
        }
        book = self.stage.app.client.office.settings
        await book.set_moderator_role(self.guild.id, self.roles["moderator role"].id, by=1)
        for feature in _LIMITED:
            await book.set_channels(self.guild.id, feature, {allowed.id}, by=1)
            await book.set_roles(self.guild.id, feature, {self.roles["allowed role"].id}, by=1)

    def combinations(self) -> Iterator[tuple[str, str]]:
        """Give each person in each place."""
        return itertools.product(self.people, self.places)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[_Scene]:
    """Give the scene, on one stage for all tests here."""
    async with open_stage(tmp_path_factory.mktemp("matrix")) as stage:
        scene = _Scene(stage)
        await scene.furnish()
        yield scene


def _may(declared: Access, person: str, place: str) -> bool:
    """Say who may, in the words of the rule and not of its code."""
    if declared.standing is Standing.MODERATOR and person not in _MODERATORS:
        return False
    if declared.feature not in _LIMITED:
        return True
    return "allowed" in place and (person == "allowed role" or person in _MODERATORS)


def _commands(stage: Stage) -> list[app_commands.Command[Any, ..., Any] | app_commands.ContextMenu]:
    tree = stage.app.client.tree
    slash = [each for each in tree.walk_commands() if isinstance(each, app_commands.Command)]
    menus = [
        each
        for kind in (discord.AppCommandType.message, discord.AppCommandType.user)
        for each in tree.walk_commands(type=kind)
    ]
    return [*slash, *menus]


def _items(stage: Stage) -> list[type[SafeDynamicItem[Any]]]:
    known = stage.app.client._connection._view_store._dynamic_items.values()
    return sorted(
        (each for each in known if issubclass(each, SafeDynamicItem)), key=lambda each: each.__name__
    )


async def test_everything_declares_what_it_belongs_to(scene: _Scene) -> None:
    commands = _commands(scene.stage)
    assert len(commands) >= 6
    undeclared = [command.qualified_name for command in commands if access_of(command) is None]
    assert not undeclared
    items = _items(scene.stage)
    assert len(items) >= 8
    bases = (SafeDynamicItem, SafeModal, SafeView, SafeLayoutView)
    found = _subclasses(ui.DynamicItem, ui.Modal, ui.View, ui.LayoutView)
    # What others are made of is drawn by nobody.
    ours = [each for each in found if each.__module__.split(".")[0] in {"bot", "cogs"} and each not in bases]
    leaves = [each for each in ours if not each.__subclasses__()]
    assert {"PagesForm", "BudgetsForm", "PageButton"} <= {each.__name__ for each in leaves}
    assert not [each for each in leaves if not issubclass(each, bases)]
    assert not [each for each in leaves if each.access is None]
    # The check is nobody's to replace.
    assert not [each for each in leaves if "interaction_check" in each.__dict__]
    assert not [each for each in leaves if issubclass(each, SafeDynamicItem) and "callback" in each.__dict__]


async def test_moderators_commands_are_not_in_others_menus(scene: _Scene) -> None:
    moderators = {
        command.root_parent.name
        if isinstance(command, app_commands.Command) and command.root_parent
        else command.name
        for command in _commands(scene.stage)
        if (declared := access_of(command)) is not None and declared.standing is Standing.MODERATOR
    }
    whole = {
        name
        for name in moderators
        if all(
            declared.standing is Standing.MODERATOR
            for command in _commands(scene.stage)
            if command.qualified_name.split()[0] == name and (declared := access_of(command)) is not None
        )
    }
    assert "settings" in whole
    offered = {command.name for command in scene.people["everyone"].commands("workshop")}
    assert not offered & whole
    assert whole <= {command.name for command in scene.people["Manage Server"].commands("workshop")}


async def test_commands_are_allowed_and_denied_as_declared(
    scene: _Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = scene.stage.app.client.tree
    honest = tree.interaction_check

    async def check(interaction: discord.Interaction[Any]) -> bool:
        if await honest(interaction):
            await interaction.response.send_message(_PASSED, ephemeral=True)
        return False

    monkeypatch.setattr(tree, "interaction_check", check)
    target = await scene.people["everyone"].say("A scene of mine.", channel=scene.places["allowed channel"])
    commands = _commands(scene.stage)
    cases = [(command, person, place) for command in commands for person, place in scene.combinations()]
    answers = await _all(
        _call(scene, command, person, place, scene.world.messages.find(target.channel_id, target.id))
        for command, person, place in cases
    )
    wrong = [
        (command.qualified_name, person, place, answer)
        for (command, person, place), answer in zip(cases, answers, strict=True)
        if not _as_declared(access_of(command), person, place, answer, scene)
    ]
    assert not wrong
    assert len(answers) == len(commands) * 24


async def test_buttons_and_menus_are_allowed_and_denied_as_declared(
    scene: _Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def pressed(_item: Any, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(_PASSED, ephemeral=True)

    cases: list[tuple[type[SafeDynamicItem[Any]], str, str, bool]] = []
    waiting: list[Awaitable[str]] = []
    for kind in _items(scene.stage):
        monkeypatch.setattr(kind, "pressed", pressed)
        owned = any(f"(?P<{name}>" in _template(kind) for name in _OWNERS)
        for (person, place), own in itertools.product(
            scene.combinations(), (True, False) if owned else (True,)
        ):
            owner = scene.people[person].user.id if own else _STRANGER
            cases.append((kind, person, place, own))
            waiting.append(_press(scene, kind, person, place, owner))
    answers = await _all(waiting)
    wrong = [
        (kind.__name__, person, place, own, answer)
        for (kind, person, place, own), answer in zip(cases, answers, strict=True)
        if not (_as_declared(kind.access, person, place, answer, scene) if own else answer == kind.not_yours)
    ]
    assert not wrong


async def test_a_role_that_was_lost_counts_no_more(scene: _Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def pressed(_item: Any, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(_PASSED, ephemeral=True)

    guilds = scene.world.guilds
    moderated = [
        kind for kind in _items(scene.stage) if kind.access and kind.access.standing is Standing.MODERATOR
    ]
    assert moderated
    person = "moderator role"
    member = scene.people[person]
    for kind in moderated:
        monkeypatch.setattr(kind, "pressed", pressed)
        assert await _press(scene, kind, person, "allowed channel", member.user.id) == _PASSED
    guilds.set_member_roles(scene.guild, member.user.id, [])
    try:
        for kind in moderated:
            told = await _press(scene, kind, person, "allowed channel", member.user.id)
            assert "That is for moderators" in told
        # A form that was opened with a role that is lost meanwhile.
        writer = scene.people["allowed role"]
        form = await writer.slash("critique", channel=scene.places["allowed channel"])
        assert form.modal is not None
        guilds.set_member_roles(scene.guild, writer.user.id, [])
        told_of_form = await writer.submit(form.modal, paste="She ran to the gate, and it was open.")
        assert f"<@&{scene.roles['allowed role'].id}>" in told_of_form.text
    finally:
        guilds.set_member_roles(scene.guild, member.user.id, [scene.roles[person]])
        guilds.set_member_roles(
            scene.guild, scene.people["allowed role"].user.id, [scene.roles["allowed role"]]
        )


def _as_declared(declared: Access | None, person: str, place: str, answer: str, scene: _Scene) -> bool:
    assert declared is not None
    if _may(declared, person, place):
        return answer == _PASSED
    # The sentence says who may, or where.
    if declared.standing is Standing.MODERATOR and person not in _MODERATORS:
        return f"<@&{scene.roles['moderator role'].id}>" in answer and "Manage Server" in answer
    named = f"<#{scene.places['allowed channel'].id}>" in answer if "other" in place else True
    lacks_role = person not in (*_MODERATORS, "allowed role")
    return named and (f"<@&{scene.roles['allowed role'].id}>" in answer) == lacks_role


async def _call(
    scene: _Scene,
    command: app_commands.Command[Any, ..., Any] | app_commands.ContextMenu,
    person: str,
    place: str,
    target: Message | None,
) -> str:
    """Call a command without asking Discord's menu whether it is offered, as another client could."""
    assert target is not None
    user, channel = scene.people[person].user, scene.places[place]
    root, *path = (
        command.qualified_name.split() if isinstance(command, app_commands.Command) else [command.name]
    )
    kind = (
        CommandType(command.type.value)
        if isinstance(command, app_commands.ContextMenu)
        else CommandType.CHAT_INPUT
    )
    known = next(each for each in scene.world.commands.listed(None) if (each.name, each.type) == (root, kind))
    data: dict[str, Any] = {"id": str(known.id), "name": root, "type": int(kind)}
    for depth, step in enumerate(reversed(path)):
        data["options"] = [{"name": step, "type": 1 if depth == 0 else 2, "options": data.get("options", [])}]
    more: dict[str, Any] = {}
    if kind is CommandType.MESSAGE:
        payload = scene.world.payloads.message(target, viewer=scene.world.bot.id)
        data |= {"target_id": str(target.id), "resolved": {"messages": {str(target.id): payload}}}
        more["target_message"] = target
    elif kind is CommandType.USER:
        data["target_id"] = str(user.id)
        more["target_user_id"] = user.id
    start = scene.world.interactions.start
    interaction = start(InteractionType.COMMAND, user.id, channel, data, name=command.qualified_name, **more)
    await interaction.settled.wait()
    return Response(scene.world, interaction).text


async def _press(scene: _Scene, kind: type[SafeDynamicItem[Any]], person: str, place: str, owner: int) -> str:
    """Press a button, or choose in a menu, under a message of the bot's in that place."""
    channel, custom_id = scene.places[place], _custom_id(kind, scene.guild.id, owner)
    component = _component(kind, custom_id)
    body = {"content": "x", "components": [{"type": 1, "components": [component]}]}
    message = scene.world.messages.post(scene.world.bot.id, channel, parse_form(MessageForm, body), [])
    data: dict[str, object] = {"custom_id": custom_id, "component_type": component["type"], "id": 2}
    if component["type"] != _COMPONENTS["Button"]:
        data["values"] = []
    interaction = scene.world.interactions.start(
        InteractionType.COMPONENT, scene.people[person].user.id, channel, data, source_message=message
    )
    await interaction.settled.wait()
    return Response(scene.world, interaction).text


def _component(kind: type[SafeDynamicItem[Any]], custom_id: str) -> dict[str, Any]:
    (base,) = (each for each in kind.__orig_bases__ if hasattr(each, "__args__"))  # type: ignore[attr-defined] # typing's
    drawn = re.search(r"\bui\.(\w+)", getattr(base.__args__[0], "__forward_arg__", str(base.__args__[0])))
    assert drawn is not None
    number = _COMPONENTS[drawn[1]]
    component: dict[str, Any] = {"type": number, "custom_id": custom_id}
    if number == _COMPONENTS["Button"]:
        return component | {"style": 1, "label": "x"}
    if number == _COMPONENTS["Select"]:
        component["options"] = [{"label": "x", "value": "x"}]
    return component | {"min_values": 0, "max_values": 1}


def _template(kind: type[SafeDynamicItem[Any]]) -> str:
    return kind.__discord_ui_compiled_template__.pattern


def _custom_id(kind: type[SafeDynamicItem[Any]], guild: int, owner: int) -> str:
    """Make a `custom_id` that the item's pattern takes, for this server and this owner."""
    numbers = {"guild": guild, **dict.fromkeys(_OWNERS, owner)}

    def filled(group: re.Match[str]) -> str:
        name, inner = group["name"], group["inner"]
        if inner == r"\d+":
            return str(numbers.get(name, _STRANGER))
        if inner.startswith(r"\d{"):
            # A number of ours, and of nothing that there is.
            return "9"
        of_hex = re.fullmatch(r"\[0-9a-f\]\{(\d+)\}", inner)
        return "0" * int(of_hex[1]) if of_hex else inner.split("|")[0]

    custom_id = re.sub(r"\(\?P<(?P<name>\w+)>(?P<inner>[^()]+)\)", filled, _template(kind))
    assert kind.__discord_ui_compiled_template__.fullmatch(custom_id), custom_id
    return custom_id


def _subclasses(*classes: type[Any]) -> Iterator[type[Any]]:
    for each in classes:
        yield from (found for below in each.__subclasses__() for found in (below, *_subclasses(below)))


async def _all(waiting: Any) -> list[str]:
    """Do everything, and so little at once that each is answered in time on a busy machine."""
    seats = asyncio.Semaphore(8)

    async def one(work: Awaitable[str]) -> str:
        async with seats:
            return await asyncio.wait_for(work, 30)

    return list(await asyncio.gather(*(one(work) for work in waiting)))
