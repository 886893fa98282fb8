"""How a model wants to be asked: OpenAI's protocol, without what its server has refused."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import structlog

from bot.llm import structured
from bot.llm.faults import Complaint, Fault
from bot.llm.reading import Reading
from bot.llm.types import Call, Message

_MOST_STOPS: Final = 4
# A server may refuse any of these; the call can do without, or say it in another way.
_OPTIONAL: Final = (
    "response_format",
    "stream_options",
    "logit_bias",
    "seed",
    "stop",
    "temperature",
    "max_tokens",
    "max_completion_tokens",
)
# What a model that thinks may spend on its thoughts before it begins to answer.
_ROOM_FOR_THOUGHTS: Final = 8192

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Dialect:
    """What one model at one server has turned out to need.

    Args:
        new_limit_name: Whether to begin with `max_completion_tokens`: OpenAI's newer models refuse
            `max_tokens`, and most other servers know nothing else.
    """

    def __init__(self, *, new_limit_name: bool) -> None:
        self._refused: set[str] = set()
        self._limit_name = "max_completion_tokens" if new_limit_name else "max_tokens"
        self._room = 0

    def most_tokens(self, call: Call) -> int:
        """Give the limit of an answer with the model's thoughts, if it is one that thinks."""
        return call.max_tokens + self._room

    def request(
        self,
        call: Call,
        messages: tuple[Message, ...],
        *,
        model: str,
        temperature: float | None,
        embedded: bool,
    ) -> dict[str, Any]:
        """Put a call as this model wants it: the arguments of `chat.completions.create`."""
        schema = None if embedded and call.grammar else call.schema
        if schema is not None and "response_format" in self._refused:
            messages = structured.ask_in_words(messages, schema)
        sent = [{"role": message.role, "content": _encodable(message.content)} for message in messages]
        if embedded and call.prefill:
            sent.append({"role": "assistant", "content": _encodable(call.prefill)})
        bias = {str(token): weight for token, weight in (call.logit_bias or {}).items()}
        optional: dict[str, Any] = {
            "stream_options": {"include_usage": True},
            "temperature": temperature,
            "stop": list(call.stop[:_MOST_STOPS]) or None,
            "seed": call.seed,
            "logit_bias": bias or None,
            "response_format": structured.response_format(call.schema_name, schema) if schema else None,
            self._limit_name: self.most_tokens(call),
        }
        accepted = {
            name: value for name, value in optional.items() if value is not None and name not in self._refused
        }
        request: dict[str, Any] = {"model": model, "messages": sent, "stream": True, **accepted}
        if embedded and call.grammar:
            request["extra_body"] = {"grammar": call.grammar}
        return request

    def adapt(self, fault: Fault, request: Mapping[str, Any]) -> bool:
        """Learn from a refused request; tell whether another one is worth sending."""
        if fault.complaint is None:
            return False
        name = _culprit(fault.complaint, [name for name in _OPTIONAL if name in request])
        if name is None:
            return False
        if name == self._limit_name == "max_tokens":
            self._limit_name = "max_completion_tokens"
        else:
            self._refused.add(name)
        _log.info("model_server_refuses", parameter=name)
        return True

    def make_room(self, call: Call, reading: Reading) -> bool:
        """Learn that a model thinks before it answers; tell whether the call is worth sending again.

        A limit that is right for an answer is spent on thoughts by such a model. So an answer that was cut by
        its limit after thoughts is asked for again, once, with room for them; later calls have it at once.
        """
        if self._room or not reading.thought:
            return False
        self._room = _ROOM_FOR_THOUGHTS
        _log.info("model_thinks", room=self._room)
        return reading.finish == "length" and not reading.given_out and call.max_tokens < self._room


def _encodable(text: str) -> str:
    """Replace half characters (lone surrogates), which no JSON can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _culprit(complaint: Complaint, sent: Iterable[str]) -> str | None:
    """Find the parameter that a complaint is about; without a name, the likeliest one."""
    names = list(sent)
    if complaint.parameter:
        # 'response_format.json_schema', 'stop[0]', and the like.
        root = re.split(r"[.\[]", complaint.parameter)[0]
        return root if root in names else None
    for name in names:
        # A complaint may quote the prompt, where 'stop' is only a word: so those without _ must be in quotes.
        pattern = rf"\b{name}\b" if "_" in name else rf"['\"`]{name}['\"`]"
        if re.search(pattern, complaint.words):
            return name
    # Servers that do not know `response_format` complain in many ways; of the rest they say the name.
    return "response_format" if "response_format" in names else None
