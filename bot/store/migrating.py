"""Brings the tables of a database to this version's, in one transaction."""

import asyncio
import logging
import os
import sqlite3
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import event, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.errors import OperatorError
from bot.store.copies import copy_before, drop_old, put_back, watching
from bot.store.errors import StoreUnavailableError, Trouble, trouble_of
from bot.store.inspect import Look, sqlite_file
from bot.store.revisions import HEAD, STEPS
from bot.store.schema import Base

_log = structlog.get_logger(__name__)

# A number of our own, by which two processes on one PostgreSQL wait for each other.
_ADVISORY_LOCK: Final = 4_951_367
_BUSY_MS: Final = 5000


async def bring_up_to_date(url: URL, seen: Look, *, name: str) -> None:
    """Take every step that is missing; a copy of an SQLite file is made before, and put back if one fails.

    Args:
        url: The database.
        seen: What it is like.
        name: What to call it in a sentence.

    Raises:
        OperatorError: A newer version has written it, and nothing was touched; or a step failed, and it is as
            it was before.
        SQLAlchemyError, sqlite3.Error, OSError: It cannot be reached or written.
    """
    if seen.newer:
        raise OperatorError(
            f"The database {name} was written by a newer version of Inkcircle ({seen.revision}; this one "
            f"knows {HEAD}), and was not touched: install that version again, or put back a backup of before."
        )
    file = sqlite_file(url)
    copied = False
    try:
        if file is None:
            await migrate(url, adopt=seen.revision)
        elif not seen.tables:
            await asyncio.to_thread(_make, file)
            await _migrate_new(url, file)
        else:
            copied = True
            await _migrate_with_copy(url, file, seen)
    except Exception as error:
        trouble = trouble_of(error)
        if trouble is not None:
            raise StoreUnavailableError(trouble) from error
        if isinstance(error, OperatorError | OSError):
            raise
        raise OperatorError(
            f"The tables of the database {name} could not be brought from {seen.revision or 'nothing'} to "
            f"{HEAD} ({type(error).__name__}). It is as it was before: start the version that you had."
        ) from error
    _log.info("store.migrated", before=seen.revision, after=HEAD, copied=copied)


def _make(file: Path) -> None:
    """Make the file before SQLite does, which would let others read it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))


async def _migrate_new(url: URL, file: Path) -> None:
    try:
        await migrate(url, adopt=None)
    except Exception as error:
        # Locked means that another process is making the same file just now.
        if trouble_of(error) is not Trouble.LOCKED:
            await asyncio.to_thread(_remove, file)
        raise


def _remove(file: Path) -> None:
    for part in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + part).unlink(missing_ok=True)


async def _migrate_with_copy(url: URL, file: Path, seen: Look) -> None:
    copy = await asyncio.to_thread(copy_before, file, seen.revision)
    with watching(file) as changed:
        try:
            await migrate(url, adopt=seen.revision)
        except Exception:
            # A transaction that was undone has changed nothing; a step may have done what none can hold.
            if changed():
                await _put_back(copy, file)
            else:
                copy.unlink()
            raise
    await asyncio.to_thread(drop_old, file, newest=copy)


async def _put_back(copy: Path, file: Path) -> None:
    try:
        await asyncio.to_thread(put_back, copy, file)
    except (sqlite3.Error, OSError) as error:
        raise OperatorError(
            f"A change of the tables of {file} failed, and so did putting back what was there before "
            f"({type(error).__name__}). That is whole in {copy}: put it in the place of {file}, without "
            f"the files {file.name}-wal and {file.name}-shm."
        ) from error


async def migrate(url: URL, *, adopt: str | None, target: str | None = None) -> None:
    """Take every step that is missing; all of them or none.

    It runs in a thread with a loop of its own, since loading Alembic alone would hold up this one.

    Args:
        url: The database.
        adopt: The version that a database without a version is of; None if it is empty.
        target: The version to stop at; the newest if nothing is said.
    """
    await asyncio.to_thread(lambda: asyncio.run(_migrate(url, adopt, target or HEAD)))


async def _migrate(url: URL, adopt: str | None, target: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    try:
        async with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
            await connection.run_sync(_upgrade, adopt, target)
    finally:
        await engine.dispose()


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
    """Leave transactions to us: Python's driver would commit before each change of a table."""
    connection.isolation_level = None
    cursor = connection.cursor()
    # A table that is made anew, as SQLite needs for most changes, must not take its children with it.
    for pragma in ("journal_mode=WAL", f"busy_timeout={_BUSY_MS}", "foreign_keys=OFF", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _upgrade(connection: Connection, adopt: str | None, target: str) -> None:
    # It tells of each of its own parts and of each step; we say once what came of it.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from alembic.config import Config  # noqa: PLC0415 - half a second, which only a change of version needs
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(STEPS.parent).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)

    known = MigrationContext.configure(connection)
    if adopt is not None and known.get_current_revision() is None:
        known.stamp(script, adopt)

    def steps(revision: Any, _context: object) -> Any:  # noqa: ANN401 - Alembic's own types are private
        return script._upgrade_revs(target, revision)  # noqa: SLF001 - what Alembic's own `upgrade` calls

    with EnvironmentContext(config, script, fn=steps, destination_rev=target) as environment:
        environment.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
        environment.run_migrations()
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise RuntimeError("after the change of the tables a row would point to nothing")
