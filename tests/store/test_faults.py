"""A database that is full, locked or gone: one sentence, nothing half done, and on when it is back."""

import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, text

from bot.errors import OperatorError
from bot.store import CallLedger, MasterKey, Store, StoreUnavailableError
from bot.store.copies import KEPT, copies_of, copy_before, drop_old
from bot.store.errors import Trouble
from bot.store.inspect import look
from bot.store.schema import FactRow
from tests.databases import Cluster, Database, clone_postgresql, cluster_with_tables, postgresql_programs
from tests.store.test_store import Call


@pytest.fixture
async def file_store(
    sqlite_file_with_tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Store, Path]]:
    """Give a store on SQLite that waits for a lock a moment only."""
    monkeypatch.setattr("bot.store.sqlite._BUSY_MS", 100)
    file = tmp_path / "inkcircle.db"
    file.write_bytes(sqlite_file_with_tables.read_bytes())  # noqa: ASYNC240 - before anything runs
    async with Store(f"sqlite+aiosqlite:///{file}", master=MasterKey.generate()) as store:
        yield store, file


def _now() -> datetime:
    return datetime.now(UTC)


async def _count(store: Store) -> int | None:
    async with store.session() as session:
        return await session.scalar(
            select(func.count()).select_from(FactRow).where(FactRow.name.like("test.%"))
        )


async def test_a_full_disk_undoes_what_was_begun_and_says_so(file_store: tuple[Store, Path]) -> None:
    store, _ = file_store

    @event.listens_for(store.engine.sync_engine, "connect")
    def fill(connection: sqlite3.Connection, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA max_page_count = 1")
        cursor.close()

    await store.engine.dispose()

    async def write_much() -> None:
        async with store.session() as session:
            session.add_all(FactRow(name=f"test.{n}", value="x" * 200, at=_now()) for n in range(500))

    with pytest.raises(StoreUnavailableError, match="no room") as caught:
        await write_much()
    assert caught.value.trouble is Trouble.FULL
    assert await _count(store) == 0
    began = time.monotonic()
    with pytest.raises(StoreUnavailableError):
        await store.patiently(write_much, seconds=30)
    assert time.monotonic() - began < 25, "waiting makes no room"
    event.remove(store.engine.sync_engine, "connect", fill)
    await store.engine.dispose()
    await write_much()
    assert await _count(store) == 500


async def test_a_locked_database_is_waited_for_and_then_said(file_store: tuple[Store, Path]) -> None:
    store, file = file_store
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError, match="try again") as caught:
            await store.facts.set("test.one", "1")
        assert caught.value.trouble is Trouble.LOCKED
        # Whoever only reads does not wait.
        assert await _count(store) == 0
        work = asyncio.create_task(store.patiently(lambda: store.facts.set("test.one", "1"), seconds=30))
        await asyncio.sleep(0.3)
        assert not work.done()
        other.execute("ROLLBACK")
        await work
    assert await _count(store) == 1
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError):
            await store.patiently(lambda: store.facts.set("test.two", "2"), seconds=0.2)
        # A letter is not withheld because its cost could not be written down.
        await CallLedger(store).record(Call())


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Cluster]:
    """Give a server that a test may stop."""
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with cluster_with_tables(programs) as running:
        yield running


@pytest.fixture
def own_database(own_cluster: Cluster, tmp_path: Path) -> Iterator[Database]:
    with clone_postgresql(own_cluster, tmp_path) as database:
        yield database


async def test_postgresql_may_go_away_and_come_back(
    own_cluster: Cluster, own_database: Database, master: MasterKey
) -> None:
    async with Store(own_database.url, master=master) as store:
        await store.facts.set("test.before", "1")
        await asyncio.to_thread(own_cluster.stop)
        try:
            for _ in range(2):
                with pytest.raises(StoreUnavailableError, match="cannot reach") as caught:
                    await store.facts.set("test.meanwhile", "1")
                assert caught.value.trouble is Trouble.GONE
            with pytest.raises(StoreUnavailableError):
                await look(own_database.url)
            with pytest.raises(OperatorError, match="check that the server runs"):
                await Store(own_database.url, master=master).open()
            waiting = [
                asyncio.create_task(
                    store.patiently(partial(store.facts.set, f"test.{number}", "1"), seconds=60)
                )
                for number in range(5)
            ]
            await asyncio.sleep(0.5)
            assert not any(task.done() for task in waiting)
        finally:
            await asyncio.to_thread(own_cluster.start)
        await asyncio.gather(*waiting)
        assert await _count(store) == 6
        assert (await store.keys.member(7)).seal("words").text() == "words"


async def test_postgresql_lost_in_the_middle_undoes_what_was_begun(
    own_cluster: Cluster, own_database: Database, master: MasterKey
) -> None:
    async with Store(own_database.url, master=master) as store:

        async def lose_it() -> None:
            async with store.session() as session:
                session.add(FactRow(name="test.lost", value="1", at=_now()))
                await session.flush()
                await asyncio.to_thread(own_cluster.stop)

        try:
            with pytest.raises(StoreUnavailableError):
                await lose_it()
        finally:
            await asyncio.to_thread(own_cluster.start)
        assert await store.patiently(lambda: _count(store)) == 0


def test_a_clock_that_jumps_back_costs_no_new_copy(sqlite_file_with_tables: Path, tmp_path: Path) -> None:
    file = tmp_path / "inkcircle.db"
    file.write_bytes(sqlite_file_with_tables.read_bytes())
    for _ in range(KEPT):
        os.utime(copy_before(file, "old"), (2e9, 2e9))
    newest = copy_before(file, "new")
    os.utime(newest, (1e9, 1e9))
    drop_old(file, newest=newest)
    assert newest in copies_of(file)
    assert len(copies_of(file)) == KEPT


async def test_any_other_error_comes_out_as_it_is(own_database: Database, master: MasterKey) -> None:
    async with Store(own_database.url, master=master) as store:
        with pytest.raises(Exception, match="does_not_exist") as caught:
            async with store.session() as session:
                await session.execute(text("SELECT * FROM does_not_exist"))
        assert not isinstance(caught.value, StoreUnavailableError)


async def test_what_is_no_database_is_said_to_be_damaged(tmp_path: Path) -> None:
    file = tmp_path / "inkcircle.db"
    with file.open("wb") as opened:
        opened.write(b"not a database, whatever its name says" * 100)
    with pytest.raises(OperatorError, match="damaged"):
        await Store(f"sqlite+aiosqlite:///{file}").open()


async def test_a_first_start_beside_another_leaves_the_others_file(tmp_path: Path, master: MasterKey) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'inkcircle.db'}"
    stores = [Store(url, master=master) for _ in range(3)]
    await asyncio.gather(*(store.open() for store in stores))
    for number, store in enumerate(stores):
        await store.facts.set(f"test.{number}", "1")
    assert await _count(stores[0]) == 3
    for store in stores:
        await store.close()


async def test_a_locked_database_is_not_put_back_over_its_owner(
    file_store: tuple[Store, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, file = file_store
    monkeypatch.setattr("bot.store.inspect.HEAD", "9999_later")
    monkeypatch.setattr("bot.store.migrating._BUSY_MS", 100)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperatorError, match="locked by another program"):
            await Store(f"sqlite+aiosqlite:///{file}").open()
        other.execute("INSERT INTO facts VALUES ('test.owner', '1', '2026-11-21 12:00:00')")
        other.execute("COMMIT")
    assert await _count(store) == 1
    assert copies_of(file) == []
