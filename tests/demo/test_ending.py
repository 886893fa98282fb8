"""What was opened is closed when the process is told to end."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_SERVES = """
import asyncio
from bot.demo.ending import closed_when_ended

async def serve():
    with closed_when_ended():
        try:
            print("serves", flush=True)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            print("closed", flush=True)

asyncio.run(serve())
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
async def test_what_was_opened_is_closed(how: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SERVES, cwd=_ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        assert await process.stdout.readline() == b"serves\n"
        process.send_signal(how)
        assert await process.stdout.readline() == b"closed\n"
        assert await process.wait() == 128 + how
