"""The local Discord in a process of its own, so that drawing its page never holds up the bot."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bot.errors import InkcircleError, OperatorError
from bot.ports import is_free

WELCOME: Final = (
    "Type / to see what I can do: give a scene to /critique, or begin with /story start. You are Mara "
    "at first, a writer; become another one, or the moderator, below on the left."
)
_USUAL_PORT: Final = 8090
# It takes a second or two; a machine that is busy with its first start may need many more.
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class LocalDiscord:
    """Where it is, and the token that logs in."""

    page_url: str
    api_url: str
    gateway_url: str
    bot_token: str


@asynccontextmanager
async def local_discord(port: int | None) -> AsyncIterator[LocalDiscord]:
    """Run it; it ends with the block, and with this process however that ends.

    Args:
        port: Of the page; None for the usual one, or another if that is taken; 0 for any.

    Raises:
        OperatorError: The port is taken.
    """
    if port is None:
        port = _USUAL_PORT if is_free(_USUAL_PORT) else 0
    elif not is_free(port):
        raise OperatorError(
            f"Port {port} on this machine is taken: choose another one, for example --port {port + 1}."
        )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot.playground", "--until-stdin-closes", "--port", str(port), "--page", WELCOME),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # Ctrl+C in the terminal is the bot's to handle, which then closes this process's standard input.
        start_new_session=True,
    )
    try:
        yield await _whereabouts(process)
    finally:
        await _end(process)


async def _whereabouts(process: asyncio.subprocess.Process) -> LocalDiscord:
    if process.stdout is None:
        raise RuntimeError("its output is not read")
    try:
        line = await asyncio.wait_for(process.stdout.readline(), _START_SECONDS)
        told = json.loads(line)
    except (TimeoutError, ValueError):
        raise InkcircleError("The local Discord did not start.") from None
    return LocalDiscord(told["page_url"], told["api_url"], told["gateway_url"], told["bot_token"])


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
