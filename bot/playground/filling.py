"""What Discord's own app checks before it sends: options, choices, fields of a modal.

The results are the JSON that interactions carry, with what their ids stand for ('resolved').
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from bot.playground.commands import Command, Option, OptionType
from bot.playground.components import (
    Checkbox,
    CheckboxGroup,
    FileUpload,
    Label,
    ModalRow,
    RadioGroup,
    TextInput,
)
from bot.playground.controls import (
    ChannelSelect,
    Component,
    MentionableSelect,
    RoleSelect,
    Select,
    StringSelect,
    UserSelect,
)
from bot.playground.files import Upload
from bot.playground.message_body import check_uploads
from bot.playground.model import Channel, Role, User
from bot.playground.payload_parts import Json, role_payload, user_payload

if TYPE_CHECKING:
    from bot.playground.world import World

File: TypeAlias = Path | Upload
Value: TypeAlias = str | int | float | bool | File | User | Channel | Role
Filled: TypeAlias = Value | Sequence[Value]

_PLAIN = (OptionType.STRING, OptionType.INTEGER, OptionType.NUMBER, OptionType.BOOLEAN)


class ClientRefusal(Exception):  # noqa: N818 - the app refuses; nothing is broken
    """What Discord's app would not let a person do, in the words of a test."""


async def read_file(file: File) -> Upload:
    """Take a file up from the disk."""
    if isinstance(file, Upload):
        return file
    return Upload(file.name, await asyncio.to_thread(file.read_bytes))


@dataclass
class Filling:
    """Collects what ids in an interaction stand for."""

    world: World
    user_id: int
    channel: Channel
    resolved: dict[str, dict[str, Json]] = field(default_factory=dict)

    async def attach(self, file: Value) -> str:
        """Upload a file for an option or a field; gives its id."""
        if not isinstance(file, Path | Upload):
            raise ClientRefusal("a file is wanted")
        upload = await read_file(file)
        check_uploads([upload], self.world.file_limit(self.channel))
        attachment = self.world.files.keep(
            upload, folder=f"ephemeral-attachments/{self.world.application.id}", ephemeral=True
        )
        self._note("attachments", attachment.id, self.world.payloads.attachment(attachment))
        return str(attachment.id)

    def user(self, value: Value) -> str:
        """Name a person."""
        if not isinstance(value, User):
            raise ClientRefusal("a user is wanted")
        self._note("users", value.id, user_payload(value))
        guild = self.world.guild_of(self.channel)
        if guild is not None and value.id in guild.members:
            member = self.world.payloads.member(guild, value.id, with_user=False)
            member["permissions"] = str(int(self.world.permissions(value.id, self.channel)))
            self._note("members", value.id, member)
        return str(value.id)

    def role(self, value: Value) -> str:
        """Name a role."""
        if not isinstance(value, Role):
            raise ClientRefusal("a role is wanted")
        self._note("roles", value.id, role_payload(value))
        return str(value.id)

    def mentionable(self, value: Value) -> str:
        """Name a person or a role."""
        return self.role(value) if isinstance(value, Role) else self.user(value)

    def place(self, value: Value, kinds: Sequence[int] | None) -> str:
        """Name a channel of the kinds that are asked for."""
        if not isinstance(value, Channel) or not self.world.can_see(self.user_id, value):
            raise ClientRefusal("a channel that the member sees is wanted")
        if kinds and value.type not in kinds:
            raise ClientRefusal(f"a channel of one of the types {list(kinds)} is wanted")
        payload = self.world.payloads.channel(value)
        payload["permissions"] = str(int(self.world.permissions(self.user_id, value)))
        self._note("channels", value.id, payload)
        return str(value.id)

    def _note(self, kind: str, key: int, payload: Json) -> None:
        self.resolved.setdefault(kind, {})[str(key)] = payload


# Options of commands


def find_command(commands: Sequence[Command], path: str) -> tuple[Command, list[Option], Sequence[Option]]:
    """Find `name`, `name sub` or `name group sub`; gives the way down and the options at its end."""
    name, *steps = path.split()
    command = next((each for each in commands if each.name == name), None)
    if command is None:
        offered = ", ".join(sorted(each.name for each in commands)) or "none"
        raise ClientRefusal(f"/{name} is not offered here; offered: {offered}")
    way: list[Option] = []
    options: Sequence[Option] = command.options
    for step in steps:
        found = next((each for each in options if each.name == step), None)
        if found is None or found.type not in (OptionType.SUB_COMMAND, OptionType.SUB_COMMAND_GROUP):
            raise ClientRefusal(f"/{name} has no sub-command {step}")
        way.append(found)
        options = found.options or ()
    if any(each.type in (OptionType.SUB_COMMAND, OptionType.SUB_COMMAND_GROUP) for each in options):
        raise ClientRefusal(f"/{path} is a group: name one of its sub-commands")
    return command, way, options


def command_data(command: Command, way: Sequence[Option], options: list[Json], filling: Filling) -> Json:
    """Give the `data` of a command's interaction."""
    for step in reversed(way):
        options = [{"name": step.name, "type": int(step.type), "options": options}]
    data: Json = {"id": str(command.id), "name": command.name, "type": int(command.type)}
    if options:
        data["options"] = options
    if command.guild_id is not None:
        data["guild_id"] = str(command.guild_id)
    if filling.resolved:
        data["resolved"] = filling.resolved
    return data


async def fill_options(
    options: Sequence[Option], given: Mapping[str, Value], filling: Filling, *, focused: str | None = None
) -> list[Json]:
    """Check and write options; while one is being typed (`focused`), the others may still be missing."""
    unknown = set(given) - {option.name for option in options}
    if unknown:
        raise ClientRefusal(f"no such option: {', '.join(sorted(unknown))}")
    filled: list[Json] = []
    for option in options:
        if option.name not in given:
            if option.required and focused is None:
                raise ClientRefusal(f"the option {option.name} is required")
            continue
        if option.name == focused:
            if not option.autocomplete:
                raise ClientRefusal(f"the option {option.name} is not completed")
            filled.append(
                {"name": option.name, "type": int(option.type), "value": given[option.name], "focused": True}
            )
            continue
        value = await _option_value(option, given[option.name], filling)
        filled.append({"name": option.name, "type": int(option.type), "value": value})
    return filled


async def _option_value(option: Option, value: Value, filling: Filling) -> str | int | float | bool:
    if option.type in _PLAIN:
        return _plain_value(option, value)
    match option.type:
        case OptionType.ATTACHMENT:
            return await filling.attach(value)
        case OptionType.USER:
            return filling.user(value)
        case OptionType.ROLE:
            return filling.role(value)
        case OptionType.CHANNEL:
            return filling.place(value, option.channel_types)
        case _:
            return filling.mentionable(value)


def _plain_value(option: Option, value: Value) -> str | int | float | bool:
    wanted = {
        OptionType.STRING: (str,),
        OptionType.INTEGER: (int,),
        OptionType.NUMBER: (int, float),
        OptionType.BOOLEAN: (bool,),
    }[option.type]
    is_boolean = isinstance(value, bool)
    if not isinstance(value, wanted) or is_boolean is not (option.type is OptionType.BOOLEAN):
        raise ClientRefusal(f"{option.name} takes {option.type.name.lower()}")
    assert isinstance(value, str | int | float)  # noqa: S101 - the line above saw to it
    if option.choices:
        for choice in option.choices:
            if value in (choice.value, choice.name):
                return choice.value
        raise ClientRefusal(f"{value!r} is no choice of {option.name}")
    measure = len(value) if isinstance(value, str) else value
    least = option.min_length if isinstance(value, str) else option.min_value
    most = option.max_length if isinstance(value, str) else option.max_value
    if isinstance(value, str) and most is None:
        most = 6_000
    if (least is not None and measure < least) or (most is not None and measure > most):
        raise ClientRefusal(f"{option.name} must be between {least} and {most}")
    return value


# Select menus


def select_values(select: Select, chosen: Sequence[Value], filling: Filling) -> list[str]:
    """Check and write what is chosen in a select menu; texts by value or by label."""
    required = select.required is not False
    if not chosen and not required:
        return []
    if not select.min_values <= len(chosen) <= select.max_values:
        raise ClientRefusal(f"choose {select.min_values} to {select.max_values}")
    match select:
        case StringSelect():
            return [_labelled(select.options, value) for value in chosen]
        case UserSelect():
            return [filling.user(value) for value in chosen]
        case RoleSelect():
            return [filling.role(value) for value in chosen]
        case MentionableSelect():
            return [filling.mentionable(value) for value in chosen]
        case ChannelSelect():
            return [filling.place(value, select.channel_types) for value in chosen]
    raise ClientRefusal("this is no select menu that the app knows")


def _labelled(options: Sequence[object], value: Value) -> str:
    for option in options:
        if value in (getattr(option, "value", None), getattr(option, "label", None)):
            return str(getattr(option, "value", ""))
    raise ClientRefusal(f"{value!r} is not among the choices")


# Modals


async def fill_modal(
    components: Sequence[Component], given: Mapping[str, Filled], filling: Filling
) -> list[Json]:
    """Check and write a modal's fields, which are named by `custom_id` or by label in any case."""
    left = {key.casefold(): value for key, value in given.items()}
    written: list[Json] = []
    for part in components:
        entry: Json = {"type": getattr(part, "type", 0), "id": part.id}
        if isinstance(part, Label):
            entry["component"] = await _field(
                part.component, _take(left, part.component, part.label), filling
            )
        elif isinstance(part, ModalRow):
            entry["components"] = [
                await _field(item, _take(left, item, item.label), filling) for item in part.components
            ]
        written.append(entry)
    if left:
        raise ClientRefusal(f"the modal has no field {', '.join(sorted(left))}")
    return written


def _take(left: dict[str, Filled], component: Component, label: str | None) -> Filled | None:
    for name in (getattr(component, "custom_id", None), label):
        if name is not None and name.casefold() in left:
            return left.pop(name.casefold())
    return None


async def _field(component: Component, value: Filled | None, filling: Filling) -> Json:
    entry: Json = {
        "type": getattr(component, "type", 0),
        "id": component.id,
        "custom_id": getattr(component, "custom_id", ""),
    }
    match component:
        case TextInput():
            entry["value"] = _typed(component, value)
        case FileUpload():
            files = _several(value)
            _count(files, component.min_values, component.max_values, required=component.required)
            entry["values"] = [await filling.attach(each) for each in files]
        case Select():
            entry["values"] = select_values(component, _several(value), filling)
        case RadioGroup():
            if value is None and component.required:
                raise ClientRefusal("a choice is required")
            entry["value"] = None if value is None else _labelled(component.options, _single(value))
        case CheckboxGroup():
            chosen = _several(value)
            most = component.max_values or len(component.options)
            _count(chosen, component.min_values, most, required=component.required)
            entry["values"] = [_labelled(component.options, each) for each in chosen]
        case Checkbox():
            entry["value"] = component.default if value is None else bool(value)
    return entry


def _typed(component: TextInput, value: Filled | None) -> str:
    text = component.value or "" if value is None else value
    if not isinstance(text, str):
        raise ClientRefusal("this field takes text")
    if component.required and not text:
        raise ClientRefusal(f"the field {component.label or component.custom_id} is required")
    most = component.max_length or 4_000
    if len(text) > most or (text and len(text) < (component.min_length or 0)):
        raise ClientRefusal(f"the text must have {component.min_length or 0} to {most} characters")
    return text


def _several(value: Filled | None) -> Sequence[Value]:
    if value is None:
        return ()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value
    return (value,)


def _single(value: Filled) -> Value:
    several = _several(value)
    if len(several) != 1:
        raise ClientRefusal("one value is wanted")
    return several[0]


def _count(values: Sequence[Value], least: int, most: int, *, required: bool) -> None:
    if not values and not required:
        return
    if not max(least, 1 if required else 0) <= len(values) <= most:
        raise ClientRefusal(f"between {least} and {most} are wanted")
