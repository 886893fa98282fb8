"""A look at a database from outside: no key, no write, no file left behind."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.errors import OperatorError
from bot.store.errors import StoreUnavailableError, Trouble, trouble_of
from bot.store.revisions import FIRST, FIRST_TABLES, HEAD, REVISIONS

_PATIENCE_SECONDS: Final = 10
_REVISION: Final = "SELECT version_num FROM alembic_version"
_KEY: Final = "SELECT value FROM facts WHERE name = 'key.id'"
_BACKUP: Final = "SELECT value FROM facts WHERE name = 'key.backup'"


@dataclass(frozen=True, slots=True)
class Look:
    """What a database is like.

    Attributes:
        tables: The tables in it; none if there is no database yet.
        revision: The version of its tables; None if it has no tables of ours.
        key_id: Whose master key's data keys it holds; None if it was never opened with a key.
        size: In bytes.
        backup_of: The id of the master key of which the operator has said that there is a backup.
    """

    tables: frozenset[str] = frozenset()
    revision: str | None = None
    key_id: str | None = None
    size: int = 0
    backup_of: str | None = None

    @property
    def current(self) -> bool:
        """Whether this version of Inkcircle can use it as it is."""
        return self.revision == HEAD and "alembic_version" in self.tables

    @property
    def newer(self) -> bool:
        """Whether a newer version of Inkcircle has written it."""
        return self.revision is not None and self.revision not in REVISIONS


def sqlite_file(url: URL) -> Path | None:
    """Give the file of an SQLite database; None for one in memory or on a server."""
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    return Path(str(url.database))


async def look(url: str | URL) -> Look:
    """Read what a database is like, and change nothing.

    Raises:
        StoreUnavailableError: It cannot be reached, or is no database.
    """
    made = make_url(url)
    file = sqlite_file(made)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            if file is not None:
                return await asyncio.to_thread(_look_at_file, file)
            if made.get_backend_name() == "sqlite":
                return Look()
            return await _look_at_server(made)
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreUnavailableError(trouble_of(error) or Trouble.GONE) from error


async def looked_at(url: str | URL) -> Look:
    """Do what `look` does, for a command that an operator waits for.

    Raises:
        OperatorError: It cannot be reached, or is no database.
    """
    try:
        return await look(url)
    except StoreUnavailableError as error:
        raise OperatorError(
            f"The database {name_of(make_url(url))} cannot be read: `inkcircle doctor` says why."
        ) from error


def name_of(url: URL) -> str:
    """Give what to call a database in a sentence; never with its password."""
    file = sqlite_file(url)
    if file is not None:
        return str(file)
    # It may also stand behind the question mark.
    return url.difference_update_query(["password"]).render_as_string(hide_password=True)


def _look_at_file(file: Path) -> Look:
    if not file.exists() or file.stat().st_size == 0:
        return Look()
    log = file.with_name(file.name + "-wal")
    # Without a log beside it, whoever reads it as unchanging leaves no file there either.
    how = "mode=ro" if log.exists() and log.stat().st_size else "mode=ro&immutable=1"
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?{how}", uri=True, timeout=5)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = frozenset(str(name) for (name,) in names if not name.startswith("sqlite_"))
        revision = key = backup = None
        if "alembic_version" in tables:
            revision = connection.execute(_REVISION).fetchone()
        if "facts" in tables:
            key = connection.execute(_KEY).fetchone()
            backup = connection.execute(_BACKUP).fetchone()
    size = sum(each.stat().st_size for each in (file, log) if each.exists())
    return _looked(tables, revision and revision[0], key and key[0], size, backup and backup[0])


async def _look_at_server(url: URL) -> Look:
    engine = create_async_engine(url, poolclass=NullPool, hide_parameters=True)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SET TRANSACTION READ ONLY"))
            names = text(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
            )
            tables = frozenset(str(name) for name in await connection.scalars(names))
            revision = key = backup = None
            if "alembic_version" in tables:
                revision = await connection.scalar(text(_REVISION))
            if "facts" in tables:
                key = await connection.scalar(text(_KEY))
                backup = await connection.scalar(text(_BACKUP))
            size = await connection.scalar(text("SELECT pg_database_size(current_database())"))
    finally:
        await engine.dispose()
    return _looked(tables, revision, key, int(size or 0), backup)


def _looked(
    tables: frozenset[str], revision: str | None, key: str | None, size: int, backup: str | None
) -> Look:
    if revision is None and tables >= FIRST_TABLES:
        revision = FIRST
    return Look(tables, revision, key, size, backup)
