"""Copies of an SQLite file, made before its tables are changed and kept beside it for a while."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

# So many upgrades back; they hold what the database held, and take as much room.
KEPT: Final = 3
_SUFFIX: Final = ".copy"


def copies_of(file: Path) -> list[Path]:
    """Give the copies that are there, the oldest first."""
    found = file.parent.glob(f"{file.name}.*{_SUFFIX}")
    return sorted(found, key=lambda copy: (copy.stat().st_mtime_ns, copy.name))


def copy_before(file: Path, revision: str | None) -> Path:
    """Copy a database that nobody is changing; its name says of which version it is and when it was made.

    Raises:
        sqlite3.Error, OSError: It cannot be read, or there is no room; no half of a copy stays.
    """
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    copy = file.with_name(f"{file.name}.{revision or 'empty'}-{moment}{_SUFFIX}")
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(file, timeout=5)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            # Whoever opens a copy finds one file, not three.
            target.execute("PRAGMA journal_mode=DELETE")
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    return copy


def put_back(copy: Path, file: Path) -> None:
    """Make a database what its copy is, as one change that others wait for; the copy is not needed any more.

    Raises:
        sqlite3.Error: It is locked, or there is no room; the copy stays.
    """
    with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(file, timeout=5)) as target:
        source.backup(target)
    copy.unlink()


@contextmanager
def watching(file: Path) -> Iterator[Callable[[], bool]]:
    """Give a function that tells whether anybody has changed a database since."""
    with closing(sqlite3.connect(file, timeout=5, check_same_thread=False)) as watcher:

        def version() -> int:
            # https://www.sqlite.org/pragma.html#pragma_data_version
            return int(watcher.execute("PRAGMA data_version").fetchone()[0])

        before = version()
        yield lambda: version() != before


def drop_old(file: Path, *, newest: Path | None) -> None:
    """Keep the newest copies alone.

    Args:
        file: The database.
        newest: The one made last, which stays whatever the clock said meanwhile.
    """
    older = [copy for copy in copies_of(file) if copy != newest]
    for copy in older[: len(older) - KEPT + 1]:
        copy.unlink()
