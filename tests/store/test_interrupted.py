"""Whoever is interrupted while they write leaves no lock behind, whoever remembers how it ended."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util import await_only

from bot.store import Store
from bot.store.sqlite import CleanConnection
from tests.databases import Database

_WRITE = "INSERT INTO facts VALUES ('test.interrupted', '1', '2026-11-21 12:00:00')"
# It has more than the one row that is taken, so its cursor is not at its end.
_READ = "SELECT name FROM sqlite_schema"


@pytest.fixture
def file(sqlite_file_with_tables: Path, tmp_path: Path) -> Path:
    """Give a database's file."""
    file = tmp_path / "inkcircle.db"
    file.write_bytes(sqlite_file_with_tables.read_bytes())
    return file


async def test_a_connection_of_the_store_that_is_given_up_lets_go(file: Path) -> None:
    """SQLAlchemy gives up the connection of a task that was cancelled while it waited for the database."""
    async with Store(f"sqlite+aiosqlite:///{file}") as store:
        async with store.engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            await driver.execute(_WRITE)
            # The traceback of the task keeps it, and the log, a cycle or a debugger keep the traceback.
            cursor = await driver.execute(_READ)
            assert await cursor.fetchone() is not None
            await connection.invalidate()
        assert _is_free(file)
        del cursor


@pytest.mark.parametrize(("factory", "free"), [(CleanConnection, True), (sqlite3.Connection, False)])
def test_it_is_not_so_by_itself(file: Path, factory: type[sqlite3.Connection], *, free: bool) -> None:
    """As long as Python's own connection has it otherwise, ours is needed."""
    connection = sqlite3.connect(file, factory=factory)
    connection.execute(_WRITE)
    cursor = connection.execute(_READ)
    cursor.fetchone()
    connection.close()
    assert _is_free(file) is free
    del cursor
    assert _is_free(file)


async def test_what_is_being_committed_is_kept_whoever_is_interrupted_meanwhile(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    committing, go_on = asyncio.Event(), asyncio.Event()
    async with Store(database.url) as store:

        @event.listens_for(store.engine.sync_engine, "commit")
        def hold(_connection: Connection) -> None:
            committing.set()
            await_only(go_on.wait())

        writing = asyncio.create_task(store.facts.set("test.interrupted", "1"))
        await asyncio.wait_for(committing.wait(), 30)
        # Who is in a hurry asks twice.
        for _ in range(2):
            writing.cancel()
            await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await writing
        assert await store.facts.get("test.interrupted") is not None
        pool = store.engine.pool
        assert isinstance(pool, AsyncAdaptedQueuePool)
        assert pool.checkedout() == 0
    assert [record for record in caplog.records if record.name.startswith("sqlalchemy.pool")] == []


def _is_free(file: Path) -> bool:
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        assert other.execute("SELECT count(*) FROM facts WHERE name = 'test.interrupted'").fetchone() == (0,)
        return True
