"""What is asked for, and the piece of work that is kept of it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.client import Inkcircle
from bot.coach import Focus
from bot.llm import Caller
from bot.store.jobs import Job, Reader
from bot.store.waiting import Question
from cogs.critique.pages import Pages
from cogs.critique.visibility import Visibility

KIND: Final = "critique"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a member wants to have read, and how."""

    pages: Pages
    focus: Focus | None = None
    visibility: Visibility = Visibility.ONLY_ME
    message_id: int | None = None


def job_of_wish(interaction: discord.Interaction[Any], wish: Wish) -> Job:
    """Give the work for a member who asks about their own pages."""
    return Job(
        id=secrets.token_hex(8),
        kind=KIND,
        guild_id=interaction.guild_id or 0,
        channel_id=interaction.channel_id or 0,
        member_id=interaction.user.id,
        author_id=interaction.user.id,
        message_id=wish.message_id,
        focus=wish.focus,
        visibility=wish.visibility,
        readers=(Reader(interaction.user.id, interaction.id, interaction.token),),
        source=wish.pages.to_json(),
    )


def job_of_question(question: Question, allowed: discord.Interaction[Any]) -> Job:
    """Give the work for two readers: who asked first, then the author, whose `allowed` said yes."""
    return Job(
        id=question.id,
        kind=KIND,
        guild_id=question.guild_id,
        channel_id=question.channel_id,
        member_id=question.member_id,
        author_id=question.author_id,
        message_id=question.message_id,
        focus=None,
        visibility=Visibility.ONLY_ME,
        readers=(
            Reader(question.member_id, question.interaction_id, question.token),
            Reader(allowed.user.id, allowed.id, allowed.token),
        ),
        source=question.source,
    )


def caller_of(job: Job) -> Caller:
    """Give who has the model work, and whose words it is given."""
    others = (job.author_id,) if job.author_id != job.member_id else ()
    return Caller(guild_id=job.guild_id, member_id=job.member_id, job=job.id, author_ids=others)


def noting(client: Inkcircle, job: Job) -> Callable[[str], None]:
    """Give what keeps which work an incident was about, for `inkcircle trace`."""
    return lambda incident: client.privacy.tracer.incident(incident, caller_of(job))
