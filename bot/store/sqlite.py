"""How SQLite is opened and closed: who waits for whom, what is on the disk when, and what is left behind."""

import sqlite3
from typing import Any, Final
from weakref import WeakSet

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

# Marks connections whose commits do not wait for the disk.
HASTY: Final = "inkcircle_hasty"
# A writer waits this long for another one before it gives up. SQLite has those who wait try by chance and not
# in turn: on a busy machine with a slow disk some of 14 stories at once had waited for over 5 seconds.
_BUSY_MS: Final = 10_000


class CleanConnection(sqlite3.Connection):
    """A connection that is closed when it says so.

    `sqlite3_close_v2`, which Python calls, leaves a connection open until its last statement is finalised,
    and with it its transaction. A statement lives as long as its cursor, and that of a task which was
    interrupted while it wrote lives on in the traceback, until the garbage collector comes by: all this
    time nobody else could write. https://www.sqlite.org/c3ref/close.html
    """

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - what the driver hands on
        super().__init__(*args, **options)
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()

    def cursor(self, factory: type[sqlite3.Cursor] = sqlite3.Cursor) -> sqlite3.Cursor:  # type: ignore[override]
        """Give a cursor, which ends with the connection."""
        cursor = super().cursor(factory)
        self._cursors.add(cursor)
        return cursor

    # Python's own shortcuts go past `cursor`.

    def execute(self, *args: Any) -> sqlite3.Cursor:  # noqa: ANN401 - what the driver hands on
        """Execute by a cursor of its own."""
        return self.cursor().execute(*args)

    def executemany(self, *args: Any) -> sqlite3.Cursor:  # noqa: ANN401 - what the driver hands on
        """Execute for each of many, by a cursor of its own."""
        return self.cursor().executemany(*args)

    def executescript(self, *args: Any) -> sqlite3.Cursor:  # noqa: ANN401 - what the driver hands on
        """Execute one statement after the other, by a cursor of its own."""
        return self.cursor().executescript(*args)

    def close(self) -> None:
        """Undo what was not committed, and let go of the file at once."""
        for cursor in list(self._cursors):
            cursor.close()
        super().close()


def prepare(engine: Engine) -> None:
    """Have an engine's connections set up as ours are."""
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _wait_for_the_disk)


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
    """Readers do not wait for a writer, a writer waits for another, references hold, the deleted is gone."""
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        f"busy_timeout={_BUSY_MS}",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _wait_for_the_disk(connection: Connection) -> None:
    """Have a commit wait until the disk has it, or not, as the transaction that begins may be redone.

    Either way a commit outlives the end of the process, however sudden, and a power cut leaves no half of
    anything. But with `synchronous=NORMAL` a power cut takes the last moments, and with them what a member
    was told is kept; and DBOS's books, a file of their own, could know of a step whose result is gone. With
    `FULL` it takes nothing. Measured on this project's machine (November 2026, ext4 on a virtual disk whose
    `fdatasync` takes 4 ms): 6 ms a commit. The jobs of 200 members who ask at once go into few commits, and
    take as long as before. Of a critique's seven commits three have to wait.
    https://www.sqlite.org/pragma.html#pragma_synchronous
    """
    wanted = "NORMAL" if connection.get_execution_options().get(HASTY) else "FULL"
    # What a connection of the driver is set to; it cannot be changed once its transaction writes.
    if connection.info.get("synchronous") != wanted:
        connection.exec_driver_sql(f"PRAGMA synchronous={wanted}")
        connection.info["synchronous"] = wanted
