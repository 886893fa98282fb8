"""A stop of the real process with work under way: quick, clean, and nothing lost or doubled by it."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import func, select

from bot.playground import Member, Playground, Response
from bot.store import MasterKey, Store
from bot.store.schema.jobs import JobRow
from tests import prefork
from tests.databases import Database
from tests.e2e.letters import LETTER
from tests.e2e.stage import all_of, ended, upload
from tests.metrics.conftest import port
from tests.model_server import KEY, ModelServer, Silent, Words

__all__ = ["port"]

_ROOT = Path(__file__).parents[2]
_PROMISED_SECONDS = 10.0
# Three processes start anew here, which a busy machine takes its time for.
_PATIENCE = 60.0
_LETTER = "A letter for you"


@dataclass
class Bot:
    """`inkcircle run` in a process of its own, as often as it is started."""

    environment: Mapping[str, str]
    folder: Path
    playground: Playground
    process: prefork.Running | asyncio.subprocess.Process | None = None

    async def start(self, program: str | None = None) -> None:
        """Start it; with a program of the test's own in place of the command, if one is given."""
        with (self.folder / "log").open("wb") as log:
            if program is None:
                self.process = prefork.start("run", cwd=self.folder, env=self.environment, stderr=log)
            else:
                self.process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-c", program),
                    cwd=self.folder,
                    env=dict(self.environment),
                    stderr=log,
                )
        await self.playground.until_connected(_PATIENCE)

    async def ended(self) -> str:
        """Wait until it has ended, and give its log."""
        assert self.process is not None
        await asyncio.wait_for(self.process.wait(), _PATIENCE)
        return (self.folder / "log").read_text()

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[float, str]:
        """Stop it; gives how long that took, and its log. It must end by itself and with exit code 0."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(number)
        log = await self.ended()
        took = time.monotonic() - began
        assert self.process.returncode == 0, log
        assert "Traceback" not in log
        return took, log


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        server.otherwise = Words(LETTER)
        yield server


@pytest.fixture
async def bot(
    database: Database, model: ModelServer, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bot]:
    # A stop is looked at here, and not how soon a bot that has hardly started answers.
    monkeypatch.setattr("bot.playground.interactions.ACKNOWLEDGE_SECONDS", _PATIENCE)
    async with Playground() as playground:
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "DISCORD_TOKEN": playground.bot_token,
            "DISCORD_API_URL": playground.api_url,
            "DISCORD_GATEWAY_URL": playground.gateway_url,
            "DATABASE_URL": database.url,
            "INKCIRCLE_DATA": str(tmp_path / "data"),
            "INKCIRCLE_KEY": MasterKey.generate().encoded(),
            "INKCIRCLE_METRICS_PORT": str(port),
            "COACH_MODEL": "editor",
            "COACH_BASE_URL": model.base_url,
            "COACH_API_KEY": KEY,
            "PYTHONPATH": str(_ROOT),
        }
        running = Bot(environment, tmp_path, playground)
        await running.start()
        try:
            yield running
        finally:
            if running.process is not None and running.process.returncode is None:
                running.process.kill()
                await running.process.wait()


async def _ask(member: Member) -> Response:
    """Ask for a letter, with the Continue of a first use."""
    response = await member.slash("critique", manuscript=upload())
    await response.until(lambda now: bool(now.text), _PATIENCE)
    if response.message is not None and [each.label for each in response.message.buttons] == ["Continue"]:
        return await member.press(response.message, "Continue")
    return response


async def _under_way(bot: Bot, model: ModelServer, members: int) -> list[Response]:
    """Have members wait for letters: the model has the first of them and does not answer."""
    model.otherwise = Silent()
    responses = [await _ask(bot.playground.add_member(f"Writer {each}")) for each in range(members)]
    await asyncio.wait_for(model.waiting.wait(), _PATIENCE)
    return responses


@pytest.mark.timeout(300)
async def test_work_under_way_ends_after_the_next_start_and_comes_once(bot: Bot, model: ModelServer) -> None:
    waiting = await _under_way(bot, model, members=12)
    took, log = await bot.stop()
    assert took < _PROMISED_SECONDS
    assert "app.closed" in log
    assert all(_LETTER not in all_of(response) for response in waiting)
    model.otherwise = Words(LETTER)
    await bot.start()
    for response in waiting:
        assert (await ended(response, lambda text: _LETTER in text)).count(_LETTER) == 1
    # Stopped right behind the last letter, whose job may not have ended: it is not written again for that.
    await bot.stop()
    asked = len(model.requests)
    await bot.start()
    await _until_nothing_is_left(bot)
    assert len(model.requests) == asked
    assert all(all_of(response).count(_LETTER) == 1 for response in waiting)
    await bot.stop()


async def _until_nothing_is_left(bot: Bot) -> None:
    async with Store(bot.environment["DATABASE_URL"]) as store, asyncio.timeout(_PATIENCE):
        while True:
            async with store.session() as session:
                if not await session.scalar(select(func.count()).select_from(JobRow)):
                    return
            await asyncio.sleep(0.3)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_ctrl_c_twice_ends_it_as_well(bot: Bot, model: ModelServer) -> None:
    await _under_way(bot, model, members=1)
    assert bot.process is not None
    began = time.monotonic()
    bot.process.send_signal(signal.SIGINT)
    await asyncio.sleep(0.05)
    bot.process.send_signal(signal.SIGINT)
    await bot.ended()
    assert time.monotonic() - began < _PROMISED_SECONDS


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_whoever_watches_health_does_not_hold_it_up(bot: Bot, port: int) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(f"http://127.0.0.1:{port}/health") as answer:
            assert (await answer.json())["gateway"]["well"]
        # The connection stays open, as a scraper's does.
        took, _ = await bot.stop()
    assert took < _PROMISED_SECONDS


_A_PART_NEVER_CLOSES = """
import asyncio, sys, time
from bot.llm import Models

async def hangs(self):
    await asyncio.to_thread(time.sleep, 60)

Models.close = hangs
sys.argv = ["inkcircle", "run"]
from bot.__main__ import main
main()
"""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_even_a_thread_that_never_returns_costs_neither_time_nor_a_letter(
    bot: Bot, model: ModelServer
) -> None:
    await bot.stop()
    await bot.start(_A_PART_NEVER_CLOSES)
    (response,) = await _under_way(bot, model, members=1)
    assert bot.process is not None
    began = time.monotonic()
    bot.process.send_signal(signal.SIGTERM)
    log = await bot.ended()
    assert time.monotonic() - began < _PROMISED_SECONDS + 1
    assert "app.ended_hard" in log
    assert bot.process.returncode == 1
    model.otherwise = Words(LETTER)
    await bot.start()
    assert (await ended(response, lambda text: _LETTER in text)).count(_LETTER) == 1
    await bot.stop()
