"""What went wrong, told apart: from the openai package's exceptions to our own errors.

The package's exceptions carry requests and bodies. So none is logged, and none is chained to ours: these
functions give an error for the caller to raise outside of the `except` block.
"""

import email.utils
import re
import time
from dataclasses import dataclass
from enum import Enum
from typing import Final

import httpx2
import openai

from bot.llm.errors import (
    BadRequestError,
    ContextTooLongError,
    CutAnswerError,
    EndlessAnswerError,
    ModelError,
    ModelNotFoundError,
    ModelRateLimitedError,
    ModelServerError,
    ModelTimeoutError,
    ModelUnauthorisedError,
    ModelUnreachableError,
    NotAModelError,
)
from bot.llm.transport import ResponseTooLargeError

_CODE: Final = re.compile(r"[A-Za-z0-9_.\-]{1,40}")
# llama.cpp: exceed_context_size_error; OpenAI: context_length_exceeded; vLLM and others say it in words.
_CONTEXT_CODES: Final = frozenset({"context_length_exceeded", "exceed_context_size_error"})
_CONTEXT_WORDS: Final = re.compile(
    r"context (?:length|size|window)|maximum context|too many tokens|prompt is too long|longer than the max",
    re.IGNORECASE,
)
_FILTER_CODES: Final = frozenset(
    {"content_filter", "content_policy_violation", "responsibleaipolicyviolation"}
)
_NO_MONEY: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_NO_MODEL: Final = frozenset({"model_not_found", "invalid_model", "model_not_available"})


class Filtered(Enum):
    """The server refused the prompt as a whole: a result, not an error."""

    PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class Complaint:
    """A server's own words about a request: to look into, never to log.

    Attributes:
        parameter: The parameter that it names as the culprit, or empty.
        words: What it says; may quote the request.
    """

    parameter: str
    words: str


@dataclass(frozen=True, slots=True)
class Fault:
    """An error with what may be done about it.

    Attributes:
        error: What to raise if nothing is done.
        retry: Whether the same request may be sent again.
        retry_after: Seconds that the server asked to wait; None if it said nothing.
        complaint: What the server says about a request that it does not take; None for all other faults.
    """

    error: ModelError
    retry: bool = False
    retry_after: float | None = None
    complaint: Complaint | None = None


def tell_apart(error: Exception, *, answering: bool) -> Fault | Filtered:  # noqa: C901, PLR0911 - a table of cases
    """Say what an exception of the openai package, or of reading its stream, means.

    Args:
        error: What was caught.
        answering: Whether the answer had begun.
    """
    if isinstance(error, openai.APITimeoutError):
        if isinstance(error.__cause__, httpx2.ConnectTimeout):
            return Fault(ModelUnreachableError("connect timeout"), retry=True)
        return Fault(ModelTimeoutError("transport"))
    if isinstance(error, openai.APIConnectionError):
        kind = type(error.__cause__).__name__
        if answering:
            return Fault(CutAnswerError(kind), retry=True)
        return Fault(ModelUnreachableError(kind), retry=True)
    if isinstance(error, openai.APIStatusError):
        return _by_status(error)
    if isinstance(error, httpx2.HTTPError):
        # Reading a whole body, the package lets these through as they are: the server was there, and left.
        return Fault(CutAnswerError(type(error).__name__), retry=True)
    if isinstance(error, UnicodeEncodeError):
        # Of a request, only the key must be plain ASCII.
        return Fault(ModelUnauthorisedError("key is not ASCII"))
    if isinstance(error, ResponseTooLargeError):
        return Fault(EndlessAnswerError("bytes"))
    if isinstance(error, openai.APIResponseValidationError | ValueError | RecursionError):
        return Fault(NotAModelError(type(error).__name__))
    if isinstance(error, openai.APIError):
        return from_error_body(error.body)
    return Fault(ModelError(type(error).__name__))


def from_error_body(body: object) -> Fault | Filtered:
    """Say what an error means that came inside of an answer, after 'HTTP 200'."""
    codes = _codes(body)
    by_meaning = _by_meaning(codes, body)
    if by_meaning is not None:
        return by_meaning
    if "429" in codes or "rate_limit_exceeded" in codes:
        return Fault(ModelRateLimitedError(_cause("in the answer", codes)), retry=True)
    return Fault(ModelServerError(_cause("in the answer", codes)), retry=True)


def _by_status(error: openai.APIStatusError) -> Fault | Filtered:  # noqa: PLR0911 - a table of cases
    status = error.status_code
    codes = _codes(error.body)
    cause = _cause(f"http {status}", codes)
    if status in {401, 403}:
        return Fault(ModelUnauthorisedError(cause))
    if status == 429:  # noqa: PLR2004 - HTTP's own number
        wait = _retry_after(error.response.headers)
        return Fault(ModelRateLimitedError(cause), retry=not codes & _NO_MONEY, retry_after=wait)
    by_meaning = _by_meaning(codes, error.body)
    if by_meaning is not None:
        return by_meaning
    if status == 404:  # noqa: PLR2004
        return Fault(ModelNotFoundError(cause))
    if status == 408:  # noqa: PLR2004
        return Fault(ModelTimeoutError(cause))
    if status == 409 or status >= 500:  # noqa: PLR2004
        wait = _retry_after(error.response.headers)
        return Fault(ModelServerError(cause), retry=True, retry_after=wait)
    if status < 400:  # noqa: PLR2004
        return Fault(NotAModelError(cause))
    if status == 413:  # noqa: PLR2004
        return Fault(ContextTooLongError(cause))
    words = message_of(error.body)
    if "grammar" in words:
        return Fault(BadRequestError(f"{cause} grammar"))
    return Fault(BadRequestError(cause), complaint=Complaint(str(error.param or ""), words))


def _by_meaning(codes: frozenset[str], body: object) -> Fault | Filtered | None:
    if codes & _FILTER_CODES:
        return Filtered.PROMPT
    if codes & _CONTEXT_CODES or _CONTEXT_WORDS.search(message_of(body)):
        return Fault(ContextTooLongError(_cause("", codes)))
    if codes & _NO_MODEL:
        return Fault(ModelNotFoundError(_cause("", codes)))
    return None


def message_of(body: object) -> str:
    """Give a server's own words about an error: to look into, never to log."""
    inner = body.get("error", body) if isinstance(body, dict) else body
    message = inner.get("message") if isinstance(inner, dict) else inner
    return message[:4000] if isinstance(message, str) else ""


def _codes(body: object) -> frozenset[str]:
    """Give the codes and types in an error's body, if they look like such."""
    inner = body.get("error", body) if isinstance(body, dict) else None
    if not isinstance(inner, dict):
        return frozenset()
    found = [str(inner[name]).lower() for name in ("code", "type") if inner.get(name) is not None]
    deeper = inner.get("innererror")
    if isinstance(deeper, dict) and deeper.get("code"):
        found.append(str(deeper["code"]).lower())
    return frozenset(code for code in found if _CODE.fullmatch(code))


def _cause(start: str, codes: frozenset[str]) -> str:
    return " ".join([start, *sorted(codes)]).strip()


def _retry_after(headers: httpx2.Headers) -> float | None:
    """Read how long a server asks us to wait, in any of the three ways that are in use."""
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        value = headers.get("retry-after")
        if value is None:
            return None
        if re.fullmatch(r"\s*\d+(\.\d*)?\s*", value):
            return float(value)
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
