"""A copy is told from a new process by nothing but its speed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.store import MasterKey
from tests import prefork
from tests.prefork.start import ROOT

KEY = MasterKey.generate()


@pytest.mark.parametrize("words", [("nothing",), ("key", "show-id")], ids=" ".join)
def test_a_copy_says_and_ends_as_a_new_process_does(tmp_path: Path, words: tuple[str, ...]) -> None:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "INKCIRCLE_KEY": KEY.encoded()}
    copy = prefork.inkcircle(*words, cwd=tmp_path, env=env)
    new = subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-m", "bot", *words],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (copy.returncode, copy.stdout, copy.stderr) == (new.returncode, new.stdout, new.stderr)
    assert copy.stdout or copy.stderr


async def test_a_copy_is_killed_and_others_go_on(tmp_path: Path) -> None:
    told, tell = os.pipe()
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "INKCIRCLE_KEY": KEY.encoded()}
    try:
        # It asks for a token, and waits for the answer.
        waiting = prefork.start("setup", "--token-file", "/dev/stdin", cwd=tmp_path, env=env, stdin=told)
        assert prefork.inkcircle("key", "show-id", cwd=tmp_path, env=env).returncode == 0
        assert waiting.returncode is None
        waiting.kill()
        assert await waiting.wait() == await waiting.wait() == -9
        waiting.kill()
    finally:
        os.close(told)
        os.close(tell)
