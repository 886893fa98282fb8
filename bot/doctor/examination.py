"""Runs the checks: each by itself, each within its time, all of them whatever one of them does."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from bot.config import Settings
from bot.doctor.files import look_at_settings
from bot.doctor.findings import Findings, Report, failed, skipped, told
from bot.doctor.subject import Subject
from bot.errors import InkcircleError

_log = structlog.get_logger(__name__)

_SETTINGS_SECONDS: Final = 5.0


Looks = Callable[[Settings, Subject], Awaitable[Findings]]


@dataclass(frozen=True, slots=True)
class Check:
    """A thing to look at.

    Attributes:
        name: Of its finding if it gives none of its own.
        look: Does it. It changes nothing, and what it raises is a finding.
        seconds: The most that it may take.
    """

    name: str
    look: Looks
    seconds: float = 10.0


async def examine(subject: Subject, checks: Sequence[Check]) -> Report:
    """Look at the settings and run all checks, at the same time; give what they found in this order."""
    first = within("settings", _SETTINGS_SECONDS, asyncio.to_thread(look_at_settings, subject))
    found = await asyncio.gather(first, *(_findings_of(check, subject) for check in checks))
    return Report(tuple(finding for findings in found for finding in findings))


async def _findings_of(check: Check, subject: Subject) -> Findings:
    if subject.settings is None:
        return [skipped(check.name, "The settings come first.")]
    return await within(check.name, check.seconds, check.look(subject.settings, subject))


async def within(name: str, seconds: float, work: Awaitable[Findings]) -> Findings:
    """Give what a piece of work finds; if it is late or fails, that is the finding."""
    bound = asyncio.timeout(seconds)
    try:
        async with bound:
            return await work
    except TimeoutError:
        if not bound.expired():
            return [failed(name, "What was asked did not answer in time.", "Look whether it is overloaded.")]
        return [failed(name, f"There was no answer within {seconds:.0f} seconds.", "Try again in a while.")]
    except InkcircleError as error:
        return [told(name, error.sentence)]
    except PermissionError as error:
        says = f"{error.filename or 'Something that it needs'} may not be looked at by whoever runs this."
        return [failed(name, says, "Run this as the user that the bot runs as (`sudo -u inkcircle …`).")]
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks are told of
        # The kind alone: a message may quote what it choked on.
        _log.exception("doctor.check_fails", check=name)
        return [failed(name, f"The check itself broke ({type(error).__name__}).", "Please report this.")]
