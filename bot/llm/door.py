"""The way to one server: its client, its places, and what it has turned out not to accept."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from openai import AsyncOpenAI

from bot.errors import OperatorError
from bot.llm import structured
from bot.llm.embedded import EmbeddedServer, Serving
from bot.llm.errors import EmbeddedModelError, ModelBusyError
from bot.llm.faults import Fault
from bot.llm.limits import Limits
from bot.llm.tokens import TokenCounter
from bot.llm.transport import new_client
from bot.llm.types import Call, Message

# OpenAI's newer models refuse `max_tokens`; most other servers know nothing else.
_SPEAKS_NEW: Final = frozenset({"api.openai.com"})
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

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Dialect:
    """What a server does not accept of the protocol, as it told us with an HTTP 400."""

    def __init__(self, *, new_limit_name: bool) -> None:
        self._refused: set[str] = set()
        self._limit_name = "max_completion_tokens" if new_limit_name else "max_tokens"

    def request(
        self,
        call: Call,
        messages: tuple[Message, ...],
        *,
        model: str,
        temperature: float | None,
        embedded: bool,
    ) -> dict[str, Any]:
        """Put a call as this server wants it: the arguments of `chat.completions.create`."""
        by_schema = call.schema is not None and not (embedded and call.grammar)
        if by_schema and call.schema is not None and "response_format" in self._refused:
            messages = structured.ask_in_words(messages, call.schema)
        sent = [{"role": message.role, "content": message.content} for message in messages]
        if embedded and call.prefill:
            sent.append({"role": "assistant", "content": call.prefill})
        optional: dict[str, Any] = {
            "stream_options": {"include_usage": True},
            "temperature": temperature,
            "stop": list(call.stop[:_MOST_STOPS]) or None,
            "seed": call.seed,
            "logit_bias": {str(token): bias for token, bias in (call.logit_bias or {}).items()} or None,
            "response_format": structured.response_format(call.schema_name, call.schema)
            if by_schema and call.schema is not None
            else None,
        }
        request: dict[str, Any] = {"model": model, "messages": sent, "stream": True}
        request |= {
            name: value for name, value in optional.items() if value is not None and name not in self._refused
        }
        if self._limit_name not in self._refused:
            request[self._limit_name] = call.max_tokens
        if embedded and call.grammar:
            request["extra_body"] = {"grammar": call.grammar}
        return request

    def adapt(self, fault: Fault, request: Mapping[str, Any]) -> bool:
        """Learn from a refused request; tell whether another one is worth sending."""
        if fault.complaint is None:
            return False
        name = self._culprit(fault.complaint, [name for name in _OPTIONAL if name in request])
        if name is None:
            return False
        if name == self._limit_name == "max_tokens":
            self._limit_name = "max_completion_tokens"
        else:
            self._refused.add(name)
        _log.info("model_server_refuses", parameter=name)
        return True

    @staticmethod
    def _culprit(complaint: str, sent: Iterable[str]) -> str | None:
        """Find the parameter that a server's complaint is about; without a name, the likeliest one."""
        names = list(sent)
        for name in names:
            if name in complaint:
                return name
        # Servers that do not know `response_format` complain in many ways; of the rest they say the name.
        return "response_format" if "response_format" in names else None


class Door:
    """One server. Roles that share a server share its door, and so its places."""

    def __init__(
        self,
        *,
        base_url: str | None,
        api_key: str | None,
        limits: Limits,
        embedded: EmbeddedServer | None = None,
        places: int | None = None,
    ) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._limits = limits
        self._embedded = embedded
        self._client: AsyncOpenAI | None = None
        self._serving: Serving | None = None
        self._connecting = asyncio.Lock()
        self._places = asyncio.Semaphore(places or limits.concurrency)
        self._counters: dict[str, TokenCounter] = {}
        host = urlsplit(base_url or "").hostname or ""
        self._is_openai = host in _SPEAKS_NEW
        self._dialects: dict[str, Dialect] = {}

    def dialect(self, model: str) -> Dialect:
        """Give what is known of how a model of this server wants to be asked."""
        return self._dialects.setdefault(model, Dialect(new_limit_name=self._is_openai))

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for one of the server's places, and keep it.

        Raises:
            ModelBusyError: None became free in time.
        """
        try:
            async with asyncio.timeout(self._limits.queue):
                await self._places.acquire()
        except TimeoutError:
            raise ModelBusyError("queue") from None
        try:
            yield
        finally:
            self._places.release()

    async def client(self) -> AsyncOpenAI:
        """Give the client of the server; wait for the embedded one while it starts.

        Raises:
            EmbeddedModelError: The embedded server does not start.
        """
        if self._embedded is None:
            if self._client is None:
                self._client = new_client(self._base_url or "", self._api_key, self._limits)
            return self._client
        try:
            serving = await self._embedded.serving()
        except OperatorError:
            serving = None
        if serving is None:
            raise EmbeddedModelError("missing")
        async with self._connecting:
            if self._client is None or serving != self._serving:
                await self._drop_client()
                self._client = new_client(serving.base_url, serving.api_key, self._limits)
                self._serving = serving
            return self._client

    async def count_tokens(self, model: str, text: str) -> int:
        """Count a text's tokens, at the server where it can."""
        counter = self._counters.setdefault(model, TokenCounter(model=model, can_count=not self._is_openai))
        return await counter.count(await self.client(), text)

    async def close(self) -> None:
        """Close the connections."""
        await self._drop_client()

    async def _drop_client(self) -> None:
        client, self._client, self._serving = self._client, None, None
        if client is not None:
            await client.close()
