"""Work on a stranger's bytes in a process of its own, off the event loop and within limits.

Nothing is written to a disk. The process knows none of our environment, so it knows no secret. It is always
reaped, with everything that it started, also where the caller is cancelled.
"""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from bot.cores import spare_cores

_ROOT = Path(__file__).resolve().parents[2]
_CHUNK = 64 * 1024
_NICENESS = 19
# A semaphore belongs to one event loop; tests have many, one after another.
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


@dataclass(frozen=True)
class ChildLimits:
    """What a child process may use.

    Attributes:
        seconds: From start to end, by the clock; also its processor time.
        memory_bytes: Its address space.
        output_bytes: What it may write to its standard output.
    """

    seconds: float
    memory_bytes: int
    output_bytes: int


class ChildFailed(Exception):  # noqa: N818 -- it names what happened
    """The child gave no result. `reason` is one of `time`, `output`, `ended`."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The child process gave no result: {reason}")
        self.reason = reason


async def run_child(module: str, arguments: tuple[str, ...], data: bytes, limits: ChildLimits) -> bytes:
    """Run `python -m module` with `data` on its standard input, and give what it wrote.

    Only so many run at once that a core is left for the bot; the others wait in line, and their time begins
    when it is their turn. The module must call `bot.manuscripts.confinement.confine` first; its limits come
    before `arguments`.

    Raises:
        ChildFailed: It took too long, wrote too much, or ended with anything but 0.
    """
    async with _turn():
        return await _run(module, arguments, data, limits)


async def _run(module: str, arguments: tuple[str, ...], data: bytes, limits: ChildLimits) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-s", "-P", "-m", module,
        str(limits.seconds), str(limits.memory_bytes), *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(),
        start_new_session=True,
    )  # fmt: skip
    _yield_to_others(process.pid)
    try:
        async with asyncio.timeout(limits.seconds):
            output, _ = await asyncio.gather(_read(process, limits.output_bytes), _write(process, data))
            code = await process.wait()
    except TimeoutError:
        raise ChildFailed("time") from None
    finally:
        await _reap(process)
    if code != 0:
        raise ChildFailed("ended")
    return output


def _turn() -> asyncio.Semaphore:
    """Give what the children of this event loop wait in line for."""
    loop = asyncio.get_running_loop()
    if loop not in _turns:
        _turns[loop] = asyncio.Semaphore(spare_cores())
    return _turns[loop]


def _yield_to_others(pid: int) -> None:
    """Let the bot's answers to members go before this work, where there are not enough cores for both."""
    if hasattr(os, "setpriority"):
        with suppress(ProcessLookupError, PermissionError):
            os.setpriority(os.PRIO_PROCESS, pid, _NICENESS)


async def _write(process: asyncio.subprocess.Process, data: bytes) -> None:
    stdin = process.stdin
    if stdin is None:
        raise ChildFailed("ended")
    with suppress(BrokenPipeError, ConnectionResetError):  # it ended early; its exit code says why
        for start in range(0, len(data), _CHUNK):
            stdin.write(data[start : start + _CHUNK])
            await stdin.drain()
    # Not waited for: the output's end is, and if such a wait is cancelled Python's own code fails afterwards.
    stdin.close()


async def _read(process: asyncio.subprocess.Process, limit: int) -> bytes:
    stdout = process.stdout
    if stdout is None:
        raise ChildFailed("ended")
    chunks: list[bytes] = []
    size = 0
    while chunk := await stdout.read(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise ChildFailed("output")
        chunks.append(chunk)
    return b"".join(chunks)


async def _reap(process: asyncio.subprocess.Process) -> None:
    """End the process and whatever it started, and wait until it is gone."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.returncode is None:
        await asyncio.shield(process.wait())


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**kept, **threads, "PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1", "LANG": "C.UTF-8"}
