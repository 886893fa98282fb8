"""Refusals in Discord's own JSON form, with Discord's own codes.

https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from pydantic import ValidationError
from pydantic_core import ErrorDetails

# Tags that name a member of a union; pydantic puts them into the path of an error, Discord does not.
UNION_TAG = "type:"


class ApiError(Exception):
    """A request that Discord would refuse."""

    def __init__(
        self, status: int, code: int, message: str, errors: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(f"{status} ({code}): {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def payload(self) -> dict[str, object]:
        """Give the body of the answer."""
        body: dict[str, object] = {"message": self.message, "code": self.code}
        if self.errors:
            body["errors"] = self.errors
        return body


class TooSoonError(ApiError):
    """A limit that no header tells beforehand: 429 with the time to wait, while the bucket has room."""

    def __init__(self, seconds: float, code: int = 0, message: str = "You are being rate limited.") -> None:
        super().__init__(429, code, message)
        self.seconds = seconds

    def payload(self) -> dict[str, object]:
        """Give the body of the answer."""
        return {**super().payload(), "retry_after": round(self.seconds, 3), "global": False}


class Refusal(Enum):
    """The refusals that this server knows: status, code, Discord's words."""

    UNAUTHORIZED = (401, 0, "401: Unauthorized")
    NOT_FOUND = (404, 0, "404: Not Found")
    METHOD_NOT_ALLOWED = (405, 0, "405: Method Not Allowed")
    GENERAL = (400, 0, "400: Bad Request")
    UNKNOWN_APPLICATION = (404, 10002, "Unknown Application")
    UNKNOWN_CHANNEL = (404, 10003, "Unknown Channel")
    UNKNOWN_GUILD = (404, 10004, "Unknown Guild")
    UNKNOWN_MEMBER = (404, 10007, "Unknown Member")
    UNKNOWN_MESSAGE = (404, 10008, "Unknown Message")
    UNKNOWN_OVERWRITE = (404, 10009, "Unknown Permission Overwrite")
    UNKNOWN_ROLE = (404, 10011, "Unknown Role")
    UNKNOWN_USER = (404, 10013, "Unknown User")
    UNKNOWN_BAN = (404, 10026, "Unknown Ban")
    UNKNOWN_EMOJI = (400, 10014, "Unknown Emoji")
    UNKNOWN_WEBHOOK = (404, 10015, "Unknown Webhook")
    UNKNOWN_INTERACTION = (404, 10062, "Unknown interaction")
    UNKNOWN_COMMAND = (404, 10063, "Unknown application command")
    BOTS_CANNOT = (403, 20001, "Bots cannot use this endpoint")
    SLOWMODE = (429, 20016, "This action cannot be performed due to slowmode rate limit")
    TOO_MANY_PINS = (400, 30003, "Maximum number of pins reached (50)")
    TOO_MANY_REACTIONS = (400, 30010, "Maximum number of reactions reached (20)")
    TOO_MANY_THREAD_MEMBERS = (400, 30033, "Maximum number of thread participants has been reached (1000)")
    TOO_MANY_COMMANDS = (400, 30032, "Maximum number of application commands reached (100)")
    TOO_LARGE = (413, 40005, "Request entity too large")
    ALREADY_ACKNOWLEDGED = (400, 40060, "Interaction has already been acknowledged.")
    MISSING_ACCESS = (403, 50001, "Missing Access")
    DM_ONLY_OWN = (403, 50003, "Cannot execute action on a DM channel")
    NOT_OWN_MESSAGE = (403, 50005, "Cannot edit a message authored by another user")
    EMPTY_MESSAGE = (400, 50006, "Cannot send an empty message")
    CANNOT_DM = (403, 50007, "Cannot send messages to this user")
    NOT_A_TEXT_CHANNEL = (400, 50008, "Cannot send messages in a non-text channel")
    MISSING_PERMISSIONS = (403, 50013, "Missing Permissions")
    BULK_DELETE_COUNT = (
        400,
        50016,
        "Provided too few or too many messages to delete. Must provide at least 2 and at most 100 messages.",
    )
    SYSTEM_MESSAGE = (403, 50021, "Cannot execute action on a system message")
    WRONG_CHANNEL_TYPE = (400, 50024, "Cannot execute action on this channel type")
    INVALID_TOKEN = (401, 50027, "Invalid Webhook Token")
    TOO_OLD_TO_DELETE = (400, 50034, "A message provided was too old to bulk delete")
    INVALID_JSON = (400, 50109, "The request body contains invalid JSON.")
    ARCHIVED_THREAD = (400, 50083, "Thread is archived")
    REACTION_BLOCKED = (403, 90001, "Reaction was blocked")
    USER_BANNED = (403, 40007, "The user is banned from this guild.")
    CANNOT_REPLY = (403, 160002, "Cannot reply without permission to read message history")
    THREAD_EXISTS = (400, 160004, "A thread has already been created for this message")
    THREAD_LOCKED = (400, 160005, "Thread is locked")
    TOO_MANY_THREADS = (400, 160006, "Maximum number of active threads reached")

    def error(self) -> ApiError:
        """Give it as an exception to raise."""
        status, code, message = self.value
        return ApiError(status, code, message)


@dataclass(frozen=True)
class FieldError:
    """One wrong field of a form."""

    path: tuple[str | int, ...]
    code: str
    message: str


def invalid_form(problems: Iterable[FieldError]) -> ApiError:
    """Give 50035, 'Invalid Form Body', with the tree of wrong fields."""
    tree: dict[str, object] = {}
    for problem in problems:
        node = tree
        for step in problem.path:
            child = node.setdefault(str(step), {})
            assert isinstance(child, dict)  # noqa: S101 - only dicts are put here, two lines above
            node = child
        listed = node.setdefault("_errors", [])
        assert isinstance(listed, list)  # noqa: S101 - `_errors` is no name of a field
        listed.append({"code": problem.code, "message": problem.message})
    return ApiError(400, 50035, "Invalid Form Body", tree)


def invalid_field(path: Iterable[str | int], code: str, message: str) -> ApiError:
    """Give 50035 for a single field."""
    return invalid_form([FieldError(tuple(path), code, message)])


def from_validation(error: ValidationError, prefix: tuple[str | int, ...] = ()) -> ApiError:
    """Give Discord's form of what pydantic found."""
    return invalid_form(_field_error(detail, prefix) for detail in error.errors(include_url=False))


# What pydantic calls it → what Discord calls it.
_CODES = {
    "missing": ("BASE_TYPE_REQUIRED", "This field is required"),
    "string_type": ("STRING_TYPE_CONVERT", "Could not interpret value as string."),
    "int_parsing": ("NUMBER_TYPE_COERCE", 'Value "{input}" is not int.'),
    "int_type": ("NUMBER_TYPE_COERCE", 'Value "{input}" is not int.'),
    "float_parsing": ("NUMBER_TYPE_COERCE", 'Value "{input}" is not float.'),
    "bool_parsing": ("BOOLEAN_TYPE_CONVERT", "Must be either true or false."),
    "bool_type": ("BOOLEAN_TYPE_CONVERT", "Must be either true or false."),
    "list_type": ("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"),
    "dict_type": ("DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"),
    "model_attributes_type": ("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType"),
    "model_type": ("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType"),
    "string_too_long": ("BASE_TYPE_MAX_LENGTH", "Must be {max_length} or fewer in length."),
    "string_too_short": ("BASE_TYPE_MIN_LENGTH", "Must be {min_length} or more in length."),
    "too_long": ("BASE_TYPE_MAX_LENGTH", "Must be {max_length} or fewer in length."),
    "too_short": ("BASE_TYPE_MIN_LENGTH", "Must be {min_length} or more in length."),
    "greater_than_equal": ("NUMBER_TYPE_MIN", "Value must be greater than or equal to {ge}."),
    "less_than_equal": ("NUMBER_TYPE_MAX", "Value must be less than or equal to {le}."),
    "enum": ("BASE_TYPE_CHOICES", "Value must be one of {expected}."),
    "literal_error": ("BASE_TYPE_CHOICES", "Value must be one of {expected}."),
    "union_tag_invalid": ("UNION_TYPE_CHOICES", 'Value of field "type" must be one of the allowed types.'),
    "union_tag_not_found": ("UNION_TYPE_CHOICES", 'Value of field "type" must be one of the allowed types.'),
}


def _field_error(detail: ErrorDetails, prefix: tuple[str | int, ...]) -> FieldError:
    path = prefix + tuple(
        step for step in detail["loc"] if not (isinstance(step, str) and step.startswith(UNION_TAG))
    )
    kind = detail["type"]
    if kind not in _CODES:
        # Our own checks raise PydanticCustomError with Discord's code and words.
        return FieldError(path, kind if kind.isupper() else kind.upper(), detail["msg"])
    code, words = _CODES[kind]
    context = {**detail.get("ctx", {}), "input": str(detail["input"])[:100]}
    return FieldError(path, code, words.format_map(context))
