"""What is left of a call: its row in the ledger, without a word, and its trace, with all of them."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from bot.llm.types import Caller, Message, Role


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
