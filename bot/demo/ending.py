"""An end that closes what was opened, however it comes: kill, or the terminal's window that is closed."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_ENDINGS: Final = (signal.SIGTERM, signal.SIGHUP)
# A shell's word for 'ended by signal N'.
_EXIT: Final = 128


@contextmanager
def closed_when_ended() -> Iterator[None]:
    """Cancel this task when the process is told to end, so that its blocks close; Ctrl+C does that by itself.

    Raises:
        SystemExit: It was told to end.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    told: list[signal.Signals] = []

    def end(number: signal.Signals) -> None:
        told.append(number)
        if task is not None:
            task.cancel()

    for number in _ENDINGS:
        loop.add_signal_handler(number, end, number)
    try:
        yield
    except asyncio.CancelledError:
        if told:
            raise SystemExit(_EXIT + told[0]) from None
        raise
    finally:
        for number in _ENDINGS:
            loop.remove_signal_handler(number)
