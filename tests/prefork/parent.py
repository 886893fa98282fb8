"""The process that has everything imported: `python -m tests.prefork.parent SOCKET`.

Each message on the socket asks for one copy and brings four descriptors: its standard input, output and
error, and where to report its number and, when it has ended, its exit code. The end of the socket ends all.
"""

import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from typing import Final

_MAX_BYTES: Final = 1 << 18
# What the libraries import no earlier than when they are used.
_USED_LATER: Final = (
    "aiosqlite",
    "asyncpg",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "sqlalchemy.dialects.sqlite.aiosqlite",
)
_OTHER_PROCESSES: Final = ("bot.playground", "bot.demo")


@dataclass(frozen=True)
class Wish:
    """What a copy is to become."""

    words: list[str]
    cwd: str
    env: dict[str, str]
    terminal: bool
    streams: tuple[int, int, int]


def import_everything() -> None:
    """Import what the command line may need, but for what runs as a process of its own."""
    for name in (*_USED_LATER, "bot.__main__"):
        importlib.import_module(name)
    for room in ("bot", "cogs"):
        for module in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}."):
            if not module.name.startswith(_OTHER_PROCESSES) and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    del sys.modules["bot.__main__"]  # only what it imports was wanted; it is run as a program later


def serve(line: socket.socket) -> Wish | None:
    """Make copies until the socket ends; give a copy what it is to become, and the first process None."""
    poll = select.poll()
    poll.register(line, select.POLLIN)
    running: dict[int, tuple[int, int]] = {}
    while True:
        for ready, _ in poll.poll():
            if ready != line.fileno():
                poll.unregister(ready)
                _report_end(ready, *running.pop(ready))
                continue
            message, descriptors, _, _ = socket.recv_fds(line, _MAX_BYTES, 4)
            if not message:
                for handle in running:
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                return None
            *streams, report = descriptors
            pid = os.fork()
            if pid == 0:
                line.close()
                os.close(report)
                for handle, (_, other) in running.items():
                    os.close(handle)
                    os.close(other)
                return Wish(**json.loads(message), streams=(streams[0], streams[1], streams[2]))
            for stream in streams:
                os.close(stream)
            handle = os.pidfd_open(pid)
            running[handle] = (pid, report)
            poll.register(handle, select.POLLIN)
            os.write(report, b"%d\n" % pid)


def _report_end(handle: int, pid: int, report: int) -> None:
    _, status = os.waitpid(pid, 0)
    os.write(report, b"%d\n" % os.waitstatus_to_exitcode(status))
    os.close(handle)
    os.close(report)


def become(wish: Wish) -> None:
    """Be `python -m bot` from here on, up to the way in which it ends."""
    if wish.terminal:
        os.login_tty(os.dup(wish.streams[0]))
    else:
        for number, stream in enumerate(wish.streams):
            os.dup2(stream, number)
    for stream in wish.streams:
        os.close(stream)
    _open_streams()
    os.environ.clear()
    os.environ.update(wish.env)
    os.chdir(wish.cwd)
    sys.path[0] = wish.cwd
    sys.argv[1:] = wish.words
    runpy.run_module("bot", run_name="__main__", alter_sys=True)


def _open_streams() -> None:
    """Open the three streams as Python does when it starts."""
    by_line = 1 if os.isatty(1) else -1
    # They stay open to the end of the process.
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - see above
    sys.stdout = open(1, "w", by_line, encoding="utf-8", closefd=False)  # noqa: SIM115 - see above
    sys.stderr = open(2, "w", 1, "utf-8", "backslashreplace", closefd=False)  # noqa: SIM115 - see above


def main() -> None:
    """Import, serve, and in a copy become the command."""
    import_everything()
    if threading.active_count() != 1:
        raise SystemExit(f"a copy would lack these threads: {threading.enumerate()}")
    with socket.socket(fileno=int(sys.argv[1])) as line:
        wish = serve(line)
    if wish is not None:
        become(wish)


if __name__ == "__main__":
    main()
