"""What an operator reads when Discord does not let the bot in, or another process has taken its place."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import discord
import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.app import App
from bot.client import Pace
from bot.config import Settings
from bot.durable.lock import LOCK_NAME, FolderLock
from bot.errors import OperatorError
from bot.playground import Playground
from bot.playground.model import Intent


def settings_for(data: Path, api: str, gateway: str, token: str) -> Settings:
    settings = Settings.load(
        None,
        inkcircle_data=data,
        discord_token=SecretStr(token),
        discord_api_url=api,
        discord_gateway_url=gateway,
        inkcircle_key=SecretStr("A" * 43),
        inkcircle_metrics_port=0,
    )
    settings.coach_variables.model = "editor"
    settings.coach_variables.base_url = "http://127.0.0.1:9/v1"
    return settings


@asynccontextmanager
async def refusing(status: int, body: object) -> AsyncIterator[int]:
    """Run a Discord that gives one answer to everything; gives its port."""

    async def refuse(_request: web.Request) -> web.Response:
        # With a charset behind it, discord.py would not read it.
        headers = {"Content-Type": "application/json"}
        return web.Response(body=json.dumps(body).encode(), status=status, headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def test_a_missing_intent_is_named_with_its_switch(tmp_path: Path) -> None:
    async with Playground() as playground:
        playground.world.application.privileged_intents = Intent(0)
        settings = settings_for(tmp_path, playground.api_url, playground.gateway_url, playground.bot_token)
        async with App(settings) as app:
            # As a version of the bot that reads what people write would start.
            app.client._connection._intents = discord.Intents(guilds=True, message_content=True)
            with pytest.raises(OperatorError) as raised:
                await app.run(on_signals=False)
    assert "'Message Content Intent'" in raised.value.sentence
    assert "page Bot" in raised.value.sentence


async def test_a_refused_start_is_one_sentence(tmp_path: Path) -> None:
    async with refusing(403, {"message": "Access denied", "code": 40333}) as port:
        settings = settings_for(tmp_path, f"http://127.0.0.1:{port}/api", f"ws://127.0.0.1:{port}/", "x.y.z")
        async with App(settings) as app:
            with pytest.raises(OperatorError, match="HTTP 403, code 40333"):
                await app.run(on_signals=False)


async def test_a_bot_that_is_not_alone_any_more_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app._LOOK_SECONDS", 0.05)
    async with Playground() as playground:
        settings = settings_for(tmp_path, playground.api_url, playground.gateway_url, playground.bot_token)
        async with App(settings) as app:
            running = asyncio.create_task(app.run(on_signals=False))
            await asyncio.wait_for(app.wait_until_ready(), 30)
            # Somebody takes the lock's file away, and starts a second one.
            (tmp_path / LOCK_NAME).unlink()
            second = FolderLock(tmp_path)
            second.take()
            with pytest.raises(OperatorError, match="so this one stops"):
                await asyncio.wait_for(running, 30)
    second.check()
    second.release()


async def test_a_bot_that_is_stopped_before_it_is_ready_leaves_no_failure_behind(tmp_path: Path) -> None:
    async with Playground() as playground:
        settings = settings_for(tmp_path, playground.api_url, playground.gateway_url, playground.bot_token)
        async with App(settings, pace=Pace(clock=time.monotonic, guilds_wait=1.0)) as app:
            connected = asyncio.Event()

            async def on_connect() -> None:
                connected.set()

            app.client.add_listener(on_connect)
            running = asyncio.create_task(app.run(on_signals=False))
            await asyncio.wait_for(connected.wait(), 30)
            # discord.py waits for more servers, and then tells that it is ready, whether it is closed or not.
            telling = [each for each in asyncio.all_tasks() if "_delay_ready" in str(each.get_coro())]
            app.stop()
            await asyncio.wait_for(running, 30)
        await asyncio.wait_for(asyncio.gather(*telling), 30)
