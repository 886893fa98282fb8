"""Answering an interaction once more where Discord did not take the answer, or was not heard.

discord.py tries an answer again after some errors, but not after a connection that was cut, which happens to
idle ones at any moment. Whoever asked must not come to wait for ever, nor read that nothing was kept of what
is done.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import aiohttp
import discord
import structlog

from bot.discord_io.incidents import ACKNOWLEDGED, ALREADY_ACKNOWLEDGED, UNKNOWN_INTERACTION

_log = structlog.get_logger(__name__)

ResultT = TypeVar("ResultT")

UNHEARD: Final = (discord.HTTPException, aiohttp.ClientError, OSError)
"""What a request may raise; after the latter two nobody knows whether it arrived."""

CUT: Final = (aiohttp.ClientConnectionError,)
"""What a request raises whose connection was closed under it, and nothing that Discord said itself."""


async def once_more(
    answer: Callable[[], Awaitable[ResultT]], *, after: tuple[type[Exception], ...] = UNHEARD
) -> ResultT | None:
    """Give the first answer to an interaction, or an edit of it; a second time if the first try failed.

    Args:
        answer: Makes the request; what can be sent once, such as a file, it makes anew each time.
        after: The errors after which it is tried again.

    Returns:
        What Discord answered; None if it turns out that the first try had arrived.

    Raises:
        discord.HTTPException: Discord did not take the second either.
        aiohttp.ClientError: It was not heard either.
    """
    try:
        return await answer()
    except after as error:
        code = getattr(error, "code", None)
        if code == UNKNOWN_INTERACTION:
            # Too late; a second try would be later still.
            raise
        _log.info("answer.once_more", kind=type(error).__name__, code=code)
    try:
        return await answer()
    except discord.HTTPException as error:
        if error.code != ALREADY_ACKNOWLEDGED:
            raise
        _log.info("answer.arrived_unheard")
        return None


async def think(interaction: discord.Interaction[Any]) -> None:
    """Let a member alone see that an answer comes; it is to be an edit of that, and so are errors.

    Raises:
        discord.HTTPException: Discord did not take it; nothing is to be begun.
        aiohttp.ClientError: It was not heard.
    """
    heard = await once_more(lambda: interaction.response.defer(ephemeral=True, thinking=True))
    if heard is None:
        interaction.extras[ACKNOWLEDGED] = True


async def insist(answer: Callable[[], Awaitable[ResultT]]) -> ResultT | None:
    """Say that something is done, a second time if the first try failed; see `once_more`.

    None of Discord's errors comes of it: they would tell the member that nothing was kept.

    Returns:
        What Discord answered; None if it arrived unheard, or did not arrive. The log says which.
    """
    try:
        return await once_more(answer)
    except UNHEARD as error:
        _log.warning("answer.untold", kind=type(error).__name__, code=getattr(error, "code", None))
        return None
