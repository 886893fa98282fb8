"""What is pressed and chosen in: buttons and select menus, and what all components have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bot.playground.fields import CustomId, Form, Snowflake

LINK_STYLE = 5
PREMIUM_STYLE = 6


class Component(Form):
    """What all components have. The id is given by the server where the sender gave none."""

    id: int | None = Field(default=None, ge=0)
    # Keys that an answer carries even when they are empty.
    always_sent: ClassVar[frozenset[str]] = frozenset()

    def children(self) -> tuple[Component, ...]:
        """Give the components directly inside."""
        return ()

    def walk(self) -> Iterator[Component]:
        """Give this component and all inside, in the order in which they are read."""
        yield self
        for child in self.children():
            yield from child.walk()


class Emoji(Form):
    """An emoji on a button or a choice."""

    name: str | None = None
    id: Snowflake | None = None
    animated: bool | None = None


class Button(Component):
    """A button; a link has an address, any other a `custom_id`."""

    type: Literal[2] = 2
    style: Literal[1, 2, 3, 4, 5, 6]
    label: str | None = Field(default=None, max_length=80)
    emoji: Emoji | None = None
    custom_id: CustomId | None = None
    url: str | None = Field(default=None, max_length=512)
    sku_id: Snowflake | None = None
    disabled: bool | None = None

    @model_validator(mode="after")
    def _by_style(self) -> Button:
        if self.style == LINK_STYLE:
            if not self.url:
                raise PydanticCustomError("BASE_TYPE_REQUIRED", "A url is required on a link button")
            if self.custom_id:
                raise PydanticCustomError(
                    "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                    "A custom id and url cannot both be specified",
                )
        elif self.style == PREMIUM_STYLE:
            if self.sku_id is None:
                raise PydanticCustomError("BASE_TYPE_REQUIRED", "A sku id is required on a premium button")
        else:
            if self.url:
                raise PydanticCustomError("BUTTON_COMPONENT_INVALID_URL", "Only a link button has a url")
            if not self.custom_id:
                raise PydanticCustomError("COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required")
        if self.style != PREMIUM_STYLE and not self.label and self.emoji is None:
            raise PydanticCustomError(
                "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A button must have a label or an emoji"
            )
        return self


class SelectOption(Form):
    """One choice of a string select."""

    label: str = Field(min_length=1, max_length=100)
    value: str = Field(min_length=1, max_length=100)
    description: str | None = Field(default=None, max_length=100)
    emoji: Emoji | None = None
    default: bool | None = None


class DefaultValue(Form):
    """Somebody or something chosen beforehand."""

    id: Snowflake
    type: Literal["user", "role", "channel"]


class Select(Component):
    """What all select menus have."""

    always_sent: ClassVar[frozenset[str]] = frozenset({"min_values", "max_values"})

    custom_id: CustomId
    placeholder: str | None = Field(default=None, max_length=150)
    min_values: int = Field(default=1, ge=0, le=25)
    max_values: int = Field(default=1, ge=1, le=25)
    disabled: bool | None = None
    required: bool | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Select:
        if self.min_values > self.max_values:
            raise PydanticCustomError(
                "SELECT_COMPONENT_MIN_VALUES_GREATER_THAN_MAX",
                "min_values must not be greater than max_values",
            )
        return self


class StringSelect(Select):
    """A choice among texts."""

    type: Literal[3] = 3
    options: list[SelectOption] = Field(min_length=1, max_length=25)

    @model_validator(mode="after")
    def _distinct(self) -> StringSelect:
        values = [option.value for option in self.options]
        if len(set(values)) < len(values):
            raise PydanticCustomError(
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used"
            )
        return self


class UserSelect(Select):
    """A choice among people."""

    type: Literal[5] = 5
    default_values: list[DefaultValue] | None = Field(default=None, max_length=25)


class RoleSelect(Select):
    """A choice among roles."""

    type: Literal[6] = 6
    default_values: list[DefaultValue] | None = Field(default=None, max_length=25)


class MentionableSelect(Select):
    """A choice among people and roles."""

    type: Literal[7] = 7
    default_values: list[DefaultValue] | None = Field(default=None, max_length=25)


class ChannelSelect(Select):
    """A choice among channels."""

    type: Literal[8] = 8
    channel_types: list[int] | None = None
    default_values: list[DefaultValue] | None = Field(default=None, max_length=25)
