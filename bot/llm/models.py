"""The one door to models: `Models.complete` asks, bears with faults, and keeps the books."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

import structlog

from bot.llm import structured
from bot.llm.asking import ask
from bot.llm.books import Books, Tally
from bot.llm.door import Door, Way
from bot.llm.embedded import EmbeddedServer, EmbeddedWish
from bot.llm.errors import InvalidAnswerError, ModelError, ModelTimeoutError
from bot.llm.house import Budget, ModelChoice
from bot.llm.limits import Limits
from bot.llm.prices import Prices
from bot.llm.records import Ledger, Outcome, TraceSink
from bot.llm.roles import ModelSettings, RoleTarget
from bot.llm.types import Answer, Call, Endpoint, Finish, Role

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Models:
    """Every call to a model goes through here. An async context manager.

    Args:
        settings: Roles with their servers and models.
        ledger: Where each call leaves a row; None to keep none.
        trace: Where each call's words go once it is over; None to keep none.
        budget: Says whether a call may be paid for; None lets all be.
        choice: Knows which model a server has chosen; None for the settings' alone.
        limits: Bounds of time and size.
        prices: The price table; read from the settings if None.
        embedded: The embedded server, for tests that watch it.
    """

    def __init__(
        self,
        settings: ModelSettings,
        *,
        ledger: Ledger | None = None,
        trace: TraceSink | None = None,
        budget: Budget | None = None,
        choice: ModelChoice | None = None,
        limits: Limits | None = None,
        prices: Prices | None = None,
        embedded: EmbeddedServer | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._trace = trace
        self._budget = budget
        self._choice = choice
        self._books = Books(ledger, prices or Prices.load(settings.inkcircle_prices))
        targets = {Role.COACH: settings.coach, Role.STORY: settings.story, Role.MEMORY: settings.memory}
        inside = [target for target in targets.values() if target.embedded]
        self._embedded = embedded
        if inside and embedded is None:
            context = max(target.context for target in inside)
            self._embedded = EmbeddedServer(
                EmbeddedWish(model=settings.embedded_model, name=inside[0].model, context=context)
            )
        self._doors: dict[tuple[str | None, str | None], Door] = {}
        ours = settings.embedded_model is None
        self._ways = {role: self._way(target, model_is_ours=ours) for role, target in targets.items()}

    def _way(self, target: RoleTarget, *, model_is_ours: bool) -> Way:
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
            demonstration=target.embedded and model_is_ours,
        )
        return Way(self._doors[address], endpoint, target.temperature)

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
        await self._books.close()
        for door in self._doors.values():
            await door.close()
        if self._embedded is not None:
            await self._embedded.close()

    def endpoint(self, role: Role) -> Endpoint:
        """Give what stands behind a role where no server has chosen."""
        return self._ways[role].endpoint

    async def endpoint_for(self, role: Role, guild_id: int | None) -> Endpoint:
        """Give what stands behind a role for a server: the same place, perhaps with a model of its choice."""
        return (await self._way_for(role, guild_id)).endpoint

    def endpoint_with(self, role: Role, model: str | None) -> Endpoint:
        """Give what would stand behind a role if a server chose a model there; None for the settings' own."""
        endpoint = self._ways[role].endpoint
        return endpoint if model is None or endpoint.embedded else replace(endpoint, model=model)

    async def _way_for(self, role: Role, guild_id: int | None) -> Way:
        way = self._ways[role]
        # The embedded server has one model.
        if guild_id is None or self._choice is None or way.endpoint.embedded:
            return way
        chosen = await self._choice.model_for(guild_id, role)
        return way if chosen is None else replace(way, endpoint=replace(way.endpoint, model=chosen))

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
        way = await self._way_for(call.role, call.caller.guild_id)
        if self._budget is None:
            return await self._complete(way, call, on_text)
        async with self._budget.admit(call, way.endpoint) as bounded:
            # Where nothing is bounded nobody waits for the row.
            return await self._complete(way, call, on_text, booked=bounded)

    async def _complete(
        self, way: Way, call: Call, on_text: Callable[[str], None] | None, *, booked: bool = True
    ) -> Answer:
        tally = Tally()
        try:
            answer = await self._answer(way, call, on_text, tally)
            tally.outcome = Outcome(answer.finish)
        except ModelError as error:
            tally.outcome, tally.trail.cause = error.outcome, error.cause
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
            tally.trail.hand_over(
                self._trace,
                call,
                way.endpoint,
                at=tally.at,
                seconds=time.monotonic() - tally.began,
                outcome=tally.outcome,
            )
            await self._books.enter(call, way.endpoint, tally, wait=booked)

    async def _answer(
        self, way: Way, call: Call, on_text: Callable[[str], None] | None, tally: Tally
    ) -> Answer:
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
        self, way: Way, call: Call, on_text: Callable[[str], None] | None, tally: Tally
    ) -> Answer:
        """Ask, and if the answer is not the JSON that was wanted, ask once more with the reason."""
        answer = await ask(way, call, call.messages, tally=tally, limits=self._limits, on_text=on_text)
        if call.schema is None or answer.finish in {Finish.REFUSED, Finish.FILTERED}:
            return answer
        prefill = call.prefill if way.endpoint.prefill else ""
        result = structured.read(prefill + answer.text, call.schema)
        if isinstance(result, structured.Invalid) and not call.repairs:
            return answer
        repaired = isinstance(result, structured.Invalid)
        if isinstance(result, structured.Invalid):
            messages = structured.ask_again(call.messages, prefill + answer.text, result)
            answer = await ask(way, call, messages, tally=tally, limits=self._limits, on_text=None)
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
