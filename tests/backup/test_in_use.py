"""Nobody's work is pulled away from under them: a restore wants the folder and the database for itself."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from bot.__main__ import command_line
from bot.backup import make_backup, restore_backup
from bot.backup.places import Places
from bot.durable import FolderLock
from bot.errors import OperatorError
from bot.store import Store
from bot.store.keys import MasterKey
from bot.store.waiting import WaitingLetters
from bot.terminal.backup import as_its_owner
from tests.backup.conftest import keep_letter
from tests.databases import Cluster, Database, clone_postgresql, clone_sqlite


@pytest.fixture
def on_server(cluster: Cluster, tmp_path: Path) -> Iterator[Database]:
    with clone_postgresql(cluster, tmp_path) as cloned:
        yield cloned


async def test_a_server_database_that_is_in_use(on_server: Database, tmp_path: Path) -> None:
    master = MasterKey.generate()
    places = Places(make_url(on_server.url), tmp_path / "data")
    async with Store(on_server.url, master=master) as store:
        await keep_letter(store, "before")
        await make_backup(places, tmp_path / "backup.tar")
        with pytest.raises(OperatorError, match="is in use"):
            await restore_backup(places, tmp_path / "backup.tar", key_id=master.id)


async def test_statements_that_fail_change_nothing(on_server: Database, tmp_path: Path) -> None:
    """Halfway through the server says no: it is one transaction, so all stays as it was."""
    master = MasterKey.generate()
    places = Places(make_url(on_server.url), tmp_path / "data")
    async with Store(on_server.url, master=master) as store:
        await keep_letter(store, "before")
        await make_backup(places, tmp_path / "backup.tar")
        await keep_letter(store, "later")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("bot.backup.settling.statements_after", lambda _tables: "SELECT 1 / 0;")
        with pytest.raises(OperatorError, match="psql failed"):
            await restore_backup(places, tmp_path / "backup.tar", key_id=master.id)
    async with Store(on_server.url, master=master) as store:
        assert await WaitingLetters(store).find("later") is not None


def test_a_folder_whose_bot_is_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INKCIRCLE_DATA", str(tmp_path / "data"))
    running = FolderLock(tmp_path / "data")
    running.take()
    try:
        result = CliRunner().invoke(command_line(), ["restore", "some.tar", "--yes"])
    finally:
        running.release()
    assert isinstance(result.exception, OperatorError)
    assert "Another Inkcircle is running" in result.exception.sentence


async def test_an_sqlite_database_that_somebody_has_open(
    sqlite_file_with_tables: Path, tmp_path: Path
) -> None:
    master = MasterKey.generate()
    database = clone_sqlite(sqlite_file_with_tables, tmp_path)
    places = Places(make_url(database.url), tmp_path)
    async with Store(database.url, master=master) as store:
        await keep_letter(store, "before")
        await make_backup(places, tmp_path / "backup.tar")
        async with store.session() as session:
            await session.connection()
            with pytest.raises(OperatorError, match="is open elsewhere"):
                await restore_backup(places, tmp_path / "backup.tar", key_id=master.id)


def test_root_leaves_nothing_that_the_bot_cannot_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() == 0:
        os.chown(tmp_path, 12345, 12345)
    owner = tmp_path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(OperatorError, match=f"sudo -u '#{owner}'"):
        as_its_owner(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: owner)
    as_its_owner(tmp_path)
