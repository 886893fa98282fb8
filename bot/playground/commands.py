"""Application commands: the rules for their names, options and numbers.

https://docs.discord.com/developers/interactions/application-commands
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from bot.playground.api_errors import ApiError, FieldError, Refusal, from_validation, invalid_form
from bot.playground.fields import Form, Snowflake
from bot.playground.permissions import Permission

# Discord's own expression, with its scripts: ^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$, all lower case.
# `\w` stands for letters, digits and the underscore of every script; the ranges hold the marks of the two.
NAME = re.compile("[-_\u02bc\\w\u0900-\u097f\u0e00-\u0e7f]{1,32}")

MAX_GLOBAL_COMMANDS = 100
MAX_CONTEXT_MENUS = 15  # of each kind
MAX_OPTIONS = 25


class CommandType(IntEnum):
    """Where a command is called from."""

    CHAT_INPUT = 1
    USER = 2
    MESSAGE = 3


class OptionType(IntEnum):
    """What an option takes."""

    SUB_COMMAND = 1
    SUB_COMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


class Context(IntEnum):
    """Where a command is offered."""

    GUILD = 0
    BOT_DM = 1
    PRIVATE_CHANNEL = 2


_CHOICES = (OptionType.STRING, OptionType.INTEGER, OptionType.NUMBER)
_PARENTS = (OptionType.SUB_COMMAND, OptionType.SUB_COMMAND_GROUP)


class Choice(Form):
    """One of the values that an option allows."""

    name: str = Field(min_length=1, max_length=100)
    name_localizations: dict[str, str] | None = None
    value: str | int | float


class Option(Form):
    """A parameter, a subcommand or a group of subcommands."""

    type: OptionType
    name: str = Field(min_length=1, max_length=32)
    name_localizations: dict[str, str] | None = None
    description: str = Field(min_length=1, max_length=100)
    description_localizations: dict[str, str] | None = None
    required: bool = False
    autocomplete: bool = False
    choices: list[Choice] | None = Field(default=None, max_length=25)
    options: Annotated[list[Option], Field(max_length=MAX_OPTIONS)] | None = None
    channel_types: list[int] | None = None
    min_value: float | None = None
    max_value: float | None = None
    min_length: int | None = Field(default=None, ge=0, le=6_000)
    max_length: int | None = Field(default=None, ge=1, le=6_000)

    @model_validator(mode="after")
    def _consistent(self) -> Option:
        _check_name(self.name)
        if self.choices and self.type not in _CHOICES:
            raise PydanticCustomError(
                "APPLICATION_COMMAND_OPTION_CHOICES_INVALID", "This type takes no choices"
            )
        if self.autocomplete and self.choices:
            raise PydanticCustomError(
                "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_CHOICES", "Autocomplete options cannot have choices"
            )
        if self.autocomplete and self.type not in _CHOICES:
            raise PydanticCustomError(
                "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_INVALID", "This type cannot be completed"
            )
        if self.options and self.type not in _PARENTS:
            raise PydanticCustomError(
                "APPLICATION_COMMAND_OPTION_OPTIONS_INVALID", "This type takes no options"
            )
        names = [choice.name for choice in self.choices or ()]
        if len(set(names)) < len(names):
            raise PydanticCustomError(
                "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_INVALID",
                "Application command option names must be unique",
            )
        wanted = {OptionType.STRING: str, OptionType.INTEGER: int}.get(self.type)
        for choice in self.choices or ():
            if wanted is not None and not isinstance(choice.value, wanted):
                raise PydanticCustomError(
                    "APPLICATION_COMMAND_OPTIONS_CHOICE_VALUE_INVALID",
                    "A choice's value must be of the option's type",
                )
        _check_options(self.options or [], inside=self.type)
        return self


class CommandForm(Form):
    """A command as the bot registers it."""

    name: str = Field(min_length=1, max_length=32)
    name_localizations: dict[str, str] | None = None
    description: str | None = Field(default=None, max_length=100)
    description_localizations: dict[str, str] | None = None
    type: CommandType | None = None
    options: Annotated[list[Option], Field(max_length=MAX_OPTIONS)] | None = None
    default_member_permissions: str | int | None = None
    dm_permission: bool | None = None
    contexts: list[Context] | None = Field(default=None, min_length=1)
    integration_types: list[int] | None = Field(default=None, min_length=1)
    nsfw: bool | None = None
    id: Snowflake | None = None

    @property
    def kind(self) -> CommandType:
        """Give the type; a command without one is a slash command."""
        return self.type or CommandType.CHAT_INPUT

    @model_validator(mode="after")
    def _consistent(self) -> CommandForm:
        if self.kind is CommandType.CHAT_INPUT:
            _check_name(self.name)
            if not self.description:
                raise PydanticCustomError("BASE_TYPE_REQUIRED", "A description is required")
            _check_options(self.options or [], inside=None)
        elif self.description or self.options:
            raise PydanticCustomError(
                "APPLICATION_COMMAND_CONTEXT_MENU_FIELDS",
                "Context menu commands cannot have a description or options",
            )
        return self


@dataclass(frozen=True)
class Command:
    """A registered command; a global one has no guild."""

    id: int
    version: int
    guild_id: int | None
    form: CommandForm

    @property
    def name(self) -> str:
        """Give the name that members type or pick."""
        return self.form.name

    @property
    def description(self) -> str:
        """Give the line beside the name."""
        return self.form.description or ""

    @property
    def type(self) -> CommandType:
        """Give where it is called from."""
        return self.form.kind

    @property
    def options(self) -> Sequence[Option]:
        """Give its parameters, subcommands or groups."""
        return tuple(self.form.options or ())

    @property
    def needs(self) -> Permission | None:
        """Give what a member must be allowed in order to see it; None stands for everybody."""
        bits = self.form.default_member_permissions
        return None if bits is None else Permission(int(bits))

    def offered_in(self, context: Context) -> bool:
        """Say whether it is offered in a guild or in the bot's direct messages."""
        if self.guild_id is not None:
            return context is Context.GUILD
        if self.form.contexts is not None:
            return context in self.form.contexts
        return context is Context.GUILD or self.form.dm_permission is not False


def parse_commands(body: object) -> list[CommandForm]:
    """Read a bulk overwrite: all commands, checked alone and together.

    Raises:
        ApiError: 50035 with the path to each fault, or 30032 for too many.
    """
    entries = body if isinstance(body, list) else []
    forms: list[CommandForm] = []
    problems: list[FieldError] = []
    for index, entry in enumerate(entries):
        try:
            forms.append(CommandForm.model_validate(entry))
        except ValidationError as error:
            raise from_validation(error, (index,)) from None
    seen: set[tuple[CommandType, str]] = set()
    for index, form in enumerate(forms):
        if (form.kind, form.name) in seen:
            problems.append(
                FieldError(
                    (index, "name"),
                    "APPLICATION_COMMANDS_DUPLICATE_NAME",
                    "Application command names must be unique",
                )
            )
        seen.add((form.kind, form.name))
    if problems:
        raise invalid_form(problems)
    check_count([form.kind for form in forms])
    return forms


def parse_command(body: object, *, over: Mapping[str, object] | None = None) -> CommandForm:
    """Read one command, or the change of one over what it was."""
    merged = {**(over or {}), **body} if isinstance(body, dict) else body
    try:
        return CommandForm.model_validate(merged)
    except ValidationError as error:
        raise from_validation(error) from None


def check_count(kinds: Sequence[CommandType]) -> None:
    """Refuse more commands than a scope may have."""
    limits = {
        CommandType.CHAT_INPUT: MAX_GLOBAL_COMMANDS,
        CommandType.USER: MAX_CONTEXT_MENUS,
        CommandType.MESSAGE: MAX_CONTEXT_MENUS,
    }
    for kind, limit in limits.items():
        if sum(1 for each in kinds if each is kind) > limit:
            status, code, _ = Refusal.TOO_MANY_COMMANDS.value
            raise ApiError(status, code, f"Maximum number of application commands reached ({limit})")


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name) or name != name.lower():
        raise PydanticCustomError(
            "APPLICATION_COMMAND_INVALID_NAME",
            "Command name is invalid: lower case, no spaces, 1 to 32 characters",
        )


def _check_options(options: Sequence[Option], *, inside: OptionType | None) -> None:
    names = [option.name for option in options]
    if len(set(names)) < len(names):
        raise PydanticCustomError(
            "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED", "Application command option names must be unique"
        )
    nested = [option for option in options if option.type in _PARENTS]
    if nested and len(nested) < len(options):
        raise PydanticCustomError(
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command and regular options cannot be mixed"
        )
    for option in nested:
        allowed = {
            None: _PARENTS,
            OptionType.SUB_COMMAND_GROUP: (OptionType.SUB_COMMAND,),
        }.get(inside, ())
        if option.type not in allowed:
            raise PydanticCustomError(
                "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-commands nest only one group deep"
            )
    if inside is OptionType.SUB_COMMAND_GROUP and any(o.type is not OptionType.SUB_COMMAND for o in options):
        raise PydanticCustomError(
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "A group holds sub-commands only"
        )
    optional_seen = False
    for option in options:
        if option.type in _PARENTS:
            continue
        if option.required and optional_seen:
            raise PydanticCustomError(
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        optional_seen = optional_seen or not option.required
