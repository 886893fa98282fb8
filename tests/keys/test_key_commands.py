"""`inkcircle key …`, as an operator types it."""

import asyncio
import os
import pty
import re
import select
import stat
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import command_line
from bot.config import Settings
from bot.durable import FolderLock
from bot.errors import InkcircleError, UserError
from bot.store import Store
from bot.store.inspect import look
from bot.store.keys import MasterKey
from bot.store.waiting import WaitingLetters
from tests.backup.conftest import CANARY, keep_letter

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Done:
    """What came of a command."""

    code: int
    said: str


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def key(*arguments: str, **values: str) -> Done:
    """Run `inkcircle key …` with nobody at the keyboard."""
    result = CliRunner().invoke(command_line(), ["key", *arguments], env=values)
    if isinstance(result.exception, InkcircleError):
        return Done(2 if isinstance(result.exception, UserError) else 1, result.exception.sentence)
    assert result.exception is None, result.exception
    return Done(result.exit_code, result.output)


def noted(home: Path) -> str | None:
    """Give the id of the key of which the database knows that there is a backup."""
    return asyncio.run(look(f"sqlite+aiosqlite:///{home / 'data' / 'inkcircle.db'}")).backup_of


def key_in_terminal(home: Path, *arguments: str, answer: str | None) -> tuple[int, str]:
    """Run it in a terminal, and type; `answer` None types the key's true last characters."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_ROOT), "TERM": "xterm"}
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover - it becomes the command
        os.chdir(home)
        os.execve(sys.executable, [sys.executable, "-m", "bot", "key", *arguments], environment)  # noqa: S606
    shown, typed = "", False
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                shown += os.read(terminal, 4096).decode()
            except OSError:
                break
        found = re.search(r"^ +([\w-]{43})\r?$", shown, re.MULTILINE)
        if not typed and found and shown.rstrip().endswith(":"):
            os.write(terminal, ((answer if answer is not None else found[1][-6:]) + "\n").encode())
            typed = True
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown


def test_a_new_key_is_a_file_for_its_owner_alone(home: Path) -> None:
    done = key("new")
    assert done.code == 0, done.said
    file = home / "inkcircle.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    made = MasterKey.read(file)
    assert made.id in done.said
    assert made.encoded() not in done.said
    assert key("show-id").said == f"{made.id}\n"


def test_a_key_that_is_there_is_never_overwritten(home: Path) -> None:
    key("new")
    before = (home / "inkcircle.key").read_bytes()
    again = key("new")
    assert again.code == 1
    assert "may be the only copy" in again.said
    assert (home / "inkcircle.key").read_bytes() == before
    other = key("new", INKCIRCLE_KEY=MasterKey.generate().encoded())
    assert "INKCIRCLE_KEY is set" in other.said


def test_a_lost_key_is_not_replaced_by_one_that_opens_nothing(home: Path) -> None:
    key("new")
    lost = MasterKey.read(home / "inkcircle.key")
    assert key("backup", "--to", "copy.key").code == 0
    (home / "inkcircle.key").unlink()
    done = key("new")
    assert done.code == 1
    assert f"written with key {lost.id}" in done.said
    assert not (home / "inkcircle.key").exists()


@pytest.mark.parametrize("arguments", [("new",), ("backup", "--to", "data/copy.key")])
def test_no_key_is_written_into_the_data_folder(home: Path, arguments: tuple[str, ...]) -> None:
    if arguments[0] == "new":
        done = key(*arguments, INKCIRCLE_KEY_FILE="data/sub/inkcircle.key")
    else:
        key("new")
        done = key(*arguments)
    assert done.code == 1
    assert "lies in the data folder" in done.said
    assert not list(home.glob("data/**/*.key"))


def test_a_copy_in_a_file_is_noted(home: Path) -> None:
    key("new")
    done = key("backup", "--to", "copy.key")
    assert done.code == 0, done.said
    made = MasterKey.read(home / "inkcircle.key")
    assert MasterKey.read(home / "copy.key") == made
    assert made.encoded() not in done.said
    assert noted(home) == made.id
    again = key("backup", "--to", "copy.key")
    assert again.code == 1


def test_a_key_written_down_is_noted_once_its_end_was_typed(home: Path) -> None:
    key("new")
    made = MasterKey.read(home / "inkcircle.key")
    code, shown = key_in_terminal(home, "backup", answer=None)
    assert code == 0, shown
    assert shown.count(made.encoded()) == 1
    # It stood on the terminal's second screen, which was left behind it.
    assert shown.index("\x1b[?1049h") < shown.index(made.encoded()) < shown.index("\x1b[?1049l")
    assert noted(home) == made.id


def test_a_wrong_end_notes_nothing(home: Path) -> None:
    key("new")
    code, shown = key_in_terminal(home, "backup", answer="nope")
    assert code == 2
    assert "nothing was noted" in shown
    assert not (home / "data" / "inkcircle.db").exists()


def test_without_a_terminal_the_key_is_not_shown(home: Path) -> None:
    key("new")
    done = key("backup")
    assert done.code == 2
    assert "terminal alone" in done.said
    assert MasterKey.read(home / "inkcircle.key").encoded() not in done.said


def test_a_key_that_systemd_hands_over_is_taken_and_no_other_of_its_mode(home: Path) -> None:
    """A credential's mode shows the mask of its access list as the right of a group."""
    key("new")
    made = MasterKey.read(home / "inkcircle.key")
    (home / "inkcircle.key").chmod(0o440)
    assert "may be read by others" in key("show-id").said
    assert key("show-id", CREDENTIALS_DIRECTORY=str(home)).said == f"{made.id}\n"
    assert "may be read by others" in key("show-id", CREDENTIALS_DIRECTORY=str(home / "data")).said


async def _keep_words(master: MasterKey) -> None:
    async with Store(Settings.load().database, master=master) as store:
        await keep_letter(store, "before")


async def _words() -> str | None:
    """Read them with whatever key the settings name."""
    settings = Settings.load()
    async with Store(settings.database, master=MasterKey.from_settings(settings)) as store:
        letter = await WaitingLetters(store).find("before")
    return None if letter is None else letter.answer


def test_a_changed_key_reads_what_the_old_one_sealed(home: Path) -> None:
    key("new")
    old = MasterKey.read(home / "inkcircle.key")
    asyncio.run(_keep_words(old))
    key("backup", "--to", "copy.key")
    done = key("rotate")
    assert done.code == 0
    made = MasterKey.read(home / "inkcircle.key")
    assert made != old
    assert old.id in done.said
    assert made.id in done.said
    assert made.encoded() not in done.said
    assert asyncio.run(_words()) == CANARY
    # Of the new one there is no backup yet, and `doctor` can tell.
    assert noted(home) == old.id
    copy = key("show-id", INKCIRCLE_KEY_FILE=str(home / "copy.key"))
    assert copy.said == f"{old.id}\n"


def test_a_key_is_not_changed_under_a_running_bot(home: Path) -> None:
    key("new")
    before = (home / "inkcircle.key").read_bytes()
    running = FolderLock(home / "data")
    running.take()
    try:
        done = key("rotate")
    finally:
        running.release()
    assert done.code == 1
    assert "Another Inkcircle is running" in done.said
    assert (home / "inkcircle.key").read_bytes() == before


def test_a_key_in_the_environment_is_not_changed(home: Path) -> None:
    done = key("rotate", INKCIRCLE_KEY=MasterKey.generate().encoded())
    assert done.code == 1
    assert "take INKCIRCLE_KEY away" in done.said
    assert not (home / "inkcircle.key").exists()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_change_that_was_killed_leaves_one_key_that_fits(home: Path, moment: str) -> None:
    """Killed right before and right after the database has the new key: the next start reads everything."""
    key("new")
    asyncio.run(_keep_words(MasterKey.read(home / "inkcircle.key")))
    program = (
        "import os, sys\n"
        "from bot.store.keyring import Keyring\n"
        "change = Keyring.rotate\n"
        "async def killed(self, new):\n"
        f"    if {moment == 'after'}: await change(self, new)\n"
        "    os._exit(9)\n"
        "Keyring.rotate = killed\n"
        "sys.argv = ['inkcircle', 'key', 'rotate']\n"
        "from bot.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program],
        cwd=home,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(_ROOT)},
        check=False,
        timeout=60,
    )
    assert done.returncode == 9
    assert (home / "inkcircle.key.new").exists()
    assert asyncio.run(_words()) == CANARY
    assert key("rotate").code == 0
    assert asyncio.run(_words()) == CANARY
    assert not (home / "inkcircle.key.new").exists()
