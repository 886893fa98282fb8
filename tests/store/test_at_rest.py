"""Nothing that a person wrote can be read in any file of the data folder."""

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import text

from bot.store import MasterKey, SealedColumn, Store
from bot.store.copies import copies_of, copy_before
from bot.store.revisions import HEAD
from bot.store.schema import Base
from tests.databases import Database
from tests.store.rows import Rows

_CANARY: Final = "Kanarienvogel-\u00e4\u00f6-\u9ce5"
_PIECES: Final = ("Kanarienvogel", "arienvog")
_GUILD: Final = 111

_SEALED: Final = {
    str(column): column.type.column
    for table in Base.metadata.tables.values()
    for column in table.columns
    if isinstance(column.type, SealedColumn)
}


def _all_bytes(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def _assert_nothing_readable(folder: Path) -> None:
    """Look as `strings` does, and byte by byte in each way that text is commonly written."""
    found = _all_bytes(folder)
    assert found
    for piece in _PIECES:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le"):
            for name, content in found.items():
                assert piece.encode(encoding) not in content, (name, encoding)
    program = shutil.which("strings")
    if program is not None:
        for name in found:
            for width in ("s", "S", "l", "b"):
                told = subprocess.run(  # noqa: S603 - files of our own
                    [program, "--all", f"--encoding={width}", name],
                    capture_output=True,
                    check=True,
                    timeout=60,
                )
                assert not any(piece.encode() in told.stdout for piece in _PIECES), (name, width)


async def _write_everywhere(store: Store) -> None:
    """Write the canary into every sealed column that there is."""
    rows = Rows((await store.keys.member(7)), words=_CANARY)
    async with store.session() as session:
        for mapper in Base.registry.mappers:
            if any(isinstance(column.type, SealedColumn) for column in mapper.columns):
                await rows.ensure(session, mapper, _GUILD)


def test_every_sealed_column_carries_its_own_name() -> None:
    assert _SEALED
    assert {name: own for name, own in _SEALED.items() if name != own} == {}


async def test_no_file_gives_a_word_away(
    sqlite_file_with_tables: Path, tmp_path: Path, master: MasterKey
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    file = data / "inkcircle.db"
    shutil.copyfile(sqlite_file_with_tables, file)
    async with Store(f"sqlite+aiosqlite:///{file}", master=master) as store:
        await _write_everywhere(store)
        # With the log beside it, as after a kill.
        assert (data / "inkcircle.db-wal").stat().st_size > 0
        _assert_nothing_readable(data)
        async with store.session() as session:
            for name in _SEALED:
                table, column = name.split(".")
                envelope = await session.scalar(
                    text(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")  # noqa: S608 - our own names
                )
                assert isinstance(envelope, bytes), name
        copy_before(file, HEAD)
        await store.keys.forget_member(7)
    _assert_nothing_readable(data)
    assert copies_of(file)


async def test_the_look_itself_would_find_a_word(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "plain.db")) as connection, connection:
        connection.execute("CREATE TABLE plain (word TEXT)")
        connection.execute("INSERT INTO plain VALUES (?)", (_CANARY,))
    with pytest.raises(AssertionError):
        _assert_nothing_readable(tmp_path)


async def test_a_forgotten_key_is_in_no_file(
    sqlite_file_with_tables: Path, tmp_path: Path, master: MasterKey
) -> None:
    file = tmp_path / "inkcircle.db"
    shutil.copyfile(sqlite_file_with_tables, file)
    async with Store(f"sqlite+aiosqlite:///{file}", master=master) as store:
        for member in range(40):
            await store.keys.member(member)
        async with store.session() as session:
            rows = await session.execute(text("SELECT wrapped, id FROM data_keys WHERE owner = 20"))
            wrapped, key_id = rows.one()
        copy_before(file, HEAD)
        assert any(wrapped in content for content in _all_bytes(tmp_path).values())
        await store.keys.forget_member(20)
        held = [name for name, content in _all_bytes(tmp_path).items() if wrapped in content]
        assert held == []
        # Its id stays, so that a backup which is put back cannot bring it to life.
        assert await store.keys.destroyed() == {key_id}
    assert not any(wrapped in content for content in _all_bytes(tmp_path).values())


async def test_a_backup_that_is_put_back_brings_nobody_back(
    sqlite_file_with_tables: Path, tmp_path: Path, master: MasterKey
) -> None:
    file, backup = tmp_path / "inkcircle.db", tmp_path / "backup.db"
    shutil.copyfile(sqlite_file_with_tables, file)
    url = f"sqlite+aiosqlite:///{file}"
    async with Store(url, master=master) as store:
        before = await store.keys.member(7)
    shutil.copyfile(file, backup)
    async with Store(url, master=master) as store:
        await store.keys.forget_member(7)
        destroyed = await store.keys.destroyed()
    shutil.copyfile(backup, file)
    async with Store(url, master=master) as store:
        assert (await store.keys.member(7)).id == before.id
        await store.keys.bury(destroyed)
        assert (await store.keys.member(7)).id != before.id


async def test_a_key_that_rose_again_is_destroyed_at_the_start(database: Database, master: MasterKey) -> None:
    async with Store(database.url, master=master) as store:
        key = await store.keys.member(7)
        async with store.session() as session:
            await session.execute(
                text("INSERT INTO destroyed_keys SELECT id, made_at FROM data_keys WHERE owner = 7")
            )
    async with Store(database.url, master=master) as store:
        assert (await store.keys.member(7)).id != key.id
