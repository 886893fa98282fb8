"""One process a data folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.durable import FolderLock
from bot.errors import OperatorError

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
