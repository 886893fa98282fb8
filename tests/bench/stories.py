"""Our own share of the time that a turn takes, with fifty stories that are written in at once."""

import asyncio
import importlib
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import discord.http
from pydantic import SecretStr

from bot.app import App
from bot.config import Settings
from bot.durable import Durable, FairQueue
from bot.llm import Answer, Call, Models, asking
from bot.llm.sending import send
from bot.store import MasterKey
from cogs.story.bringing import Bringing
from cogs.story.telling import Telling
from cogs.story.work_id import WorkId
from tests.bench.measures import Figure, percentile
from tests.bench.stage import PATIENCE, process

STORIES = 50
# In each round everybody writes within so many seconds.
WITHIN_SECONDS = (20.0, 20.0)
GOAL_MEDIAN_MS, GOAL_P99_MS = 60.0, 250.0

_job: ContextVar[str] = ContextVar("job", default="")


@dataclass(slots=True)
class _Turn:
    """When things happened to one turn, by the clock of this process.

    Attributes:
        closed: Nobody wrote any more.
        in_line: Seconds in which it waited for others to be done with the model.
        asked: The first request to the model went out.
        told: The last token of the part was there.
        posted: The part was handed to Discord's library.
    """

    closed: float
    in_line: float = 0.0
    asked: float = 0.0
    told: float = 0.0
    posted: float = 0.0


class _Watch:
    """Notes the moments of all turns."""

    def __init__(self) -> None:
        self.turns: dict[str, _Turn] = {}
        self.closing: dict[int, float] = {}

    @property
    def mine(self) -> _Turn | None:
        """The turn that is being worked on where this is asked."""
        return self.turns.get(_job.get())


@contextmanager
def watching() -> Iterator[_Watch]:  # noqa: C901 - one small function for each place
    """Note what happens to turns meanwhile, at six places of the bot."""
    watch = _Watch()
    now = time.perf_counter
    # The commands as the next bot of this process has them: each loads them anew.
    telling = importlib.import_module(Telling.__module__)
    told_by, brought_by, turn_task = telling.Telling, telling.Bringing, telling.Task.TURN
    close_turn, begin, bring = told_by._close_turn, told_by.begin_claimed, brought_by._post
    conduct, seat, complete = Durable._conduct, FairQueue.seat, Models.complete
    post = discord.http.HTTPClient.send_message

    async def closing(self: Telling, guild_id: int, story_id: int) -> None:
        watch.closing[story_id] = now()
        await close_turn(self, guild_id, story_id)

    def beginning(self: Telling, work: WorkId, member_id: int) -> None:
        if work.task is turn_task:
            watch.turns[str(work)] = _Turn(watch.closing[work.story_id])
        begin(self, work, member_id)

    async def conducting(self: Durable, turn: Any) -> None:
        _job.set(turn.item.id)
        await conduct(self, turn)

    @asynccontextmanager
    async def seating(
        self: FairQueue, guild_id: int, member_id: int, *, alone: bool = False
    ) -> AsyncIterator[None]:
        came = now()
        async with seat(self, guild_id, member_id, alone=alone):
            if watch.mine is not None:
                watch.mine.in_line = now() - came
            yield

    async def completing(self: Models, call: Call, **more: Any) -> Answer:
        _job.set(call.caller.job or "")
        return await complete(self, call, **more)

    async def sending(*given: Any) -> Any:
        if watch.mine is not None:
            watch.mine.asked = watch.mine.asked or now()
        fault = await send(*given)
        if watch.mine is not None:
            watch.mine.told = now()
        return fault

    async def bringing(self: Bringing, work: WorkId, *given: Any, **more: Any) -> list[int]:
        _job.set(str(work))
        ids: list[int] = await bring(self, work, *given, **more)
        return ids

    def posting(self: discord.http.HTTPClient, *given: Any, **more: Any) -> Any:
        if watch.mine is not None:
            watch.mine.posted = watch.mine.posted or now()
        return post(self, *given, **more)

    with ExitStack() as stack:
        for owner, name, noting in (
            (told_by, "_close_turn", closing),
            (told_by, "begin_claimed", beginning),
            (brought_by, "_post", bringing),
            (Durable, "_conduct", conducting),
            (FairQueue, "seat", seating),
            (Models, "complete", completing),
            (asking, "send", sending),
            (discord.http.HTTPClient, "send_message", posting),
        ):
            stack.enter_context(mock.patch.object(owner, name, noting))
        yield watch


class _EverybodyContinued:
    async def has_continued(self, _member_id: int) -> bool:
        return True

    async def note_continued(self, _member_id: int) -> None:
        pass


async def stories() -> list[Figure]:
    """Time from a turn's closing to the model, and from the model's last token to Discord."""
    with tempfile.TemporaryDirectory() as folder, watching() as watch:
        async with process("tests.bench.town", str(STORIES)) as town:
            about = json.loads(await _line(town))
            settings = Settings.load(
                None,
                discord_token=SecretStr(about["token"]),
                discord_api_url=about["api"],
                discord_gateway_url=about["gateway"],
                inkcircle_data=Path(folder),
                inkcircle_key=SecretStr(MasterKey.generate().encoded()),
                inkcircle_message_content=True,
                inkcircle_turn_seconds=0.5,
                inkcircle_metrics_port=0,
                inkcircle_log_level="error",
                openai_base_url=None,
                openai_api_key=None,
            )
            model = {"model": "editor", "base_url": about["model"]}
            variables = settings.coach_variables.model_copy(update=model)
            async with App(settings.model_copy(update={"coach_variables": variables})) as app:
                app.client.first_use._notices = _EverybodyContinued()
                serving = asyncio.create_task(app.run(on_signals=False))
                await app.wait_until_ready()
                await _tell(town)
                await _line(town)
                watch.turns.clear()
                for seconds in WITHIN_SECONDS:
                    await _tell(town, seconds)
                    await _line(town)
                app.stop()
                await serving
    turns = [turn for turn in watch.turns.values() if turn.posted]
    lost = STORIES * len(WITHIN_SECONDS) - len(turns)
    before = [(turn.asked - turn.closed - turn.in_line) * 1000 for turn in turns]
    after = [(turn.posted - turn.told) * 1000 for turn in turns]
    where = f"{STORIES} stories that are written in within {WITHIN_SECONDS[0]:.0f} s"
    return [
        _figure(f"from a turn's closing to the call of the model, {where}", before, lost),
        _figure(f"from a part's last token to its posting, {where}", after, lost),
    ]


def _figure(what: str, times: Sequence[float], lost: int) -> Figure:
    median, p99 = statistics.median(times), percentile(times, 0.99)
    return Figure(
        what,
        f"median {median:.0f} ms, p99 {p99:.0f} ms, lost {lost} of {len(times) + lost}",
        f"median ≤ {GOAL_MEDIAN_MS:.0f} ms, p99 ≤ {GOAL_P99_MS:.0f} ms",
        median <= GOAL_MEDIAN_MS and p99 <= GOAL_P99_MS and not lost,
    )


async def _line(town: asyncio.subprocess.Process) -> str:
    if town.stdout is None:
        raise RuntimeError("its output is not read")
    line = (await asyncio.wait_for(town.stdout.readline(), PATIENCE)).decode().strip()
    if not line:
        raise RuntimeError("it ended by itself")
    return line


async def _tell(town: asyncio.subprocess.Process, seconds: float = 0) -> None:
    if town.stdin is None:
        raise RuntimeError("its input is not written")
    town.stdin.write(f"{seconds}\n".encode())
    await town.stdin.drain()
