"""Starting copies of the process that has everything imported."""

import asyncio
import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Final

ROOT: Final = Path(__file__).parents[2]
Stream = int | IO[bytes] | None


class Running:
    """A copy that runs, or has run.

    Attributes:
        pid: Its number.
        returncode: As subprocess has it; None as long as it was not seen to end.
    """

    def __init__(self, report: int) -> None:
        self._report = os.fdopen(report, "rb", buffering=0)
        self.pid = int(self._line())
        # The number alone might be another process's by the time it is used.
        self._handle = os.pidfd_open(self.pid)
        self.returncode: int | None = None

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal; nothing happens if it has ended."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it as it is."""
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Wait until it has ended, and give its exit code."""
        if self.returncode is None:
            loop = asyncio.get_running_loop()
            # A descriptor of one's own, so that several may wait for the same process.
            watched = os.dup(self._handle)
            ended = asyncio.Event()
            loop.add_reader(watched, ended.set)
            try:
                await ended.wait()
            finally:
                loop.remove_reader(watched)
                os.close(watched)
        return self.wait_here()

    def wait_here(self, seconds: float | None = None) -> int:
        """Wait as `wait` does, and hold up whoever calls it.

        Raises:
            TimeoutError: It has not ended within so many seconds.
        """
        if self.returncode is None:
            if not select.select([self._handle], [], [], seconds)[0]:
                raise TimeoutError
            self.returncode = int(self._line())
            self._report.close()
            os.close(self._handle)
        return self.returncode

    def _line(self) -> bytes:
        line = self._report.readline()
        if not line:
            raise RuntimeError("the process that starts others has ended")
        return line


class _Parent:
    """The process that has everything imported."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "tests.prefork.parent", str(theirs.fileno())],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )
        atexit.register(self._end)

    def start(
        self,
        words: tuple[str, ...],
        cwd: Path,
        env: Mapping[str, str],
        streams: tuple[int, int, int],
        *,
        terminal: bool,
    ) -> Running:
        ours, theirs = os.pipe()
        wish = {"words": words, "cwd": str(cwd), "env": dict(env), "terminal": terminal}
        try:
            socket.send_fds(self._line, [json.dumps(wish).encode()], [*streams, theirs])
        finally:
            os.close(theirs)
        return Running(ours)

    def _end(self) -> None:
        self._line.close()
        self._process.wait(10)


_parent = cache(_Parent)


def start(
    *words: str,
    cwd: Path,
    env: Mapping[str, str],
    stdin: Stream = None,
    stdout: Stream = None,
    stderr: Stream = None,
    terminal: bool = False,
) -> Running:
    """Start `inkcircle` with these words.

    Args:
        words: As they are typed behind `inkcircle`.
        cwd: Its folder.
        env: Its whole environment.
        stdin: Whence it reads: a file or descriptor; None is nothing.
        stdout: Where it writes.
        stderr: Where it writes errors and its log.
        terminal: Whether its standard input is the terminal that it is to belong to.
    """
    with Path(os.devnull).open("r+b") as nothing:

        def number(stream: Stream) -> int:
            if isinstance(stream, int):
                return stream
            return (nothing if stream is None else stream).fileno()

        streams = (number(stdin), number(stdout), number(stderr))
        return _parent().start(words, cwd, env, streams, terminal=terminal)


def inkcircle(
    *words: str, cwd: Path, env: Mapping[str, str], typed: str = "", seconds: float = 100.0
) -> subprocess.CompletedProcess[str]:
    """Run `inkcircle` to its end, as `subprocess.run` does.

    Raises:
        TimeoutError: It took longer than `seconds`; it was killed.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(typed.encode())
        given.seek(0)
        running = start(*words, cwd=cwd, env=env, stdin=given, stdout=out, stderr=err)
        try:
            code = running.wait_here(seconds)
        except TimeoutError:
            running.kill()
            raise
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode())
    return subprocess.CompletedProcess(words, code, *texts)
