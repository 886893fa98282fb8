"""The HTTP client under a door to a model: one per server, with a limit to what it reads."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx2
from openai import AsyncOpenAI, DefaultAsyncHttpx2Client

from bot.llm.limits import Limits

_OPENAI_HOST = "api.openai.com"
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
# The openai package insists on a key, and would else take OPENAI_API_KEY, which may belong to another server.
_NO_KEY = "none"


class ResponseTooLargeError(Exception):
    """A response went on beyond `Limits.answer_bytes`."""


class _LimitedStream(httpx2.AsyncByteStream):
    """A response's body that ends with an error when it grows too large.

    The decoder of the openai package sets no limit to a line or an event: an endless line would fill memory.
    """

    def __init__(self, inner: httpx2.AsyncByteStream, limit: int) -> None:
        self._inner = inner
        self._left = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            self._left -= len(chunk)
            if self._left < 0:
                raise ResponseTooLargeError
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


def new_client(base_url: str, api_key: str | None, limits: Limits) -> AsyncOpenAI:
    """Build the client of one server: without retries, without redirects, and asking for plain bytes."""

    async def limit_body(response: httpx2.Response) -> None:
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _LimitedStream(response.stream, limits.answer_bytes)

    host = urlsplit(base_url).hostname
    # Only the connection has its limit here; the times of an answer are kept where it is read.
    timeout = httpx2.Timeout(None, connect=limits.connect)
    http = DefaultAsyncHttpx2Client(
        base_url=base_url,
        timeout=timeout,
        # A redirect would carry the prompt to a server that nobody has named.
        follow_redirects=False,
        # A server on this machine is not behind a proxy.
        trust_env=host not in _THIS_MACHINE,
        event_hooks={"response": [limit_body]},
    )
    client = AsyncOpenAI(
        base_url=base_url,
        api_key=api_key or _NO_KEY,
        http_client=http,
        max_retries=0,
        timeout=timeout,
        # What is compressed could be far larger than what is counted.
        default_headers={"Accept-Encoding": "identity"},
    )
    if host != _OPENAI_HOST:
        # Read from the environment by the package; they are nobody else's business.
        client.organization = None
        client.project = None
    # The package imports its types at first use; better here, off the event loop, than in the first call.
    _ = client.chat.completions.with_raw_response
    return client
