"""How the readers of a letter are answered: each under their own interaction."""

from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
import discord
import structlog

from bot.client import Inkcircle
from bot.discord_io.desk import Place
from bot.discord_io.reply import Addressee, Reply
from bot.store.jobs import Job
from bot.store.waiting import Question

_log = structlog.get_logger(__name__)


def reply_to(client: Inkcircle, to: Addressee, *, place: Place | None = None) -> Reply:
    """Make the answer to one reader.

    Args:
        client: The client that is logged in.
        to: The reader.
        place: Where the work is stopped if the answer's message is deleted; None if others wait for it too.
    """
    return Reply(
        client,
        to,
        shelf=client.shelf,
        now=client.now,
        deleted=place.answer_deleted if place is not None else None,
    )


def replies_of(client: Inkcircle, job: Job, place: Place) -> list[Reply]:
    """Make the answers to all readers of kept work, as after a restart."""
    alone = place if len(job.readers) == 1 else None
    return [
        reply_to(
            client,
            Addressee(
                each.member_id,
                job.guild_id,
                job.channel_id,
                each.interaction_id,
                each.token,
                _letter_id(job.id, number),
                job.author_id,
            ),
            place=alone,
        )
        for number, each in enumerate(job.readers)
    ]


def addressee_of(
    interaction: discord.Interaction[Any], job_id: str, author_id: int, number: int = 0
) -> Addressee:
    """Give who is answered under an interaction.

    Args:
        interaction: The interaction.
        job_id: The work that the answer comes of.
        author_id: Whose words it is about.
        number: The reader's place among several.
    """
    return Addressee(
        interaction.user.id,
        interaction.guild_id or 0,
        interaction.channel_id or 0,
        interaction.id,
        interaction.token,
        _letter_id(job_id, number),
        author_id,
    )


def asker_of(question: Question) -> Addressee:
    """Give who asked a question, and is the first of the two readers of what may come of it."""
    return Addressee(
        question.member_id,
        question.guild_id,
        question.channel_id,
        question.interaction_id,
        question.token,
        _letter_id(question.id, 0),
        question.author_id,
    )


def _letter_id(job_id: str, number: int) -> str:
    """Name the letter that one of a job's readers may have to open late."""
    return f"{job_id[:-1]}{number:x}"


async def acknowledge(reply: Reply, interaction: discord.Interaction[Any], stage: str) -> None:
    """Acknowledge what is kept. Where that fails the work goes on, and its answer comes another way."""
    try:
        await reply.acknowledge(interaction, stage)
    except discord.HTTPException as error:
        _log.warning("interaction.late", interaction=interaction.id, status=error.status, code=error.code)
    except (aiohttp.ClientError, OSError) as error:
        _log.warning("interaction.late", interaction=interaction.id, kind=type(error).__name__)


async def try_to_tell(tell: Callable[[str], Coroutine[Any, Any, None]], sentence: str) -> None:
    """Tell a reader something; that they cannot be reached is noted, and raises nothing."""
    try:
        await tell(sentence)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        _log.info("critique.untold", kind=type(error).__name__)
