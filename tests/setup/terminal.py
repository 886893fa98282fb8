"""A person at a real pseudo-terminal: reads what is shown, types, and presses Ctrl+C."""

import asyncio
import os
import pty
import re
import select
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from bot.config import known_variables
from tests import prefork

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
_TRIES = 6
CTRL_C = "\x03"
CTRL_D = "\x04"


class Person:
    """Runs `inkcircle setup` in a folder. Everything waits within bounds; use it with `with`.

    Attributes:
        shown: All that the terminal has shown, echoes included.
    """

    def __init__(self, folder: Path, *options: str, **variables: str) -> None:
        self._folder = folder
        self._options = options
        self._variables = variables
        self._read_to = 0
        self.shown = ""

    def __enter__(self) -> Self:
        environment = _environment(self._variables)
        self._terminal, theirs = pty.openpty()
        try:
            self._process = prefork.start(
                *("setup", *self._options),
                cwd=self._folder,
                env=environment,
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                terminal=True,
            )
        finally:
            os.close(theirs)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._process.kill()
        self._process.wait_here(PATIENCE)
        os.close(self._terminal)

    def sees(self, words: str) -> str:
        """Wait until something new is shown; give what came up to there."""
        if not self._shows(words, PATIENCE):
            raise AssertionError(f"never seen: {words!r} in {self.shown[self._read_to :]!r}")
        place = self.shown.find(words, self._read_to)
        seen = self.shown[self._read_to : place + len(words)]
        self._read_to = place + len(words)
        return seen

    def types(self, line: str) -> None:
        """Type a line and press Enter."""
        os.write(self._terminal, f"{line}\n".encode())

    def presses(self, key: str, until: str) -> None:
        """Press a single key, and again as people do, until something is shown.

        Between the showing of a question and the wait for its answer there is a moment in which Python takes
        note of Ctrl+C and goes on to wait.
        """
        for _ in range(_TRIES):
            os.write(self._terminal, key.encode())
            if self._shows(until, PATIENCE / _TRIES):
                return
        raise AssertionError(f"never seen: {until!r} in {self.shown[self._read_to :]!r}")

    def leaves(self) -> int:
        """Wait for the end; give the exit code."""
        until = time.monotonic() + PATIENCE
        while self._read(until - time.monotonic()):
            pass
        return self._process.wait_here(max(1.0, until - time.monotonic()))

    def _shows(self, words: str, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while words not in self.shown[self._read_to :]:
            if not self._read(until - time.monotonic()):
                return words in self.shown[self._read_to :]
        return True

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._terminal], [], [], max(0.0, seconds))
        if not ready:
            return False
        try:
            data = os.read(self._terminal, 65536)
        except OSError:
            # The other side is closed.
            return False
        self.shown += re.sub(r"\r+\n", "\n", data.decode(errors="replace"))
        return bool(data)


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    ours = known_variables()
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {"PYTHONPATH": str(ROOT), "TERM": "dumb"} | dict(variables)


async def walked(walk: Callable[[], Any]) -> Any:
    """Let a person walk while the servers of the test serve."""
    return await asyncio.wait_for(asyncio.to_thread(walk), 110)


# The questions that the walk asks, as far as tests wait for them.
TOKEN = "Paste the token"  # noqa: S105 - the question
MODEL = "Which one? [4]"
CONTACT = "Enter alone for none"
LINK = "press Authorise"
