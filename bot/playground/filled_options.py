"""What Discord's own app checks of a command before it sends it: its name, its options, their choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.playground.commands import Command, Option, OptionType
from bot.playground.filling import ClientRefusal, Filling, Value
from bot.playground.payload_parts import Json

_PLAIN = (OptionType.STRING, OptionType.INTEGER, OptionType.NUMBER, OptionType.BOOLEAN)


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
