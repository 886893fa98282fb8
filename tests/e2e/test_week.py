"""A week in a writing group, lived over the real protocol by a bot that is a process of its own.

This is the first thing that must pass: a critique, a story over five days with a crash and an undo, and two
texts on their way into the group's anthology, of which one is taken back.
"""

import asyncio
import json
from pathlib import Path
from typing import Final

import pytest
from aiohttp import web

from bot.demo import week_words as words
from bot.demo.week import Week
from bot.playground import Playground
from bot.playground.page import Sight
from tests.databases import Database
from tests.e2e.letters import LETTER
from tests.e2e.process import BotProcess
from tests.e2e.stage import check, upload
from tests.model_server import ModelServer, Received, Words
from tests.openapi import DESCRIPTION, Oracle
from tests.stories.telling import MEMORY, is_memory, prompt_of

_PATIENCE: Final = 60.0
_SCENES: Final = [
    file.read_text(encoding="utf-8")
    for file in sorted((Path(__file__).parents[1] / "samples/scenes").glob("*.md"))
]


class _Writers:
    """A model that writes letters, memories and parts; it can be held up in the middle of a part."""

    def __init__(self) -> None:
        self.told: list[Received] = []
        self.hold_next = False
        self.held = asyncio.Event()

    async def send(self, received: Received) -> web.StreamResponse:
        if is_memory(received):
            return await Words(MEMORY).send(received)
        if "editor" in prompt_of(received)[:400]:
            return await Words(LETTER).send(received)
        self.told.append(received)
        if self.hold_next:
            self.hold_next = False
            self.held.set()
            # The bot is killed while it waits for this.
            await asyncio.sleep(_PATIENCE)
        return await Words(_SCENES[len(self.told)]).send(received)

    async def at_work(self) -> None:
        """Wait until the bot is in the middle of a part."""
        await asyncio.wait_for(self.held.wait(), _PATIENCE)


@pytest.mark.timeout(240)
async def test_a_week(tmp_path: Path, database: Database) -> None:
    oracle = Oracle.load() if DESCRIPTION.exists() else None
    violations: list[str] = []
    said: list[str] = []
    async with ModelServer() as model, Playground() as playground:
        if oracle is not None:
            playground.observers.append(
                lambda exchange: violations.extend(check(oracle, exchange) if exchange.path else [])
            )
        writers = _Writers()
        model.otherwise = writers
        bot = BotProcess(
            playground,
            model,
            tmp_path,
            database.url,
            INKCIRCLE_MESSAGE_CONTENT="true",
            INKCIRCLE_TURN_SECONDS="1.0",
        )

        async def tell(sight: Sight) -> None:
            said.append(sight.words)
            writers.hold_next = sight.words.startswith("Wednesday")

        try:
            await bot.restart()
            week = Week(playground, bot, upload(), at_work=writers.at_work, tell=tell, patience=_PATIENCE)
            lived = await week.live()
            assert await bot.terminate() == 0
        finally:
            await bot.kill()
            (tmp_path / "said").write_text("\n".join(said))

    # A critique with the model's words about this very scene.
    assert "I like how quietly your scene puts its weight on small things." in lived.letter
    # One part for each turn, the one of the crash once, and none doubled.
    assert len(lived.parts) == len(set(lived.parts)) == 7
    posted = [each for each in week.mara.messages(lived.thread) if each.author.bot and not each.ephemeral]
    firsts = [each.text[:60] for each in posted]
    assert len(firsts) == len(set(firsts))
    # The story is what the members wrote and the bot answered, without the turn that was taken back.
    for turn in (words.PREMISE, words.FIRST_TURN, words.THIRD_TURN, words.FOURTH_TURN, words.FIFTH_TURN):
        assert turn in lived.story
    assert words.SECOND_TURN[0] in lived.story
    assert "out of danger" not in lived.story
    assert words.UNDONE_TURN not in lived.story
    # What was beside the story steered it; what was undone is in no prompt after that.
    prompts = [prompt_of(received) for received in writers.told]
    assert any("out of danger" in prompt for prompt in prompts)
    assert words.UNDONE_TURN in "".join(prompts)
    assert words.UNDONE_TURN not in "".join(prompts[-2:])
    # The anthology holds the text that was given, and not the one that was taken back.
    anthology = lived.anthology["anthology.md"].decode()
    assert "Low water" in anthology
    assert "The lamp room" not in anthology
    assert "anthology.epub" in lived.anthology
    (provenance,) = json.loads(lived.anthology["provenance.json"])
    assert provenance["licence"] == "CC-BY-4.0"
    assert b"Low water" not in b"".join(path.read_bytes() for path in _files(tmp_path))
    assert not violations, violations


def _files(folder: Path) -> list[Path]:
    return [path for path in (folder / "data").rglob("*") if path.is_file()]
