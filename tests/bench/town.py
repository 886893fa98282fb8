"""A local Discord and a model in a process of their own, with people who write stories: prints what it did.

It begins so many stories. Then it reads lines, each a number of seconds: it has everybody write once within
them, and says so when all are answered. It ends with its standard input.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Literal

from aiohttp import web

from bot.playground import Member, Playground
from bot.playground.model import Channel
from tests.model_server import ModelServer, Received, Words
from tests.stories.telling import LINK, MEMORY, OPENING, TURN, is_memory

SCENES = [
    file.read_text(encoding="utf-8")
    for file in sorted((Path(__file__).parents[1] / "samples/scenes").glob("*.md"))
]
# How long the model takes to begin, and for each of its tokens: as fast as servers are.
FIRST_TOKEN_SECONDS = 0.4
TOKENS_A_SECOND = 200
_BEGUN_AT_ONCE = 8


class _Writer:
    """Writes the same part into every story, and another one each round."""

    def __init__(self) -> None:
        self.link = LINK

    async def send(self, received: Received) -> web.StreamResponse:
        await asyncio.sleep(FIRST_TOKEN_SECONDS)
        return await Words(MEMORY if is_memory(received) else self.link, gate=_Pace()).send(received)


class _Pace(asyncio.Event):
    """What each token waits for."""

    async def wait(self) -> Literal[True]:
        await asyncio.sleep(1 / TOKENS_A_SECOND)
        return True


async def _begin(member: Member, number: int) -> Channel:
    member.go("stories")
    title = f"Story {number}"
    form = await member.slash("story start", title=title)
    if form.modal is None:
        raise RuntimeError(f"no form, but: {form.text}")
    await member.submit(form.modal, premise=OPENING)
    while True:
        found = [each for each in member.channels() if each.name == title]
        if found and _shows(member, found[0], LINK):
            return found[0]
        await asyncio.sleep(0.2)


def _shows(member: Member, place: Channel, link: str) -> bool:
    return any(link[:60] in each.text and each.buttons for each in member.messages(place))


async def _round(people: list[tuple[Member, Channel]], seconds: float, link: str, turn: str) -> None:
    for member, place in people:
        await member.say(turn, channel=place)
        await asyncio.sleep(seconds / len(people))
    for member, place in people:
        # Many places are looked at, rarely, since this machine's cores are shared with what is measured.
        while not _shows(member, place, link):  # noqa: ASYNC110
            await asyncio.sleep(0.5)


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


async def serve(count: int) -> None:
    """Live, until the standard input ends."""
    writer = _Writer()
    async with ModelServer(key=None) as model, Playground() as playground:
        model.otherwise = writer
        about = {
            "token": playground.bot_token,
            "api": playground.api_url,
            "gateway": playground.gateway_url,
            "model": model.base_url,
        }
        _say(json.dumps(about))
        # The bot says when it serves; a line before that would be too early.
        await asyncio.to_thread(sys.stdin.readline)
        members = [playground.add_member(f"Writer {number}") for number in range(count)]
        places: list[Channel] = []
        for start in range(0, count, _BEGUN_AT_ONCE):
            several = range(start, min(count, start + _BEGUN_AT_ONCE))
            places += await asyncio.gather(*(_begin(members[number], number) for number in several))
        people = list(zip(members, places, strict=True))
        _say("begun")
        for number, scene in enumerate(SCENES):
            if not (seconds := await asyncio.to_thread(sys.stdin.readline)):
                return
            writer.link = scene
            await _round(people, float(seconds), scene, f"{TURN} It was the {number + 1}. evening.")
            _say("answered")


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
