"""Answers in JSON: asking for them, reading them, and asking once more when they are wrong."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for

from bot.llm.types import Message

_FENCE: Final = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Invalid:
    """Why a text is not the JSON that was asked for: words for the model, never for the log."""

    reason: str


@dataclass(frozen=True, slots=True)
class Valid:
    """A JSON value that fulfils the schema."""

    value: object


def response_format(name: str, schema: Mapping[str, object]) -> dict[str, object]:
    """Put a schema as OpenAI's protocol wants it."""
    return {
        "type": "json_schema",
        "json_schema": {"name": name, "strict": True, "schema": dict(schema)},
    }


def ask_in_words(messages: tuple[Message, ...], schema: Mapping[str, object]) -> tuple[Message, ...]:
    """Ask for the schema in the last message, for a server that knows no `response_format`."""
    wish = (
        "Answer with one JSON value and nothing else, by this JSON schema:\n"
        f"{json.dumps(dict(schema), ensure_ascii=False)}"
    )
    last = messages[-1]
    if last.role != "user":
        return (*messages, Message("user", wish))
    return (*messages[:-1], Message("user", f"{last.content}\n\n{wish}"))


def ask_again(messages: tuple[Message, ...], answer: str, problem: Invalid) -> tuple[Message, ...]:
    """Ask for a repair: the conversation, the wrong answer, and what is wrong with it."""
    return (
        *messages,
        Message("assistant", answer or "(nothing)"),
        Message(
            "user",
            f"That cannot be used: {problem.reason}. "
            "Answer again, with the corrected JSON value and nothing else.",
        ),
    )


def read(text: str, schema: Mapping[str, object]) -> Valid | Invalid:
    """Read a JSON value out of an answer and check it against the schema."""
    try:
        value = json.loads(_inner(text))
    except ValueError:
        return Invalid("it is not valid JSON")
    checker = validator_for(schema)(schema)
    problem = best_match(checker.iter_errors(value))
    if problem is None:
        return Valid(value)
    place = "/".join(str(step) for step in problem.absolute_path) or "the value"
    return Invalid(f"{place}: {problem.message[:300]}")


def _inner(text: str) -> str:
    """Cut away a fence or words around a JSON value, which models like to add."""
    text = text.strip()
    fence = _FENCE.search(text)
    if fence:
        return fence.group(1)
    if text[:1] in "{[":
        return text
    start = min((place for mark in "{[" if (place := text.find(mark)) >= 0), default=-1)
    end = max(text.rfind("}"), text.rfind("]"))
    return text[start : end + 1] if 0 <= start < end else text
