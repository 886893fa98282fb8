"""A bot that is killed with `kill -9`, and started again, and all whom it serves."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aiohttp import web

from bot.playground import Exchange, Member, MessageView, Playground, Response
from bot.playground.interactions import TOKEN_SECONDS
from tests.databases import Database
from tests.e2e.letters import LETTER
from tests.e2e.process import BotProcess
from tests.e2e.stage import PATIENCE, upload
from tests.model_server import ModelServer, Received, Words

_PRAISE: Final = "I like how quietly your scene puts its weight on small things."
_KILLS: Final = 50
_CROWD: Final = 20
_SEED: Final = 20261121


@dataclass(frozen=True)
class _Slow:
    """A model that takes its time, so that many kills find it at work."""

    scene: "Scene"
    chance: random.Random
    longest: float

    async def send(self, received: Received) -> web.StreamResponse:
        self.scene.something_happened()
        await asyncio.sleep(self.chance.uniform(0, self.longest))
        return await Words(LETTER).send(received)


@dataclass
class Reader:
    """Somebody who has asked for a letter, and who of the two it goes to."""

    member: Member
    response: Response
    in_the_channel: bool
    opened: list[str] = field(default_factory=list)

    def private(self) -> list[str]:
        """Give all private texts that have a letter in them."""
        shown = [each.text for each in self.member.messages("workshop") if each.ephemeral]
        return [text for text in shown if _PRAISE in text]

    def public(self) -> list[str]:
        """Give all pages in the channel that begin this one's letter."""
        heading = f"A letter for {self.member.user.display_name}"
        return [
            each.text
            for each in self.member.messages("workshop")
            if not each.ephemeral and heading in each.text
        ]

    def waiting(self) -> list[MessageView]:
        """Give all announcements that a letter waits."""
        return [
            each
            for place in (self.member.direct(), "workshop")
            for each in self.member.messages(place)
            if any(
                button.label == "Open" and str(self.member.user.id) in str(button.custom_id)
                for button in each.buttons
            )
        ]

    @property
    def answers(self) -> int:
        """How many answers there are by now."""
        return len(self.private()) + len(self.public()) + len(self.waiting())


@dataclass
class Scene:
    """A bot that is killed, and all that it serves."""

    playground: Playground
    model: ModelServer
    bot: BotProcess
    exchanges: list[Exchange]
    kill_at: list[tuple[str, str]] = field(default_factory=list)
    kill_after: int = 0

    def something_happened(self) -> None:
        """Count what the bot asks of Discord and of the model, and kill it when that many have been."""
        if self.kill_after:
            self.kill_after -= 1
            if not self.kill_after:
                self.bot.kill_now()

    async def members(self, count: int) -> list[Member]:
        """Have people join, who know what is kept."""
        members = [self.playground.add_member(f"Writer {number:02}") for number in range(count)]
        for member in members:
            member.go("workshop")
        await self.bot.everybody_continued(*(member.user.id for member in members))
        return members

    async def until(self, readers: list[Reader], seconds: float = 60.0) -> None:
        """Wait until everybody has an answer."""
        async with asyncio.timeout(seconds):
            while not all(reader.answers for reader in readers):  # noqa: ASYNC110 - many places are looked at
                await asyncio.sleep(0.1)

    async def until_asked(self, request: tuple[str, str]) -> None:
        """Wait until the bot has made a request of one kind."""
        async with asyncio.timeout(PATIENCE):
            while not any((each.method, each.path) == request for each in self.exchanges):  # noqa: ASYNC110 - see `until`
                await asyncio.sleep(0.05)

    async def settle(self) -> None:
        """Give what might come twice the time to come: until nothing was asked of Discord for a while."""
        seen = -1
        while seen != len(self.exchanges):
            seen = len(self.exchanges)
            await asyncio.sleep(1.5)


@asynccontextmanager
async def open_scene(tmp_path: Path, database: Database) -> AsyncIterator[Scene]:
    """Give a Discord, a model, and a bot that does not run yet."""
    exchanges: list[Exchange] = []
    async with ModelServer() as model, Playground() as playground:
        model.otherwise = Words(LETTER)
        bot = BotProcess(playground, model, tmp_path, database.url)
        scene = Scene(playground, model, bot, exchanges)

        def watch(exchange: Exchange) -> None:
            exchanges.append(exchange)
            scene.something_happened()
            if (exchange.method, exchange.path) in scene.kill_at:
                scene.kill_at.clear()
                bot.kill_now()

        playground.observers.append(watch)
        try:
            yield scene
        finally:
            await bot.kill()
            # Shown where the test fails.
            sys.stdout.write(bot.log.read_text()[-6000:] if bot.log.exists() else "no log\n")


async def ask(member: Member, *, in_the_channel: bool = False) -> Reader:
    visibility = "this channel" if in_the_channel else "only me"
    response = await member.slash("critique", manuscript=upload(), visibility=visibility)
    return Reader(member, response, in_the_channel)


def make_late(reader: Reader) -> None:
    """Let fifteen minutes pass for one interaction alone."""
    reader.response.interaction.created_at -= TOKEN_SECONDS + 1


def each_was_answered_once(readers: list[Reader]) -> None:
    counts = {
        reader.member.user.display_name: (len(reader.private()), len(reader.public()), len(reader.waiting()))
        for reader in readers
    }
    wrong = {name: count for name, count in counts.items() if sum(count) != 1}
    assert not wrong, f"(private, in the channel, waiting): {wrong}"


async def _gone_within(seconds: float, scene: Scene, readers: list[Reader] | None = None) -> None:
    """Wait until it is gone, the time is over, or nobody waits for an answer any more."""
    ends = [asyncio.create_task(scene.bot.until_gone())]
    if readers is not None:
        ends.append(asyncio.create_task(scene.until(readers, seconds)))
    await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for end in ends:
        end.cancel()
    await asyncio.gather(*ends, return_exceptions=True)


async def fifty_kills(scene: Scene) -> None:
    """Kill it fifty times over twenty critiques at once; each is answered exactly once."""
    chance = random.Random(_SEED)  # noqa: S311 - for a test that can be run again
    scene.model.otherwise = _Slow(scene, chance, 0.5)
    members = await scene.members(_CROWD)
    await scene.bot.restart()
    readers = list(
        await asyncio.gather(
            *(ask(member, in_the_channel=number % 4 == 0) for number, member in enumerate(members))
        )
    )
    assert not any(reader.response.failed for reader in readers)
    make_late(readers[1])
    for kill in range(_KILLS):
        if kill:
            await scene.bot.start()
        if kill % 2 or all(reader.answers for reader in readers):
            # At any time: most often while it starts.
            await _gone_within(chance.uniform(0.1, 1.0), scene)
        else:
            # At any event: a start has six, and each critique about five. So even a slow machine gets on.
            scene.kill_after = chance.randint(1, 16)
            await _gone_within(20.0, scene, readers)
        await scene.bot.kill()
        scene.kill_after = 0
    await scene.bot.restart()
    await scene.until(readers)
    await scene.settle()
    each_was_answered_once(readers)
    (announcement,) = readers[1].waiting()
    opened = await readers[1].member.press(announcement, "Open")
    assert _PRAISE in opened.text
