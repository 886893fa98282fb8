"""What it takes that a deleted key is gone from the disk as well, and not only from what a query finds.

SQLite: `secure_delete` (set on every connection) overwrites what is deleted in the file, and a truncating
checkpoint empties the log beside it, which still had the old pages. The copies made before changes of the
tables are opened, and the same keys are deleted in them.

PostgreSQL: a deleted row stays in its file until the table is vacuumed; `VACUUM FULL` writes a new file. What
the server's own log (WAL), its replicas and archives still hold is beyond our reach, and is of no use without
the master key.

What a disk keeps under a file system (journals, snapshots, worn flash cells) is out of reach on both.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.copies import copies_of
from bot.store.inspect import sqlite_file

_log = structlog.get_logger(__name__)

# How often, and for how long each time, a reader is waited for that still looks at the old pages.
_TRIES: Final = 5
_PAUSE_MS: Final = 250


async def erase(engine: AsyncEngine, key_ids: Sequence[bytes]) -> None:
    """Take what was deleted of data keys off the disk, as far as it can be reached.

    The keys are gone from the database already; what cannot be erased now is logged and is erased by the
    database itself in time.
    """
    try:
        if engine.dialect.name == "postgresql":
            await _vacuum(engine)
        else:
            await _checkpoint(engine)
            file = sqlite_file(engine.url)
            if file is not None:
                await asyncio.to_thread(_erase_in_copies, file, key_ids)
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        _log.warning("keys.left_on_disk", kind=type(error).__name__)


async def erase_again(engine: AsyncEngine, key_ids: Sequence[bytes]) -> None:
    """Do at a start what a sudden end may have left undone; on SQLite alone, where it costs little."""
    if key_ids and engine.dialect.name == "sqlite":
        await erase(engine, key_ids)


async def _vacuum(engine: AsyncEngine) -> None:
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        # Whoever reads the table just now is not waited for longer than this.
        await connection.execute(text("SET lock_timeout = '5s'"))
        try:
            await connection.execute(text("VACUUM (FULL) data_keys"))
        finally:
            await connection.execute(text("RESET lock_timeout"))


async def _checkpoint(engine: AsyncEngine) -> None:
    for _ in range(_TRIES):
        async with engine.connect() as connection:
            usual = (await connection.execute(text("PRAGMA busy_timeout"))).scalar_one()
            await connection.execute(text(f"PRAGMA busy_timeout = {_PAUSE_MS}"))
            try:
                busy = (await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))).scalars().first()
            finally:
                await connection.execute(text(f"PRAGMA busy_timeout = {int(usual)}"))
        if not busy:
            return
    _log.warning("keys.left_on_disk", kind="busy")


def _erase_in_copies(file: Path, key_ids: Sequence[bytes]) -> None:
    for copy in copies_of(file):
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("PRAGMA secure_delete=ON")
            tables = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'data_keys'").fetchone()
            if tables is not None:
                with connection:
                    connection.executemany(
                        "DELETE FROM data_keys WHERE id = ?", [(each,) for each in key_ids]
                    )
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
