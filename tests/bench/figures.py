"""What is measured, one function a figure that an issue names."""

import asyncio
import logging
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import structlog

from bot.app import App
from bot.client import Pace
from bot.coach import Coach
from bot.config import Settings
from bot.llm import Answer, Call, Caller, Models
from bot.llm.prompts import Prompts
from bot.manuscripts import read_manuscript
from tests.bench.measures import Figure, percentile, watch_the_loop
from tests.bench.stage import ROOT, SCENE, local_discord, manuscript, model_double, process

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

CROWDS = (1, 50, 200)
ROUNDS_OF_ONE = 30
OWN_ROUNDS = 15
MEBIBYTE = 1024 * 1024


async def acknowledgement_and_memory() -> list[Figure]:
    """Time from a member's command to the bot's acknowledgement, at the local Discord; the bot's memory."""
    figures: list[Figure] = []
    scene = SCENE.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        async with model_double() as url, local_discord() as stage:
            settings = stage.settings(Path(folder), url)
            async with process("bot", "run", **settings) as bot:
                await stage.until_connected()
                first = await stage.join(1, "first")
                await stage.slash(first, scene)
                await stage.letters(first)
                memory = await _idle_memory(bot.pid)
                for crowd in CROWDS:
                    rounds = ROUNDS_OF_ONE if crowd == 1 else 1
                    outcomes: list[dict[str, Any]] = []
                    letters = 0
                    for number in range(rounds):
                        members = await stage.join(crowd, f"c{crowd}r{number}n")
                        outcomes += await stage.slash(members, scene)
                        letters += await stage.letters(members)
                    figures.append(_acknowledged(crowd, outcomes, letters))
    return [*figures, memory]


def _acknowledged(crowd: int, outcomes: list[dict[str, Any]], letters: int) -> Figure:
    times = [o["acknowledged_after"] * 1000 for o in outcomes if o["acknowledged_after"] is not None]
    lost = len(outcomes) - letters  # whoever was not acknowledged got no letter either
    p99 = percentile(times, 0.99)
    who = "1 member (30 times)" if crowd == 1 else f"{crowd} members at once"
    measured = f"median {statistics.median(times):.0f} ms, p99 {p99:.0f} ms, lost {lost} of {len(outcomes)}"
    return Figure(
        f"interaction to acknowledgement, {who}", measured, "p99 ≤ 250 ms, none lost", p99 <= 250 and not lost
    )


async def _idle_memory(pid: int) -> Figure:
    await asyncio.sleep(3)  # what a start leaves behind is let go
    whole = psutil.Process(pid)
    processes = [whole, *whole.children(recursive=True)]
    resident = sum(each.memory_info().rss for each in processes) / MEBIBYTE
    return Figure(
        "memory of the idle bot without the model, resident",
        f"{resident:.0f} MB in {len(processes)} process{'es' if len(processes) > 1 else ''}",
        "≤ 200 MB",
        resident <= 200,
    )


class _TimedModels(Models):
    """Adds up the time spent in calls, so that what is left is our own."""

    in_calls = 0.0

    async def complete(self, call: Call, *, on_text: Any = None) -> Answer:
        began = time.perf_counter()
        try:
            return await super().complete(call, on_text=on_text)
        finally:
            self.in_calls += time.perf_counter() - began


async def own_time() -> list[Figure]:
    """Time of a critique of 2,000 words, with reading it and without the calls to the model."""
    data = manuscript(2_000)
    own: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        async with model_double() as url:
            settings = Settings.load(
                None,
                inkcircle_data=Path(folder),
                openai_base_url=None,
                openai_api_key=None,
            )
            variables = settings.coach_variables.model_copy(update={"model": "editor", "base_url": url})
            settings = settings.model_copy(update={"coach_variables": variables})
            async with _TimedModels(settings) as models:
                coach = Coach(models, Prompts(ROOT / "prompts"))
                for _ in range(OWN_ROUNDS):
                    models.in_calls = 0.0
                    began = time.perf_counter()
                    text = await read_manuscript(data, "chapter.md")
                    result = await coach.critique(
                        text, caller=Caller(guild_id=None, member_id=None, job="bench")
                    )
                    own.append((time.perf_counter() - began - models.in_calls) * 1000)
                    if result.letter is None:
                        raise RuntimeError(f"the double's letter did not pass: {result.gates}")
    words = len(data.split())
    median = statistics.median(own)
    return [
        Figure(
            f"own time in a critique of {words:,} words, with reading, without the model",
            f"median {median:.0f} ms, longest {max(own):.0f} ms of {OWN_ROUNDS}",
            "≤ 400 ms",
            median <= 400,
        )
    ]


async def longest_hold() -> list[Figure]:
    """The longest time that one callback holds the bot's event loop while 50 members ask at once."""
    crowd = 50
    with tempfile.TemporaryDirectory() as folder:
        async with model_double() as url, local_discord() as stage:
            values = {name.lower(): value for name, value in stage.settings(Path(folder), url).items()}
            model = {"model": values.pop("coach_model"), "base_url": values.pop("coach_base_url")}
            settings = Settings.load(None, inkcircle_log_level="error", **values)
            variables = settings.coach_variables.model_copy(update=model)
            settings = settings.model_copy(update={"coach_variables": variables})
            async with App(settings, pace=Pace(clock=time.monotonic)) as app:
                serving = asyncio.create_task(app.run(on_signals=False))
                await stage.until_connected()
                members = await stage.join(crowd, "held")
                with watch_the_loop() as holds:
                    await stage.slash(members, manuscript(2_000))
                    answered = await stage.letters(members)
                app.stop()
                await serving
    own, name = holds.longest_own
    return [
        Figure(
            f"longest hold of the event loop, {crowd} critiques of 2,000 words at once ({answered} letters)",
            f"{own * 1000:.0f} ms computing (`{name}`), {holds.longest_wall * 1000:.0f} ms by the clock",
            "≤ 50 ms",
            own <= 0.050 and answered == crowd,
        )
    ]


async def embedded_model() -> list[Figure]:
    """How soon the embedded model serves, how long a letter takes, and the memory of its process after it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.load(None, inkcircle_data=Path(folder), openai_base_url=None, openai_api_key=None)
        async with Models(settings) as models:
            began = time.perf_counter()
            await models.ready()
            ready = time.perf_counter() - began
            server = psutil.Process().children()[0]
            coach = Coach(models, Prompts(ROOT / "prompts"))
            text = await read_manuscript(SCENE.read_bytes(), SCENE.name)
            began = time.perf_counter()
            result = await coach.critique(text, caller=Caller(guild_id=None, member_id=None, job="bench"))
            letter = time.perf_counter() - began
            resident = server.memory_info().rss / MEBIBYTE
    if result.letter is None:
        raise RuntimeError(f"the embedded model wrote no letter: {result.gates}")
    return [
        Figure("the embedded model serves after", f"{ready:.1f} s", "≤ 2 s", ready <= 2),
        Figure("its process, resident, after a letter", f"{resident:.0f} MB", "≤ 700 MB", resident <= 700),
        Figure(f"its letter about a scene of {text.words} words", f"{letter:.1f} s", "", None),
    ]
