"""Copies of SQLite databases: taken while the bot writes, looked through, and put in place as one step."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import structlog

from bot.backup.archive import private_file
from bot.disk import sync_folder
from bot.errors import OperatorError

_log = structlog.get_logger(__name__)

_PATIENCE_SECONDS: Final = 30.0
_BESIDE: Final = ("-wal", "-shm", "-journal")


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, while others write.

    Readers do not hold up writers there, so it is copied in one go: a copy in pieces would begin anew with
    each change.

    Raises:
        OperatorError: The database is damaged.
    """
    with private_file(target):
        pass
    # Not read-only: whoever leaves last clears away the files beside it, which a reader may not.
    address = f"{source.absolute().as_uri()}?mode=rw"
    with (
        closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE_SECONDS)) as running,
        closing(sqlite3.connect(target)) as copy,
    ):
        try:
            running.backup(copy)
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorname", "") in {"SQLITE_CORRUPT", "SQLITE_NOTADB"}:
                raise OperatorError(f"The database {source} is damaged and cannot be copied.") from error
            raise
        # One file, with nothing beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
    if not is_whole(target):
        raise OperatorError(f"The database {source} is damaged and cannot be copied.")


def is_whole(database: Path) -> bool:
    """Tell whether SQLite finds a database in order."""
    try:
        with closing(sqlite3.connect(database)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError:
        return False


def fold(database: Path) -> None:
    """Bring what stands beside a database into it, so that it is one file. Nobody may have it open.

    One that is too damaged for that is left as it is, without what stands beside it.

    Raises:
        OperatorError: Somebody has it open.
    """
    if database.exists():
        try:
            with closing(sqlite3.connect(database, timeout=1.0)) as connection:
                connection.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            raise OperatorError(
                f"The database {database} is open elsewhere: stop every program that uses it first. Nothing "
                "was changed."
            ) from error
        except sqlite3.DatabaseError:
            _log.warning("backup.replaced_is_damaged")
    # A log without its database must never meet another one.
    for suffix in _BESIDE:
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def put_in_place(new: Path, database: Path) -> None:
    """Put a database where another one is, in one step: whoever looks finds the old one or the new one."""
    new.chmod(0o600)
    new.replace(database)
    sync_folder(database.parent)


def remove(database: Path) -> None:
    """Take a database away, with all that stands beside it."""
    for suffix in ("", *_BESIDE):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
