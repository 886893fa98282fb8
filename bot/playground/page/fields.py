"""From Discord's JSON to the fields of a form: the options of a command, and the parts of a modal.

Both ask a person for values and say what is allowed; the page draws one kind of form for both.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, TypeAlias

Payload: TypeAlias = Mapping[str, Any]
"""A JSON object as Discord's API describes it."""


class FieldKind(StrEnum):
    """What a field asks for, and so how it is drawn."""

    TEXT = "text"
    PARAGRAPH = "paragraph"
    INTEGER = "integer"
    NUMBER = "number"
    YES_NO = "yes_no"
    CHOICES = "choices"  # from a list that the field brings with it
    RADIO = "radio"
    CHECKBOXES = "checkboxes"
    CHECKBOX = "checkbox"
    FILES = "files"
    USERS = "users"
    ROLES = "roles"
    CHANNELS = "channels"
    MENTIONABLES = "mentionables"


@dataclass(frozen=True)
class Reference:
    """A person, a role or a place as the value of a choice."""

    kind: Literal["user", "role", "channel"]
    id: int


@dataclass(frozen=True)
class Choice:
    """One of the values that a field allows."""

    label: str
    value: str | int | float | Reference
    description: str | None = None
    default: bool = False


@dataclass(frozen=True)
class Field:
    """One question of a form.

    `minimum` and `maximum` are of the value for numbers, of its length for text, and of their number for all
    that can be chosen or uploaded.
    """

    key: str
    kind: FieldKind
    label: str
    description: str | None = None
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    placeholder: str | None = None
    default: str | None = None
    choices: tuple[Choice, ...] = ()
    autocomplete: bool = False
    channel_types: frozenset[int] = frozenset()

    @property
    def several(self) -> bool:
        """Say whether more than one value may be chosen."""
        return self.kind is FieldKind.CHECKBOXES or (self.maximum or 1) > 1

    def problem(self, value: object) -> str | None:
        """Give what is wrong with a value in one sentence, or None.

        Args:
            value: text, a number (or None), a yes or no, or a sequence of what is chosen or uploaded.
        """
        if value in (None, "", (), []):
            return "This is required." if self.required else None
        match self.kind:
            case FieldKind.TEXT | FieldKind.PARAGRAPH:
                return self._wrong_size(len(str(value)), "character")
            case FieldKind.INTEGER | FieldKind.NUMBER:
                return self._wrong_number(value)
            case FieldKind.CHECKBOX | FieldKind.YES_NO:
                return None
            case _:
                return self._wrong_size(len(value) if isinstance(value, Sequence) else 1, self._unit)

    @property
    def _unit(self) -> str:
        return "file" if self.kind is FieldKind.FILES else "choice"

    def _wrong_size(self, size: int, unit: str) -> str | None:
        if self.minimum is not None and size < self.minimum:
            return f"At least {_count(int(self.minimum), unit)}, please."
        if self.maximum is not None and size > self.maximum:
            return f"At most {_count(int(self.maximum), unit)}, please."
        return None

    def _wrong_number(self, value: object) -> str | None:
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            return "A number, please."
        if self.kind is FieldKind.INTEGER and value != int(value):
            return "A whole number, please."
        if self.minimum is not None and value < self.minimum:
            return f"At least {self.minimum:g}, please."
        if self.maximum is not None and value > self.maximum:
            return f"At most {self.maximum:g}, please."
        return None


def _count(number: int, unit: str) -> str:
    return f"{number:,} {unit}{'' if number == 1 else 's'}"


# --- Commands ------------------------------------------------------------------------------------

_SUBCOMMANDS = frozenset({1, 2})
_OPTION_KINDS = {
    3: FieldKind.TEXT,
    4: FieldKind.INTEGER,
    5: FieldKind.YES_NO,
    6: FieldKind.USERS,
    7: FieldKind.CHANNELS,
    8: FieldKind.ROLES,
    9: FieldKind.MENTIONABLES,
    10: FieldKind.NUMBER,
    11: FieldKind.FILES,
}
_SLASH, _ON_USER, _ON_MESSAGE = 1, 2, 3


@dataclass(frozen=True)
class SlashCommand:
    """A command as it is typed: with its group and subcommand, if it has them."""

    name: str
    description: str
    fields: tuple[Field, ...]


def slash_commands(commands: Sequence[Payload]) -> tuple[SlashCommand, ...]:
    """Give every slash command that can be called, with one entry for each subcommand."""
    found = [
        entry
        for command in commands
        if command.get("type", _SLASH) == _SLASH
        for entry in _callable(command, str(command["name"]))
    ]
    return tuple(sorted(found, key=lambda command: command.name))


def user_commands(commands: Sequence[Payload]) -> tuple[str, ...]:
    """Give the names of the commands in a user's context menu."""
    return tuple(str(command["name"]) for command in commands if command.get("type") == _ON_USER)


def message_commands(commands: Sequence[Payload]) -> tuple[str, ...]:
    """Give the names of the commands in a message's context menu."""
    return tuple(str(command["name"]) for command in commands if command.get("type") == _ON_MESSAGE)


def _callable(node: Payload, name: str) -> Iterator[SlashCommand]:
    options = node.get("options") or ()
    inner = [option for option in options if option["type"] in _SUBCOMMANDS]
    for option in inner:
        yield from _callable(option, f"{name} {option['name']}")
    if not inner:
        fields = tuple(option_field(option) for option in options)
        yield SlashCommand(name, str(node.get("description") or ""), fields)


def option_field(option: Payload) -> Field:
    """Give the field of one option of a command."""
    kind = _OPTION_KINDS[option["type"]]
    choices = tuple(Choice(str(choice["name"]), choice["value"]) for choice in option.get("choices") or ())
    numeric = kind in (FieldKind.INTEGER, FieldKind.NUMBER)
    low, high = ("min_value", "max_value") if numeric else ("min_length", "max_length")
    return Field(
        key=str(option["name"]),
        kind=FieldKind.CHOICES if choices else kind,
        label=str(option["name"]),
        description=option.get("description"),
        required=bool(option.get("required")),
        minimum=None if choices else option.get(low),
        maximum=None if choices else option.get(high),
        choices=choices,
        autocomplete=bool(option.get("autocomplete")),
        channel_types=frozenset(option.get("channel_types") or ()),
    )


def matching(commands: Sequence[SlashCommand], typed: str) -> tuple[SlashCommand, ...]:
    """Give the commands that what was typed after the slash may mean, those that begin with it first."""
    words = re.sub(r"\s+", " ", typed.strip().lower())
    begins = [command for command in commands if command.name.startswith(words)]
    holds = [command for command in commands if words in command.name and command not in begins]
    return (*begins, *holds)


# --- Modals and selects --------------------------------------------------------------------------

_ROW, _LABEL, _TEXT_DISPLAY = 1, 18, 10
_TEXT_INPUT = 4
_PARAGRAPH_STYLE = 2
_COMPONENT_KINDS = {
    3: FieldKind.CHOICES,
    _TEXT_INPUT: FieldKind.TEXT,
    5: FieldKind.USERS,
    6: FieldKind.ROLES,
    7: FieldKind.MENTIONABLES,
    8: FieldKind.CHANNELS,
    19: FieldKind.FILES,
    21: FieldKind.RADIO,
    22: FieldKind.CHECKBOXES,
    23: FieldKind.CHECKBOX,
}
SELECTS = frozenset({3, 5, 6, 7, 8})
"""The component types that are select menus."""


@dataclass(frozen=True)
class Words:
    """Text between the fields of a modal, in markdown."""

    text: str


def modal_parts(modal: Payload) -> tuple[Field | Words, ...]:
    """Give what a modal shows, from top to bottom; parts that this page does not know are left out."""
    return tuple(part for component in modal.get("components", ()) for part in _modal_part(component))


def _modal_part(component: Payload) -> Iterator[Field | Words]:
    match component["type"]:
        case type_ if type_ == _ROW:
            for child in component.get("components", ()):
                yield from _known(child, str(child.get("label") or ""), None)
        case type_ if type_ == _LABEL:
            yield from _known(component["component"], str(component["label"]), component.get("description"))
        case type_ if type_ == _TEXT_DISPLAY:
            yield Words(str(component["content"]))


def _known(component: Payload, label: str, description: str | None) -> Iterator[Field]:
    if component["type"] in _COMPONENT_KINDS:
        yield component_field(component, label=label, description=description)


def component_field(component: Payload, *, label: str = "", description: str | None = None) -> Field:
    """Give the field of an input component: a text input, a select, a file upload and so on."""
    kind = _COMPONENT_KINDS[component["type"]]
    if kind is FieldKind.TEXT:
        if component.get("style") == _PARAGRAPH_STYLE:
            kind = FieldKind.PARAGRAPH
        low, high = component.get("min_length"), component.get("max_length", 4_000)
    elif kind in (FieldKind.RADIO, FieldKind.CHECKBOX):
        low = high = None
    else:
        choices_count = len(component.get("options") or ()) if kind is FieldKind.CHECKBOXES else 1
        low, high = component.get("min_values"), component.get("max_values")
        low, high = 1 if low is None else low, choices_count if high is None else high
    return Field(
        key=str(component.get("custom_id", "")),
        kind=kind,
        label=label,
        description=description,
        # Inputs of a modal are required unless they say otherwise; a checkbox alone may always stay empty.
        required=kind is not FieldKind.CHECKBOX and bool(component.get("required", True)),
        minimum=low,
        maximum=high,
        placeholder=component.get("placeholder"),
        default=component.get("value"),
        choices=tuple(_component_choice(option) for option in component.get("options") or ()),
        channel_types=frozenset(component.get("channel_types") or ()),
    )


def _component_choice(option: Payload) -> Choice:
    value = str(option["value"])
    return Choice(str(option["label"]), value, option.get("description"), bool(option.get("default")))
