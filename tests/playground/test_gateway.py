"""The gateway: who gets in, who hears what, what happens when the line is cut."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest

from bot.playground import Permission, Playground
from bot.playground.gateway_frames import Close
from bot.playground.model import Intent
from tests.playground.client import ClientFactory

DEFAULT = int(Intent.GUILDS | Intent.GUILD_MESSAGES | Intent.DIRECT_MESSAGES | Intent.GUILD_MESSAGE_REACTIONS)


class Line:
    """A gateway connection without a client library."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._inflate = zlib.decompressobj()

    async def send(self, op: int, data: object) -> None:
        await self.socket.send_str(json.dumps({"op": op, "d": data}))

    async def next(self) -> Any:
        message = await asyncio.wait_for(self.socket.receive(), 30)
        if message.type is aiohttp.WSMsgType.BINARY:
            assert message.data.endswith(b"\x00\x00\xff\xff")
            return json.loads(self._inflate.decompress(message.data))
        if message.type is aiohttp.WSMsgType.TEXT:
            return json.loads(message.data)
        return {"closed": self.socket.close_code}

    async def until(self, name: str) -> Any:
        while (frame := await self.next()).get("t") != name:
            assert "closed" not in frame, f"closed with {frame['closed']} before {name}"
        return frame

    async def closed(self) -> int:
        while "closed" not in (frame := await self.next()):
            pass
        code = frame["closed"]
        assert isinstance(code, int)
        return code


@asynccontextmanager
async def line(playground: Playground, query: str = "?v=10&encoding=json") -> AsyncIterator[Line]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(playground.gateway_url + query) as socket,
    ):
        opened = Line(socket)
        assert (await opened.next())["op"] == 10
        yield opened


def identity(playground: Playground, intents: int = DEFAULT, **more: object) -> dict[str, object]:
    return {"token": playground.bot_token, "intents": intents, "properties": {}, **more}


async def test_a_session_begins_with_ready_and_the_guild(playground: Playground) -> None:
    async with line(playground) as plain:
        await plain.send(2, identity(playground))
        ready = await plain.next()
        guild = await plain.next()

    assert (ready["t"], ready["s"]) == ("READY", 1)
    assert ready["d"]["guilds"] == [{"id": str(playground.guild.id), "unavailable": True}]
    assert (guild["t"], guild["s"]) == ("GUILD_CREATE", 2)
    assert {channel["name"] for channel in guild["d"]["channels"]} == {
        "Workshop",
        "general",
        "workshop",
        "stories",
    }
    assert len(guild["d"]["members"]) == 1  # the bot alone, without the members intent


async def test_frames_are_compressed_on_request(playground: Playground) -> None:
    async with line(playground, "?v=10&encoding=json&compress=zlib-stream") as compressed:
        await compressed.send(2, identity(playground))
        assert (await compressed.until("GUILD_CREATE"))["d"]["name"] == playground.guild.name


async def test_a_heartbeat_is_acknowledged(playground: Playground) -> None:
    async with line(playground) as plain:
        await plain.send(1, None)
        assert (await plain.next())["op"] == 11


async def test_a_stopped_heart_ends_the_line(playground: Playground) -> None:
    playground.gateway.heartbeat_seconds = 0.05
    async with line(playground) as plain:
        assert await plain.closed() == Close.SESSION_TIMED_OUT


def bad_identities(playground: Playground) -> dict[Close, tuple[int, object]]:
    return {
        Close.UNKNOWN_OPCODE: (99, {}),
        Close.DECODE_ERROR: (2, "no object"),
        Close.NOT_AUTHENTICATED: (3, {"status": "idle"}),
        Close.AUTHENTICATION_FAILED: (2, {**identity(playground), "token": "nonsense"}),
        Close.INVALID_SHARD: (2, identity(playground, shard=[2, 2])),
        Close.INVALID_INTENTS: (2, identity(playground, intents=1 << 40)),
        Close.DISALLOWED_INTENTS: (2, identity(playground, intents=int(Intent.GUILD_PRESENCES))),
        Close.INVALID_SEQ: (6, {}),
    }


@pytest.mark.parametrize(
    "code",
    [
        Close.UNKNOWN_OPCODE,
        Close.DECODE_ERROR,
        Close.NOT_AUTHENTICATED,
        Close.AUTHENTICATION_FAILED,
        Close.INVALID_SHARD,
        Close.INVALID_INTENTS,
        Close.DISALLOWED_INTENTS,
    ],
)
async def test_a_wrong_frame_ends_the_line_with_its_code(playground: Playground, code: Close) -> None:
    op, data = bad_identities(playground)[code]
    async with line(playground) as plain:
        await plain.send(op, data)
        assert await plain.closed() == code


async def test_identifying_twice_and_another_version_are_refused(playground: Playground) -> None:
    async with line(playground) as plain:
        await plain.send(2, identity(playground))
        await plain.send(2, identity(playground))
        assert await plain.closed() == Close.ALREADY_AUTHENTICATED
    async with line(playground, "?v=9") as old:
        assert await old.closed() == Close.INVALID_API_VERSION


async def test_too_many_frames_are_too_many(playground: Playground) -> None:
    async with line(playground) as plain:
        for _ in range(121):
            await plain.send(1, None)
        assert await plain.closed() == Close.RATE_LIMITED


async def test_the_client_is_told_of_a_missing_privilege(
    playground: Playground, clients: ClientFactory
) -> None:
    playground.world.application.privileged_intents = Intent(0)
    intents = discord.Intents.default()
    intents.message_content = True

    with pytest.raises(discord.PrivilegedIntentsRequired):
        await clients(intents=intents)


async def test_a_lost_line_is_resumed_and_nothing_is_missed(playground: Playground) -> None:
    mara = playground.member("mara")
    async with line(playground) as plain:
        await plain.send(2, identity(playground))
        session = (await plain.next())["d"]["session_id"]
        seen = (await plain.until("GUILD_CREATE"))["s"]
        await playground.gateway.hang_up(4000)
        assert await plain.closed() == 4000
    await mara.say("while you were away")
    resume = {"token": playground.bot_token, "session_id": session, "seq": seen}
    async with line(playground) as again:
        await again.send(6, resume)
        missed = await again.next()
        resumed = await again.next()
        await again.socket.close(code=4000)  # with 1000 it would say that it is done with the session

    assert (missed["t"], missed["s"]) == ("MESSAGE_CREATE", seen + 1)
    assert resumed["t"] == "RESUMED"
    async with line(playground) as third:
        await third.send(6, {**resume, "seq": 10_000})
        assert await third.closed() == Close.INVALID_SEQ
    async with line(playground) as fourth:
        await fourth.send(6, {**resume, "session_id": "unknown"})
        assert await fourth.next() == {"op": 9, "d": False, "s": None, "t": None}


Disturb = Callable[[Playground], Awaitable[None]]


@pytest.mark.parametrize(
    "disturb",
    [lambda p: p.gateway.hang_up(4000), lambda p: p.gateway.ask_to_reconnect()],
    ids=["cut", "op 7"],
)
async def test_the_client_comes_back_and_gets_what_it_missed(
    playground: Playground, clients: ClientFactory, disturb: Disturb
) -> None:
    bot = await clients()
    heard: asyncio.Queue[int] = asyncio.Queue()
    resumed = asyncio.Event()

    async def on_message(message: discord.Message) -> None:
        heard.put_nowait(message.id)

    async def on_resumed() -> None:
        resumed.set()

    bot.event(on_message)
    bot.event(on_resumed)
    await disturb(playground)
    said = await playground.member("mara").say("x")

    await asyncio.wait_for(resumed.wait(), 30)
    assert await asyncio.wait_for(heard.get(), 30) == said.id


async def test_without_the_intent_content_is_blank_but_for_its_exceptions(
    playground: Playground, clients: ClientFactory
) -> None:
    bot = await clients()  # default intents: no message content
    heard: asyncio.Queue[discord.Message] = asyncio.Queue()

    async def on_message(message: discord.Message) -> None:
        heard.put_nowait(message)

    bot.event(on_message)
    mara = playground.member("mara")
    channel = bot.get_channel(playground.channel("general").id)
    assert isinstance(channel, discord.TextChannel)

    async def what_is_heard() -> str:
        return (await asyncio.wait_for(heard.get(), 30)).content

    await mara.say("plain")
    assert await what_is_heard() == ""
    await mara.say(f"{playground.world.bot.mention} hello")
    assert (await what_is_heard()).endswith("hello")
    await mara.say("direct", channel=mara.direct())
    assert await what_is_heard() == "direct"
    own = await channel.send("own")
    assert await what_is_heard() == "own"
    await mara.say("with a ping", reply_to=own.id)
    assert await what_is_heard() == "with a ping"
    await mara.say("without one", reply_to=own.id, ping=False)
    assert await what_is_heard() == ""


async def test_events_come_only_by_their_intent_and_where_the_bot_can_look(playground: Playground) -> None:
    mara = playground.member("mara")
    playground.deny("stories", Permission.VIEW_CHANNEL)
    async with line(playground) as plain:
        await plain.send(2, identity(playground, int(Intent.GUILDS | Intent.GUILD_MESSAGES)))
        await plain.until("GUILD_CREATE")
        await mara.say("hidden", channel="stories")
        await mara.say("direct", channel=mara.direct())
        said = await mara.say("open")
        await mara.react(said, "👍")
        playground.add_member("Extra")
        playground.world.guilds.announce_channel("CHANNEL_UPDATE", playground.channel("stories"))
        names = [(await plain.next())["t"] for _ in range(2)]

    assert names == ["MESSAGE_CREATE", "CHANNEL_UPDATE"]


async def test_members_are_asked_for_by_name_or_all_with_the_intent(
    playground: Playground, clients: ClientFactory
) -> None:
    intents = discord.Intents.default()
    intents.members = True
    bot = await clients(intents=intents)
    guild = bot.guilds[0]

    assert {member.name for member in guild.members} >= {"mara", "jonas", "ines", "inkcircle"}
    assert [member.name for member in await guild.query_members("ma")] == ["mara"]
    assert {each.id async for each in guild.fetch_members()} == set(playground.guild.members)


async def test_leaving_and_joining_are_told(playground: Playground, clients: ClientFactory) -> None:
    intents = discord.Intents.default()
    intents.members = True
    bot = await clients(intents=intents)
    told: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    async def on_member_join(member: discord.Member) -> None:
        told.put_nowait(("join", member.name))

    async def on_member_remove(member: discord.Member) -> None:
        told.put_nowait(("leave", member.name))

    async def on_guild_remove(guild: discord.Guild) -> None:
        told.put_nowait(("gone", guild.name))

    for listener in (on_member_join, on_member_remove, on_guild_remove):
        bot.event(listener)
    playground.add_member("Extra")
    await playground.member("mara").leave()
    playground.remove_member("inkcircle")

    assert [await asyncio.wait_for(told.get(), 30) for _ in range(3)] == [
        ("join", "extra"),
        ("leave", "mara"),
        ("gone", playground.guild.name),
    ]


async def test_a_request_that_makes_no_sense_ends_the_line(playground: Playground) -> None:
    async with line(playground) as plain:
        await plain.send(2, identity(playground))
        await plain.send(8, {"guild_id": "no number", "query": "", "limit": 0})
        assert await plain.closed() == Close.DECODE_ERROR


async def test_shards_share_the_guilds_out(playground: Playground) -> None:
    mine = (playground.guild.id >> 22) % 2
    for shard in (0, 1):
        async with line(playground) as plain:
            await plain.send(2, identity(playground, shard=[shard, 2]))
            ready = await plain.next()
            assert ready["d"]["shard"] == [shard, 2]
            assert len(ready["d"]["guilds"]) == (1 if shard == mine else 0)


async def test_a_presence_is_taken(playground: Playground, clients: ClientFactory) -> None:
    bot = await clients()
    await bot.change_presence(activity=discord.Game("a draft"))
    await playground.member("mara").say("x")  # the line is still there
    assert playground.gateway.connected
