"""One piece of work for a member at a time, and each can be stopped with a reason."""

import asyncio

import pytest

from bot.discord_io.desk import BusyError, Desk, UnwantedError, WithdrawnError


async def _never(began: asyncio.Event) -> str:
    began.set()
    await asyncio.Event().wait()
    return "never"


async def _at_once() -> str:
    return "done"


async def test_it_gives_what_the_work_gives() -> None:
    assert await Desk().take(1).work(_at_once()) == "done"


async def test_a_member_cannot_pile_up_work_and_is_free_again_afterwards() -> None:
    desk = Desk()
    place = desk.take(1)
    with pytest.raises(BusyError, match="still at work"):
        desk.take(1)
    with pytest.raises(BusyError):
        desk.require_free(1)
    assert desk.take(2).member_id == 2
    desk.leave(place)
    desk.require_free(1)


async def test_a_place_that_was_left_is_not_taken_from_who_came_after() -> None:
    desk = Desk()
    first = desk.take(1)
    desk.leave(first)
    desk.take(1)
    desk.leave(first)
    with pytest.raises(BusyError):
        desk.require_free(1)


async def test_work_stops_when_its_message_is_deleted() -> None:
    desk, began = Desk(), asyncio.Event()
    work = asyncio.create_task(desk.take(1, message_id=10).work(_never(began)))
    await began.wait()
    desk.message_deleted(11)
    assert not work.done()
    desk.message_deleted(10)
    with pytest.raises(WithdrawnError, match="deleted"):
        await work


async def test_what_has_not_begun_is_told_at_once_and_does_not_begin() -> None:
    desk, told = Desk(), []
    place = desk.take(1, message_id=10)
    place.on_stop = lambda: told.append("stopped")
    desk.message_deleted(10)
    assert told == ["stopped"]
    with pytest.raises(WithdrawnError):
        await place.work(_at_once())


async def test_the_first_reason_stays() -> None:
    place = Desk().take(1)
    place.answer_deleted()
    place.stop(WithdrawnError())
    with pytest.raises(UnwantedError):
        await place.work(_at_once())


async def test_who_cancels_the_work_cancels_it_and_gives_no_reason() -> None:
    began = asyncio.Event()
    work = asyncio.create_task(Desk().take(1).work(_never(began)))
    await began.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


async def test_an_error_of_the_work_comes_through() -> None:
    async def fail() -> None:
        raise LookupError("inside")

    with pytest.raises(LookupError, match="inside"):
        await Desk().take(1).work(fail())


async def test_a_crowd_is_let_in_before_any_of_it_is_worked_on() -> None:
    """Both need the same few cores, and only the acknowledgement has a deadline."""
    desk = Desk()
    order: list[str] = []

    async def come(member_id: int) -> None:
        with desk.arrival():
            desk.take(member_id)
            await asyncio.sleep(0.2 if member_id else 0)
            order.append("in")
        await desk.quiet()
        order.append("work")

    await asyncio.gather(*(come(number) for number in range(20)))
    assert order == ["in"] * 20 + ["work"] * 20
