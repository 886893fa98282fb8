"""An oracle for the local Discord: Discord's own OpenAPI description of its HTTP API.

Every request that the bot sends and every answer that the local Discord gives can be held against
``../shared/data/discord-openapi.json`` (JSON Schema, Draft 2020-12)::

    oracle = Oracle.load()
    violations = oracle.check("POST", "/channels/1/messages", {"content": "hi"}, 200, answer)
    assert violations == []

What the description says is taken at its word but for the few reviewed points below ("Normalisations"), each
with its reason. The description allows properties that it does not name, and so does the oracle.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self, TypeAlias
from urllib.parse import parse_qsl, unquote

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

DESCRIPTION = Path(__file__).parents[2] / "shared" / "data" / "discord-openapi.json"
ABSENT = "Discord's OpenAPI description (../shared/data/discord-openapi.json) is not on this machine"

Schema: TypeAlias = Mapping[str, Any]
Validator: TypeAlias = Any  # jsonschema's stubs keep the class with `descend` and `evolve` private

# --- Normalisations -------------------------------------------------------------------------------
# What discord.py 2.7 provably sends (and Discord provably takes) although the description does not say so.
# Requests only: answers are held to the letter.

INTEGER_SNOWFLAKES = True
"""``SnowflakeType`` is a string; discord.py sends integers: ``MessageReference.to_dict``,
``AllowedMentions.to_dict``, the index of a new upload in ``File.to_dict``, the id of a kept one in
``Attachment.to_dict``."""

PERMISSION_FIELDS = frozenset({"allow", "deny", "permissions", "default_member_permissions"})
"""Described as integers; discord.py (``GuildChannel.set_permissions``, ``Guild.create_role``) sends them as
decimal strings, the form that Discord's guide recommends for bit fields beyond 53 bits."""

NO_DESCRIPTION: Mapping[str, str] = {
    r"/attachments/.+": "the CDN, not the API",
    r"/ephemeral-attachments/.+": "the CDN, not the API",
    r"/(embed/)?avatars/.+": "the CDN, not the API",
    r"/icons/.+": "the CDN, not the API",
}
"""Paths outside the API, and why they may be asked for all the same."""

FLAG_WORDS: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}
"""A boolean in a query: discord.py writes ``wait=true`` on one route and ``with_response=1`` on another."""

UNDESCRIBED_QUERY: Mapping[tuple[str, str], str] = {}
"""(template, name) of a query parameter that is sent although the description does not have it, and why."""

# What the gateway delivers. The description has no gateway, but it has schemas for objects that travel there.
# Objects that are partial by Discord's documentation (an interaction's member and channel) are left out.
GATEWAY_OBJECTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "READY": (("user", "UserResponse"),),
    "GUILD_CREATE": (
        ("roles.*", "GuildRoleResponse"),
        ("channels.*", "GuildChannelResponse"),
        ("threads.*", "ThreadResponse"),
        ("members.*", "GuildMemberResponse"),
    ),
    "GUILD_MEMBER_ADD": (("", "GuildMemberResponse"),),
    "GUILD_ROLE_CREATE": (("role", "GuildRoleResponse"),),
    "GUILD_ROLE_UPDATE": (("role", "GuildRoleResponse"),),
    "CHANNEL_CREATE": (("", "GuildChannelResponse"),),
    "CHANNEL_UPDATE": (("", "GuildChannelResponse"),),
    "CHANNEL_DELETE": (("", "GuildChannelResponse"),),
    "THREAD_CREATE": (("", "ThreadResponse"),),
    "THREAD_UPDATE": (("", "ThreadResponse"),),
    "MESSAGE_CREATE": (("", "MessageResponse"),),
    "MESSAGE_UPDATE": (("", "MessageResponse"),),
    "MESSAGE_REACTION_ADD": (("emoji", "MessageReactionEmojiResponse"), ("member.user", "UserResponse")),
    "MESSAGE_REACTION_REMOVE": (("emoji", "MessageReactionEmojiResponse"),),
    "INTERACTION_CREATE": (
        ("message", "MessageResponse"),
        ("member.user", "UserResponse"),
        ("user", "UserResponse"),
        ("data.resolved.users.*", "UserResponse"),
        ("data.resolved.roles.*", "GuildRoleResponse"),
        ("data.resolved.messages.*", "MessageResponse"),
        ("data.resolved.attachments.*", "MessageAttachmentResponse"),
    ),
}
# Inside GUILD_CREATE the channels and threads leave out the guild's id, which the API's own objects carry.
GUILD_ID_LEFT_OUT = frozenset({"channels.*", "threads.*"})

# --- Formats --------------------------------------------------------------------------------------

_FORMATS = FormatChecker(formats=())
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"]+")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@_FORMATS.checks("date-time")
def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return _RFC3339.fullmatch(value) is not None


@_FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    return (
        not isinstance(value, str) or re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"]+", value) is not None
    )


@_FORMATS.checks("snowflake")
def _is_snowflake(value: object) -> bool:
    return not isinstance(value, str) or not value.isdecimal() or int(value) < 1 << 64


@_FORMATS.checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(1 << 31) <= value < 1 << 31


@_FORMATS.checks("int64")
def _is_int64(value: object) -> bool:
    return not isinstance(value, int) or -(1 << 63) <= value < 1 << 63


# --- The oracle -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Operation:
    """One method on one path template of the description."""

    template: str
    pattern: re.Pattern[str]
    literals: int
    parameters: tuple[Schema, ...]
    body: Schema


class Oracle:
    """Holds requests, answers and gateway objects against Discord's own description of them."""

    def __init__(self, description: Schema) -> None:
        self._description = description
        self._schemas: Mapping[str, Schema] = description["components"]["schemas"]
        self._operations: dict[str, list[Operation]] = {}
        for template, item in description["paths"].items():
            for method, body in item.items():
                if method != "parameters":
                    self._operations.setdefault(method.upper(), []).append(_operation(template, item, body))
        for operations in self._operations.values():
            # The more literal template wins: /messages/@original before /messages/{message_id}.
            operations.sort(key=lambda operation: -operation.literals)
        self._request = self._validator(lenient=True)
        self._answer = self._validator(lenient=False)

    @classmethod
    def load(cls, path: Path = DESCRIPTION) -> Self:
        """Read the description, once a process.

        Raises:
            FileNotFoundError: it is not on this machine (see ``ABSENT``).
        """
        return cls(_read(path))

    def operation(self, method: str, path: str) -> Operation | None:
        """Give the operation of a concrete path (with or without ``/api/v10`` and query), or None."""
        bare = _bare(path)
        return next(
            (one for one in self._operations.get(method.upper(), ()) if one.pattern.fullmatch(bare)), None
        )

    def check(
        self, method: str, path: str, request_body: object, status: int, response_body: object
    ) -> list[str]:
        """Give every violation in one exchange; an empty list when all is as described.

        A request that was refused with 400 is not judged: that it is wrong was the answer.

        Args:
            method: the HTTP method, in any case.
            path: the concrete path, with or without ``/api/v10``, with its query if it has one.
            request_body: the decoded JSON, or None where nothing was sent. Of a multipart request the
                ``payload_json`` part (the description spells multipart requests as form fields;
                Discord takes that one part instead, and discord.py sends it).
            status: the HTTP status of the answer.
            response_body: the decoded JSON of the answer, or None where it was empty.
        """
        asked = [] if status == HTTPStatus.BAD_REQUEST else self.check_request(method, path, request_body)
        return asked + self.check_answer(method, path, status, response_body)

    def check_request(self, method: str, path: str, body: object) -> list[str]:
        """Give the violations of a request alone."""
        operation = self.operation(method, path)
        if operation is None:
            return self._unknown(method, path)
        where = f"{method.upper()} {operation.template} request"
        violations = [*self._parameters(operation, path, where)]
        content = operation.body.get("requestBody", {}).get("content", {})
        described = content.get("application/json") or content.get("multipart/form-data")
        if body is None:
            if operation.body.get("requestBody", {}).get("required") and not _takes_null(described):
                violations.append(f"{where}: no body, but one is required")
        elif described is None:
            if body != {}:
                violations.append(f"{where}: a body, but none is described")
        else:
            violations += self._violations(self._request, described["schema"], body, where)
        return violations

    def check_answer(self, method: str, path: str, status: int, body: object) -> list[str]:
        """Give the violations of an answer alone."""
        operation = self.operation(method, path)
        if operation is None:
            return self._unknown(method, path)
        where = f"{method.upper()} {operation.template} answer {status}"
        answers = operation.body["responses"]
        described = answers.get(str(status)) or answers.get(f"{status // 100}XX")
        if described is None:
            return [f"{where}: this status is not described (only {', '.join(answers)})"]
        if "$ref" in described:
            described = self._description["components"]["responses"][described["$ref"].rsplit("/", 1)[1]]
        content = described.get("content", {}).get("application/json")
        if content is None:
            return [] if body in (None, "") else [f"{where}: a body, but none is described"]
        return self._violations(self._answer, content["schema"], body, where)

    def check_event(self, name: str, data: object) -> list[str]:
        """Give the violations of the objects that one dispatch carries, as far as there are schemas."""
        violations: list[str] = []
        for path, schema in GATEWAY_OBJECTS.get(name, ()):
            for found in _walk(data, [step for step in path.split(".") if step]):
                subject = (
                    {"guild_id": "0", **found}
                    if path in GUILD_ID_LEFT_OUT and isinstance(found, dict)
                    else found
                )
                where = " ".join(filter(None, (name, path)))
                violations += self._violations(self._answer, self._schemas[schema], subject, where)
        return violations

    def check_object(self, schema: str, data: object) -> list[str]:
        """Give the violations of one object against a named schema, such as ``MessageResponse``."""
        return self._violations(self._answer, self._schemas[schema], data, schema)

    def _unknown(self, method: str, path: str) -> list[str]:
        bare = _bare(path)
        if any(re.fullmatch(pattern, bare) for pattern in NO_DESCRIPTION):
            return []
        return [f"{method.upper()} {bare}: no such route in the description"]

    def _parameters(self, operation: Operation, path: str, where: str) -> Iterator[str]:
        match = operation.pattern.fullmatch(_bare(path))
        assert match is not None
        given: dict[str, object] = {name: unquote(value) for name, value in match.groupdict().items()}
        described = {parameter["name"]: parameter for parameter in operation.parameters}
        query = parse_qsl(path.partition("?")[2], keep_blank_values=True)
        for name, text in query:
            if name in described:
                given[name] = self._from_query(described[name]["schema"], text)
            elif (operation.template, name) not in UNDESCRIBED_QUERY:
                yield f"{where}: the query parameter {name!r} is not described"
        for name, parameter in described.items():
            if name in given:
                yield from self._violations(
                    self._answer, parameter["schema"], given[name], f"{where} {parameter['in']} {name}"
                )
            elif parameter.get("required"):
                yield f"{where}: the parameter {name!r} is required"

    def _from_query(self, schema: Schema, text: str) -> object:
        schema = self._resolved(schema)
        kinds = {schema.get("type")} if isinstance(schema.get("type"), str) else set(schema.get("type", ()))
        if "boolean" in kinds:
            return FLAG_WORDS.get(text, text)
        if kinds & {"integer", "number"} and re.fullmatch(r"-?\d+", text):
            return int(text)
        return text

    def _violations(self, validator: Validator, schema: Schema, body: object, where: str) -> list[str]:
        errors: Iterator[ValidationError] = validator.evolve(schema=schema).iter_errors(body)
        return [f"{where} {_place(error)}: {_short(error.message)}" for error in errors]

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def _validator(self, *, lenient: bool) -> Validator:
        """Build a validator that looks references up directly, and follows `type` into the right branch."""
        return _validator_class(self._resolved, lenient=lenient)({}, format_checker=_FORMATS)

    def __repr__(self) -> str:
        return f"<Oracle of {len(self._description['paths'])} paths>"


def _validator_class(resolved: Callable[[Schema], Schema], *, lenient: bool) -> Validator:
    def follow(
        validator: Validator, reference: str, instance: object, schema: Schema
    ) -> Iterator[ValidationError]:
        del schema
        is_integer = isinstance(instance, int) and not isinstance(instance, bool)
        if lenient and INTEGER_SNOWFLAKES and reference.endswith("/SnowflakeType") and is_integer:
            return
        yield from validator.descend(instance, resolved({"$ref": reference}))

    def choose(
        validator: Validator, branches: list[Schema], instance: object, schema: Schema
    ) -> Iterator[ValidationError]:
        """``oneOf`` and ``anyOf``: where one branch is clearly meant, report what is wrong in that one."""
        meant = [branch for branch in branches if _meant(resolved(branch), instance)]
        if len(meant) == 1:
            yield from validator.descend(instance, meant[0])
            return
        fitting = sum(validator.evolve(schema=branch).is_valid(instance) for branch in meant)
        if fitting == 0:
            yield ValidationError(
                f"{_short(json.dumps(instance, default=str))} fits none of {len(branches)} descriptions"
            )
        elif fitting > 1 and "oneOf" in schema:
            yield ValidationError(
                f"{_short(json.dumps(instance, default=str))} fits {fitting} descriptions, and only one may"
            )

    def named(
        validator: Validator, properties: Schema, instance: object, schema: Schema
    ) -> Iterator[ValidationError]:
        if lenient and isinstance(instance, dict):
            instance = {name: _as_bit_field(name, value) for name, value in instance.items()}
        yield from Draft202012Validator.VALIDATORS["properties"](validator, properties, instance, schema)

    keywords = {"$ref": follow, "oneOf": choose, "anyOf": choose, "properties": named}
    return extend(Draft202012Validator, keywords)  # type: ignore[no-untyped-call]  # not typed in its stubs


def _as_bit_field(name: str, value: object) -> object:
    if name in PERMISSION_FIELDS and isinstance(value, str) and value.isdecimal():
        return int(value)
    return value


def _meant(branch: Schema, instance: object) -> bool:
    """Tell by null, or by the ``type`` that Discord's unions carry, whether this branch can be meant."""
    if branch.get("type") == "null":
        return instance is None
    if "const" in branch:
        return bool(branch["const"] == instance)
    if instance is None:
        return False
    kinds = branch.get("properties", {}).get("type", {}).get("enum")
    if kinds is not None and isinstance(instance, dict) and "type" in instance:
        return instance["type"] in kinds
    return True


def _operation(template: str, item: Schema, body: Schema) -> Operation:
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
    literals = sum("{" not in segment for segment in template.split("/"))
    return Operation(
        template,
        re.compile(pattern),
        literals,
        (*item.get("parameters", ()), *body.get("parameters", ())),
        body,
    )


def _bare(path: str) -> str:
    return re.sub(r"^/api/v\d+(?=/)", "", path.partition("?")[0])


def _takes_null(described: Schema | None) -> bool:
    return described is not None and "null" in described["schema"].get("type", ())


def _walk(data: object, steps: list[str]) -> Iterator[object]:
    if not steps:
        yield data
        return
    step, rest = steps[0], steps[1:]
    if step == "*":
        children = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
        for child in children:
            yield from _walk(child, rest)
    elif isinstance(data, dict) and data.get(step) is not None:
        yield from _walk(data[step], rest)


def _place(error: ValidationError) -> str:
    return "/" + "/".join(str(step) for step in error.absolute_path)


def _short(text: str, limit: int = 300) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


@cache
def _read(path: Path) -> Schema:
    description: Schema = json.loads(path.read_bytes())
    return description
