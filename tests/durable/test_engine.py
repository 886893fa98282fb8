"""Work goes on where it was when the process ended, on both databases, and DBOS is told no word of it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar

import pytest

from bot.durable import Durable, Item
from bot.durable.books import _THREADS, FILE_NAME, Books
from bot.errors import OperatorError
from tests.databases import Database

_CANARY = "quetzalcanary"
_PATIENCE = 30.0


class _Letters:
    """A kind of work with two steps, whose results are kept in memory in place of a database."""

    name: ClassVar[str] = "letters"
    steps: ClassVar[tuple[str, ...]] = ("write", "bring")
    seatless: ClassVar[frozenset[str]] = frozenset({"bring"})

    def __init__(self) -> None:
        self.open: dict[str, Item] = {}
        self.done: list[tuple[str, str]] = []
        self.failures: list[str] = []
        self.paused: list[str] = []
        self.news = asyncio.Event()
        self.hold: dict[str, asyncio.Event] = {}
        self.fail_at: set[str] = set()

    def add(self, name: str, member_id: int = 1) -> Item:
        self.open[name] = Item(name, 1, member_id)
        return self.open[name]

    async def open_items(self) -> Sequence[Item]:
        return list(self.open.values())

    async def do(self, step: str, item_id: str) -> bool:
        if (gate := self.hold.get(step)) is not None:
            self._tell("holding", step)
            await gate.wait()
        if step in self.fail_at:
            raise LookupError(_CANARY)
        self._tell(step, item_id)
        if step == "bring":
            del self.open[item_id]
        return True

    async def failed(self, item_id: str, error: Exception) -> None:
        self.failures.append(type(error).__name__)
        del self.open[item_id]
        self.news.set()

    async def pause(self, item_ids: Sequence[str]) -> None:
        self.paused += item_ids

    def _tell(self, step: str, item_id: str) -> None:
        self.done.append((step, item_id))
        self.news.set()

    async def until(self, *done: tuple[str, str]) -> None:
        async with asyncio.timeout(_PATIENCE):
            while not set(done) <= set(self.done):
                self.news.clear()
                await self.news.wait()

    async def until_empty(self) -> None:
        async with asyncio.timeout(_PATIENCE):
            while self.open:
                self.news.clear()
                await self.news.wait()


@asynccontextmanager
async def _running(
    database: Database, work: _Letters, *, seats: int = 2, worker: str = "local"
) -> AsyncIterator[Durable]:
    durable = Durable(database=database.url, folder=database.folder, worker=worker, seats=seats)
    durable.add(work)
    await durable.launch()
    try:
        await durable.resume()
        yield durable
    finally:
        await durable.close()


async def test_each_step_is_done_once_and_in_order(database: Database) -> None:
    work = _Letters()
    async with _running(database, work) as durable:
        for name in ("a", "b", "c"):
            durable.begin("letters", work.add(name))
        await work.until_empty()
        for name in ("a", "b", "c"):
            assert [step for step, item in work.done if item == name] == ["write", "bring"]


async def test_to_begin_the_same_twice_is_to_begin_it_once(database: Database) -> None:
    work = _Letters()
    async with _running(database, work) as durable:
        item = work.add("a")
        durable.begin("letters", item)
        durable.begin("letters", item)
        await work.until_empty()
    assert work.done == [("write", "a"), ("bring", "a")]


async def test_what_a_stop_interrupts_goes_on_after_the_start_at_the_step_where_it_was(
    database: Database,
) -> None:
    work = _Letters()
    work.hold["bring"] = asyncio.Event()
    async with _running(database, work) as durable:
        durable.begin("letters", work.add("a"))
        await work.until(("holding", "bring"))
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 8
    assert work.paused == ["a"]
    assert "a" in work.open
    work.hold.clear()
    async with _running(database, work):
        await work.until_empty()
    assert work.done == [("write", "a"), ("holding", "bring"), ("bring", "a")]


async def test_what_the_books_hand_over_only_while_it_is_closed_is_left_to_the_next_start(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between a seat and the first step there are trips to the database."""
    work = _Letters()
    handed_over, go_on, over = asyncio.Event(), asyncio.Event(), asyncio.Event()
    work_on = Durable.work_on

    async def late(durable: Durable, name: str, item_id: str) -> None:
        handed_over.set()
        await go_on.wait()
        try:
            await work_on(durable, name, item_id)
        finally:
            over.set()

    async def pause(_item_ids: Sequence[str]) -> None:
        go_on.set()
        await over.wait()

    monkeypatch.setattr(Durable, "work_on", late)
    monkeypatch.setattr(work, "pause", pause)
    async with _running(database, work) as durable:
        durable.begin("letters", work.add("a"))
        await asyncio.wait_for(handed_over.wait(), _PATIENCE)
    assert work.done == []
    assert "a" in work.open
    async with _running(database, work):
        await work.until_empty()
    assert work.done == [("write", "a"), ("bring", "a")]


async def test_what_fails_while_it_is_closed_goes_on_after_the_start(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = _Letters()
    holding = asyncio.Event()

    async def fails_when_interrupted(_step: str, _item_id: str) -> bool:
        holding.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(work, "do", fails_when_interrupted)
        async with _running(database, work) as durable:
            durable.begin("letters", work.add("a"))
            await asyncio.wait_for(holding.wait(), _PATIENCE)
    assert work.failures == []
    async with _running(database, work):
        await work.until_empty()
    assert work.done == [("write", "a"), ("bring", "a")]


async def test_others_have_threads_while_it_is_closed(database: Database) -> None:
    """DBOS has its own serve the loop, and ends them; the last traces are sealed in one of the loop's."""
    work = _Letters()
    async with _running(database, work) as durable:
        durable.begin("letters", work.add("a"))
        await work.until_empty()
        closing = asyncio.create_task(durable.close())
        while not closing.done():
            assert await asyncio.to_thread(int, "1") == 1


async def test_what_waits_for_a_thread_when_it_is_closed_is_not_called_off(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.durable.books._BEGINNING_SECONDS", _PATIENCE)
    work, hold = _Letters(), threading.Event()
    async with _running(database, work) as durable:
        durable.begin("letters", work.add("a"))
        await work.until_empty()
        busy = [asyncio.create_task(asyncio.to_thread(hold.wait, _PATIENCE)) for _ in range(_THREADS)]
        waits = asyncio.create_task(asyncio.to_thread(int, "1"))
        closing = asyncio.create_task(durable.close())
        # Long enough for DBOS to end its threads, were it let.
        await asyncio.wait([waits], timeout=0.5)
        hold.set()
        assert await waits == 1
        await asyncio.gather(closing, *busy)


async def test_what_has_ended_is_written_down_before_the_books_are_closed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = _Letters()
    left, written_down, at_the_end = asyncio.Event(), list[str](), list[str]()
    work_on, close = Durable.work_on, Books.close

    async def slow(durable: Durable, name: str, item_id: str) -> None:
        await work_on(durable, name, item_id)
        left.set()
        await asyncio.sleep(0.1)
        written_down.append(item_id)

    async def seen(books: Books, seconds: float) -> None:
        at_the_end.extend(written_down)
        await close(books, seconds)

    monkeypatch.setattr(Durable, "work_on", slow)
    monkeypatch.setattr(Books, "close", seen)
    async with _running(database, work) as durable:
        durable.begin("letters", work.add("a"))
        await asyncio.wait_for(left.wait(), _PATIENCE)
    assert at_the_end == ["a"]


async def test_what_failed_is_told_to_the_work_and_not_to_the_books(database: Database) -> None:
    work = _Letters()
    work.fail_at.add("write")
    async with _running(database, work) as durable:
        durable.begin("letters", work.add("a"))
        await work.until_empty()
    assert work.failures == ["LookupError"]
    for file in database.folder.rglob("*"):
        assert not file.is_file() or _CANARY.encode() not in file.read_bytes(), file


async def test_work_whose_books_are_lost_is_begun_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a backup was put back: the books call done what is open, or know nothing of it."""
    monkeypatch.setattr("bot.durable.engine._TAKEN_UP_AFTER", 0.5)
    work = _Letters()
    async with _running(database, work) as durable:
        durable.begin("letters", work.add("a"))
        await work.until_empty()
    work.done.clear()
    work.add("a")
    async with _running(database, work):
        await work.until_empty()
    assert work.done == [("write", "a"), ("bring", "a")]


async def test_a_seat_is_free_for_others_while_an_answer_is_brought(database: Database) -> None:
    work = _Letters()
    work.hold["bring"] = asyncio.Event()
    async with _running(database, work, seats=1) as durable:
        durable.begin("letters", work.add("a"))
        durable.begin("letters", work.add("b", member_id=2))
        await work.until(("write", "a"), ("write", "b"))
        work.hold["bring"].set()
        await work.until_empty()


async def test_what_stands_in_line_can_be_dropped_and_what_has_begun_cannot(database: Database) -> None:
    work = _Letters()
    work.hold["write"] = asyncio.Event()
    async with _running(database, work, seats=1) as durable:
        durable.begin("letters", work.add("a"))
        await work.until(("holding", "write"))
        durable.begin("letters", work.add("b"))
        assert durable.drop("letters", "b")
        assert not durable.drop("letters", "b")
        assert not durable.drop("letters", "a")
        del work.open["b"]
        work.hold["write"].set()
        await work.until_empty()
    assert ("write", "b") not in work.done


async def test_a_second_process_under_the_same_name_is_turned_away(
    database: Database, tmp_path: Path
) -> None:
    if database.kind == "sqlite":
        # There each folder has its own file, and the folder's lock keeps others out.
        assert not (tmp_path / "other" / FILE_NAME).exists()
        return
    work = _Letters()
    async with _running(database, work, worker="first"):
        second = Books(database.url, folder=tmp_path, worker="first", version="1")
        with pytest.raises(OperatorError, match="under the name first"):
            await second.open()
        third = Books(database.url, folder=tmp_path, worker="second", version="1")
        assert third._lock is not None
        third._lock.take()
        await third.close(1.0)
