"""Faults on purpose: each does what it says, as often as it was told, and can be repeated."""

import asyncio
import time

import aiohttp
import discord
import httpx
import pytest

from bot.playground import FaultKind, Faults, Playground, Upload
from bot.playground.faults import SWITCHES, Place
from bot.playground.faults.catalogue import switch
from bot.playground.faults.patterns import pattern
from tests.playground.client import Bot, ClientFactory, Prepare
from tests.playground.plain_http import PlainHttp
from tests.playground.witness import Witness

MESSAGES = "/channels/{channel_id}/messages"


def path(playground: Playground) -> str:
    return f"/channels/{playground.channel('general').id}/messages"


def texts(playground: Playground) -> list[str]:
    return [each.text for each in playground.member("mara").messages("general")]


async def text_channel(playground: Playground, clients: ClientFactory) -> discord.TextChannel:
    channel = (await clients()).get_channel(playground.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    return channel


# Which requests


@pytest.mark.parametrize(
    ("where", "target", "meant"),
    [
        ("**", "GET /users/@me", True),
        ("POST **", "GET /users/@me", False),
        ("POST /channels/{channel_id}/messages", "POST /channels/12/messages", True),
        ("POST /channels/*/messages", "POST /channels/12/messages/13", False),
        ("/channels/*/messages/**", "PATCH /channels/12/messages/13", True),
        ("get /users/@me | POST /channels/*/typing", "POST /channels/1/typing", True),
        ("/webhooks/**", "PATCH /webhooks/1/a.b-c/messages/@original", True),
        ("/channels/1.3", "GET /channels/123", False),
    ],
)
def test_a_pattern_means_routes(where: str, target: str, *, meant: bool) -> None:
    assert pattern(where, Place.API)(target) is meant


@pytest.mark.parametrize(
    ("where", "name", "meant"),
    [
        ("*", "MESSAGE_CREATE", True),
        ("*", "READY", False),
        ("READY", "READY", True),
        ("MESSAGE_*|TYPING_START", "TYPING_START", True),
        ("MESSAGE_*", "THREAD_CREATE", False),
    ],
)
def test_a_pattern_means_events(where: str, name: str, *, meant: bool) -> None:
    assert pattern(where, Place.GATEWAY)(name) is meant


def strikes(seed: int, **terms: float) -> list[bool]:
    faults = Faults(seed)
    faults.add(FaultKind.CUT, chance=terms.get("chance", 1.0))
    return [bool(faults.strike(Place.API, "GET /x")) for _ in range(200)]


def test_chance_hangs_on_the_seed_alone() -> None:
    assert strikes(1, chance=0.3) == strikes(1, chance=0.3)
    assert strikes(1, chance=0.3) != strikes(2, chance=0.3)
    assert 30 < sum(strikes(1, chance=0.3)) < 90
    assert sum(strikes(1, chance=0.0)) == 0


def test_other_faults_change_nothing_about_one() -> None:
    alone, beside = Faults(5), Faults(5)
    first = [faults.add(FaultKind.CUT, chance=0.5) for faults in (alone, beside)]
    beside.add(FaultKind.SLOW, chance=0.5)
    for _ in range(50):
        alone.strike(Place.API, "GET /x")
        beside.strike(Place.API, "GET /x")

    assert first[0].struck == first[1].struck


def test_a_fault_strikes_so_many_times_after_so_many() -> None:
    faults = Faults()
    fault = faults.add(FaultKind.CUT, "GET /x", skip=2, times=3)
    hits = [bool(faults.strike(Place.API, "GET /x")) for _ in range(8)]
    faults.strike(Place.API, "GET /y")

    assert hits == [False, False, True, True, True, False, False, False]
    assert (fault.met, fault.struck, faults.struck(FaultKind.CUT)) == (8, 3, 3)
    assert {each.target for each in faults.log} == {"GET /x"}


def test_a_fault_that_is_off_or_over_strikes_nothing() -> None:
    faults = Faults()
    fault = faults.add(FaultKind.CUT)
    fault.on = False
    assert not faults.strike(Place.API, "GET /x")
    fault.on = True
    assert faults.strike(Place.API, "GET /x")
    faults.remove(fault)
    assert faults.api == ()
    with faults.add(FaultKind.CUT):
        assert faults.strike(Place.API, "GET /x")
    assert not faults.strike(Place.API, "GET /x")
    with pytest.raises(ValueError, match="between 0 and 1"):
        faults.add(FaultKind.CUT, chance=2)
    with pytest.raises(ValueError, match="about something"):
        faults.add(FaultKind.CUT, " ")


def test_every_kind_has_a_switch_with_words() -> None:
    names = [each.name for each in SWITCHES]

    assert len(set(names)) == len(names)
    assert {each.kind for each in SWITCHES} == set(FaultKind) - {FaultKind.REFUSED}
    assert all(each.title and each.words.endswith(".") for each in SWITCHES)
    with pytest.raises(LookupError):
        switch("nothing")


# What the answers look like


@pytest.mark.parametrize("name", [each.name for each in SWITCHES if each.place is Place.API])
async def test_answers_are_as_described(playground: Playground, http: PlainHttp, name: str) -> None:
    found = switch(name)
    with playground.faults.add(
        found.kind,
        f"POST {MESSAGES}",
        status=found.status,
        code=found.code,
        message=found.message,
        seconds=0.1 if found.kind is FaultKind.SLOW else found.seconds,
    ) as fault:
        if found.kind in (FaultKind.CUT, FaultKind.LOST_ANSWER):
            with pytest.raises(httpx.RemoteProtocolError):
                await http("POST", path(playground), {"content": "x"})
        elif found.kind in (FaultKind.BANNED, FaultKind.HTML_PAGE):
            with pytest.raises(ValueError, match="Expecting value"):  # it is no JSON
                await http("POST", path(playground), {"content": "x"})
        else:
            answer = await http("POST", path(playground), {"content": "x"})
            expected = found.status or found.kind.terms.status or 200
            assert answer.status == expected
            if expected >= 400:
                assert answer.code == (found.code or found.kind.terms.code)
            if expected == 429:
                assert "via" in answer.headers
                assert answer.body["retry_after"] == 0.3
                assert ("x-ratelimit-bucket" in answer.headers) is (found.kind is not FaultKind.GLOBAL_LIMIT)
        assert fault.struck == 1
    happened = found.kind in (FaultKind.SLOW, FaultKind.LOST_ANSWER)
    assert texts(playground) == (["x"] if happened else [])
    assert (await http("POST", path(playground), {"content": "after"})).status == 200


async def test_a_lost_answer_is_seen_by_whoever_watches(
    playground: Playground, http: PlainHttp, witness: Witness
) -> None:
    with playground.faults.add(FaultKind.LOST_ANSWER), pytest.raises(httpx.RemoteProtocolError):
        await http("POST", path(playground), {"content": "x"})

    exchange = witness.exchanges[-1]
    assert (exchange.status, exchange.fault, exchange.delivered) == (200, FaultKind.LOST_ANSWER, False)
    assert exchange.path == MESSAGES


# What an unmodified client makes of them


@pytest.mark.parametrize("kind", [FaultKind.BUCKET_LIMIT, FaultKind.SHARED_LIMIT, FaultKind.GLOBAL_LIMIT])
async def test_a_client_waits_as_long_as_it_is_told(
    playground: Playground, clients: ClientFactory, kind: FaultKind
) -> None:
    channel = await text_channel(playground, clients)
    begun = time.monotonic()
    with playground.faults.add(kind, f"POST {MESSAGES}", times=2, seconds=0.2) as fault:
        await channel.send("once")

    assert fault.struck == 2
    assert time.monotonic() - begun >= 0.4
    assert texts(playground) == ["once"]


async def test_a_client_is_told_of_what_it_cannot_mend(
    playground: Playground, clients: ClientFactory
) -> None:
    channel = await text_channel(playground, clients)

    async def refused(kind: FaultKind, status: int | None = None) -> discord.HTTPException:
        with playground.faults.add(kind, f"POST {MESSAGES}", status=status):
            with pytest.raises(discord.HTTPException) as error:
                await channel.send("x")
            return error.value

    assert isinstance(await refused(FaultKind.FORBIDDEN), discord.Forbidden)
    assert isinstance(await refused(FaultKind.NOT_FOUND), discord.NotFound)
    assert (await refused(FaultKind.UNAUTHORIZED)).status == 401
    assert isinstance(await refused(FaultKind.SERVER_ERROR, 503), discord.DiscordServerError)
    assert (await refused(FaultKind.BANNED)).status == 429
    assert isinstance(await refused(FaultKind.HTML_PAGE, 520), discord.DiscordServerError)
    assert texts(playground) == []


async def test_a_client_tries_again_after_a_stumble(playground: Playground, clients: ClientFactory) -> None:
    channel = await text_channel(playground, clients)
    with playground.faults.add(FaultKind.HTML_PAGE, f"POST {MESSAGES}", times=1) as fault:
        await channel.send("once")

    assert fault.struck == 1
    assert texts(playground) == ["once"]


async def test_the_nonce_mends_an_answer_that_was_lost(
    playground: Playground, clients: ClientFactory
) -> None:
    channel = await text_channel(playground, clients)
    lost = playground.faults.add(FaultKind.LOST_ANSWER, f"POST {MESSAGES}", times=1)
    with lost, pytest.raises(aiohttp.ClientConnectionError):
        await channel.send("once", nonce=4711)
    again = await channel.send("once", nonce=4711)

    assert texts(playground) == ["once"]
    assert again.id == playground.member("mara").messages("general")[0].id


async def test_nothing_listens_while_out_of_reach(playground: Playground, clients: ClientFactory) -> None:
    channel = await text_channel(playground, clients)
    resumed = asyncio.Event()

    async def on_resumed() -> None:
        resumed.set()

    channel._state._get_client().event(on_resumed)
    async with playground.unreachable():
        with pytest.raises(aiohttp.ClientConnectorError):
            await channel.send("x")
        async with asyncio.timeout(30):
            await playground.gateway.until_gone()
    await channel.send("again")
    await asyncio.wait_for(resumed.wait(), 30)

    assert texts(playground) == ["again"]
    assert playground.faults.struck(FaultKind.REFUSED) == 1


# Files


def reader(told: list[str | bytes]) -> Prepare:
    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Read")
        async def read(interaction: discord.Interaction, file: discord.Attachment) -> None:
            await interaction.response.defer(ephemeral=True)
            try:
                told.append(await file.read())
            except (discord.HTTPException, aiohttp.ClientError) as error:
                told.append(type(error).__name__)
            await interaction.followup.send("done")

    return prepare


FILE = Upload("a.txt", b"0123456789" * 10)


@pytest.mark.parametrize(
    ("kind", "status", "told"),
    [
        (FaultKind.FILE_EXPIRED, None, "NotFound"),
        (FaultKind.FILE_EXPIRED, 403, "Forbidden"),
        (FaultKind.FILE_TRUNCATED, None, "ClientPayloadError"),
        (FaultKind.FILE_SLOW, None, FILE.data),
        (FaultKind.FILE_WRONG_LENGTH, None, FILE.data[:50]),
    ],
)
async def test_files_fail_as_they_should(
    playground: Playground, clients: ClientFactory, kind: FaultKind, status: int | None, told: str | bytes
) -> None:
    read: list[str | bytes] = []
    await clients(reader(read))
    with playground.faults.add(kind, "GET **", status=status, seconds=0.1):
        response = await playground.member("mara").slash("read", file=FILE)
        await response.finished()
    again = await playground.member("mara").slash("read", file=FILE)
    await again.finished()

    assert read == [told, FILE.data]
