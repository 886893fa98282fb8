"""What a call said and heard, handed over to whoever keeps traces; it never holds the call up."""

from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot.llm.faults import Fault, Filtered
from bot.llm.reading import Reading
from bot.llm.records import Outcome, TracedAttempt, TracedCall, TraceSink
from bot.llm.types import Call, Endpoint, Message

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Attempt:
    messages: tuple[Message, ...] = field(repr=False)
    reading: Reading = field(repr=False)
    fault: Fault | Filtered | None = None

    def traced(self) -> TracedAttempt:
        if isinstance(self.fault, Fault):
            ended = self.fault.error.cause
        elif self.fault is not None:
            ended = "filtered"
        else:
            ended = self.reading.finish or ("stopped" if self.reading.began else "no answer")
        text = self.reading.text or self.reading.refusal
        return TracedAttempt(messages=self.messages, text=text, ended=ended)


class Trail:
    """The requests of one call, in order.

    Attributes:
        cause: Of the call's failure, in ids and numbers; empty for an answer.
    """

    def __init__(self) -> None:
        self._attempts: list[_Attempt] = []
        self.cause = ""

    def sent(self, messages: tuple[Message, ...], reading: Reading) -> None:
        """Note a request; what the reading holds is looked at when the call is over."""
        self._attempts.append(_Attempt(messages, reading))

    def found(self, fault: Fault | Filtered | None) -> None:
        """Note what was wrong with the last one."""
        self._attempts[-1].fault = fault

    def hand_over(
        self,
        sink: TraceSink | None,
        call: Call,
        endpoint: Endpoint,
        *,
        at: datetime,
        seconds: float,
        outcome: Outcome,
    ) -> None:
        """Give a call that is over to the sink. If that fails, it fails alone, and the log has where."""
        if sink is None:
            return
        try:
            sink.called(
                TracedCall(
                    at=at,
                    caller=call.caller,
                    role=call.role,
                    model=endpoint.model,
                    embedded=endpoint.embedded,
                    attempts=tuple(each.traced() for each in self._attempts),
                    prefill=call.prefill if endpoint.prefill else "",
                    outcome=outcome,
                    cause=self.cause,
                    seconds=seconds,
                )
            )
        except Exception:  # noqa: BLE001 - whatever the sink raises: an answer is not thrown away for it
            _log.exception("trace_failed", job=call.caller.job, outcome=outcome)
