"""Asking until there is an answer: what is tried again, how often, and after which pause."""

import asyncio
import random
from collections.abc import Callable
from typing import Final

import structlog

from bot.llm.books import Tally
from bot.llm.door import Way
from bot.llm.faults import Fault, Filtered
from bot.llm.limits import Limits
from bot.llm.reading import Reading
from bot.llm.sending import judge, send
from bot.llm.types import Answer, Call, Endpoint, Finish, Message, Usage

_FINISHES: Final = {"length": Finish.LENGTH, "max_tokens": Finish.LENGTH, "content_filter": Finish.FILTERED}
_dice: Final = random.SystemRandom()
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def ask(
    way: Way,
    call: Call,
    messages: tuple[Message, ...],
    *,
    tally: Tally,
    limits: Limits,
    on_text: Callable[[str], None] | None,
) -> Answer:
    """Send a request until it is answered, as often as its faults allow.

    Args:
        way: Where to.
        call: What is asked, and how.
        messages: The conversation, which may have gone on from the call's.
        tally: Counts the attempts and what they took.
        limits: Bounds of time, size and attempts.
        on_text: Is given the answer piece by piece. Once it was given any, no attempt is repeated.

    Raises:
        ModelError: There is no answer; the subclass and its sentence say why.
    """
    dialect = way.door.dialect(way.endpoint.model)
    temperature = call.temperature if way.temperature is None else way.temperature
    faults = 0
    while True:
        client = await way.door.client()
        request = dialect.request(
            call,
            messages,
            model=way.endpoint.model,
            temperature=temperature,
            embedded=way.endpoint.embedded,
        )
        most = dialect.most_tokens(call) * limits.characters_per_token
        reading = Reading(call.stop, most, on_text)
        tally.attempts += 1
        tally.trail.sent(messages, reading)
        try:
            fault = await send(client, request, reading, limits)
        finally:
            tally.settle(reading, messages)
        if fault is None:
            fault = judge(reading, embedded=way.endpoint.embedded)
        tally.trail.found(fault)
        if dialect.make_room(call, reading):
            continue
        if fault is None or isinstance(fault, Filtered):
            return _to_answer(reading, way.endpoint, tally.usage, filtered=fault is not None)
        if dialect.adapt(fault, request):
            continue
        faults += 1
        pause = _pause(fault, faults, limits)
        if pause is None or reading.given_out:
            raise fault.error
        _log.info("model_call_again", job=call.caller.job, cause=fault.error.cause, pause=round(pause, 2))
        await asyncio.sleep(pause)


def _pause(fault: Fault, faults: int, limits: Limits) -> float | None:
    """Say how long to wait before the next attempt; None if there shall be none."""
    if not fault.retry or faults >= limits.attempts:
        return None
    if fault.retry_after is not None and fault.retry_after > limits.longest_retry_after:
        return None
    ours: float = min(limits.longest_pause, limits.first_pause * 2 ** (faults - 1))
    jittered = ours * _dice.uniform(0.5, 1.0)
    return jittered if fault.retry_after is None else fault.retry_after + jittered


def _to_answer(reading: Reading, endpoint: Endpoint, usage: Usage, *, filtered: bool) -> Answer:
    finish = _FINISHES.get(reading.finish or "", Finish.STOP)
    if reading.refusal:
        finish = Finish.REFUSED
    if filtered:
        finish = Finish.FILTERED
    return Answer(
        text=reading.text or reading.refusal,
        finish=finish,
        model=endpoint.model,
        embedded=endpoint.embedded,
        usage=usage,
    )
