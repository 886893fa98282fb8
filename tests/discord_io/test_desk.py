"""One piece of work for a member at a time, and each can be stopped with a reason."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

from bot.discord_io.desk import BusyError, ClosingError, Desk, UnwantedError, WithdrawnError

T = TypeVar("T")


class _Answer:
    def __init__(self) -> None:
        self.told: list[str] = []

    async def fail(self, sentence: str) -> None:
        self.told.append(sentence)


async def _never(began: asyncio.Event) -> str:
    began.set()
    await asyncio.Event().wait()
    return "never"


async def _at_once() -> str:
    return "done"


async def _work(
    desk: Desk,
    member_id: int,
    begin: Callable[[], Coroutine[Any, Any, T]],
    answer: _Answer | None = None,
    message_id: int | None = None,
) -> T:
    with desk.place(member_id) as place:
        return await place.work(begin, answer=answer or _Answer(), message_id=message_id)


async def test_it_gives_what_the_work_gives_and_the_member_is_free_again() -> None:
    desk = Desk(at_once=8)
    assert await _work(desk, 1, _at_once) == "done"
    assert await _work(desk, 1, _at_once) == "done"
    assert len(desk) == 0


async def test_a_member_cannot_pile_up_work() -> None:
    desk, began = Desk(at_once=8), asyncio.Event()
    first = asyncio.create_task(_work(desk, 1, lambda: _never(began)))
    await began.wait()
    with pytest.raises(BusyError, match="still at work"):
        await _work(desk, 1, _at_once)
    assert await _work(desk, 2, _at_once) == "done"
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await _work(desk, 1, _at_once) == "done"


async def test_others_wait_in_line() -> None:
    desk, began = Desk(at_once=1), asyncio.Event()
    first = asyncio.create_task(_work(desk, 1, lambda: _never(began)))
    await began.wait()
    second = asyncio.create_task(_work(desk, 2, _at_once))
    await asyncio.sleep(0)
    assert len(desk) == 2
    assert not second.done()
    desk._places[1].answer_deleted()
    with pytest.raises(UnwantedError):
        await first
    assert await second == "done"


async def test_one_who_waits_in_line_can_be_stopped_too() -> None:
    desk, began = Desk(at_once=1), asyncio.Event()
    first = asyncio.create_task(_work(desk, 1, lambda: _never(began)))
    await began.wait()
    second = asyncio.create_task(_work(desk, 2, _at_once, message_id=20))
    await asyncio.sleep(0)
    desk.message_deleted(20)
    with pytest.raises(WithdrawnError):
        await second
    desk._places[1].answer_deleted()
    with pytest.raises(UnwantedError):
        await first


async def test_work_stops_when_its_message_is_deleted() -> None:
    desk, began = Desk(at_once=8), asyncio.Event()
    work = asyncio.create_task(_work(desk, 1, lambda: _never(began), message_id=10))
    await began.wait()
    desk.message_deleted(11)
    assert not work.done()
    desk.message_deleted(10)
    with pytest.raises(WithdrawnError, match="deleted"):
        await work


async def test_closing_tells_everybody_and_takes_nothing_more() -> None:
    desk, began, answer = Desk(at_once=8), asyncio.Event(), _Answer()
    work = asyncio.create_task(_work(desk, 1, lambda: _never(began), answer))
    await began.wait()
    await desk.close()
    with pytest.raises(ClosingError):
        await work
    assert answer.told == [ClosingError().sentence]
    with pytest.raises(ClosingError):
        desk.require_free(2)


async def test_closing_does_not_wait_for_what_will_not_stop() -> None:
    async def stubborn(began: asyncio.Event) -> None:
        began.set()
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if released.is_set():
                    raise

    desk, began, released = Desk(at_once=8), asyncio.Event(), asyncio.Event()
    work = asyncio.create_task(_work(desk, 1, lambda: stubborn(began)))
    await began.wait()
    await desk.close(seconds=0.05)
    released.set()
    task = desk._places[1].task
    assert task is not None
    task.cancel()
    with pytest.raises(ClosingError):
        await work


async def test_an_error_of_the_work_comes_through() -> None:
    async def fail() -> None:
        raise LookupError("inside")

    with pytest.raises(LookupError, match="inside"):
        await _work(Desk(at_once=8), 1, fail)


async def test_a_place_is_taken_before_any_work_begins() -> None:
    desk = Desk(at_once=8)
    with desk.place(1) as place:
        with pytest.raises(BusyError):
            desk.require_free(1)
        await desk.close()
        with pytest.raises(ClosingError):
            await place.work(_at_once, answer=_Answer())


async def test_a_crowd_is_let_in_before_any_of_it_is_worked_on() -> None:
    """Both need the same few cores, and only the acknowledgement has a deadline."""
    desk = Desk(at_once=8)
    order: list[str] = []

    async def work() -> None:
        order.append("work")

    async def come(member_id: int) -> None:
        with desk.place(member_id) as place:
            order.append("in")
            await place.work(work, answer=_Answer())

    await asyncio.gather(*(come(number) for number in range(20)))
    assert order == ["in"] * 20 + ["work"] * 20
