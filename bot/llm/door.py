"""The way to one server: its client, its places, and what it has turned out not to accept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from openai import AsyncOpenAI

from bot.errors import OperatorError
from bot.llm.dialect import Dialect
from bot.llm.embedded import EmbeddedServer, Serving
from bot.llm.errors import EmbeddedModelError, ModelBusyError
from bot.llm.limits import Limits
from bot.llm.tokens import TokenCounter
from bot.llm.transport import new_client
from bot.llm.types import Endpoint

_OPENAI: Final = "api.openai.com"


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
        self._is_openai = host == _OPENAI
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
            async with self._connecting:
                if self._client is None:
                    self._client = await self._new_client(self._base_url or "", self._api_key)
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
                self._client = await self._new_client(serving.base_url, serving.api_key)
                self._serving = serving
            return self._client

    async def count_tokens(self, model: str, text: str) -> int:
        """Count a text's tokens, at the server where it can."""
        counter = self._counters.setdefault(model, TokenCounter(model=model, can_count=not self._is_openai))
        return await counter.count(await self.client(), text)

    async def close(self) -> None:
        """Close the connections."""
        await self._drop_client()

    async def _new_client(self, base_url: str, api_key: str | None) -> AsyncOpenAI:
        # The first one of a process loads the HTTP library and the certificates: a few tenths of a second.
        return await asyncio.to_thread(new_client, base_url, api_key, self._limits)

    async def _drop_client(self) -> None:
        client, self._client, self._serving = self._client, None, None
        if client is not None:
            await client.close()


@dataclass(frozen=True, slots=True)
class Way:
    """A role's door, model and temperature."""

    door: Door
    endpoint: Endpoint
    temperature: float | None
