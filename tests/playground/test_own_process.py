"""The local Discord in a process of its own, and members driven from outside it."""

import asyncio
import base64
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import httpx
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.playground.client import Bot

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def process() -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, str]]]:
    """Start the process; it must be gone soon after its standard input has closed."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.playground", "--until-stdin-closes"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert running.stdout is not None
    assert running.stdin is not None
    about = json.loads(await asyncio.wait_for(running.stdout.readline(), 30))
    yield running, about
    running.stdin.close()
    assert await asyncio.wait_for(running.wait(), 30) == 0


async def test_members_are_driven_from_outside(
    process: tuple[asyncio.subprocess.Process, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, about = process
    monkeypatch.setattr(Route, "BASE", about["api_url"])
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(about["gateway_url"]))

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Count")
        async def count(interaction: discord.Interaction, file: discord.Attachment) -> None:
            await interaction.response.defer(ephemeral=True)
            await interaction.followup.send(f"{len(await file.read())} bytes")

    bot = Bot(intents=discord.Intents.default(), prepare=prepare)
    task = asyncio.create_task(bot.start(about["bot_token"]))
    await asyncio.wait_for(bot.ready.wait(), 30)
    headers = {"X-Control-Token": about["control_token"]}
    async with httpx.AsyncClient(base_url=about["control_url"], headers=headers, timeout=30) as control:
        assert (await control.get("/state", headers={"X-Control-Token": "wrong"})).status_code == 401
        assert (await control.get("/state")).json() == {"connected": True, "commands": ["count"]}
        names = (await control.post("/members", json=["Reader 1", "Reader 2"])).json()
        call = {
            "members": names,
            "command": "count",
            "options": {"file": {"name": "a.txt", "base64": base64.b64encode(b"four").decode()}},
            "finish": True,
        }
        outcomes: list[dict[str, Any]] = (await control.post("/slash", json=call)).json()
        wrong = (await control.post("/slash", json={**call, "command": "nothing"})).json()
        read = (await control.get(f"/messages/{names[0]}")).json()
    await bot.close()
    await asyncio.gather(task, return_exceptions=True)

    assert [(each["member"], each["failed"], each["message"]["text"]) for each in outcomes] == [
        ("reader_1", False, "4 bytes"),
        ("reader_2", False, "4 bytes"),
    ]
    assert all(0 < each["acknowledged_after"] < 3 for each in outcomes)
    assert "not offered" in wrong[0]["refusal"]
    assert [message["text"] for message in read] == ["4 bytes"]


async def test_faults_time_and_servers_are_driven_from_outside(
    process: tuple[asyncio.subprocess.Process, dict[str, str]],
) -> None:
    _, about = process
    headers = {"X-Control-Token": about["control_token"]}
    bot = {"Authorization": f"Bot {about['bot_token']}"}
    async with (
        httpx.AsyncClient(base_url=about["control_url"], headers=headers, timeout=30) as control,
        httpx.AsyncClient(base_url=about["api_url"], headers=bot, timeout=30) as api,
    ):
        assert (await control.get("/faults", headers={"X-Control-Token": "wrong"})).status_code == 401
        added = await control.post(
            "/faults", json={"kind": "server-error", "where": "GET /users/@me", "times": 1, "status": 503}
        )
        statuses = [(await api.get("/users/@me")).status_code for _ in range(2)]
        await control.post("/switches/no-access", json={"times": 1})
        refused = (await api.get("/users/@me")).json()
        turned_off = (await control.post("/switches/no-access", json={"on": False})).json()
        state = (await control.get("/faults")).json()
        unknown = await control.post("/switches/nothing", json={})
        senseless = await control.post("/faults", json={"kind": "cut", "chance": 2})
        not_of_the_line = await control.post("/switches/cut/now", json={})
        await control.post("/limits", params={"strict": True})
        await control.delete("/faults")
        after = (await control.get("/faults")).json()
        before = (await control.post("/clock", params={"seconds": 0})).json()
        later = (await control.post("/clock", params={"seconds": 3_600})).json()
        guild = (await control.post("/guilds", json={"name": "Poets", "members": ["mara"]})).json()
        await control.delete(f"/guilds/{guild['id']}/bot")
        known = (await api.get("/users/@me/guilds")).json()
        await control.put(f"/guilds/{guild['id']}/bot")
        guilds = (await control.get("/guilds")).json()
        await control.post("/unreachable", params={"seconds": 1.5})
        async with asyncio.timeout(60):
            while await _reached(about["api_url"]):
                pass
            while not await _reached(about["api_url"]):
                pass
        back = await api.get("/gateway")

    assert added.json()["struck"] == 0
    assert statuses == [503, 200]
    assert refused == {"message": "Missing Access", "code": 50001}
    assert turned_off == 1
    assert [each["kind"] for each in state["log"]] == ["server-error", "forbidden"]
    assert (unknown.status_code, senseless.status_code, not_of_the_line.status_code) == (404, 422, 422)
    assert (after["faults"], after["log"], after["strict"]) == ([], [], False)
    assert 3_600 <= later - before < 3_660
    assert [each["name"] for each in known] == ["Writing circle"]
    assert [(each["name"], each["with_bot"]) for each in guilds] == [
        ("Writing circle", True),
        ("Poets", True),
    ]
    assert back.status_code == 200


async def _reached(api: str) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            await client.get(f"{api}/gateway")
        except httpx.TransportError:
            return False
        return True
