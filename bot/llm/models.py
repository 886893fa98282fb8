"""The one door to models: `Models.complete` asks, bears with faults, and keeps the books."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

import openai
import structlog
from openai import AsyncOpenAI
from pydantic import SecretStr

from bot.llm import structured
from bot.llm.door import Door
from bot.llm.embedded import EmbeddedServer, EmbeddedWish
from bot.llm.errors import (
    CutAnswerError,
    EmptyAnswerError,
    InvalidAnswerError,
    ModelError,
    ModelServerError,
    ModelTimeoutError,
    NotAModelError,
)
from bot.llm.faults import Fault, Filtered, from_error_body, tell_apart
from bot.llm.limits import Limits
from bot.llm.prices import Prices
from bot.llm.reading import Reading, StopGuard
from bot.llm.tokens import estimate_messages, estimate_tokens
from bot.llm.transport import ResponseTooLargeError
from bot.llm.types import (
    Answer,
    Call,
    CallRecord,
    Endpoint,
    Finish,
    Ledger,
    Message,
    Outcome,
    Role,
    Usage,
)

_WEB_PAGE: Final = frozenset({"text/html", "application/xhtml+xml"})
_FINISHES: Final = {"length": Finish.LENGTH, "max_tokens": Finish.LENGTH, "content_filter": Finish.FILTERED}
_dice: Final = random.SystemRandom()
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class RoleTarget(Protocol):
    """Where the calls of one role go (`bot.config.RoleSettings`)."""

    @property
    def model(self) -> str: ...  # noqa: D102 - said in bot.config
    @property
    def base_url(self) -> str | None: ...  # noqa: D102
    @property
    def api_key(self) -> SecretStr | None: ...  # noqa: D102
    @property
    def context(self) -> int: ...  # noqa: D102
    @property
    def temperature(self) -> float | None: ...  # noqa: D102
    @property
    def embedded(self) -> bool: ...  # noqa: D102


class ModelSettings(Protocol):
    """The part of `bot.config.Settings` that models need."""

    @property
    def coach(self) -> RoleTarget: ...  # noqa: D102
    @property
    def story(self) -> RoleTarget: ...  # noqa: D102
    @property
    def memory(self) -> RoleTarget: ...  # noqa: D102
    @property
    def embedded_model(self) -> Path | None: ...  # noqa: D102
    @property
    def inkcircle_prices(self) -> Path | None: ...  # noqa: D102


@dataclass(slots=True)
class _Tally:
    """What a call has taken so far."""

    began: float = field(default_factory=time.monotonic)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    usage: Usage = field(default_factory=Usage)
    estimated: bool = False
    attempts: int = 0
    outcome: Outcome = Outcome.FAULT

    def settle(self, reading: Reading, messages: tuple[Message, ...]) -> None:
        """Add what an attempt took: the server's count, else an estimate if it had begun to answer."""
        if reading.usage is not None:
            self.usage += reading.usage
        elif reading.began:
            # A piece is at least a token on every server that we know.
            written = max(reading.pieces, estimate_tokens(reading.text))
            self.usage += Usage(estimate_messages(messages), written)
            self.estimated = True


@dataclass(frozen=True, slots=True)
class _Way:
    """A role's door, model and temperature."""

    door: Door
    endpoint: Endpoint
    temperature: float | None


class Models:
    """Every call to a model goes through here. An async context manager.

    Args:
        settings: Roles with their servers and models.
        ledger: Where each call leaves a row; None to keep none.
        limits: Bounds of time and size.
        prices: The price table; read from the settings if None.
        embedded: The embedded server, for tests that watch it.
    """

    def __init__(
        self,
        settings: ModelSettings,
        *,
        ledger: Ledger | None = None,
        limits: Limits | None = None,
        prices: Prices | None = None,
        embedded: EmbeddedServer | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._ledger = ledger
        self._prices = prices or Prices.load(settings.inkcircle_prices)
        self._writing: set[asyncio.Task[None]] = set()
        targets = {Role.COACH: settings.coach, Role.STORY: settings.story, Role.MEMORY: settings.memory}
        inside = [target for target in targets.values() if target.embedded]
        self._embedded = embedded
        if inside and embedded is None:
            context = max(target.context for target in inside)
            self._embedded = EmbeddedServer(
                EmbeddedWish(model=settings.embedded_model, name=inside[0].model, context=context)
            )
        self._doors: dict[tuple[str | None, str | None], Door] = {}
        self._ways = {role: self._way(target) for role, target in targets.items()}

    def _way(self, target: RoleTarget) -> _Way:
        key = target.api_key.get_secret_value() if target.api_key else None
        address = (None if target.embedded else target.base_url, key)
        if address not in self._doors:
            self._doors[address] = Door(
                base_url=target.base_url,
                api_key=key,
                limits=self._limits,
                embedded=self._embedded if target.embedded else None,
                # Its one slot keeps the beginning of the last prompt warm.
                places=1 if target.embedded else None,
            )
        endpoint = Endpoint(
            model=target.model,
            base_url=target.base_url or "",
            context=target.context,
            embedded=target.embedded,
            grammar=target.embedded,
            prefill=target.embedded,
        )
        return _Way(self._doors[address], endpoint, target.temperature)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Begin to start the embedded server, if a role needs it; do not wait for it.

        Raises:
            OperatorError: The embedded model's file is missing or wrong.
        """
        if self._embedded is not None:
            await self._embedded.start()

    async def ready(self) -> None:
        """Wait until the embedded server serves; return at once where none is needed.

        Raises:
            EmbeddedModelError: It does not start.
        """
        if self._embedded is not None:
            await self._embedded.serving()

    async def close(self) -> None:
        """Write the last rows, close every connection and stop the embedded server."""
        if self._writing:
            await asyncio.gather(*self._writing, return_exceptions=True)
        for door in self._doors.values():
            await door.close()
        if self._embedded is not None:
            await self._embedded.close()

    def endpoint(self, role: Role) -> Endpoint:
        """Give what stands behind a role."""
        return self._ways[role].endpoint

    async def count_tokens(self, role: Role, text: str) -> int:
        """Count a text's tokens: by the server where it can, else by an estimate that is rather too high.

        Raises:
            EmbeddedModelError: The embedded server does not start.
        """
        way = self._ways[role]
        return await way.door.count_tokens(way.endpoint.model, text)

    async def complete(self, call: Call, *, on_text: Callable[[str], None] | None = None) -> Answer:
        """Ask a model.

        Args:
            call: The question.
            on_text: Is given the answer piece by piece while it comes. Once it was given any, no attempt is
                repeated, so that nobody reads a beginning twice. A repair of JSON is not given out.

        Raises:
            ModelError: There is no answer that can be used; the subclass and its sentence say why.
        """
        tally = _Tally()
        try:
            answer = await self._answer(call, on_text, tally)
            tally.outcome = Outcome(answer.finish)
        except ModelError as error:
            tally.outcome = error.outcome
            _log.warning(
                "model_call_failed",
                role=call.role,
                job=call.caller.job,
                cause=error.cause,
                attempts=tally.attempts,
            )
            raise
        except asyncio.CancelledError:
            tally.outcome = Outcome.CANCELLED
            raise
        else:
            return answer
        finally:
            await self._book(call, tally)

    async def _answer(self, call: Call, on_text: Callable[[str], None] | None, tally: _Tally) -> Answer:
        way = self._ways[call.role]
        async with way.door.place():
            bound = asyncio.timeout(self._limits.whole)
            try:
                async with bound:
                    return await self._answer_in_form(way, call, on_text, tally)
            except TimeoutError:
                if not bound.expired():
                    raise
            raise ModelTimeoutError("whole")

    async def _answer_in_form(
        self, way: _Way, call: Call, on_text: Callable[[str], None] | None, tally: _Tally
    ) -> Answer:
        """Ask, and if the answer is not the JSON that was wanted, ask once more with the reason."""
        answer = await self._ask(way, call, call.messages, on_text, tally)
        if call.schema is None or answer.finish in {Finish.REFUSED, Finish.FILTERED}:
            return answer
        prefill = call.prefill if way.endpoint.prefill else ""
        result = structured.read(prefill + answer.text, call.schema)
        repaired = isinstance(result, structured.Invalid)
        if isinstance(result, structured.Invalid):
            messages = structured.ask_again(call.messages, prefill + answer.text, result)
            answer = await self._ask(way, call, messages, None, tally)
            if answer.finish in {Finish.REFUSED, Finish.FILTERED}:
                return answer
            result = structured.read(prefill + answer.text, call.schema)
            if isinstance(result, structured.Invalid):
                raise InvalidAnswerError
        return Answer(
            text=answer.text,
            finish=answer.finish,
            model=answer.model,
            embedded=answer.embedded,
            usage=tally.usage,
            parsed=result.value,
            repaired=repaired,
        )

    async def _ask(
        self,
        way: _Way,
        call: Call,
        messages: tuple[Message, ...],
        on_text: Callable[[str], None] | None,
        tally: _Tally,
    ) -> Answer:
        """Send a request until it is answered, as often as its faults allow."""
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
            reading = Reading(
                StopGuard(call.stop), call.max_tokens * self._limits.characters_per_token, on_text
            )
            tally.attempts += 1
            try:
                fault = await self._send(client, request, reading)
            finally:
                tally.settle(reading, messages)
            if fault is None:
                fault = _judge(reading, embedded=way.endpoint.embedded)
            if fault is None or isinstance(fault, Filtered):
                return _to_answer(reading, way.endpoint, tally.usage, filtered=fault is not None)
            if dialect.adapt(fault, request):
                continue
            faults += 1
            pause = self._pause(fault, faults)
            if pause is None or reading.given_out:
                raise fault.error
            _log.info("model_call_again", job=call.caller.job, cause=fault.error.cause, pause=round(pause, 2))
            await asyncio.sleep(pause)

    def _pause(self, fault: Fault, faults: int) -> float | None:
        """Say how long to wait before the next attempt; None if there shall be none."""
        if not fault.retry or faults >= self._limits.attempts:
            return None
        if fault.retry_after is not None and fault.retry_after > self._limits.longest_retry_after:
            return None
        ours: float = min(self._limits.longest_pause, self._limits.first_pause * 2 ** (faults - 1))
        jittered = ours * _dice.uniform(0.5, 1.0)
        return jittered if fault.retry_after is None else fault.retry_after + jittered

    async def _send(
        self, client: AsyncOpenAI, request: dict[str, Any], reading: Reading
    ) -> Fault | Filtered | None:
        """Send one request and read its answer; give what went wrong, if anything did."""
        patience = asyncio.timeout(self._limits.first_token)
        try:
            async with patience:
                return await self._converse(client, request, reading, patience)
        except TimeoutError:
            if not patience.expired():
                raise
            return Fault(ModelTimeoutError("between tokens" if reading.began else "first token"))
        except ModelError as error:
            return Fault(error)
        except (openai.OpenAIError, ResponseTooLargeError, ValueError, RecursionError) as error:
            return tell_apart(error, answering=reading.began)

    async def _converse(
        self, client: AsyncOpenAI, request: dict[str, Any], reading: Reading, patience: asyncio.Timeout
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
                now = asyncio.get_running_loop().time
                async for chunk in raw.parse():
                    reading.take(chunk)
                    if reading.began:
                        patience.reschedule(now() + self._limits.between_tokens)
                    if reading.guard.stopped:
                        reading.finish = reading.finish or "stop"
                        break
            reading.end()
        finally:
            # Whatever happened: closing the response frees the server's slot at once.
            await response.aclose()
        return None

    async def _book(self, call: Call, tally: _Tally) -> None:
        """Leave a row in the ledger, even if the call was cancelled or the ledger fails."""
        if self._ledger is None:
            return
        endpoint = self._ways[call.role].endpoint
        unknown = tally.usage == Usage() and tally.attempts > 0
        if unknown and tally.outcome in {Outcome.CANCELLED, Outcome.TIMEOUT}:
            # The server has read the prompt, and may have it paid for.
            tally.usage, tally.estimated = Usage(estimate_messages(call.messages)), True
        row = CallRecord(
            at=tally.at,
            guild_id=call.caller.guild_id,
            member_id=call.caller.member_id,
            job=call.caller.job,
            role=call.role,
            model=endpoint.model,
            embedded=endpoint.embedded,
            tokens_in=tally.usage.tokens_in,
            tokens_out=tally.usage.tokens_out,
            tokens_cached=tally.usage.tokens_cached,
            estimated=tally.estimated,
            cost=self._prices.cost(endpoint, tally.usage),
            currency=self._prices.currency,
            seconds=time.monotonic() - tally.began,
            attempts=tally.attempts,
            outcome=tally.outcome,
        )
        task = asyncio.create_task(self._record(self._ledger, row))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        await asyncio.shield(task)

    @staticmethod
    async def _record(ledger: Ledger, row: CallRecord) -> None:
        try:
            await ledger.record(row)
        except Exception:  # noqa: BLE001 - whatever the store raises
            # An answer that is there is not thrown away because it could not be booked.
            _log.exception("ledger_failed", job=row.job, outcome=row.outcome)


def _judge(reading: Reading, *, embedded: bool) -> Fault | None:
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
