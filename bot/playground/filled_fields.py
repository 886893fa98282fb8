"""What Discord's own app checks before it sends what was chosen in a menu, or the fields of a modal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
from bot.playground.filling import ClientRefusal, Filled, Filling, Value
from bot.playground.payload_parts import Json


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
