"""The clock that deadlines hang on."""

import asyncio

from bot.playground import Clock
from bot.playground.snowflakes import Snowflakes


def test_a_frozen_clock_moves_only_when_told() -> None:
    clock = Clock(frozen=True)
    before = clock.time()
    clock.advance(5)

    assert clock.time() == before + 5


def test_timers_fire_in_their_order_and_once() -> None:
    clock = Clock(frozen=True)
    fired: list[str] = []
    clock.later(2, lambda: fired.append("second"))
    clock.later(1, lambda: fired.append("first"))
    clock.later(1, lambda: fired.append("called off")).cancel()
    clock.later(9, lambda: fired.append("late"))

    clock.advance(3)
    clock.advance(3)

    assert fired == ["first", "second"]


def test_a_timer_may_set_another() -> None:
    clock = Clock(frozen=True)
    fired: list[float] = []
    start = clock.time()

    def again() -> None:
        clock.later(1, lambda: fired.append(clock.time() - start))

    clock.later(1, again)

    clock.advance(1)
    assert fired == []
    clock.advance(1)
    assert fired == [2]


async def test_a_running_clock_fires_by_itself_and_stops_when_told() -> None:
    clock = Clock()
    rang = asyncio.Event()
    clock.later(0.01, rang.set)
    await asyncio.wait_for(rang.wait(), 30)
    clock.later(0.01, rang.clear)
    clock.stop()
    clock.advance(10)

    assert rang.is_set()


def test_identifiers_only_grow_while_time_stands_still() -> None:
    ids = Snowflakes(Clock(frozen=True))
    given = [ids.new() for _ in range(10_000)]

    assert given == sorted(set(given))
