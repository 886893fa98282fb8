"""The last step: bring what came of it to a reader, alone or in the channel, trying for a while."""

import asyncio
from http import HTTPStatus
from typing import Final

import aiohttp
import discord
import structlog

from bot.client import Inkcircle
from bot.discord_io import incidents
from bot.discord_io.reply import Reply
from bot.store.jobs import Job
from cogs.critique.letter import Told
from cogs.critique.publishing import publish
from cogs.critique.replies import try_to_tell
from cogs.critique.visibility import Visibility
from cogs.critique.wish import KIND, noting

_log = structlog.get_logger(__name__)

# Between the attempts to bring an answer, in seconds; after the last one it is given up.
_PAUSES: Final = (1.0, 4.0, 15.0, 60.0, 180.0, 600.0)


async def bring(client: Inkcircle, job: Job, told: Told, reply: Reply) -> None:
    """Bring the answer to one reader; one who cannot be reached raises nothing."""
    again = job.tries > 1
    for pause in (*_PAUSES, None):
        try:
            await _bring_once(client, job, told, reply, again=again)
        except Exception as error:  # noqa: BLE001 - one who cannot be reached keeps it from nobody else
            if not _may_pass(error):
                sentence = incidents.report(error, noting(client, job), where=KIND, job=job.id)
                await try_to_tell(reply.fail, sentence)
                return
            _log.warning("critique.unbrought", job=job.id, kind=type(error).__name__, again_after=pause)
            again = True
            if pause is not None:
                await asyncio.sleep(pause)
        else:
            return
    _log.error("critique.lost", job=job.id)


async def _bring_once(client: Inkcircle, job: Job, told: Told, reply: Reply, *, again: bool) -> None:
    if job.visibility == Visibility.THIS_CHANNEL and told.letter is not None:
        await publish(client, job, told, reply, again=again)
    elif told.sentence is not None:
        await reply.fail(told.sentence)
    else:
        of_two = len(job.readers) > 1
        heading = "**A letter for the two of you**" if of_two else "**A letter for you**"
        await reply.finish(told.answer(heading))


def _may_pass(error: Exception) -> bool:
    """Tell whether trying again later can help: it cannot where Discord says that what we send is wrong."""
    if isinstance(error, discord.HTTPException):
        return error.status != HTTPStatus.BAD_REQUEST
    return isinstance(error, discord.RateLimited | aiohttp.ClientError | OSError)
