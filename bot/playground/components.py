"""Message and modal components, as typed forms.

https://docs.discord.com/developers/components/reference. The same objects are kept in the message
and shown to members; `payloads.py` writes them back as JSON.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from bot.playground.api_errors import UNION_TAG
from bot.playground.controls import (
    Button,
    ChannelSelect,
    Component,
    MentionableSelect,
    RoleSelect,
    Select,
    StringSelect,
    UserSelect,
)
from bot.playground.fields import CustomId, Form


class TextInput(Component):
    """A field of a modal that people type into."""

    always_sent: ClassVar[frozenset[str]] = frozenset({"label", "min_length", "max_length"})

    type: Literal[4] = 4
    custom_id: CustomId
    style: Literal[1, 2]
    label: str | None = Field(default=None, min_length=1, max_length=45)
    value: str | None = Field(default=None, max_length=4_000)
    placeholder: str | None = Field(default=None, max_length=100)
    required: bool = True
    min_length: int | None = Field(default=None, ge=0, le=4_000)
    max_length: int | None = Field(default=None, ge=1, le=4_000)


class FileUpload(Component):
    """A field of a modal that takes files."""

    type: Literal[19] = 19
    custom_id: CustomId
    min_values: int = Field(default=1, ge=0, le=10)
    max_values: int = Field(default=1, ge=1, le=10)
    required: bool = True


class GroupOption(Form):
    """One choice of a radio or checkbox group."""

    label: str = Field(min_length=1, max_length=100)
    value: str = Field(min_length=1, max_length=100)
    description: str | None = Field(default=None, max_length=100)
    default: bool | None = None


class RadioGroup(Component):
    """One choice of several, all in sight."""

    type: Literal[21] = 21
    custom_id: CustomId
    options: list[GroupOption] = Field(min_length=2, max_length=10)
    required: bool = True


class CheckboxGroup(Component):
    """Any of several choices, all in sight."""

    type: Literal[22] = 22
    custom_id: CustomId
    options: list[GroupOption] = Field(min_length=1, max_length=10)
    min_values: int = Field(default=1, ge=0, le=10)
    max_values: int | None = Field(default=None, ge=1, le=10)
    required: bool = True


class Checkbox(Component):
    """A yes or no."""

    type: Literal[23] = 23
    custom_id: CustomId
    default: bool = False


class TextDisplay(Component):
    """Text with markdown."""

    type: Literal[10] = 10
    content: str = Field(min_length=1, max_length=4_000)


class Media(Form):
    """A picture or file by its address; `attachment://name` is a file of the same message."""

    url: str = Field(max_length=2_048)


class Thumbnail(Component):
    """A small picture beside a section."""

    always_sent: ClassVar[frozenset[str]] = frozenset({"description"})

    type: Literal[11] = 11
    media: Media
    description: str | None = Field(default=None, max_length=1_024)
    spoiler: bool = False


class MediaItem(Form):
    """One picture of a gallery."""

    media: Media
    description: str | None = Field(default=None, max_length=1_024)
    spoiler: bool = False


class MediaGallery(Component):
    """One to ten pictures."""

    type: Literal[12] = 12
    items: list[MediaItem] = Field(min_length=1, max_length=10)


class FileBlock(Component):
    """A file of the message, shown at this place."""

    type: Literal[13] = 13
    file: Media
    spoiler: bool = False

    @model_validator(mode="after")
    def _own_file(self) -> FileBlock:
        if not self.file.url.startswith("attachment://"):
            raise PydanticCustomError(
                "UNFURLED_MEDIA_ITEM_ATTACHMENT_REFERENCE_REQUIRED",
                "Only attachment:// references are allowed",
            )
        return self


class Separator(Component):
    """A line or a gap."""

    type: Literal[14] = 14
    divider: bool = True
    spacing: Literal[1, 2] = 1


def _tag(value: Any) -> str:  # noqa: ANN401 - pydantic hands in whatever was sent
    kind = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return f"{UNION_TAG}{kind}"


_BY_TYPE = Discriminator(_tag)

RowItem = Annotated[
    Annotated[Button, Tag("type:2")]
    | Annotated[StringSelect, Tag("type:3")]
    | Annotated[UserSelect, Tag("type:5")]
    | Annotated[RoleSelect, Tag("type:6")]
    | Annotated[MentionableSelect, Tag("type:7")]
    | Annotated[ChannelSelect, Tag("type:8")],
    _BY_TYPE,
]


class ActionRow(Component):
    """Up to five buttons, or one select menu."""

    type: Literal[1] = 1
    components: list[RowItem] = Field(min_length=1, max_length=5)

    @model_validator(mode="after")
    def _fits(self) -> ActionRow:
        if len(self.components) > 1 and any(isinstance(item, Select) for item in self.components):
            raise PydanticCustomError(
                "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified components exceed the maximum width"
            )
        return self

    def children(self) -> tuple[Component, ...]:
        """Give the buttons or the select menu."""
        return tuple(self.components)


class Section(Component):
    """One to three texts with a button or a small picture at their side."""

    type: Literal[9] = 9
    components: list[Annotated[Annotated[TextDisplay, Tag("type:10")], _BY_TYPE]] = Field(
        min_length=1, max_length=3
    )
    accessory: Annotated[Annotated[Button, Tag("type:2")] | Annotated[Thumbnail, Tag("type:11")], _BY_TYPE]

    def children(self) -> tuple[Component, ...]:
        """Give the texts, then what stands beside them."""
        return (*self.components, self.accessory)


_Block = (
    Annotated[ActionRow, Tag("type:1")]
    | Annotated[Section, Tag("type:9")]
    | Annotated[TextDisplay, Tag("type:10")]
    | Annotated[MediaGallery, Tag("type:12")]
    | Annotated[FileBlock, Tag("type:13")]
    | Annotated[Separator, Tag("type:14")]
)


class Container(Component):
    """A framed group of blocks."""

    always_sent: ClassVar[frozenset[str]] = frozenset({"accent_color"})

    type: Literal[17] = 17
    accent_color: int | None = Field(default=None, ge=0, le=0xFFFFFF)
    spoiler: bool = False
    components: list[Annotated[_Block, _BY_TYPE]] = Field(min_length=1)

    def children(self) -> tuple[Component, ...]:
        """Give the blocks inside."""
        return tuple(self.components)


MessageComponent = Annotated[_Block | Annotated[Container, Tag("type:17")], _BY_TYPE]

ModalField = Annotated[
    Annotated[StringSelect, Tag("type:3")]
    | Annotated[TextInput, Tag("type:4")]
    | Annotated[UserSelect, Tag("type:5")]
    | Annotated[RoleSelect, Tag("type:6")]
    | Annotated[MentionableSelect, Tag("type:7")]
    | Annotated[ChannelSelect, Tag("type:8")]
    | Annotated[FileUpload, Tag("type:19")]
    | Annotated[RadioGroup, Tag("type:21")]
    | Annotated[CheckboxGroup, Tag("type:22")]
    | Annotated[Checkbox, Tag("type:23")],
    _BY_TYPE,
]


class Label(Component):
    """A field of a modal with its heading."""

    type: Literal[18] = 18
    label: str = Field(min_length=1, max_length=45)
    description: str | None = Field(default=None, min_length=1, max_length=100)
    component: ModalField

    def children(self) -> tuple[Component, ...]:
        """Give the field."""
        return (self.component,)


class ModalRow(Component):
    """The older way to put one text input into a modal."""

    type: Literal[1] = 1
    components: list[Annotated[Annotated[TextInput, Tag("type:4")], _BY_TYPE]] = Field(
        min_length=1, max_length=1
    )

    def children(self) -> tuple[Component, ...]:
        """Give the text input."""
        return tuple(self.components)


ModalComponent = Annotated[
    Annotated[ModalRow, Tag("type:1")]
    | Annotated[TextDisplay, Tag("type:10")]
    | Annotated[Label, Tag("type:18")],
    _BY_TYPE,
]
