"""How long a scene waits while somebody else's novel is being worked on."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from bot.durable import Durable, Item
from tests.bench.measures import Figure

CHAPTERS = 40
SEATS = 2
# What one piece takes: a model's answer, during which the bot itself has nothing to do.
PIECE_SECONDS = 0.5
GOAL = 2.0


class _Pieces:
    """Pieces of work that all take the same time."""

    name: ClassVar[str] = "pieces"
    steps: ClassVar[tuple[str, ...]] = ("write",)
    seatless: ClassVar[frozenset[str]] = frozenset()

    def __init__(self) -> None:
        self.ended: dict[str, float] = {}
        self.news = asyncio.Event()

    async def open_items(self) -> Sequence[Item]:
        return ()

    async def do(self, _step: str, item_id: str) -> bool:
        await asyncio.sleep(PIECE_SECONDS)
        self.ended[item_id] = time.perf_counter()
        self.news.set()
        return True

    async def failed(self, item_id: str, error: Exception) -> None:  # noqa: ARG002 - as `Work` has it
        raise error

    async def pause(self, item_ids: Sequence[str]) -> None:
        pass

    async def until(self, item_id: str) -> float:
        while item_id not in self.ended:
            self.news.clear()
            await self.news.wait()
        return self.ended[item_id]


async def fairness() -> list[Figure]:
    """Time of a scene from being asked for to its end, alone and behind forty chapters of one member's."""
    with tempfile.TemporaryDirectory() as folder:
        work = _Pieces()
        engine = Durable(
            database=f"sqlite+aiosqlite:///{folder}/inkcircle.db",
            folder=Path(folder),
            worker="local",
            seats=SEATS,
        )
        engine.add(work)
        await engine.launch()
        await engine.resume()
        try:
            alone = await _timed(engine, work, "alone")
            for number in range(CHAPTERS):
                engine.begin(work.name, Item(f"chapter {number}", 1, 1))
            await work.until("chapter 1")
            behind = await _timed(engine, work, "scene")
            before = sum(name.startswith("chapter") for name in work.ended)
        finally:
            await engine.close()
    ratio = behind / alone
    return [
        Figure(
            f"a scene asked for behind {CHAPTERS} chapters of another member's, {SEATS} at a time",
            f"{ratio:.1f} times its own time ({behind:.2f} s, alone {alone:.2f} s; {before} chapters first)",
            f"≤ {GOAL:.0f} times its own time",
            ratio <= GOAL,
        )
    ]


async def _timed(engine: Durable, work: _Pieces, name: str) -> float:
    began = time.perf_counter()
    engine.begin(work.name, Item(name, 1, 2))
    return await work.until(name) - began
