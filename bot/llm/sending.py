"""One request and its answer: sent, read as it comes, and judged."""

import asyncio
import json
from typing import Any, Final

import httpx2
import openai
from openai import AsyncOpenAI, AsyncStream

from bot.llm.errors import (
    CutAnswerError,
    EmptyAnswerError,
    ModelError,
    ModelServerError,
    ModelTimeoutError,
    NotAModelError,
)
from bot.llm.faults import Fault, Filtered, from_error_body, tell_apart
from bot.llm.limits import Limits
from bot.llm.reading import Reading
from bot.llm.transport import ResponseTooLargeError

_LONGEST_TURN: Final = 0.01
_WEB_PAGE: Final = frozenset({"text/html", "application/xhtml+xml"})


async def send(
    client: AsyncOpenAI, request: dict[str, Any], reading: Reading, limits: Limits
) -> Fault | Filtered | None:
    """Send one request and read its answer; give what went wrong, if anything did.

    Args:
        client: The server's.
        request: The arguments of `chat.completions.create`.
        reading: Takes the answer.
        limits: Bounds of time.
    """
    patience = asyncio.timeout(limits.first_token)
    try:
        async with patience:
            return await _converse(client, request, reading, limits, patience)
    except TimeoutError:
        if not patience.expired():
            raise
        return Fault(ModelTimeoutError("between tokens" if reading.began else "first token"))
    except ModelError as error:
        return Fault(error)
    except (
        openai.OpenAIError,
        httpx2.HTTPError,
        ResponseTooLargeError,
        ValueError,
        RecursionError,
    ) as error:
        return tell_apart(error, answering=reading.began)


async def _converse(
    client: AsyncOpenAI, request: dict[str, Any], reading: Reading, limits: Limits, patience: asyncio.Timeout
) -> Fault | Filtered | None:
    raw = await client.chat.completions.with_raw_response.create(**request)
    response = raw.http_response
    try:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in _WEB_PAGE:
            return Fault(NotAModelError("web page"))
        if kind == "application/json":
            # A server that does not stream.
            body = json.loads(await response.aread())
            if not isinstance(body, dict) or not ("choices" in body or "error" in body):
                return Fault(NotAModelError("other JSON"))
            if body.get("error"):
                return from_error_body(body["error"])
            reading.take(body)
        else:
            reading.streamed = True
            now = asyncio.get_running_loop().time
            turn = now()
            # As plain objects: building the package's own types costs more than all else about a token.
            async for chunk in raw.parse(to=AsyncStream[object]):
                reading.take(chunk)
                if now() - turn > _LONGEST_TURN:
                    # A fast server's whole answer may be there at once; reading it must not hold the loop.
                    await asyncio.sleep(0)
                    turn = now()
                if reading.began:
                    patience.reschedule(now() + limits.between_tokens)
                if reading.stopped:
                    reading.finish = reading.finish or "stop"
                    break
        reading.end()
    finally:
        # Whatever happened: closing the response frees the server's slot at once.
        await response.aclose()
    return None


def judge(reading: Reading, *, embedded: bool) -> Fault | None:
    """Say what is wrong with an answer that came to its end without an exception."""
    if reading.finish == "error":
        return Fault(ModelServerError("in the answer"), retry=True)
    if reading.finish is None:
        if not reading.began:
            return Fault(EmptyAnswerError("nothing"), retry=True)
        return Fault(CutAnswerError("no end"), retry=True)
    if reading.text.strip() or reading.refusal or reading.finish == "content_filter":
        return None
    # The embedded model says the same again; and a limit that was all spent on thoughts would be spent again.
    return Fault(EmptyAnswerError(), retry=not embedded and reading.finish == "stop")
