"""`inkcircle setup` as a person walks through it, at a real pseudo-terminal and over real HTTP."""

import asyncio
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from bot.client import cog_classes
from bot.config import Settings
from bot.discord_io.cog import permissions_of
from bot.playground import Playground
from bot.store.keys import MasterKey
from tests.able_model import Able
from tests.model_server import KEY, ModelServer
from tests.setup.terminal import CONTACT, CTRL_C, CTRL_D, LINK, MODEL, TOKEN, Person, walked


def files(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def modes(folder: Path) -> dict[str, int]:
    return {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}


async def test_from_nothing_to_a_bot_in_one_s_server(
    tmp_path: Path, playground: Playground, at: Callable[..., Person]
) -> None:
    async with ModelServer(context=16384) as server:
        server.otherwise = Able()

        def walk() -> str:
            with at() as person:
                person.sees("https://discord.com/developers/applications")
                person.sees("Reset Token")
                person.sees(TOKEN)
                person.types("a-revoked-token")
                person.sees("does not accept this token")
                person.sees(TOKEN)
                person.types(f"Bot {playground.bot_token}")
                person.sees("your bot is called Quill")
                person.sees(MODEL)
                person.types("3")
                person.sees("Its address? [https://api.openai.com/v1]")
                person.types(server.base_url.removesuffix("/v1"))
                person.sees("Its key")
                person.types("a-wrong-key")
                person.sees("The model's name")
                person.types("editor")
                person.sees("does not take the key")
                person.types("n")
                person.sees(MODEL)
                person.types("3")
                person.sees("Its address?")
                person.types(server.base_url)
                person.sees("Its key")
                person.types(KEY)
                person.sees("The model's name")
                person.types("editor")
                person.sees("It answers.")
                person.sees(CONTACT)
                person.types("Ines, ines@example.org")
                person.sees("was made")
                person.sees(LINK)
                assert person.leaves() == 0
                return person.shown

        shown = await walked(walk)
    link = f"client_id={playground.world.application.id}&scope=bot+applications.commands"
    assert f"{link}&permissions={permissions_of(cog_classes()).value}" in shown
    settings = Settings.load(tmp_path / ".env")
    assert settings.required_token().get_secret_value() == playground.bot_token
    assert (settings.coach.model, settings.coach.base_url) == ("editor", server.base_url)
    assert settings.coach.api_key is not None
    assert (settings.coach.api_key.get_secret_value(), settings.coach.context) == (KEY, 16384)
    assert settings.inkcircle_contact == "Ines, ines@example.org"
    key = MasterKey.read(tmp_path / "inkcircle.key")
    assert key.id in shown
    for secret in (playground.bot_token, KEY, "a-wrong-key", "a-revoked-token", key.encoded()):
        assert secret not in shown
    assert modes(tmp_path) == {".env": 0o600, "inkcircle.key": 0o600}
    assert playground.gateway.identified == 0


async def test_a_second_walk_shows_what_is_there_and_changes_nothing(
    tmp_path: Path, playground: Playground, at: Callable[..., Person]
) -> None:
    token = f"export DISCORD_TOKEN={playground.bot_token} # the bot"
    (tmp_path / ".env").write_text(f"# ours\n{token}\nOTHER='x y'\nINKCIRCLE_CONTACT=ines\n")
    MasterKey.generate().write(tmp_path / "inkcircle.key")
    before = files(tmp_path)

    def walk() -> str:
        with at() as person:
            person.sees("DISCORD_TOKEN      set")
            person.sees("works: your bot is called Quill")
            person.sees("Set another token? [y/N]")
            person.types("")
            person.sees("the small demonstration model")
            person.sees(MODEL)
            person.types("")
            person.sees("is there")
            person.sees(LINK)
            assert person.leaves() == 0
            return person.shown

    shown = await walked(walk)
    assert playground.bot_token not in shown
    assert files(tmp_path) == before


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
async def test_stopping_at_a_question_leaves_nothing_half_done(
    tmp_path: Path, at: Callable[..., Person], key: str
) -> None:
    def walk() -> None:
        with at() as person:
            person.sees(TOKEN)
            person.presses(key, "Stopped.")
            assert person.leaves() == 130
            assert "Traceback" not in person.shown

    await walked(walk)
    assert files(tmp_path) == {}


async def test_stopping_later_keeps_what_was_saved(
    tmp_path: Path, playground: Playground, at: Callable[..., Person]
) -> None:
    def walk() -> None:
        with at() as person:
            person.sees(TOKEN)
            person.types(playground.bot_token)
            person.sees(MODEL)
            person.presses(CTRL_C, "Stopped.")
            assert person.leaves() == 130

    await walked(walk)
    assert (tmp_path / ".env").read_text() == f"DISCORD_TOKEN={playground.bot_token}\n"
    assert list(files(tmp_path)) == [".env"]


async def test_stopping_while_a_model_is_asked_keeps_the_file_as_it_was(
    tmp_path: Path, playground: Playground, at: Callable[..., Person]
) -> None:
    (tmp_path / ".env").write_text(f"DISCORD_TOKEN={playground.bot_token}\n")
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def never(_request: web.Request) -> web.Response:
        loop.call_soon_threadsafe(asked.set)
        await asyncio.sleep(60)
        raise AssertionError

    app = web.Application()
    app.router.add_post("/v1/chat/completions", never)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]

    def walk() -> None:
        with at() as person:
            person.sees("Set another token?")
            person.types("n")
            person.sees(MODEL)
            person.types("3")
            person.sees("Its address?")
            person.types(f"http://127.0.0.1:{port}")
            person.sees("Its key")
            person.types("")
            person.sees("The model's name")
            person.types("editor")
            person.sees("Asking editor")
            asyncio.run_coroutine_threadsafe(asked.wait(), loop).result(30)
            person.presses(CTRL_C, "Stopped.")
            assert person.leaves() == 130
            assert "Traceback" not in person.shown

    await walked(walk)
    await runner.cleanup()
    assert (tmp_path / ".env").read_text() == f"DISCORD_TOKEN={playground.bot_token}\n"


async def test_a_wrong_line_that_it_does_not_ask_about_ends_it_with_one_sentence(
    tmp_path: Path, playground: Playground, at: Callable[..., Person]
) -> None:
    (tmp_path / ".env").write_text(f"DISCORD_TOKEN={playground.bot_token}\nINKCIRCLE_LOG_LEVEL=loud\n")

    def walk() -> str:
        with at() as person:
            person.sees("Set another token?")
            person.types("n")
            person.sees(MODEL)
            person.types("")
            person.sees(CONTACT)
            person.types("")
            assert person.leaves() == 1
            return person.shown

    shown = await walked(walk)
    assert "INKCIRCLE_LOG_LEVEL is wrong" in shown
    assert "Traceback" not in shown
    assert list(files(tmp_path)) == [".env"]


async def test_a_database_whose_key_is_lost_gets_no_new_one(
    tmp_path: Path, playground: Playground, at: Callable[..., Person]
) -> None:
    from bot.store import Store  # noqa: PLC0415 - this test alone

    lost = MasterKey.generate()
    (tmp_path / "data").mkdir()
    async with Store(f"sqlite+aiosqlite:///{tmp_path}/data/inkcircle.db", master=lost):
        pass
    (tmp_path / ".env").write_text(f"DISCORD_TOKEN={playground.bot_token}\nINKCIRCLE_CONTACT=ines\n")

    def walk() -> str:
        with at() as person:
            person.sees("Set another token?")
            person.types("n")
            person.sees(MODEL)
            person.types("")
            assert person.leaves() == 1
            return person.shown

    assert f"was written with key {lost.id}" in await walked(walk)
    assert not (tmp_path / "inkcircle.key").exists()
