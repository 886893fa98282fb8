"""What a restore refuses, and what a backup that fails leaves behind: nothing."""

import asyncio
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from bot.backup import make_backup, postgresql, restore_backup
from bot.backup.archive import Entry, Manifest, entry_of, read_manifest, write_archive
from bot.backup.places import Places
from bot.errors import OperatorError
from bot.store import Store
from bot.store.keys import MasterKey
from bot.store.waiting import WaitingLetters
from tests.backup.conftest import CANARY, keep_letter
from tests.databases import Database, clone_sqlite

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def database(sqlite_file_with_tables: Path, tmp_path: Path) -> Database:
    """SQLite alone: what is refused is refused before either engine is spoken to."""
    folder = tmp_path / "data"
    folder.mkdir()
    return clone_sqlite(sqlite_file_with_tables, folder)


@pytest.fixture
async def backup(
    database: Database, places: Places, master: MasterKey, tmp_path: Path
) -> AsyncIterator[Path]:
    """A backup, and a database that has gone on since: every test ends with it untouched."""
    async with Store(database.url, master=master) as store:
        await keep_letter(store, "before")
        await make_backup(places, tmp_path / "backup.tar")
        await keep_letter(store, "later")
    yield tmp_path / "backup.tar"
    async with Store(database.url, master=master) as store:
        later = await WaitingLetters(store).find("later")
    assert later is not None
    assert later.answer == CANARY
    assert not [each for each in database.folder.iterdir() if each.name.startswith(".inkcircle-")]


async def _refused(places: Places, file: Path, key_id: str, match: str) -> None:
    with pytest.raises(OperatorError, match=match):
        await restore_backup(places, file, key_id=key_id)


async def test_a_byte_changed_anywhere_in_the_data(backup: Path, places: Places, master: MasterKey) -> None:
    whole = await asyncio.to_thread(backup.read_bytes)
    for place in (0.2, 0.5, 0.8):
        changed = bytearray(whole)
        changed[int(len(whole) * place)] ^= 0x01
        damaged = backup.with_name(f"damaged-{place}.tar")
        damaged.write_bytes(changed)
        await _refused(places, damaged, master.id, "another checksum")


async def test_a_file_that_was_cut(backup: Path, places: Places, master: MasterKey) -> None:
    whole = await asyncio.to_thread(backup.read_bytes)
    for length in (0, 100, 700, 3000, len(whole) // 2):
        cut = backup.with_name("cut.tar")
        cut.write_bytes(whole[:length])
        await _refused(places, cut, master.id, "is damaged")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=3000), at=st.floats(0, 1))
def test_whatever_the_file_holds_the_answer_is_a_sentence(tmp_path: Path, noise: bytes, at: float) -> None:
    head = _manifest("inkcircle.db", b"")
    whole = _tar(("manifest.json", head))
    place = int(at * len(whole))
    file = tmp_path / "noise.tar"
    file.write_bytes(whole[:place] + noise + whole[place + len(noise) :])
    try:
        found = read_manifest(file)
    except OperatorError:
        return
    assert isinstance(found, Manifest)


async def test_another_key(backup: Path, places: Places) -> None:
    other = MasterKey.generate()
    await _refused(places, backup, other.id, f"made with key .* and here is key {other.id}")
    with pytest.raises(OperatorError, match="here is no key"):
        await restore_backup(places, backup, key_id=None)


async def test_a_newer_version(backup: Path, places: Places, master: MasterKey) -> None:
    made = read_manifest(backup)
    newer = replace(made, revision="9999_things_to_come", inkcircle="7.0")
    (backup.parent / "inkcircle.db").write_bytes(b"never looked at")
    write_archive(backup.with_name("newer.tar"), newer, backup.parent)
    await _refused(places, backup.with_name("newer.tar"), master.id, r"newer version of Inkcircle \(7\.0")
    told = json.loads(made.to_json()) | {"format": 2}
    later = _tar(("manifest.json", json.dumps(told).encode()))
    backup.with_name("later.tar").write_bytes(later)
    await _refused(places, backup.with_name("later.tar"), master.id, "newer version of Inkcircle")


async def test_another_engine(backup: Path, places: Places, master: MasterKey) -> None:
    elsewhere = replace(places, url=make_url("postgresql+asyncpg://nobody@127.0.0.1:9/none"))
    await _refused(elsewhere, backup, master.id, "set DATABASE_URL to a SQLite")


async def test_no_backup_at_all(backup: Path, places: Places, master: MasterKey) -> None:
    await _refused(places, backup.with_name("nowhere.tar"), master.id, "cannot be read")
    await _refused(places, backup.parent, master.id, "cannot be read")


def _tar(*members: tuple[str, bytes] | tuple[str, bytes, dict[str, Any]]) -> bytes:
    """Pack an archive of names, contents and, where they are to be odd, other values of a member."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, content, *odd in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for values in odd:
                for key, value in values.items():
                    setattr(info, key, value)
            tar.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def _manifest(name: str, content: bytes, **values: Any) -> bytes:
    told = {
        "format": 1,
        "made_at": "2026-11-21T08:00:00+00:00",
        "inkcircle": "0.1.0",
        "engine": "sqlite",
        "revision": "0001_calls_and_guilds",
        "key_id": None,
        "files": {name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}},
    }
    return json.dumps(told | values).encode()


_BAD = b"not where it should be"
_OURS = ("manifest.json", _manifest("inkcircle.db", _BAD))
_EMPTY = ("manifest.json", _manifest("inkcircle.db", b""))
_TRICKS: dict[str, bytes] = {
    "a path upwards in the archive": _tar(_OURS, ("../escaped", _BAD)),
    "a path upwards in the manifest": _tar(
        ("manifest.json", _manifest("../escaped", _BAD)), ("../escaped", _BAD)
    ),
    "an absolute path": _tar(("manifest.json", _manifest("/escaped", _BAD)), ("/escaped", _BAD)),
    "a symbolic link": _tar(
        _EMPTY, ("inkcircle.db", b"", {"type": tarfile.SYMTYPE, "linkname": "../escaped"})
    ),
    "a hard link": _tar(
        _EMPTY, ("inkcircle.db", b"", {"type": tarfile.LNKTYPE, "linkname": "manifest.json"})
    ),
    "a device": _tar(_EMPTY, ("inkcircle.db", b"", {"type": tarfile.CHRTYPE})),
    "a file twice": _tar(_OURS, ("inkcircle.db", _BAD), ("inkcircle.db", _BAD)),
    "another size": _tar(_OURS, ("inkcircle.db", _BAD + b"!")),
    "a file of another name": _tar(("manifest.json", _manifest("other.db", _BAD)), ("other.db", _BAD)),
    "a file too few": _tar(_OURS),
    "no manifest": _tar(("inkcircle.db", _BAD)),
    "an endless manifest": _tar(("manifest.json", b" " * 100_000)),
    "no database": _tar(_OURS, ("inkcircle.db", _BAD)),
}


@pytest.mark.parametrize("trick", _TRICKS)
async def test_tricks_with_the_archive(backup: Path, places: Places, master: MasterKey, trick: str) -> None:
    file = backup.with_name("trick.tar")
    file.write_bytes(_TRICKS[trick])
    await _refused(places, file, master.id, "is damaged")
    assert not list(backup.parent.rglob("escaped*"))


async def test_a_full_disk_while_backing_up(backup: Path, database: Database) -> None:
    """A real one: the kernel lets the process write no file beyond some kilobytes."""
    folder = backup.parent / "full"
    folder.mkdir()
    for limit in (1_000, 40_000, database.file.stat().st_size + 512):
        done = await asyncio.to_thread(_backup_with_little_room, database, folder / "b.tar", limit)
        assert done.returncode == 1, done.stderr
        assert "not enough room" in done.stderr
        assert "Traceback" not in done.stderr
        assert list(folder.iterdir()) == []


def _backup_with_little_room(
    database: Database, target: Path, limit: int
) -> subprocess.CompletedProcess[str]:
    program = (
        "import resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        f"sys.argv = ['inkcircle', 'backup', {str(target)!r}]\n"
        "from bot.__main__ import main\n"
        "main()\n"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program],
        cwd=target.parent.parent,
        env=environment | {"DATABASE_URL": database.url, "INKCIRCLE_DATA": str(database.folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_a_full_disk_while_restoring(
    backup: Path, places: Places, master: MasterKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.backup.restoring.settling.settle_file", full)
    await _refused(places, backup, master.id, "not enough room")


async def test_missing_tools_of_postgresql_are_one_sentence(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OperatorError, match=r"pg_dump is missing.*postgresql-client"):
        postgresql.dump(make_url("postgresql+asyncpg://nobody@/none"), backup.parent / "d", without="x")


def test_a_password_is_in_no_command_line() -> None:
    url = make_url("postgresql+asyncpg://ink:canary@db.example:5433/inkcircle?ssl=require")
    assert postgresql._address(url) == {
        "PGHOST": "db.example",
        "PGPORT": "5433",
        "PGUSER": "ink",
        "PGPASSWORD": "canary",
        "PGDATABASE": "inkcircle",
        "PGSSLMODE": "require",
        "PGCONNECT_TIMEOUT": "10",
    }


def test_an_entry_is_measured(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert entry_of(tmp_path / "a") == Entry(3, hashlib.sha256(b"abc").hexdigest())
