"""The doctor on the database, the key and the lock, on both engines."""

import os
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bot.doctor import State
from bot.doctor.storage import LOCK
from bot.durable.lock import LOCK_NAME
from bot.store import BACKUP_CONFIRMED, Store
from bot.store.keys import MasterKey
from bot.store.revisions import HEAD, REVISIONS
from tests.databases import Database
from tests.doctor.patient import Patient, found, the_one, worst


@pytest.fixture
def patient(tmp_path: Path, database: Database) -> Patient:
    (tmp_path / "setup").mkdir()
    return Patient(tmp_path / "setup").set(DATABASE_URL=database.url)


async def statement(url: str, words: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text(words))
    await engine.dispose()


async def test_a_current_database_is_well(patient: Patient) -> None:
    finding = the_one(await patient.look("database"), "database")
    assert finding.state is State.OK
    assert HEAD in finding.says


async def test_one_from_a_newer_version_fails(patient: Patient, database: Database) -> None:
    await statement(database.url, "UPDATE alembic_version SET version_num = '9999_tomorrow'")
    finding = the_one(await patient.look("database"), "database")
    assert finding.state is State.FAILED
    assert "newer" in finding.says


async def test_one_from_an_older_version_is_brought_up_to_date_later(
    patient: Patient, database: Database
) -> None:
    await statement(database.url, "UPDATE alembic_version SET version_num = '0001_calls_and_guilds'")
    finding = the_one(await patient.look("database"), "database")
    assert finding.state is State.WARNING
    assert "inkcircle backup" in finding.todo
    async with create_async_engine(database.url).connect() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == REVISIONS[0]


async def test_a_new_place_is_no_fault_and_stays_empty(tmp_path: Path) -> None:
    report = await Patient(tmp_path).look("database")
    assert report.ok
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql+asyncpg://inkcircle:canary@127.0.0.1:9/inkcircle", "cannot be reached"),
        ("postgresql+asyncpg://inkcircle@/inkcircle?host=/nowhere", "cannot be reached"),
    ],
)
async def test_a_server_that_is_not_there_is_told_without_its_password(
    tmp_path: Path, url: str, words: str
) -> None:
    report = await Patient(tmp_path).set(DATABASE_URL=url).look("database")
    finding = the_one(report, "database")
    assert finding.state is State.FAILED
    assert words in finding.says
    assert "canary" not in str(report.to_json())


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"This is a letter, not a database." * 100)
    report = await Patient(tmp_path).set(DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path}/x.db").look("database")
    assert the_one(report, "database").state is State.FAILED


async def test_a_database_of_another_name_is_told(patient: Patient, database: Database) -> None:
    if database.kind == "sqlite":
        patient.set(DATABASE_URL=f"sqlite+aiosqlite:///{patient.folder}/other.db")
        assert the_one(await patient.look("database"), "database").state is State.OK
        return
    elsewhere = make_url(database.url).set(database="nothing_here")
    patient.set(DATABASE_URL=elsewhere.render_as_string(hide_password=False))
    finding = the_one(await patient.look("database"), "database")
    assert finding.state is State.FAILED
    assert "no database of that name" in finding.says


async def test_backups_of_a_postgresql_take_its_tools_as_new_as_the_server(
    patient: Patient, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.kind == "sqlite":
        assert found(await patient.look("backups"), "backups") == []
        return
    assert the_one(await patient.look("backups"), "backups").state is State.OK
    old = tmp_path / "bin"
    old.mkdir()
    (old / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    (old / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", f"{old}:{os.environ['PATH']}")
    finding = the_one(await patient.look("backups"), "backups")
    assert finding.state is State.WARNING
    assert "is of PostgreSQL 9" in finding.says
    assert "newer" in finding.todo
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "pg_dump is missing" in the_one(await patient.look("backups"), "backups").says


async def test_a_missing_key_is_told(patient: Patient) -> None:
    finding = the_one(await patient.look("key"), "key")
    assert finding.state is State.FAILED
    assert "inkcircle key new" in finding.todo


async def test_a_key_that_fits_is_well_and_wants_a_backup(
    patient: Patient, store: Store, master: MasterKey
) -> None:
    patient.give_key(master)
    report = await patient.look("key")
    assert report.ok
    first, second = found(report, "key")
    assert (first.state, second.state) == (State.OK, State.WARNING)
    assert "fits" in first.says
    assert "inkcircle key backup" in second.todo
    await store.facts.set(BACKUP_CONFIRMED, master.id)
    assert the_one(await patient.look("key"), "key").state is State.OK
    assert master.encoded() not in str(report.to_json())


@pytest.mark.usefixtures("store")
async def test_a_wrong_key_fails_by_its_id_and_touches_nothing(patient: Patient, master: MasterKey) -> None:
    other = MasterKey.generate()
    patient.give_key(other)
    before = patient.everything()
    finding = the_one(await patient.look("key"), "key")
    assert finding.state is State.FAILED
    assert master.id in finding.says
    assert other.id in finding.says
    assert patient.everything() == before


@pytest.mark.parametrize("mode", [0o644, 0o640])
async def test_a_key_that_others_may_read_fails(patient: Patient, master: MasterKey, mode: int) -> None:
    patient.give_key(master)
    (patient.folder / "inkcircle.key").chmod(mode)
    finding = worst(await patient.look("key"), "key")
    assert finding.state is State.FAILED
    assert "chmod 600" in finding.todo


async def test_a_key_in_the_data_folder_fails(patient: Patient, master: MasterKey) -> None:
    patient.set(INKCIRCLE_KEY_FILE=patient.folder / "data" / "x.key")
    master.write(patient.folder / "data" / "x.key")
    assert "data folder" in worst(await patient.look("key"), "key").says


async def test_a_change_of_keys_that_was_interrupted_is_told(
    patient: Patient, store: Store, master: MasterKey
) -> None:
    assert store is not None
    old = MasterKey.generate()
    patient.give_key(old)
    master.write(patient.folder / "inkcircle.key.new")
    before = patient.everything()
    finding = the_one(await patient.look("key"), "key")
    assert finding.state is State.WARNING
    assert "interrupted" in finding.says
    assert "inkcircle key rotate" in finding.todo
    assert patient.everything() == before


async def test_a_running_one_is_seen_by_its_lock(tmp_path: Path) -> None:
    patient = Patient(tmp_path)
    (tmp_path / "data").mkdir()
    lock = FileLock(tmp_path / "data" / LOCK)
    with lock:
        assert "An Inkcircle runs" in the_one(await patient.look("running"), "running").says
    assert "No Inkcircle runs" in the_one(await patient.look("running"), "running").says
    assert LOCK == LOCK_NAME
    with lock.acquire(timeout=0):
        pass
