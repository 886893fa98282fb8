"""What it costs that a critique survives the death of the process, beside the same critique without that."""

import asyncio
import json
import secrets
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import ClassVar

from bot.coach import Coach
from bot.config import Settings
from bot.durable import Durable, Item
from bot.llm import Caller, Models
from bot.llm.prompts import Prompts
from bot.manuscripts import Format, Manuscript, read_manuscript
from bot.store import MasterKey, Store
from bot.store.jobs import Job, Jobs, Reader
from tests.bench.measures import Figure
from tests.bench.stage import ROOT, manuscript, model_double

WORDS = 2_000
ROUNDS = 20
GOAL_MS = 40.0


class _Critique:
    """The steps that the bot takes, without Discord: kept, read, kept, written, kept, forgotten."""

    name: ClassVar[str] = "critique"
    steps: ClassVar[tuple[str, ...]] = ("read", "write", "bring")
    seatless: ClassVar[frozenset[str]] = frozenset({"bring"})

    def __init__(self, jobs: Jobs, coach: Coach, data: bytes) -> None:
        self._jobs = jobs
        self._coach = coach
        self._data = data
        self.ended = asyncio.Event()

    async def open_items(self) -> Sequence[Item]:
        return ()

    async def do(self, step: str, item_id: str) -> bool:
        job = await self._jobs.begin(item_id, 1)
        if job is None:
            raise RuntimeError("the job is gone")
        if step == "read":
            text = await read_manuscript(self._data, "chapter.md")
            await self._jobs.keep_manuscript(job, json.dumps(asdict(text)))
        elif step == "write":
            kept = json.loads(job.manuscript or "")
            text = Manuscript(**(kept | {"format": Format(kept["format"])}))
            critique = await self._coach.critique(text, caller=_caller(item_id))
            await self._jobs.keep_result(job, critique.letter or "")
        else:
            await self._jobs.end(item_id, 1)
            self.ended.set()
        return True

    async def failed(self, item_id: str, error: Exception) -> None:  # noqa: ARG002 - as `Work` has it
        raise error

    async def pause(self, item_ids: Sequence[str]) -> None:
        pass


def _caller(job_id: str) -> Caller:
    return Caller(guild_id=1, member_id=1, job=job_id)


async def durability() -> list[Figure]:
    """Time of a critique from being asked for to its end, durable and not, in turns."""
    data = manuscript(WORDS)
    plain: list[float] = []
    durable: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        async with model_double() as url:
            settings = Settings.load(
                None, inkcircle_data=Path(folder), openai_base_url=None, openai_api_key=None
            )
            variables = settings.coach_variables.model_copy(update={"model": "editor", "base_url": url})
            settings = settings.model_copy(update={"coach_variables": variables})
            async with (
                Store(settings.database, master=MasterKey.generate()) as store,
                Models(settings) as models,
            ):
                coach = Coach(models, Prompts(ROOT / "prompts"))
                jobs = Jobs(store)
                work = _Critique(jobs, coach, data)
                engine = Durable(database=settings.database, folder=settings.data, worker="local", seats=8)
                engine.add(work)
                await engine.launch()
                await engine.resume()
                try:
                    for _ in range(ROUNDS):
                        plain.append(await _timed_plain(coach, data))
                        durable.append(await _timed_durable(engine, jobs, work))
                finally:
                    await engine.close()
    cost = statistics.median(durable) - statistics.median(plain)
    return [
        Figure(
            f"cost of durability in a critique of {WORDS:,} words",
            f"{cost:.0f} ms (median of {ROUNDS}: {statistics.median(durable):.0f} ms with, "
            f"{statistics.median(plain):.0f} ms without)",
            f"≤ {GOAL_MS:.0f} ms",
            cost <= GOAL_MS,
        )
    ]


async def _timed_plain(coach: Coach, data: bytes) -> float:
    began = time.perf_counter()
    text = await read_manuscript(data, "chapter.md")
    await coach.critique(text, caller=_caller("plain"))
    return (time.perf_counter() - began) * 1000


async def _timed_durable(engine: Durable, jobs: Jobs, work: _Critique) -> float:
    job = Job(
        id=secrets.token_hex(8),
        kind=work.name,
        guild_id=1,
        channel_id=1,
        member_id=1,
        author_id=1,
        message_id=None,
        focus=None,
        visibility="only me",
        readers=(Reader(1, 1, secrets.token_hex(32)),),
        source="https://cdn.discordapp.com/",
    )
    work.ended.clear()
    began = time.perf_counter()
    await jobs.add(job)
    engine.begin(work.name, Item(job.id, 1, 1))
    await work.ended.wait()
    return (time.perf_counter() - began) * 1000
