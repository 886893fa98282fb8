"""Discord's bad days, each befalling one member alone: so one test holds all the faults side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import TypeVar

import pytest

from bot.playground import FaultKind, Member
from bot.playground.faults import SWITCHES, Fault, Switch
from bot.playground.faults.board import OF_THE_LINE
from bot.playground.faults.kinds import Place
from bot.playground.model import Channel
from tests.e2e.stage import PATIENCE, Stage

REQUESTS = [each for each in SWITCHES if each.place is Place.API]
FILES = [each for each in SWITCHES if each.place is Place.FILES]
LINE = [each for each in SWITCHES if each.kind in OF_THE_LINE and each.status not in (4013, 4014)]
# Where Discord says that something is not ours, it is believed at once.
BELIEVED = ("forbidden", "no-access")

CALLBACK = "POST /interactions/*/*/callback"
ANSWER = "PATCH /webhooks/*/*/messages/@original"
_SLOW = 0.3
_AT_ONCE = 7

ItemT = TypeVar("ItemT")


def befall(stage: Stage, switch: Switch, where: str, member: Member | None = None) -> Fault:
    """Let a fault strike once.

    Args:
        stage: The stage.
        switch: What goes wrong.
        where: With which requests.
        member: Whose interactions alone, if they are about one.
    """
    fault = stage.playground.faults.add(
        switch.kind,
        where,
        times=1,
        status=switch.status,
        code=switch.code,
        message=switch.message,
        seconds=_SLOW if switch.kind is FaultKind.SLOW else switch.seconds,
    )
    if member is not None:
        meant, user_id = fault.matches, member.user.id
        fault.matches = lambda target: meant(target) and _asked_by(stage, target) == user_id
    return fault


def befall_threads_of(stage: Stage, switch: Switch, channel: Channel) -> Fault:
    """Let a fault strike the first message that is posted in any thread of a channel, once."""
    fault = befall(stage, switch, "POST /channels/*/messages")
    meant, world = fault.matches, stage.playground.world
    fault.matches = lambda target: (
        meant(target) and world.channel(int(target.split("/")[2])).parent_id == channel.id
    )
    return fault


async def until_struck(stage: Stage, *faults: Fault) -> None:
    """Wait until each fault has struck."""
    await stage.until(lambda: all(fault.struck for fault in faults))


async def break_line(stage: Stage, switch: Switch) -> None:
    """Break the line now, and wait until the bot is on it again."""
    stage.playground.board.strike_now(switch.name)
    await asyncio.wait_for(stage.playground.gateway.until_gone(), PATIENCE)
    await stage.playground.until_connected(PATIENCE)


async def a_few_at_once(do: Callable[[ItemT], Awaitable[None]], items: Iterable[ItemT]) -> None:
    """Do something with each, a few at a time, so that a small machine keeps up."""
    room = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(item: ItemT) -> None:
        async with room:
            await do(item)

    await asyncio.gather(*map(in_turn, items))


def _asked_by(stage: Stage, target: str) -> int | None:
    token = target.split("/")[3]
    asked = stage.playground.world.interactions._by_token.get(token)
    return asked.user_id if asked is not None else None


@pytest.fixture(scope="module", autouse=True)
def unhurried() -> Iterator[None]:
    """Let Discord wait for an answer as long as a busy machine takes; import it where it shall hold."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.playground.interactions.ACKNOWLEDGE_SECONDS", PATIENCE)
        yield
