"""Killed right after a part was posted, and before that was written down, the bot posts it no second time."""

import asyncio
from pathlib import Path

import pytest

from bot.playground import Exchange, Playground
from tests.databases import Database
from tests.e2e.process import BotProcess
from tests.e2e.story_thread import SCENES
from tests.model_server import ModelServer
from tests.stories.telling import LINK, OPENING, TURN, ByPurpose

_POST = ("POST", "/channels/{channel_id}/messages")
_PATIENCE = 60.0


@pytest.mark.timeout(180)
async def test_a_part_stands_once(tmp_path: Path, database: Database) -> None:
    async with ModelServer() as model, Playground() as playground:
        model.otherwise = ByPurpose(links=[LINK, *SCENES])
        bot = BotProcess(
            playground,
            model,
            tmp_path,
            database.url,
            INKCIRCLE_MESSAGE_CONTENT="true",
            INKCIRCLE_TURN_SECONDS="0.3",
        )
        mara = playground.member("mara")
        mara.go("stories")
        await bot.everybody_continued(mara.user.id)
        await bot.restart()
        try:
            form = await mara.slash("story start", title="The crate")
            assert form.modal is not None
            await mara.submit(form.modal, premise=OPENING)

            def shown(words: str) -> int:
                found = [each for each in mara.channels() if each.name == "The crate"]
                messages = [each.text for each in mara.messages(found[0])] if found else []
                return sum(words in text for text in messages)

            async def until(words: str) -> None:
                async with asyncio.timeout(_PATIENCE):
                    while not shown(words):  # noqa: ASYNC110 - two processes are waited for
                        await asyncio.sleep(0.1)

            await until(LINK[:60])
            await asyncio.sleep(1)

            def kill(exchange: Exchange) -> None:
                if (exchange.method, exchange.path) == _POST and shown(SCENES[0][:60]):
                    bot.kill_now()

            playground.observers.append(kill)
            await mara.say(TURN, channel="The crate")
            await asyncio.wait_for(bot.until_gone(), _PATIENCE)
            playground.observers.remove(kill)
            assert shown(SCENES[0][:60]) == 1
            asked = len(model.requests)
            await bot.restart()
            # The next turn is answered behind it: so it was found, and written down.
            await asyncio.sleep(2)
            await mara.say("And then the light went out.", channel="The crate")
            await until(SCENES[1][:60])
            assert shown(SCENES[0][:60]) == 1
            assert len(model.requests) == asked + 2
            file = (await mara.slash("story export", channel="The crate")).message
            assert file is not None
            exported = file.attachments[0].data.decode()
            assert exported.count(SCENES[0][:60]) == 1
            assert exported.count(TURN) == 1
        finally:
            await bot.kill()
