"""What an operator reads when a backup or a restore cannot be done."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bot.errors import OperatorError

DAMAGED: Final = "The backup {file} is damaged ({why}): nothing was changed; take another one."
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SQLITE_FULL: Final = frozenset({"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR"})


@contextmanager
def on_disk(place: Path) -> Iterator[None]:
    """Turn what a disk refuses into a sentence.

    Raises:
        OperatorError: There is no room, no right to write, or a file of that name already.
    """
    try:
        yield
    except FileExistsError:
        raise OperatorError(f"There is a file {place} already: name another one, or move it away.") from None
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise OperatorError(_no_room(place)) from error
        raise OperatorError(f"{place} cannot be written: {error.strerror or 'unknown reason'}.") from error
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "").startswith(tuple(_SQLITE_FULL)):
            raise OperatorError(_no_room(place)) from error
        raise


def _no_room(place: Path) -> str:
    return (
        f"There is not enough room for {place}: nothing was left behind; make room on that disk, or name a "
        "place on another one."
    )
