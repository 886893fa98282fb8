"""What every command needs: running a coroutine, the log, a file's bytes, exit codes."""

import asyncio
from collections.abc import Coroutine
from enum import IntEnum
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog

from bot import log
from bot.config import Settings
from bot.errors import InkcircleError, UserError, new_incident_id

ENV_FILE: Final = Path(".env")

T = TypeVar("T")


class Exit(IntEnum):
    """What the exit code says."""

    OK = 0
    FAILED = 1
    BAD_INPUT = 2
    FINDINGS_ONLY = 3


def go(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine; turn what nobody foresaw into a sentence with an id that the log knows."""
    try:
        return asyncio.run(work)
    except InkcircleError:
        raise
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:
        incident = new_incident_id()
        structlog.get_logger(__name__).exception("command_failed", incident=incident)
        raise InkcircleError(
            f"Something went wrong on our side; the log has the cause under {incident}."
        ) from error


def configure_log(settings: Settings, level: str | None = None) -> None:
    """Send the log where the settings say."""
    log.configure(
        level=level or settings.inkcircle_log_level,
        style=settings.inkcircle_log_format,
        secrets=settings.secrets(),
    )


def read_file(file: Path) -> bytes:
    """Give a file's bytes, or one sentence why not."""
    from bot.manuscripts import ReadLimits

    try:
        if file.is_dir():
            raise UserError(
                f"{file.name} is a folder; name one manuscript, for example {file.name}/scene.docx."
            )
        with file.open("rb") as stream:
            # One byte more than allowed tells the reader that there is too much, without reading it all.
            return stream.read(ReadLimits().file_bytes + 1)
    except FileNotFoundError:
        raise UserError(f"There is no file {file.name}.") from None
    except OSError as error:
        raise UserError(
            f"{file.name} cannot be opened: {(error.strerror or 'unknown reason').lower()}."
        ) from None
