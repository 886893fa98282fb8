"""What sealing a long text costs, and reading it again."""

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.dialects import sqlite

from bot.store import MasterKey, Sealed, SealedColumn, Store
from bot.store.sealed import use_keys
from tests.bench.measures import Figure, percentile
from tests.bench.stage import SCENE

WORDS = 20_000
ROUNDS = 200
GOAL_MS = 1.0


async def encryption() -> list[Figure]:
    """Time of one column's way in and one's way out, as SQLAlchemy takes it for each row."""
    scene = SCENE.read_text(encoding="utf-8").split()
    text = " ".join(itertools.islice(itertools.cycle(scene), WORDS))
    column, dialect = SealedColumn("bench.text"), sqlite.dialect()
    with tempfile.TemporaryDirectory() as folder:
        async with Store(
            f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}", master=MasterKey.generate()
        ) as store:
            use_keys(dialect, store.keys)
            key = await store.keys.member(1)

            def sealed() -> bytes | None:
                return column.process_bind_param(key.seal(text), dialect)

            envelope = sealed()

            def opened() -> str:
                found = column.process_result_value(envelope, dialect)
                return found.text() if isinstance(found, Sealed) else ""

            if opened() != text:
                raise RuntimeError("what was sealed did not come back")
            size = len(text.encode()) / 1000
            return [
                _figure(f"sealing {WORDS:,} words ({size:.0f} kB)", sealed),
                _figure(f"reading {WORDS:,} sealed words", opened),
            ]


def _figure(what: str, work: Callable[[], object]) -> Figure:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    median = statistics.median(times)
    measured = f"median {median:.2f} ms, p99 {percentile(times, 0.99):.2f} ms"
    return Figure(what, measured, f"median ≤ {GOAL_MS:.0f} ms", median <= GOAL_MS)
