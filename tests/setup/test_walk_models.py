"""The step of the walk that chooses a model."""

from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from bot.config import Settings
from bot.playground import Playground
from tests.setup.terminal import LINK, MODEL, Person, walked


async def test_an_ollama_that_is_not_there_is_explained_and_then_used(
    tmp_path: Path, playground: Playground, at: Callable[..., Person]
) -> None:
    (tmp_path / ".env").write_text(f"DISCORD_TOKEN={playground.bot_token}\nINKCIRCLE_CONTACT=ines\n")
    models: list[str] = []

    async def tags(_request: web.Request) -> web.Response:
        return web.json_response({"models": [{"name": name} for name in models]})

    async def running(_request: web.Request) -> web.Response:
        return web.json_response({"models": [{"name": "qwen3:8b", "context_length": 4096}]})

    async def chat(_request: web.Request) -> web.Response:
        message = {"role": "assistant", "content": "Hello"}
        return web.json_response({"choices": [{"index": 0, "message": message, "finish_reason": "length"}]})

    app = web.Application()
    app.router.add_get("/api/tags", tags)
    app.router.add_get("/api/ps", running)
    app.router.add_post("/v1/chat/completions", chat)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"

    def walk() -> None:
        with at() as person:
            person.sees("Set another token?")
            person.types("n")
            person.sees(MODEL)
            person.types("2")
            person.sees("Where is Ollama? [http://127.0.0.1:11434]")
            person.types("http://127.0.0.1:9")
            person.sees("https://ollama.com/download")
            person.sees("Look again? [Y/n]")
            person.types("")
            person.sees("Where is Ollama? [http://127.0.0.1:9]")
            person.types(url)
            person.sees("has no model yet")
            models.extend(["mistral:7b", "qwen3:8b"])
            person.sees("Look again?")
            person.types("y")
            person.sees("Where is Ollama?")
            person.types("")
            person.sees("Which of its models?")
            person.types("2")
            person.sees("It answers.")
            person.sees("OLLAMA_CONTEXT_LENGTH=16384")
            person.sees(LINK)
            assert person.leaves() == 0

    await walked(walk)
    await runner.cleanup()
    coach = Settings.load(tmp_path / ".env").coach
    assert (coach.model, coach.base_url, coach.context) == ("qwen3:8b", f"{url}/v1", 4096)
    assert coach.api_key is None


async def test_going_back_to_the_demonstration_model_asks_first(
    tmp_path: Path, playground: Playground, at: Callable[..., Person]
) -> None:
    lines = f"DISCORD_TOKEN={playground.bot_token}\nINKCIRCLE_CONTACT=ines\n"
    (tmp_path / ".env").write_text(f"{lines}OPENAI_API_KEY=sk-one\nCOACH_MODEL=gpt-5-mini\n")

    def walk() -> None:
        with at() as person:
            person.sees("Set another token?")
            person.types("n")
            person.sees("Now: gpt-5-mini.")
            person.sees(MODEL)
            person.types("1")
            person.sees("takes the place of gpt-5-mini. Go on? [y/N]")
            person.types("y")
            person.sees("COACH_MODEL, OPENAI_API_KEY")
            person.types("y")
            person.sees("Saved.")
            person.sees(LINK)
            assert person.leaves() == 0

    await walked(walk)
    assert (tmp_path / ".env").read_text() == lines
