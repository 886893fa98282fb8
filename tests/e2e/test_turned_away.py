"""The gateway turns the bot away for good in the middle of a letter."""

import asyncio
from pathlib import Path

import pytest

from bot.errors import OperatorError
from bot.playground import FaultKind
from tests.e2e.letters import LETTER
from tests.e2e.stage import PATIENCE, Gate, ended, open_stage, upload
from tests.model_server import Words

_PRAISE = "I like how quietly your scene puts its weight on small things."


@pytest.mark.parametrize("code", [4013, 4014])
async def test_the_operator_is_told_and_the_letter_comes_after_the_next_start(
    tmp_path: Path, code: int
) -> None:
    async with open_stage(tmp_path) as stage:
        mara = stage.member("mara")
        gate = Gate()
        stage.model.script(Words(LETTER, gate=gate))
        response = await mara.slash("critique", channel="workshop", manuscript=upload())
        await response.until(lambda now: now.text == "Writing your letter …", PATIENCE)
        serving, stage._serving = stage._serving, None
        assert serving is not None
        stage.playground.gateway.break_now(FaultKind.GATEWAY_CLOSED, code)
        with pytest.raises(OperatorError, match=str(code)):
            await asyncio.wait_for(serving, PATIENCE)
        gate.set()
        stage.model.otherwise = Words(LETTER)
        await stage.start()
        words = await ended(response)

    assert words.count(_PRAISE) == 1
