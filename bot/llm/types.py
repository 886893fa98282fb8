"""What goes through the door to models, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Role(StrEnum):
    """For what a model is asked; each role may have a server and a model of its own."""

    COACH = "coach"
    STORY = "story"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose call it is.

    Attributes:
        guild_id: The Discord server; None on the command line.
        member_id: The member; None where nobody asked in person.
        job: What the call belongs to, such as the id of a critique.
        author_ids: Whose words it is about, where they are others' than the member's.
    """

    guild_id: int | None
    member_id: int | None
    job: str
    author_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One question to a model.

    Attributes:
        role: Which model is asked.
        messages: The conversation, the newest last, without the prefill.
        caller: Who pays.
        max_tokens: Where the answer ends at the latest.
        temperature: 0 for the likeliest words; None leaves it to the server. A role's setting goes first.
        stop: The answer ends before the first of these.
        schema: A JSON schema that the answer must fulfil (then `Answer.parsed` is set).
        schema_name: The schema's name, for servers that ask for one.
        repairs: Whether an answer that does not fulfil the schema is asked for once more. Where it is not, it
            comes back as it is, with no `Answer.parsed`.
        grammar: A GBNF grammar for the answer behind the prefill; used only where `Endpoint.grammar`.
        prefill: Start of the answer, which the model goes on from; used only where `Endpoint.prefill`.
            Best without white space at its end: the model's own first token brings it.
        seed: Makes the same call give the same answer, where the server can do that.
        logit_bias: Token id to a number from -100 (never) to 100.
    """

    role: Role
    messages: tuple[Message, ...]
    caller: Caller
    max_tokens: int
    temperature: float | None = None
    stop: tuple[str, ...] = ()
    schema: Mapping[str, object] | None = None
    schema_name: str = "answer"
    repairs: bool = True
    grammar: str | None = None
    prefill: str = ""
    seed: int | None = None
    logit_bias: Mapping[int, float] | None = None


class Finish(StrEnum):
    """Why an answer ended. Refusals and filters are results, not errors."""

    STOP = "stop"
    LENGTH = "length"
    REFUSED = "refused"
    FILTERED = "filtered"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a call. `tokens_cached` are the part of `tokens_in` that the server already knew."""

    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.tokens_cached + other.tokens_cached,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said.

    Attributes:
        text: Its words, without the prefill. For REFUSED, the words of the refusal.
        finish: Why it ended.
        model: The model's name.
        embedded: Whether the embedded server wrote it; `Endpoint.demonstration` says whether with our model.
        usage: Tokens of all attempts that reached an answer.
        parsed: The JSON value, checked against the schema; None without a schema or for a refusal.
        repaired: Whether the JSON was asked for a second time.
    """

    text: str
    finish: Finish
    model: str
    embedded: bool
    usage: Usage
    parsed: object | None = None
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What stands behind a role, and what can be done there.

    Attributes:
        model: The model's name.
        base_url: The server; empty for the embedded one while it has no port yet.
        context: Tokens that prompt and answer may have together.
        embedded: Whether it is the server inside Inkcircle.
        grammar: Whether `Call.grammar` is kept.
        prefill: Whether `Call.prefill` is continued.
        demonstration: Whether it is the small model that comes with Inkcircle. An embedded server can also
            run a file of the operator's choice, and then the label of a demonstration would not be true.
    """

    model: str
    base_url: str
    context: int
    embedded: bool
    grammar: bool
    prefill: bool
    demonstration: bool = False
