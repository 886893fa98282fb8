"""The rate limits: buckets that count, headers that tell, refusals that make a client wait."""

import asyncio
import time

import discord

from bot.playground import Playground
from bot.playground.limits import GLOBAL_REQUESTS, INVALID_REQUESTS, RateLimits, limit_of
from tests.playground.client import ClientFactory
from tests.playground.plain_http import PlainHttp


class Time:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def header(limits: RateLimits, path: str = "/channels/1/messages", name: str = "remaining") -> str:
    headers = dict(limits.admit("POST", path, with_token=False).headers)
    return headers[f"x-ratelimit-{name}".encode()].decode()


def test_a_bucket_counts_down_and_fills_when_its_time_is_over() -> None:
    now = Time()
    limits = RateLimits(now)
    limits.strict = True

    assert [header(limits) for _ in range(5)] == ["4", "3", "2", "1", "0"]
    refusal = limits.admit("POST", "/channels/1/messages", with_token=False).refusal
    assert refusal is not None
    assert refusal.status == 429
    now.now += 4.9
    assert limits.admit("POST", "/channels/1/messages", with_token=False).refusal is not None
    now.now += 0.2
    assert header(limits) == "4"


def test_channels_and_webhooks_count_for_themselves() -> None:
    limits = RateLimits(Time())

    assert header(limits, "/channels/1/messages") == header(limits, "/channels/2/messages") == "49"
    assert header(limits, "/webhooks/1/token-a") == header(limits, "/webhooks/1/token-b") == "49"
    assert header(limits, "/webhooks/1/token-a/messages/@original") == "48"
    assert limit_of("PUT", "/channels/1/messages/2/reactions/%F0%9F%91%8D/@me")[0].name == "reactions"


def test_the_global_limit_is_about_the_token_alone() -> None:
    now = Time()
    limits = RateLimits(now)
    limits.strict = True
    refused = [
        limits.admit("GET", f"/channels/{number}", with_token=True).refusal
        for number in range(GLOBAL_REQUESTS + 1)
    ]

    assert [each for each in refused if each] == refused[-1:]
    assert refused[-1] is not None
    assert (b"x-ratelimit-global", b"true") in refused[-1].headers
    assert limits.admit("GET", "/channels/1", with_token=False).refusal is None
    assert limits.admit("POST", "/interactions/1/token/callback", with_token=True).refusal is None
    now.now += 1.0
    assert limits.admit("GET", "/channels/1", with_token=True).refusal is None


def test_too_many_invalid_requests_shut_an_address_out_for_a_while() -> None:
    now = Time()
    limits = RateLimits(now)
    for _ in range(INVALID_REQUESTS):
        limits.answered(429, [(b"x-ratelimit-scope", b"shared")])
        limits.answered(200, [])
    assert limits.invalid_requests == 0
    for _ in range(INVALID_REQUESTS):
        limits.answered(403, [])
    before = limits.shut_out
    now.now += 601
    assert (before, limits.shut_out) == (True, False)


def test_buckets_that_are_over_are_forgotten() -> None:
    now = Time()
    limits = RateLimits(now)
    for number in range(5_000):
        limits.admit("POST", f"/webhooks/1/{number}", with_token=False)
        now.now += 0.01

    assert len(limits._buckets) < 4_200


async def test_a_refusal_says_what_discord_says(playground: Playground, http: PlainHttp) -> None:
    playground.limits.strict = True
    path = f"/channels/{playground.channel('general').id}/messages"
    answers = [await http("POST", path, {"content": "x"}) for _ in range(6)]

    assert [each.status for each in answers] == [200] * 5 + [429]
    refused = answers[-1]
    assert refused.body["global"] is False
    assert 0 < refused.body["retry_after"] <= 5
    assert refused.headers["x-ratelimit-scope"] == "user"
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert 1 <= int(refused.headers["retry-after"]) <= 5
    assert "via" in refused.headers
    assert answers[0].headers["x-ratelimit-bucket"] == refused.headers["x-ratelimit-bucket"]
    assert len(playground.member("mara").messages("general")) == 5


async def test_an_unmodified_client_keeps_to_the_headers(
    playground: Playground, clients: ClientFactory
) -> None:
    bot = await clients()
    playground.limits.strict = True
    channel = bot.get_channel(playground.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    before = time.monotonic()
    sent = await asyncio.gather(*(channel.send(str(number)) for number in range(7)))

    assert len({each.id for each in sent}) == 7
    assert playground.limits.refused == 0  # it waited by itself
    assert 4 < time.monotonic() - before < 30
