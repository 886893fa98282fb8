"""What is being done for somebody just now: each command, press, form and event is a task of its own.

discord.py starts these tasks and forgets them. It does not wait for them when it is closed either, so they
would go on without a connection and without a database: who pressed would read nothing, what they said
would be lost, and what is open of the database would stay open.
"""

import asyncio
from typing import Any, Final

import structlog

_log = structlog.get_logger(__name__)

# By these names alone can they be told from other tasks; a test holds that they are called so.
_NAMES: Final = ("discord.py: ", "CommandTree-invoker", "discord-ui-")
# How long one that is interrupted may take to clean up, in seconds.
_INTERRUPTED: Final = 0.5


async def let_them_end(seconds: float) -> None:
    """Wait until all of them have ended; what takes longer than so many seconds is interrupted."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while (handlers := _under_way()) and loop.time() < until:
        await asyncio.wait(handlers, timeout=until - loop.time())
    for each in handlers:
        each.cancel()
    if handlers:
        _log.info("handlers.interrupted", count=len(handlers))
        await asyncio.wait(handlers, timeout=_INTERRUPTED)


def _under_way() -> set[asyncio.Task[Any]]:
    mine = asyncio.current_task()
    return {each for each in asyncio.all_tasks() if each is not mine and each.get_name().startswith(_NAMES)}
