"""Killed with `kill -9` at a chosen moment, and started again, the bot answers everybody exactly once."""

import asyncio
from typing import Final

import pytest

from bot.playground.faults import FaultKind
from tests.e2e.crash_scene import Scene, ask, each_was_answered_once, make_late
from tests.e2e.letters import LETTER
from tests.e2e.stage import PATIENCE
from tests.model_server import Words

_EDIT: Final = ("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/@original")
_CALLBACK: Final = ("POST", "/interactions/{interaction_id}/{interaction_token}/callback")
_POST: Final = ("POST", "/channels/{channel_id}/messages")
_DIRECT: Final = ("POST", "/users/@me/channels")


async def test_killed_while_the_model_writes(scene: Scene) -> None:
    (member,) = await scene.members(1)
    await scene.bot.restart()
    scene.model.script(Words(LETTER, gate=asyncio.Event()))
    reader = await ask(member)
    await scene.model.serves(1)
    await scene.bot.kill()
    await scene.bot.restart()
    await scene.until([reader])
    await scene.settle()
    each_was_answered_once([reader])


@pytest.mark.parametrize(
    ("moment", "in_the_channel", "late"),
    [
        (_CALLBACK, False, False),
        (_EDIT, False, False),
        (_POST, True, False),
        (_POST, False, True),
        (_DIRECT, False, True),
    ],
    ids=["acknowledged", "answered", "posted", "announced", "about to announce"],
)
async def test_killed_right_after_discord_did_it_and_before_the_bot_could_know(
    scene: Scene,
    moment: tuple[str, str],
    in_the_channel: bool,  # noqa: FBT001 - parametrized
    late: bool,  # noqa: FBT001 - parametrized
) -> None:
    (member,) = await scene.members(1)
    await scene.bot.restart()
    # The bot greets a server that is new to it, which is a message too.
    await scene.until_asked(_POST)
    gate = asyncio.Event()
    if moment == _CALLBACK:
        scene.kill_at.append(moment)
    else:
        scene.model.script(Words(LETTER, gate=gate))
    reader = await ask(member, in_the_channel=in_the_channel)
    if moment != _CALLBACK:
        await scene.model.serves(1)
        if late:
            make_late(reader)
        await reader.response.until(lambda now: now.text == "Writing your letter …" or late, PATIENCE)
        scene.kill_at.append(moment)
        gate.set()
    await asyncio.wait_for(scene.bot.until_gone(), PATIENCE)
    assert not scene.kill_at
    await scene.bot.restart()
    await scene.until([reader])
    await scene.settle()
    each_was_answered_once([reader])


async def test_killed_before_it_was_acknowledged_the_letter_comes_another_way(scene: Scene) -> None:
    (member,) = await scene.members(1)
    await scene.bot.restart()
    fault = scene.playground.faults.add(FaultKind.SLOW, "POST /interactions/*/*/callback", seconds=5.0)
    asking = asyncio.create_task(ask(member))
    async with asyncio.timeout(PATIENCE):
        while not fault.struck:  # noqa: ASYNC110 - the fault tells nobody
            await asyncio.sleep(0.01)
    await scene.bot.kill()
    reader = await asking
    scene.playground.faults.clear()
    assert reader.response.failed
    await scene.bot.restart()
    await scene.until([reader])
    await scene.settle()
    each_was_answered_once([reader])
