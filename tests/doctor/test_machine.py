"""The doctor on this machine: clock, pandoc, ports."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path

import pytest
from aiohttp import web

from bot.doctor import State
from bot.playground import Playground
from tests.doctor.patient import Patient, the_one


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return Patient(tmp_path)


@asynccontextmanager
async def page(path: str, body: object, **headers: str) -> AsyncIterator[int]:
    """Serve one page; gives the port."""

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response(body, headers=headers)

    app = web.Application()
    app.router.add_get(path, answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def test_the_clock_is_held_against_discords(patient: Patient) -> None:
    async with Playground() as playground:
        patient.set(DISCORD_API_URL=playground.api_url, DISCORD_GATEWAY_URL=playground.gateway_url)
        assert the_one(await patient.look("clock"), "clock").state is State.OK


@pytest.mark.parametrize(("off", "state"), [(-60, State.WARNING), (60, State.WARNING), (-3600, State.FAILED)])
async def test_a_clock_that_is_off_is_told_by_how_much(patient: Patient, off: int, state: State) -> None:
    date = formatdate(time.time() - off, usegmt=True)
    async with page("/api/gateway", {}, Date=date) as port:
        patient.set(
            DISCORD_API_URL=f"http://127.0.0.1:{port}/api", DISCORD_GATEWAY_URL=f"ws://127.0.0.1:{port}"
        )
        finding = the_one(await patient.look("clock"), "clock")
    assert finding.state is state
    assert ("slow" if off < 0 else "fast") in finding.says


async def test_without_discord_there_is_nothing_to_hold_it_against(patient: Patient) -> None:
    patient.set(DISCORD_API_URL="http://127.0.0.1:9/api", DISCORD_GATEWAY_URL="ws://127.0.0.1:9")
    assert the_one(await patient.look("clock"), "clock").state is State.SKIPPED


async def test_pandoc_is_run(patient: Patient) -> None:
    finding = the_one(await patient.look("pandoc"), "pandoc")
    assert finding.state is State.OK
    assert finding.says.startswith("pandoc ")


@pytest.mark.parametrize("program", [None, "/nowhere/pandoc", "/bin/false"])
async def test_a_pandoc_that_does_not_work_fails(
    patient: Patient, monkeypatch: pytest.MonkeyPatch, program: str | None
) -> None:
    monkeypatch.setattr("bot.doctor.machine.pandoc_path", lambda: program)
    finding = the_one(await patient.look("pandoc"), "pandoc")
    assert finding.state is State.FAILED
    assert "make install" in finding.todo


async def test_a_free_port_is_well_and_so_is_none(patient: Patient) -> None:
    assert "switched off" in the_one(await patient.look("metrics port"), "metrics port").says
    async with page("/x", {}) as port:
        pass
    patient.set(INKCIRCLE_METRICS_PORT=port)
    assert the_one(await patient.look("metrics port"), "metrics port").state is State.OK


@pytest.mark.parametrize(
    ("body", "state", "words"),
    [
        ({"well": True, "version": "1", "loop": {"well": True}}, State.OK, "is well"),
        ({"well": False, "version": "1", "gateway": {"well": False}}, State.WARNING, "gateway"),
        ({"hello": "world"}, State.WARNING, "another program"),
        (["well", "version"], State.WARNING, "another program"),
    ],
)
async def test_who_holds_the_port_is_told(patient: Patient, body: object, state: State, words: str) -> None:
    async with page("/health", body) as port:
        patient.set(INKCIRCLE_METRICS_PORT=port)
        finding = the_one(await patient.look("metrics port"), "metrics port")
    assert finding.state is state
    assert words in finding.says
