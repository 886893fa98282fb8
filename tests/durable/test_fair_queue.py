"""Seats go round: servers in turn, within them members in turn, and each member's pieces as they came."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from bot.durable import FairQueue


async def _served(queue: FairQueue, pieces: list[tuple[int, int, str]], *, alone: str = "") -> list[str]:
    """Give the order in which pieces that all wait are seated, one at a time."""
    order: list[str] = []

    async def work(guild_id: int, member_id: int, name: str) -> None:
        async with queue.seat(guild_id, member_id, alone=name == alone):
            order.append(name)
            await asyncio.sleep(0)

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(queue.seat(0, 0))
        tasks = [asyncio.create_task(work(*piece)) for piece in pieces]
        await asyncio.sleep(0)
        assert queue.is_full
        assert len(queue) == len(pieces)
    await asyncio.gather(*tasks)
    return order


async def test_a_novel_does_not_hold_up_a_scene() -> None:
    novel = [(1, 1, f"chapter {number}") for number in range(40)]
    order = await _served(FairQueue(1), [*novel, (1, 2, "scene")])
    assert order.index("scene") == 1
    assert [name for name in order if name != "scene"] == [name for _, _, name in novel]


async def test_a_busy_server_does_not_hold_up_a_quiet_one() -> None:
    busy = [(1, member, f"busy {member}") for member in range(5)]
    order = await _served(FairQueue(1), [*busy, (2, 9, "quiet 1"), (2, 9, "quiet 2")])
    assert order == ["busy 0", "quiet 1", "busy 1", "quiet 2", "busy 2", "busy 3", "busy 4"]


async def test_there_are_never_more_at_work_than_seats() -> None:
    queue, at_work, most = FairQueue(3), 0, 0

    async def work(member_id: int) -> None:
        nonlocal at_work, most
        async with queue.seat(1, member_id):
            at_work += 1
            most = max(most, at_work)
            await asyncio.sleep(0)
            at_work -= 1

    await asyncio.gather(*(work(number % 4) for number in range(20)))
    assert most == 3
    assert not queue.is_full
    assert len(queue) == 0


async def test_who_leaves_the_line_is_passed_by() -> None:
    queue = FairQueue(1)
    async with queue.seat(1, 1):
        leaving = asyncio.create_task(_sit(queue, 2))
        staying = asyncio.create_task(_sit(queue, 3))
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
    await asyncio.wait_for(staying, 30)
    assert not queue.is_full


async def test_one_cancelled_in_the_moment_of_being_seated_gives_the_seat_back() -> None:
    queue = FairQueue(1)
    async with queue.seat(1, 1):
        waiting = asyncio.create_task(_sit(queue, 2))
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait_for(_sit(queue, 3), 30)


async def test_what_must_be_alone_is_alone() -> None:
    queue = FairQueue(2)
    others: list[bool] = []

    async def suspect() -> None:
        async with queue.seat(1, 1, alone=True):
            others.append(queue.is_full)
            await asyncio.sleep(0.01)
            others.append(waiting.done())

    async with queue.seat(1, 2):
        alone = asyncio.create_task(suspect())
        await asyncio.sleep(0)
        assert not others
    await asyncio.sleep(0)
    waiting = asyncio.create_task(_sit(queue, 3))
    await asyncio.gather(alone, waiting)
    assert others == [True, False]


async def test_what_must_be_alone_does_not_wait_for_ever() -> None:
    """However many others come, its turn comes after sixteen of them."""
    pieces = [(1, member, str(member)) for member in range(40)]
    order = await _served(FairQueue(1), [(1, 99, "suspect"), *pieces], alone="suspect")
    assert order.index("suspect") == 16


async def _sit(queue: FairQueue, member_id: int) -> None:
    async with queue.seat(1, member_id):
        pass
