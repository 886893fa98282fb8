"""Faults of the gateway, and what an unmodified client makes of them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import discord
import pytest

from bot.playground import FaultKind, Playground
from bot.playground.gateway_frames import Close
from tests.playground.client import Bot, ClientFactory
from tests.playground.test_gateway import identity, line

READER = discord.Intents(guilds=True, messages=True, message_content=True)
HEARD = 30.0  # a client that identifies anew waits for five seconds before it does


@dataclass
class Heard:
    """What a client was told, in order."""

    messages: list[str] = field(default_factory=list)
    resumed: int = 0
    ready: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def prepare(self, bot: Bot) -> None:
        async def on_message(message: discord.Message) -> None:
            self.messages.append(message.content)
            self.news.set()

        async def on_resumed() -> None:
            self.resumed += 1
            self.news.set()

        async def on_connect() -> None:
            self.ready += 1
            self.news.set()

        for listener in (on_message, on_resumed, on_connect):
            bot.event(listener)

    async def until(self, holds: Callable[["Heard"], bool]) -> None:
        async with asyncio.timeout(HEARD):
            while not holds(self):
                self.news.clear()
                await self.news.wait()


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (FaultKind.GATEWAY_CUT, None),
        (FaultKind.GATEWAY_CLOSED, 4000),
        (FaultKind.RECONNECT, None),
        (FaultKind.INVALID_SESSION, None),
    ],
)
async def test_what_was_missed_comes_with_the_resumed_session(
    playground: Playground, clients: ClientFactory, kind: FaultKind, code: int | None
) -> None:
    heard = Heard()
    await clients(heard.prepare, intents=READER)
    mara = playground.member("mara")
    with playground.faults.add(kind, "MESSAGE_CREATE", times=1, status=code) as fault:
        await mara.say("one")
        await mara.say("two")
        await heard.until(lambda now: now.messages == ["one", "two"])
    await mara.say("three")
    await heard.until(lambda now: len(now.messages) == 3)

    assert fault.struck == 1
    assert (heard.ready, heard.resumed) == (1, 1)


@pytest.mark.parametrize(("kind", "code"), [(FaultKind.SESSION_LOST, None), (FaultKind.GATEWAY_CLOSED, 4009)])
async def test_a_lost_session_is_begun_anew_without_what_was_missed(
    playground: Playground, clients: ClientFactory, kind: FaultKind, code: int | None
) -> None:
    heard = Heard()
    await clients(heard.prepare, intents=READER)
    mara = playground.member("mara")
    with playground.faults.add(kind, "MESSAGE_CREATE", times=1, status=code):
        await mara.say("lost")
        await heard.until(lambda now: now.ready == 2)
    await mara.say("heard")
    await heard.until(lambda now: bool(now.messages))

    assert heard.messages == ["heard"]
    assert heard.resumed == 0


@pytest.mark.parametrize("code", [4013, 4014])
async def test_a_client_gives_up_where_the_gateway_says_so(
    playground: Playground, clients: ClientFactory, code: int
) -> None:
    await clients()
    running = clients.running[-1]
    playground.gateway.break_now(FaultKind.GATEWAY_CLOSED, code)

    expected = discord.PrivilegedIntentsRequired if code == 4014 else discord.ConnectionClosed
    with pytest.raises(expected):
        await asyncio.wait_for(running, 30)
    assert playground.faults.struck(FaultKind.GATEWAY_CLOSED) == 1


async def test_events_come_late_twice_or_not_at_all(playground: Playground, clients: ClientFactory) -> None:
    heard = Heard()
    await clients(heard.prepare, intents=READER)
    mara = playground.member("mara")
    with playground.faults.add(FaultKind.EVENT_LATE, "MESSAGE_CREATE", times=1, seconds=0.2):
        await mara.say("late")
    with playground.faults.add(FaultKind.EVENT_TWICE, "MESSAGE_CREATE", times=1):
        await mara.say("twice")
    with playground.faults.add(FaultKind.EVENT_LOST, "MESSAGE_CREATE", times=1):
        await mara.say("lost")
    await mara.say("last")
    await heard.until(lambda now: len(now.messages) == 4)

    assert heard.messages == ["twice", "twice", "last", "late"]
    assert heard.resumed == 0  # numbers without a gap: the client noticed nothing


async def test_unheard_heartbeats_make_a_client_reconnect(
    playground: Playground, clients: ClientFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playground.gateway, "heartbeat_seconds", 0.4)
    heard = Heard()

    def prepare(bot: Bot) -> None:
        heard.prepare(bot)
        bot._connection.heartbeat_timeout = 0.5

    await clients(prepare)
    with playground.faults.add(FaultKind.LOST_ACK) as fault:
        await heard.until(lambda now: now.resumed >= 1)

    assert fault.struck >= 1


async def test_breaking_the_line_now_is_noted(playground: Playground) -> None:
    async with line(playground) as plain:
        await plain.send(2, identity(playground))
        await plain.until("GUILD_CREATE")
        playground.gateway.break_now(FaultKind.GATEWAY_CLOSED, Close.UNKNOWN_ERROR)
        assert await plain.closed() == 4000
    with pytest.raises(ValueError, match="does not befall the line"):
        async with line(playground):
            playground.gateway.break_now(FaultKind.EVENT_LOST)

    assert playground.faults.struck() == 1


async def test_a_joined_server_is_told_apart_from_one_that_comes_back(
    playground: Playground, clients: ClientFactory
) -> None:
    joined: asyncio.Queue[str] = asyncio.Queue()
    removed = asyncio.Event()

    def prepare(bot: Bot) -> None:
        async def on_guild_join(guild: discord.Guild) -> None:
            joined.put_nowait(guild.name)

        async def on_guild_remove(_guild: discord.Guild) -> None:
            removed.set()

        bot.event(on_guild_join)
        bot.event(on_guild_remove)

    bot = await clients(prepare)
    world = playground.world
    world.guilds.remove_member(playground.guild, world.bot.id)
    await asyncio.wait_for(removed.wait(), 30)
    assert list(bot.guilds) == []
    world.guilds.add_member(playground.guild, world.bot)

    assert await asyncio.wait_for(joined.get(), 30) == "Writing circle"
