"""A backup made while the bot works, and put back: what comes back, and what must not."""

import asyncio
import os
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine

from bot.backup import make_backup, read_manifest, restore_backup
from bot.backup.places import Places
from bot.durable.books import FILE_NAME
from bot.errors import OperatorError
from bot.store import Store
from bot.store.errors import ForgottenError
from bot.store.jobs import Job, Jobs, Reader
from bot.store.keys import MasterKey
from bot.store.members import Members
from bot.store.migrating import migrate
from bot.store.revisions import REVISIONS
from bot.store.waiting import WaitingLetters
from tests.backup.conftest import CANARY, MARA, keep_letter
from tests.databases import Database

JONAS = MARA + 1


async def _words(database: Database, master: MasterKey, letter_id: str) -> str | None:
    async with Store(database.url, master=master) as store:
        letter = await WaitingLetters(store).find(letter_id)
    return None if letter is None else letter.answer


def _names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


async def test_what_was_kept_comes_back_and_what_came_later_is_gone(
    store: Store, database: Database, places: Places, master: MasterKey, tmp_path: Path
) -> None:
    await keep_letter(store, "before")
    manifest = await make_backup(places, tmp_path / "backup.tar")
    await keep_letter(store, "later")
    await store.close()
    restored = await restore_backup(places, tmp_path / "backup.tar", key_id=master.id)
    assert await _words(database, master, "before") == CANARY
    assert await _words(database, master, "later") is None
    assert restored.manifest == manifest
    assert manifest.key_id == master.id
    assert restored.forgetting_kept


async def test_it_is_its_owners_alone_and_holds_neither_key_nor_words(
    store: Store, places: Places, master: MasterKey, tmp_path: Path
) -> None:
    await keep_letter(store, "before")
    file = tmp_path / "backup.tar"
    await make_backup(places, file)
    content = file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert CANARY.encode() not in content
    assert master.encoded().encode() not in content
    assert master._secret not in content
    assert master._secret.hex().encode() not in content


async def test_nothing_is_left_beside_it(store: Store, places: Places, tmp_path: Path) -> None:
    await keep_letter(store, "before")
    folder = tmp_path / "backups"
    folder.mkdir()
    await make_backup(places, folder / "one.tar")
    with pytest.raises(OperatorError, match="There is a file"):
        await make_backup(places, folder / "one.tar")
    with pytest.raises(OperatorError, match="cannot be written"):
        await make_backup(places, folder / "nowhere" / "two.tar")
    assert _names_in(folder) == ["one.tar"]


async def test_whoever_was_forgotten_since_stays_forgotten(
    store: Store, database: Database, places: Places, master: MasterKey, tmp_path: Path
) -> None:
    await keep_letter(store, "mara", owner=MARA)
    await keep_letter(store, "jonas", owner=JONAS)
    await make_backup(places, tmp_path / "backup.tar")
    await store.keys.forget_member(MARA)
    # A wish that was cut off by the stop, and stands in the database that is replaced.
    await Members(store).wish_to_be_forgotten(JONAS + 1, at=datetime.now(UTC))
    await store.close()
    await restore_backup(places, tmp_path / "backup.tar", key_id=master.id)
    async with Store(database.url, master=master) as again:
        letters = WaitingLetters(again)
        with pytest.raises(ForgottenError):
            await letters.find("mara")
        jonas = await letters.find("jonas")
        wishes = await Members(again).wishes()
    assert jonas is not None
    assert jonas.answer == CANARY
    # The next start forgets the rest of her rows as well.
    assert sorted(wishes) == [MARA, JONAS + 1]


async def test_a_database_that_was_begun_anew_does_not_know_who_was_forgotten(
    store: Store, database: Database, places: Places, master: MasterKey, tmp_path: Path
) -> None:
    """The disk was lost, the bot was started on a new one, and only then somebody thinks of the backup."""
    await keep_letter(store, "before")
    await make_backup(places, tmp_path / "backup.tar")
    await store.close()
    await _empty(database)
    # Not even a start: an empty database is none to ask.
    assert not (await restore_backup(places, tmp_path / "backup.tar", key_id=master.id)).forgetting_kept
    await _empty(database)
    async with Store(database.url, master=master) as anew:
        await anew.keys.member(MARA)
        await anew.keys.forget_member(MARA)
    assert not (await restore_backup(places, tmp_path / "backup.tar", key_id=master.id)).forgetting_kept
    assert await _words(database, master, "before") == CANARY
    # What was restored is of the backup's own kind again, and is believed.
    assert (await restore_backup(places, tmp_path / "backup.tar", key_id=master.id)).forgetting_kept


async def test_work_under_way_is_closed_and_not_done_again(
    store: Store, database: Database, places: Places, master: MasterKey, tmp_path: Path
) -> None:
    job = Job(
        id="0123456789abcdef",
        kind="critique",
        guild_id=2_000,
        channel_id=3_000,
        member_id=MARA,
        author_id=MARA,
        message_id=None,
        focus=None,
        visibility="private",
        readers=(Reader(MARA, 4_000, "a token"),),
        source=CANARY,
    )
    await Jobs(store).add(job)
    await make_backup(places, tmp_path / "backup.tar")
    await store.close()
    places.data.mkdir(exist_ok=True)
    work = places.data / FILE_NAME
    if database.kind == "sqlite":
        work.write_bytes(b"how far the work of the database is that goes")
    restored = await restore_backup(places, tmp_path / "backup.tar", key_id=master.id)
    assert restored.closed == 1
    assert not work.exists()
    async with Store(database.url, master=master) as again:
        assert await Jobs(again).under_way("critique") == []


async def test_a_backup_of_an_older_version_is_brought_up_to_date(
    database: Database, places: Places, master: MasterKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables that it does not have yet must not stand there from the database that it replaces."""
    await _empty(database)
    with monkeypatch.context() as then:
        then.setattr("bot.store.migrating.HEAD", REVISIONS[1])
        await migrate(places.url, adopt=None)
    engine = create_async_engine(places.url)
    async with engine.begin() as connection:
        await connection.execute(sqlalchemy.text("INSERT INTO guilds (id) VALUES (77)"))
    await engine.dispose()
    made = await make_backup(places, tmp_path / "backup.tar")
    assert made.revision == REVISIONS[1]
    async with Store(database.url, master=master):
        pass
    await restore_backup(places, tmp_path / "backup.tar", key_id=master.id)
    async with Store(database.url, master=master) as again, again.session() as session:
        assert (await session.scalars(sqlalchemy.text("SELECT id FROM guilds"))).all() == [77]


async def _empty(database: Database) -> None:
    if database.kind == "sqlite":
        database.file.unlink()
        return
    engine = create_async_engine(database.url)
    async with engine.begin() as connection:
        await connection.execute(sqlalchemy.text("DROP SCHEMA public CASCADE"))
        await connection.execute(sqlalchemy.text("CREATE SCHEMA public"))
    await engine.dispose()


async def test_a_copy_is_of_one_moment_while_others_write(
    database: Database, places: Places, tmp_path: Path
) -> None:
    """Money moves between two accounts all the time; in every copy there is as much as ever."""
    if database.kind != "sqlite":
        # A dump is one transaction of the server's own; that it comes back whole is tested above.
        assert database.cluster is not None
        return
    with closing(sqlite3.connect(database.file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE accounts (id INTEGER PRIMARY KEY, amount INTEGER)")
        connection.executemany("INSERT INTO accounts VALUES (?, 500)", [(each,) for each in range(200)])
        connection.commit()
    stop = asyncio.Event()

    def move(number: int) -> None:
        with closing(sqlite3.connect(database.file, timeout=10)) as connection, connection:
            connection.execute("UPDATE accounts SET amount = amount - 1 WHERE id = ?", (number % 200,))
            connection.execute("UPDATE accounts SET amount = amount + 1 WHERE id = ?", (199 - number % 200,))

    async def write() -> int:
        moves = 0
        while not stop.is_set():
            await asyncio.to_thread(move, moves)
            moves += 1
        return moves

    writing = asyncio.create_task(write())
    for number in range(5):
        await make_backup(places, tmp_path / f"{number}.tar")
    stop.set()
    assert await writing > 5
    for number in range(5):
        await restore_backup(places, tmp_path / f"{number}.tar", key_id=None)
        with closing(sqlite3.connect(database.file)) as connection:
            assert connection.execute("SELECT sum(amount) FROM accounts").fetchone() == (100_000,)


async def test_a_log_of_the_old_database_never_meets_the_new_one(
    store: Store, database: Database, places: Places, master: MasterKey, tmp_path: Path
) -> None:
    """As after `kill -9`: the old database's last changes stand in its log, and belong to it alone."""
    if database.kind != "sqlite":
        assert database.cluster is not None
        return
    await keep_letter(store, "before")
    await make_backup(places, tmp_path / "backup.tar")
    await keep_letter(store, "later")
    killed = {name: (database.folder / name).read_bytes() for name in ("inkcircle.db", "inkcircle.db-wal")}
    await store.close()
    for name, content in killed.items():
        (database.folder / name).write_bytes(content)
    await restore_backup(places, tmp_path / "backup.tar", key_id=master.id)
    assert await _words(database, master, "before") == CANARY
    assert await _words(database, master, "later") is None


async def test_a_destroyed_database_can_be_replaced(
    store: Store, database: Database, places: Places, master: MasterKey, tmp_path: Path
) -> None:
    if database.kind != "sqlite":
        assert database.cluster is not None
        return
    await keep_letter(store, "before")
    await make_backup(places, tmp_path / "backup.tar")
    await store.close()
    for ruin in (os.urandom(20_000), None):
        if ruin is None:
            database.file.unlink()
        else:
            database.file.write_bytes(ruin)
        restored = await restore_backup(places, tmp_path / "backup.tar", key_id=master.id)
        assert not restored.forgetting_kept
        assert await _words(database, master, "before") == CANARY


async def test_before_the_first_start_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    places = Places(sqlalchemy.make_url(f"sqlite+aiosqlite:///{tmp_path / 'none.db'}"), tmp_path)
    with pytest.raises(OperatorError, match="nothing to back up yet"):
        await make_backup(places, tmp_path / "backup.tar")
    assert _names_in(tmp_path) == []


async def test_its_manifest_can_be_read_alone(store: Store, places: Places, tmp_path: Path) -> None:
    made = await make_backup(places, tmp_path / "backup.tar")
    assert read_manifest(tmp_path / "backup.tar") == made
    await store.close()
