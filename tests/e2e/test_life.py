"""Starting, stopping, and what an operator reads when a start fails."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import App
from bot.config import Settings
from bot.errors import OperatorError
from bot.playground import Playground
from bot.store import MasterKey
from tests.e2e.letters import LETTER
from tests.e2e.stage import PATIENCE, ended, open_stage, upload
from tests.model_server import KEY, ModelServer, Silent, Words

_ROOT = Path(__file__).parents[2]


def _settings(data: Path, **values: object) -> Settings:
    key = SecretStr(MasterKey.generate().encoded())
    settings = Settings.load(None, inkcircle_data=data, inkcircle_key=key, **values)
    settings.coach_variables.model = "editor"
    settings.coach_variables.base_url = "http://127.0.0.1:9/v1"
    return settings


async def test_a_stop_asks_those_who_wait_for_a_moment_and_the_letter_comes_after_the_start(
    tmp_path: Path,
) -> None:
    async with open_stage(tmp_path) as stage:
        mara = stage.member("mara")
        stage.model.otherwise = Silent()
        response = await mara.slash("critique", manuscript=upload())
        await asyncio.wait_for(stage.model.waiting.wait(), PATIENCE)
        began = asyncio.get_running_loop().time()
        await stage.stop()
        assert asyncio.get_running_loop().time() - began < 10
        await response.until(lambda now: "I am being restarted: your letter will come" in now.text, PATIENCE)
        stage.model.otherwise = Words(LETTER)
        await stage.start()
        assert "A letter for you" in await ended(response)


async def test_a_wrong_token_is_one_sentence(tmp_path: Path) -> None:
    async with Playground() as playground:
        settings = _settings(
            tmp_path,
            discord_token=SecretStr("wrong.token.canary"),
            discord_api_url=playground.api_url,
            discord_gateway_url=playground.gateway_url,
        )
        async with App(settings) as app:
            with pytest.raises(OperatorError, match="does not accept DISCORD_TOKEN") as caught:
                await app.run(on_signals=False)
    assert "canary" not in caught.value.sentence


async def test_an_unreachable_server_is_one_sentence(tmp_path: Path) -> None:
    settings = _settings(
        tmp_path,
        discord_token=SecretStr("some.token.here"),
        discord_api_url="http://127.0.0.1:9/api/v10",
        discord_gateway_url="ws://127.0.0.1:9/",
    )
    async with App(settings) as app:
        with pytest.raises(OperatorError, match=r"cannot be reached at http://127\.0\.0\.1:9"):
            await app.run(on_signals=False)


async def test_a_missing_token_is_one_sentence(tmp_path: Path) -> None:
    async with App(_settings(tmp_path)) as app:
        with pytest.raises(OperatorError, match="DISCORD_TOKEN is missing"):
            await app.run(on_signals=False)


async def test_a_database_that_cannot_be_opened_ends_the_start(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    with pytest.raises(OperatorError, match="INKCIRCLE_DATA"):
        async with App(_settings(tmp_path / "data")):
            pass


@pytest.fixture
def a_terminal() -> Iterator[None]:
    """Have a child begin as from a terminal: under `nohup` it would ignore SIGHUP, as it must."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.usefixtures("a_terminal")
async def test_a_signal_stops_the_real_process_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """As an operator runs it: `inkcircle run`, a letter, a signal, exit code 0."""
    async with Playground() as playground, ModelServer() as model:
        model.otherwise = Words(LETTER)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("COACH", "OPENAI"))},
            "DISCORD_TOKEN": playground.bot_token,
            "DISCORD_API_URL": playground.api_url,
            "DISCORD_GATEWAY_URL": playground.gateway_url,
            "INKCIRCLE_DATA": str(tmp_path / "data"),
            "INKCIRCLE_KEY": MasterKey.generate().encoded(),
            "COACH_MODEL": "editor",
            "COACH_BASE_URL": model.base_url,
            "COACH_API_KEY": KEY,
            "PYTHONPATH": str(_ROOT),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            cwd=tmp_path,
            env=environment,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            await playground.until_connected(PATIENCE)
            mara = playground.member("mara")
            notice = await mara.slash("critique", manuscript=upload())
            assert notice.message is not None
            response = await mara.press(notice.message, "Continue")
            assert "A letter for you" in await ended(response)
            process.send_signal(number)
            _, log = await asyncio.wait_for(process.communicate(), PATIENCE)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    assert process.returncode == 0, log.decode()
    assert b"app.closed" in log
    assert b"Traceback" not in log
    assert KEY.encode() not in log
