"""A reply of the model's double that answers what a probe of its abilities asks."""

from dataclasses import dataclass

from aiohttp import web

from tests.model_server import Received, Reply, Words


@dataclass(frozen=True)
class Able:
    """Answers each question of a probe as a server would that can do this much.

    Attributes:
        schema: Whether it keeps to a JSON schema.
        prefill: Whether it goes on with an answer that was begun.
        reads: How many tokens of a prompt it reads before it cuts.
    """

    schema: bool = True
    prefill: bool = True
    reads: int = 100_000

    async def send(self, received: Received) -> web.StreamResponse:
        return await self._reply(received).send(received)

    def _reply(self, received: Received) -> Reply:
        if "response_format" in received.body:
            return Words('{"shade": "teal"}' if self.schema else "The sea sleeps under a grey lid.")
        if received.body["messages"][-1]["role"] == "assistant":
            return Words(" Thursday, Friday" if self.prefill else "Monday, Tuesday")
        words = len(received.last.split())
        return Words("Hello", finish="length", usage=(min(words, self.reads), 1, 0))
