"""`inkcircle setup` without questions, as scripts call it."""

import asyncio
import os
import stat
from pathlib import Path

import pytest

from bot.config import Settings, known_variables
from bot.playground import Playground
from tests import prefork
from tests.able_model import Able
from tests.model_server import KEY, ModelServer
from tests.setup.terminal import ROOT


class Script:
    """Calls the command in a folder."""

    def __init__(self, folder: Path, playground: Playground) -> None:
        self.folder = folder
        ours = known_variables()
        self._environment = {name: value for name, value in os.environ.items() if name not in ours} | {
            "PYTHONPATH": str(ROOT),
            "DISCORD_API_URL": playground.api_url,
            "DISCORD_GATEWAY_URL": playground.gateway_url,
        }
        (folder / "token").write_text(f"{playground.bot_token}\n")
        (folder / "key").write_text(KEY)

    @property
    def env_file(self) -> Path:
        return self.folder / ".env"

    async def calls(self, *options: str, typed: str = "") -> tuple[int, str, str]:
        done = await asyncio.to_thread(
            prefork.inkcircle,
            *("setup", *options),
            cwd=self.folder,
            env=self._environment,
            typed=typed,
            seconds=60,
        )
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def script(tmp_path: Path, playground: Playground) -> Script:
    return Script(tmp_path, playground)


async def test_without_a_terminal_it_says_how(script: Script) -> None:
    code, out, err = await script.calls()
    assert (code, out) == (2, "")
    assert "--no-input" in err
    assert len(err.strip().splitlines()) == 1


async def test_everything_in_one_call(script: Script, playground: Playground) -> None:
    async with ModelServer(context=32768) as server:
        server.otherwise = Able()
        code, out, err = await script.calls(
            *("--no-input", "--token-file", "token", "--model", "editor", "--base-url", server.base_url),
            *("--api-key-file", "key", "--contact", "Ines (moderator)"),
        )
    assert (code, err) == (0, ""), err
    assert "Quill" in out
    assert "https://discord.com/oauth2/authorize?client_id=" in out
    settings = Settings.load(script.env_file)
    assert (settings.coach.model, settings.coach.context) == ("editor", 32768)
    assert settings.inkcircle_contact == "Ines (moderator)"
    assert stat.S_IMODE(script.env_file.stat().st_mode) == 0o600
    assert stat.S_IMODE((script.folder / "inkcircle.key").stat().st_mode) == 0o600
    for secret in (playground.bot_token, KEY):
        assert secret not in out


async def test_a_token_may_come_by_standard_input(script: Script, playground: Playground) -> None:
    code, _, err = await script.calls("--token-file", "-", typed=playground.bot_token)
    assert (code, err) == (0, "")
    assert Settings.load(script.env_file).required_token().get_secret_value() == playground.bot_token


async def test_what_is_set_is_not_replaced_without_leave(script: Script, playground: Playground) -> None:
    script.env_file.write_text("# mine\nDISCORD_TOKEN=older.token.here\n")
    code, _, err = await script.calls("--no-input", "--token-file", "token")
    assert code == 1
    assert "--replace" in err
    assert script.env_file.read_text() == "# mine\nDISCORD_TOKEN=older.token.here\n"
    assert not (script.folder / "inkcircle.key").exists()
    code, _, err = await script.calls("--no-input", "--token-file", "token", "--replace")
    assert (code, err) == (0, "")
    assert script.env_file.read_text() == f"# mine\nDISCORD_TOKEN={playground.bot_token}\n"


async def test_going_back_to_the_demonstration_model_needs_leave(script: Script) -> None:
    text = "OPENAI_API_KEY=sk-one\nCOACH_MODEL=gpt-5-mini\n# mine\n"
    script.env_file.write_text(text)
    code, _, err = await script.calls("--model", "demonstration")
    assert (code, script.env_file.read_text()) == (1, text)
    assert "COACH_MODEL, OPENAI_API_KEY" in err
    code, _, err = await script.calls("--model", "demonstration", "--replace")
    assert (code, err) == (0, "")
    assert script.env_file.read_text() == "# mine\n"


async def test_the_same_again_changes_nothing(script: Script) -> None:
    await script.calls("--no-input", "--token-file", "token")
    before = script.env_file.read_bytes(), (script.folder / "inkcircle.key").read_bytes()
    code, out, _ = await script.calls("--no-input", "--token-file", "token")
    assert code == 0
    assert "is there" in out
    assert (script.env_file.read_bytes(), (script.folder / "inkcircle.key").read_bytes()) == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--token-file", "revoked"), "Reset Token"),
        (("--token-file", "missing"), "missing cannot be read"),
        (
            ("--token-file", "token", "--model", "editor", "--base-url", "http://127.0.0.1:9"),
            "Nothing answers",
        ),
        (("--base-url", "http://127.0.0.1:9"), "--model"),
        (("--model", "editor", "--base-url", "ftp://x"), "An address is like"),
        (("--model", "editor", "--context", "12", "--offline"), "COACH_CONTEXT is wrong"),
        (("--token-file", "token", "--contact", "two\nlines", "--offline"), "one line"),
        (("--token-file", "token", "--contact", "x" * 300), "INKCIRCLE_CONTACT is wrong"),
    ],
)
async def test_what_does_not_work_is_one_sentence_and_nothing_is_written(
    script: Script, options: tuple[str, ...], words: str
) -> None:
    (script.folder / "revoked").write_text("revoked")
    code, out, err = await script.calls("--no-input", *options)
    assert code in {1, 2}
    assert out == ""
    assert words in err
    assert len(err.strip().splitlines()) == 1
    assert not script.env_file.exists()
    assert not (script.folder / "inkcircle.key").exists()


async def test_offline_nothing_is_asked(script: Script) -> None:
    code, out, err = await script.calls(
        *("--token-file", "token", "--model", "editor", "--base-url", "http://127.0.0.1:9", "--offline")
    )
    assert (code, err) == (0, "")
    assert "oauth2" not in out
    assert Settings.load(script.env_file).coach.base_url == "http://127.0.0.1:9/v1"
