"""Requests by hand, with the bot's token."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from bot.playground import Playground


@dataclass(frozen=True)
class Answer:
    """A status and the JSON that came with it."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> object:
        """Give Discord's own code of a refusal."""
        return self.body.get("code") if isinstance(self.body, dict) else None

    def error(self, *path: str) -> object:
        """Give the code of the first fault at a place of an invalid form."""
        node = self.body["errors"]
        for step in path:
            node = node[step]
        return node["_errors"][0]["code"]


class PlainHttp:
    """A connection to a playground's REST interface."""

    def __init__(self, playground: Playground) -> None:
        self._client = httpx.AsyncClient(
            base_url=playground.api_url, headers={"Authorization": f"Bot {playground.bot_token}"}
        )

    async def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        files: Mapping[str, bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        if files is None:
            response = await self._client.request(method, path, json=body, headers=headers)
        else:
            parts = [(f"files[{n}]", (name, data)) for n, (name, data) in enumerate(files.items())]
            response = await self._client.request(
                method, path, data={"payload_json": json.dumps(body)}, files=parts, headers=headers
            )
        return Answer(
            response.status_code, response.json() if response.content else None, dict(response.headers)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()
