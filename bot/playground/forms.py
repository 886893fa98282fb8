"""What requests carry, as typed forms; a wrong one becomes 'Invalid Form Body' with the path to the fault."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from bot.playground.api_errors import from_validation, invalid_field
from bot.playground.components import MessageComponent, ModalComponent
from bot.playground.embeds import Embed
from bot.playground.fields import Form, Snowflake

FormT = TypeVar("FormT", bound=BaseModel)

MAX_CONTENT = 2_000
MAX_FILES = 10


def parse_form(kind: type[FormT], body: object, prefix: tuple[str | int, ...] = ()) -> FormT:
    """Read a request's body.

    Raises:
        ApiError: 50035 with each wrong field.
    """
    if not isinstance(body, Mapping):
        raise invalid_field(
            ("_errors",), "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType"
        )
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        raise from_validation(error, prefix) from None


def _permission_bits(value: object) -> object:
    """Accept Discord's decimal strings and plain numbers."""
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise PydanticCustomError("PERMISSIONS_TYPE_CONVERT", "Could not interpret value as permissions.")


PermissionBits = Annotated[int, BeforeValidator(_permission_bits)]


class AllowedMentions(Form):
    """Whom a message may ping. https://docs.discord.com/developers/resources/message#allowed-mentions-object."""

    parse: list[str] = Field(default_factory=list)
    users: list[Snowflake] = Field(default_factory=list, max_length=100)
    roles: list[Snowflake] = Field(default_factory=list, max_length=100)
    replied_user: bool = False

    def check(self, path: tuple[str | int, ...]) -> None:
        """Refuse what Discord refuses: 'all users' beside a list of users."""
        known = {"users", "roles", "everyone"}
        for index, kind in enumerate(self.parse):
            if kind not in known:
                raise invalid_field(
                    (*path, "parse", index),
                    "BASE_TYPE_CHOICES",
                    "Value must be one of ('everyone', 'roles', 'users').",
                )
        for kind, listed in (("users", self.users), ("roles", self.roles)):
            if kind in self.parse and listed:
                raise invalid_field(
                    path,
                    "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                    f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.',
                )


class AttachmentForm(Form):
    """A file that the request uploads (id: its place in the request) or an older one that it keeps."""

    id: Snowflake
    filename: str | None = Field(default=None, min_length=1, max_length=1024)
    description: str | None = Field(default=None, max_length=1024)


class MessageReferenceForm(Form):
    """The message that a reply answers."""

    message_id: Snowflake
    channel_id: Snowflake | None = None
    guild_id: Snowflake | None = None
    fail_if_not_exists: bool = True
    type: int | None = None


class MessageForm(Form):
    """A new message or the change of one; which fields were sent is in `model_fields_set`."""

    content: str | None = Field(default=None, max_length=MAX_CONTENT)
    embeds: list[Embed] | None = Field(default=None, max_length=10)
    components: list[MessageComponent] | None = None
    attachments: list[AttachmentForm] | None = Field(default=None, max_length=MAX_FILES)
    allowed_mentions: AllowedMentions | None = None
    flags: int | None = None
    message_reference: MessageReferenceForm | None = None
    nonce: str | int | None = None
    enforce_nonce: bool | None = None
    tts: bool | None = None


class CallbackType(IntEnum):
    """How an interaction is answered."""

    PONG = 1
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE_MESSAGE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


class CallbackForm(Form):
    """The answer to an interaction; what `data` must be depends on the type."""

    type: CallbackType
    data: dict[str, object] | None = None


class ModalForm(Form):
    """A modal to open."""

    custom_id: str = Field(min_length=1, max_length=100)
    title: str = Field(min_length=1, max_length=45)
    components: list[ModalComponent] = Field(min_length=1, max_length=5)


class ChoiceForm(Form):
    """One suggestion of an autocompletion."""

    name: str = Field(min_length=1, max_length=100)
    value: str | int | float


class AutocompleteForm(Form):
    """The suggestions for an option."""

    choices: list[ChoiceForm] = Field(default_factory=list, max_length=25)


class OverwriteForm(Form):
    """A channel's exception for a role or a member."""

    id: Snowflake
    type: int = Field(ge=0, le=1)
    allow: PermissionBits | None = None
    deny: PermissionBits | None = None


class PermissionForm(Form):
    """One exception, named in the path of the request."""

    type: int = Field(ge=0, le=1)
    allow: PermissionBits | None = None
    deny: PermissionBits | None = None


class ChannelCreateForm(Form):
    """A new channel."""

    name: str = Field(min_length=1, max_length=100)
    type: int | None = None
    topic: str | None = Field(default=None, max_length=1024)
    position: int | None = Field(default=None, ge=0)
    parent_id: Snowflake | None = None
    nsfw: bool | None = None
    rate_limit_per_user: int | None = Field(default=None, ge=0, le=21_600)
    permission_overwrites: list[OverwriteForm] | None = Field(default=None, max_length=100)


def _archive_minutes(value: object) -> object:
    if value is None or value in (60, 1440, 4320, 10080):
        return value
    raise PydanticCustomError("BASE_TYPE_CHOICES", "Value must be one of (60, 1440, 4320, 10080).")


ArchiveMinutes = Annotated[int, BeforeValidator(_archive_minutes)]


class ChannelEditForm(Form):
    """Changes to a channel or a thread."""

    name: str | None = Field(default=None, min_length=1, max_length=100)
    topic: str | None = Field(default=None, max_length=1024)
    position: int | None = Field(default=None, ge=0)
    parent_id: Snowflake | None = None
    nsfw: bool | None = None
    rate_limit_per_user: int | None = Field(default=None, ge=0, le=21_600)
    permission_overwrites: list[OverwriteForm] | None = Field(default=None, max_length=100)
    archived: bool | None = None
    locked: bool | None = None
    invitable: bool | None = None
    auto_archive_duration: ArchiveMinutes | None = None


class ThreadForm(Form):
    """A new thread, from a message or without one."""

    name: str = Field(min_length=1, max_length=100)
    type: int | None = None
    auto_archive_duration: ArchiveMinutes | None = None
    invitable: bool | None = None
    rate_limit_per_user: int | None = Field(default=None, ge=0, le=21_600)


class BulkDeleteForm(Form):
    """Messages to delete at once."""

    messages: list[Snowflake]


class DirectMessageForm(Form):
    """Whom to open a direct-message channel with."""

    recipient_id: Snowflake


class RefreshUrlsForm(Form):
    """File addresses to sign anew."""

    attachment_urls: list[str] = Field(max_length=50)


class MemberEditForm(Form):
    """Changes to a member."""

    model_config = ConfigDict(extra="ignore")

    nick: str | None = Field(default=None, max_length=32)
    roles: list[Snowflake] | None = None
    communication_disabled_until: AwareDatetime | None = None
