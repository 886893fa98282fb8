"""The one way that every error of a command, a button or a form takes.

The member reads one sentence. If the fault is not theirs it carries an id, and the log has the cause under
that id: its kind and the places in the code, never its message, which may quote what a person wrote.
"""

from collections.abc import Callable
from typing import Any, Final, Protocol, runtime_checkable

import aiohttp
import discord
import structlog
from discord import app_commands

from bot.discord_io.permissions import name_of
from bot.errors import InkcircleError, UserError, new_incident_id

_log = structlog.get_logger(__name__)

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
UNKNOWN_INTERACTION: Final = 10062
ALREADY_ACKNOWLEDGED: Final = 40060
_ARCHIVED: Final = 50083
_TOO_LATE: Final = frozenset({UNKNOWN_INTERACTION, ALREADY_ACKNOWLEDGED})
_REPLY: Final = "inkcircle.reply"
# Set where an interaction was acknowledged without our being told so.
ACKNOWLEDGED: Final = "inkcircle.acknowledged"

_SORRY: Final = "Something went wrong on my side, and nothing was kept. Please try again."
_NOT_ALLOWED: Final = (
    "Discord did not let me do that here: please ask a moderator to give me the permissions "
    "**View Channel**, **Send Messages** and **Read Message History** in this channel."
)


@runtime_checkable
class Answer(Protocol):
    """What already stands under an interaction, to be turned into the sentence."""

    async def fail(self, sentence: str) -> None:
        """Show the sentence in place of what was shown."""


def answers_with(interaction: discord.Interaction[Any], answer: Answer) -> None:
    """Say that this interaction has an answer of its own under way, which errors are shown in."""
    interaction.extras[_REPLY] = answer


async def handle(interaction: discord.Interaction[Any], error: BaseException, *, where: str) -> None:
    """Tell the member, and the log.

    Args:
        interaction: What the error came of.
        error: The error; discord.py's wrapping is taken off.
        where: The command, or the kind of view; a name out of our code, never a person's text.
    """
    cause = _unwrapped(error)
    if isinstance(cause, discord.HTTPException) and cause.code in _TOO_LATE:
        _log.warning("interaction.late", where=where, interaction=interaction.id, code=cause.code)
        return
    sentence = plain_sentence(cause)
    if sentence is not None:
        _log.info("interaction.declined", where=where, interaction=interaction.id, kind=type(cause).__name__)
    else:
        sentence = report(cause, where=where, **ids_of(interaction))
    try:
        await _tell(interaction, sentence)
    except discord.HTTPException as failure:
        _log.warning(
            "interaction.untold",
            where=where,
            interaction=interaction.id,
            status=failure.status,
            code=failure.code,
        )
    except (aiohttp.ClientError, OSError) as failure:
        _log.warning(
            "interaction.untold", where=where, interaction=interaction.id, kind=type(failure).__name__
        )


def report(
    error: BaseException,
    note: Callable[[str], None] | None = None,
    sorry: str = _SORRY,
    /,
    *,
    where: str,
    **ids: object,
) -> str:
    """Write an error to the log under a new id, and give the sentence for the member with that id.

    Args:
        error: The error.
        note: Is told the id, to keep what it was about.
        sorry: What is said where the error has no sentence of its own.
        where: What was being done; a name out of our code.
        ids: What the log may know of it.
    """
    incident = new_incident_id()
    if note is not None:
        note(incident)
    cause = _unwrapped(error)
    known: dict[str, object] = {}
    if isinstance(cause, discord.HTTPException):
        known = {"status": cause.status, "code": cause.code}
    elif isinstance(cause, InkcircleError) and isinstance(reason := getattr(cause, "cause", None), str):
        # Our own errors may say more than where they came from; in ids and numbers, as they promise.
        known = {"reason": reason}
    _log.error("incident", incident=incident, where=where, **known, **ids, exc_info=cause)
    sentence = cause.sentence if isinstance(cause, InkcircleError) else sorry
    if isinstance(cause, discord.Forbidden):
        sentence = _NOT_ALLOWED
    return f"{sentence} (`{incident}`)"


def ids_of(interaction: discord.Interaction[Any]) -> dict[str, int | None]:
    """Give what the log may know of an interaction."""
    return {
        "interaction": interaction.id,
        "guild": interaction.guild_id,
        "channel": interaction.channel_id,
        "member": interaction.user.id,
    }


def _unwrapped(error: BaseException) -> BaseException:
    while isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    return error


def plain_sentence(error: BaseException) -> str | None:  # noqa: PLR0911 - one line for each kind
    """Give the sentence for what is nobody's fault or the member's own; None for everything else."""
    match error:
        case UserError():
            return error.sentence
        case discord.HTTPException(code=code) if code == _ARCHIVED:
            return "This thread is archived, and I cannot open it for you: please ask a moderator to."
        case app_commands.NoPrivateMessage():
            return "I can only do that in a server."
        case app_commands.MissingPermissions():
            return f"You need the permission {_bold(error.missing_permissions)} for that."
        case app_commands.BotMissingPermissions():
            return f"I need the permission {_bold(error.missing_permissions)} in this channel."
        case app_commands.CommandOnCooldown():
            return f"That was quick: please wait {error.retry_after:.0f} seconds."
        case app_commands.TransformerError():
            return "I did not understand one of the options: please choose it again from the list."
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            return "That command has changed lately: please reload Discord (Ctrl+R) and try again."
        case _:
            return None


def _bold(permissions: list[str]) -> str:
    return " and ".join(f"**{name_of(permission)}**" for permission in permissions)


async def _tell(interaction: discord.Interaction[Any], sentence: str) -> None:
    answer = interaction.extras.get(_REPLY)
    if isinstance(answer, Answer):
        await answer.fail(sentence)
    elif interaction.response.is_done() or interaction.extras.get(ACKNOWLEDGED):
        await interaction.followup.send(
            sentence, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
        )
    else:
        await interaction.response.send_message(
            sentence, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
        )
