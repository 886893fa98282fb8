"""One process a data folder, one of a name on a PostgreSQL; also after what held the lock was lost."""

import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy

from bot.durable import FolderLock
from bot.durable.lock import LOCK_NAME, NameLock
from bot.errors import OperatorError
from tests.databases import Cluster

_HOUSE = "test_lock"

_HOLDING = """
import sys
from pathlib import Path
from bot.durable import FolderLock
lock = FolderLock(Path(sys.argv[1]))
lock.take()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_process_is_told_which_folder_it_is(tmp_path: Path) -> None:
    with subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", _HOLDING, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(OperatorError, match="Another Inkcircle is running") as caught:
            FolderLock(tmp_path).take()
        assert str(tmp_path) in caught.value.sentence
        # Killed, it lets go.
        other.kill()
        other.wait()
    lock = FolderLock(tmp_path)
    lock.take()
    lock.release()


def test_it_can_be_given_back(tmp_path: Path) -> None:
    first = FolderLock(tmp_path / "new")
    first.take()
    # Nobody else looks into what it made.
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    with pytest.raises(OperatorError):
        FolderLock(tmp_path / "new").take()
    first.release()
    second = FolderLock(tmp_path / "new")
    second.take()
    second.release()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OperatorError, match="INKCIRCLE_DATA"):
        FolderLock(tmp_path / "file" / "data").take()


def test_a_folder_whose_lock_file_was_removed_is_taken_again(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    lock.take()
    lock.check()
    (tmp_path / LOCK_NAME).unlink()
    lock.check()
    with pytest.raises(OperatorError, match="Another Inkcircle is running"):
        FolderLock(tmp_path).take()
    lock.release()
    FolderLock(tmp_path).take()


def test_who_lost_the_folder_to_another_is_told(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    first.take()
    (tmp_path / LOCK_NAME).unlink()
    second.take()
    second.check()
    with pytest.raises(OperatorError, match=f"after the file {LOCK_NAME} was removed"):
        first.check()


@contextmanager
def _two_of_a_name(cluster: Cluster) -> Iterator[tuple[NameLock, NameLock]]:
    url = sqlalchemy.make_url(cluster.url("postgres", "postgresql+psycopg"))
    locks = NameLock(url, "local", house=_HOUSE), NameLock(url, "local", house=_HOUSE)
    try:
        yield locks
    finally:
        for lock in locks:
            lock.release()


async def _cut(cluster: Cluster) -> None:
    """Do to the sessions that hold a name what a restart of the server does to all."""
    await cluster.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'test_lock %'"
    )


async def test_a_name_is_one_process_alone(cluster: Cluster) -> None:
    with _two_of_a_name(cluster) as (first, second):
        first.take()
        first.check()
        with pytest.raises(OperatorError, match="INKCIRCLE_WORKER"):
            second.take()
        first.release()
        second.take()


async def test_a_name_that_was_lost_is_taken_again(cluster: Cluster) -> None:
    with _two_of_a_name(cluster) as (first, second):
        first.take()
        await _cut(cluster)
        first.check()
        with pytest.raises(OperatorError, match="INKCIRCLE_WORKER"):
            second.take()


async def test_who_lost_the_name_to_another_is_told(cluster: Cluster) -> None:
    with _two_of_a_name(cluster) as (first, second):
        first.take()
        await _cut(cluster)
        second.take()
        with pytest.raises(OperatorError, match="leaves the work to it"):
            first.check()
        # What was given up is not taken back behind somebody's back.
        first.release()
        second.release()
        first.check()
        second.take()


async def test_a_session_of_ours_that_the_server_has_not_missed_yet_is_not_somebody_else(
    cluster: Cluster,
) -> None:
    """As after a cut of the network: the server still holds the lock for a connection that is dead to us."""
    with _two_of_a_name(cluster) as (first, second):
        first.take()
        left, first._session = first._session, None
        assert left is not None
        first.check()
        first.check()
        with pytest.raises(OperatorError, match="INKCIRCLE_WORKER"):
            second.take()
        left.invalidate()
        left.close()


def test_a_server_that_is_away_is_awaited(tmp_path: Path) -> None:
    url = sqlalchemy.make_url(f"postgresql+psycopg://nobody@/nowhere?host={tmp_path}")
    lock = NameLock(url, "local", house=_HOUSE)
    with pytest.raises(sqlalchemy.exc.OperationalError):
        lock.take()
    lock.check()
