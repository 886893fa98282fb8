"""What goes through the door to models, and what comes back."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Protocol


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


class Outcome(StrEnum):
    """How a call ended, for the ledger. The first four are answers."""

    STOP = "stop"
    LENGTH = "length"
    REFUSED = "refused"
    FILTERED = "filtered"
    CANCELLED = "cancelled"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    UNAUTHORISED = "unauthorised"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    MODEL_NOT_FOUND = "model_not_found"
    CONTEXT_TOO_LONG = "context_too_long"
    BAD_REQUEST = "bad_request"
    NOT_A_MODEL = "not_a_model"
    EMPTY = "empty"
    ENDLESS = "endless"
    CUT = "cut"
    INVALID_JSON = "invalid_json"
    EMBEDDED_FAILED = "embedded_failed"
    OVER_BUDGET = "over_budget"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One row of the ledger: who asked which model, what it took, how it ended. Never any words.

    Attributes:
        at: When the call began, in UTC.
        guild_id: The Discord server, if any.
        member_id: The member, if any.
        job: What the call belonged to.
        role: The role that was asked.
        model: The model's name.
        embedded: Whether it was the embedded server.
        tokens_in: Tokens of the prompts, over all attempts.
        tokens_out: Tokens of the answers, over all attempts.
        tokens_cached: The part of `tokens_in` that the server already knew.
        estimated: Whether a count is our estimate, since the server gave none (an early end, for one).
        cost: By the price table; None where the table does not know the model.
        currency: The price table's.
        seconds: From the question to the end, waiting in line included.
        attempts: Requests that were sent.
        outcome: How it ended.
    """

    at: datetime
    guild_id: int | None
    member_id: int | None
    job: str
    role: Role
    model: str
    embedded: bool
    tokens_in: int
    tokens_out: int
    tokens_cached: int
    estimated: bool
    cost: Decimal | None
    currency: str
    seconds: float
    attempts: int
    outcome: Outcome


class Ledger(Protocol):
    """Where the rows of calls are kept."""

    async def record(self, row: CallRecord) -> None:
        """Keep one row."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedAttempt:
    """One request of a call, and what came back. Words stay out of `repr`, and so out of every log.

    Attributes:
        messages: What the model was told.
        text: What it said, as far as it came.
        ended: How: the server's word for it, or the cause of a fault.
    """

    messages: tuple[Message, ...] = field(repr=False)
    text: str = field(repr=False)
    ended: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedCall:
    """A call that is over, answered or not, with all that was said.

    Attributes:
        at: When it began, in UTC.
        caller: Whose it was.
        role: The role that was asked.
        model: The model's name.
        embedded: Whether it was the embedded server.
        attempts: Every request, faults and a second asking for JSON included.
        prefill: The answer's beginning that was given; empty where the server takes none.
        outcome: How it ended.
        cause: Of a failure, in ids and numbers; empty for an answer.
        seconds: From the question to the end, waiting in line included.
    """

    at: datetime
    caller: Caller
    role: Role
    model: str
    embedded: bool
    attempts: tuple[TracedAttempt, ...] = field(repr=False)
    prefill: str = field(repr=False)
    outcome: Outcome
    cause: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedGate:
    """What one gate did to what a model wrote.

    Attributes:
        gate: Its name.
        action: What it did, such as `passed` or `repaired`.
        detail: Why; may hold words of the text. (Out of `repr`.)
    """

    gate: str
    action: str
    detail: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedJudgement:
    """How a piece of work went through its gates.

    Attributes:
        at: When it was done, in UTC.
        caller: Whose work it was.
        kind: What was written, such as `critique` or `link`.
        model: Which model wrote.
        gates: What each gate did.
        text: What a reader gets; None where nothing passed. (Out of `repr`.)
        reason: Why nothing passed.
    """

    at: datetime
    caller: Caller
    kind: str
    model: str
    gates: tuple[TracedGate, ...] = field(repr=False)
    text: str | None = field(repr=False)
    reason: str | None = None


class TraceSink(Protocol):
    """Where traces go. Both return at once and raise nothing: what is slow happens afterwards."""

    def called(self, call: TracedCall) -> None:
        """Keep a call."""
        ...

    def judged(self, judgement: TracedJudgement) -> None:
        """Keep what the gates did."""
        ...


class Budget(Protocol):
    """Who says whether a call may be paid for."""

    def admit(self, call: Call, endpoint: Endpoint) -> AbstractAsyncContextManager[bool]:
        """Hold what a call may take while it runs.

        Gives whether it is bounded by anything: then its row is in the ledger by the end.

        Raises:
            OverBudgetError: It may not be made.
        """
        ...


class ModelChoice(Protocol):
    """Who knows which model a server has chosen."""

    async def model_for(self, guild_id: int, role: Role) -> str | None:
        """Give a model's name; None for the one of the settings."""
        ...
