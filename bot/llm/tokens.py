"""How many tokens a text has: by the server where it can count, by a safe estimate elsewhere."""

import asyncio
import re
from collections.abc import Iterable
from typing import Final

import openai
from openai import AsyncOpenAI

from bot.llm.transport import ResponseTooLargeError
from bot.llm.types import Message

# Around each message the chat templates put a handful of marks (ChatML: <|im_start|>, role, <|im_end|>, …).
TOKENS_PER_MESSAGE: Final = 8
_PIECE: Final = re.compile(r"[A-Za-z]+|[0-9]|\n+|[^\S\n]{2,}|[^A-Za-z0-9\s]")
# Small vocabularies split an unknown word about every three letters; most English words are one token.
_LETTERS_PER_TOKEN: Final = 4
_MARGIN: Final = 1.15
# A count is not worth more: there is the estimate.
_PATIENCE: Final = 10.0


def estimate_tokens(text: str) -> int:
    """Estimate a text's tokens, rather too many than too few.

    English prose comes out about a third above the count of SmolLM2's small vocabulary; other alphabets
    count a token for each byte, which no tokenizer in use exceeds.
    """
    tokens = 0
    for piece in _PIECE.findall(text):
        if piece.isascii():
            tokens += 1 + (len(piece) - 1) // _LETTERS_PER_TOKEN
        else:
            tokens += len(piece.encode("utf-8", "surrogatepass"))
    return int(tokens * _MARGIN) + 1 if text else 0


def estimate_messages(messages: Iterable[Message]) -> int:
    """Estimate the tokens of a conversation with the marks around its messages."""
    return sum(estimate_tokens(message.content) + TOKENS_PER_MESSAGE for message in messages)


class TokenCounter:
    """Counts at one server, and remembers if that server cannot."""

    def __init__(self, *, model: str, can_count: bool = True) -> None:
        self._model = model
        self._can_count = can_count

    async def count(self, client: AsyncOpenAI, text: str) -> int:
        """Count the tokens of a text, at the server if it knows `/tokenize`, else by an estimate."""
        if self._can_count:
            counted = await self._ask(client, text)
            if counted is not None:
                return counted
        return estimate_tokens(text)

    async def _ask(self, client: AsyncOpenAI, text: str) -> int | None:
        root = str(client.base_url).rstrip("/").removesuffix("/v1")
        try:
            # llama.cpp reads `content`, vLLM reads `model` and `prompt`; each leaves the other's alone.
            async with asyncio.timeout(_PATIENCE):
                answer = await client.post(
                    f"{root}/tokenize",
                    cast_to=object,
                    body={"content": text, "model": self._model, "prompt": text, "add_special_tokens": False},
                )
        except openai.APIStatusError as error:
            # The server has no such page, or not for us. A fault of the moment is no reason to stop asking.
            self._can_count = error.status_code in {408, 429} or error.status_code >= 500  # noqa: PLR2004
            return None
        except (openai.OpenAIError, ResponseTooLargeError, TimeoutError, ValueError):
            return None
        tokens = answer.get("tokens") if isinstance(answer, dict) else None
        count = answer.get("count") if isinstance(answer, dict) else None
        if isinstance(tokens, list):
            return len(tokens)
        if isinstance(count, int):
            return count
        self._can_count = False
        return None
