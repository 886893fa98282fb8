"""Closing: whatever hangs, every part is closed, and the whole takes no longer than it may."""

import asyncio
import time

from structlog.testing import capture_logs

from bot.closing import Closing


async def test_parts_that_hang_share_the_time_and_keep_nobody_from_being_closed() -> None:
    closing = Closing(seconds=0.5, least=0.1)
    closed: list[str] = []

    async def hangs() -> None:
        closed.append("hangs")
        await asyncio.sleep(60)

    async def fails() -> None:
        closed.append("fails")
        raise ConnectionError

    async def closes() -> None:
        closed.append("closes")

    began = time.monotonic()
    with capture_logs() as log:
        for close in (hangs, fails, hangs, hangs, closes):
            await closing.part("part", close)
    assert time.monotonic() - began >= 0.65
    assert closed == ["hangs", "fails", "hangs", "hangs", "closes"]
    assert [entry["event"] for entry in log] == [
        "app.part_hangs",
        "app.part_fails",
        "app.part_hangs",
        "app.part_hangs",
    ]
    # The first that hangs uses up what they have together; then each has the least.
    assert [entry["seconds"] for entry in log if "seconds" in entry] == [0.5, 0.1, 0.1]


async def test_the_time_runs_from_the_first_part_on() -> None:
    closing = Closing(seconds=5.0, least=0.1)
    await asyncio.sleep(0.2)
    began = time.monotonic()

    async def asks() -> None:
        await asyncio.sleep(0.3)

    await closing.part("first", asks)
    assert time.monotonic() - began >= 0.3
