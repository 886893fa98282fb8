"""Threads that are archived, locked or full, on a clock that a test moves."""

import asyncio
from collections.abc import Awaitable

import discord
import pytest

from bot.playground import ApiError, Playground
from bot.playground.model import Channel, ThreadState
from bot.playground.permissions import ALL
from tests.playground.client import Bot, ClientFactory
from tests.playground.plain_http import PlainHttp


async def thread_of(playground: Playground, http: PlainHttp, **more: object) -> Channel:
    parent = playground.channel("stories").id
    answer = await http("POST", f"/channels/{parent}/threads", {"name": "T", "type": 11, **more})
    assert answer.status == 201
    return playground.world.channels[int(answer.body["id"])]


def state_of(channel: Channel) -> ThreadState:
    assert channel.thread is not None
    return channel.thread


@pytest.mark.parametrize("minutes", [60, 1440, 4320, 10080])
async def test_a_thread_sleeps_when_it_was_quiet_for_as_long_as_it_was_told(
    playground: Playground, http: PlainHttp, minutes: int
) -> None:
    channel = await thread_of(playground, http, auto_archive_duration=minutes)
    playground.clock.advance(minutes * 60 - 1)
    await playground.member("mara").say("still here", channel=channel)
    playground.clock.advance(minutes * 60 - 1)
    awake = not state_of(channel).archived
    playground.clock.advance(1)

    assert (awake, state_of(channel).archived) == (True, True)


async def test_only_a_message_wakes_a_sleeping_thread(playground: Playground, http: PlainHttp) -> None:
    playground.set_bot_permissions(ALL)
    channel = await thread_of(playground, http, auto_archive_duration=60)
    message = (await http("POST", f"/channels/{channel.id}/messages", {"content": "x"})).body["id"]
    playground.clock.advance(3_600)
    edit = await http("PATCH", f"/channels/{channel.id}/messages/{message}", {"content": "y"})
    here = f"/channels/{channel.id}/messages"
    others = [
        await http("PUT", f"{here}/{message}/reactions/👍/@me"),
        await http("DELETE", f"{here}/{message}/reactions/👍/@me"),
        await http("DELETE", f"{here}/{message}/reactions"),
        await http("PUT", f"{here}/pins/{message}"),
        await http("DELETE", f"{here}/pins/{message}"),
    ]
    deleted = await http("DELETE", f"{here}/{message}")
    slept = state_of(channel).archived
    said = await http("POST", f"/channels/{channel.id}/messages", {"content": "good morning"})

    assert [each.code for each in (edit, *others)] == [50083] * 6
    assert deleted.status == 204
    assert (slept, said.status, state_of(channel).archived) == (True, 200, False)


async def test_a_server_has_only_so_many_threads_awake(playground: Playground, http: PlainHttp) -> None:
    playground.world.threads.max_active = 2
    first = await thread_of(playground, http)
    await thread_of(playground, http)
    parent = playground.channel("stories").id
    message = (await http("POST", f"/channels/{parent}/messages", {"content": "x"})).body["id"]
    body = {"name": "one too many", "type": 11}

    assert (await http("POST", f"/channels/{parent}/threads", body)).code == 160006
    assert (
        await http("POST", f"/channels/{parent}/messages/{message}/threads", {"name": "t"})
    ).code == 160006
    await playground.member("ines").change_thread(first, archived=True)
    third = await thread_of(playground, http)
    wake = await http("POST", f"/channels/{first.id}/messages", {"content": "x"})
    open_again = await http("PATCH", f"/channels/{first.id}", {"archived": False})
    assert (wake.code, open_again.code) == (160006, 160006)
    await playground.member("ines").change_thread(third, archived=True)
    assert (await http("POST", f"/channels/{first.id}/messages", {"content": "x"})).status == 200
    other = playground.add_guild("Another", members=["mara"])  # where there is room
    elsewhere = playground.channel("stories", other).id
    assert (await http("POST", f"/channels/{elsewhere}/threads", body)).status == 201


async def test_a_thread_has_only_so_many_seats(playground: Playground, http: PlainHttp) -> None:
    playground.world.threads.members.most = 2
    channel = await thread_of(playground, http)
    mara, jonas = playground.member("mara"), playground.member("jonas")
    await mara.join(channel)

    with pytest.raises(ApiError, match="30033"):
        await jonas.join(channel)
    path = f"/channels/{channel.id}/thread-members/{jonas.user.id}"
    assert (await http("PUT", path)).code == 30033
    await mara.join(channel)  # who has a seat keeps it


async def test_a_locked_sleeping_thread_takes_private_answers_alone(
    playground: Playground, clients: ClientFactory
) -> None:
    refused: list[tuple[str, int]] = []
    done = asyncio.Event()

    async def attempt(what: str, request: Awaitable[object]) -> None:
        try:
            await request
        except discord.HTTPException as error:
            refused.append((what, error.code))

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Say it later")
        async def later(interaction: discord.Interaction) -> None:
            await interaction.response.defer()
            await ines.change_thread(thread, archived=True, locked=True)
            await attempt("edit", interaction.edit_original_response(content="to all"))
            done.set()

        @bot.tree.command(description="Say it to all, or to one")
        async def say(interaction: discord.Interaction) -> None:
            await attempt("answer", interaction.response.send_message("to all"))
            if not interaction.response.is_done():
                await interaction.response.send_message("to one", ephemeral=True)
                await attempt("follow-up", interaction.followup.send("and to all"))
            done.set()

    await clients(prepare)
    mara, ines = playground.member("mara"), playground.member("ines")
    thread = await mara.start_thread("T", channel="stories")
    await mara.slash("later", channel=thread)
    await asyncio.wait_for(done.wait(), 30)
    done.clear()
    told = await mara.slash("say", channel=thread)
    await asyncio.wait_for(done.wait(), 30)
    assert told.text == "to one"
    assert refused == [("edit", 50083), ("answer", 50083), ("follow-up", 50083)]
    assert state_of(thread).archived
    # Whoever may open the thread again does so by having the bot speak.
    assert (await ines.slash("say", channel=thread)).text == "to all"
    assert not state_of(thread).archived


async def test_a_name_changes_twice_in_ten_minutes(playground: Playground, http: PlainHttp) -> None:
    channel = await thread_of(playground, http)
    path = f"/channels/{channel.id}"
    answers = [await http("PATCH", path, {"name": name}) for name in ("a", "b", "c")]

    assert [each.status for each in answers] == [200, 200, 429]
    refused = answers[-1]
    assert int(refused.headers["x-ratelimit-remaining"]) > 0  # no header tells of this limit
    assert refused.body["retry_after"] == 600
    assert (await http("PATCH", path, {"auto_archive_duration": 60})).status == 200
    playground.clock.advance(599)
    assert (await http("PATCH", path, {"name": "c"})).body["retry_after"] == 1
    playground.clock.advance(1)
    assert (await http("PATCH", path, {"name": "c"})).status == 200
    parent = f"/channels/{playground.channel('stories').id}"
    playground.set_bot_permissions(ALL)
    assert [(await http("PATCH", parent, {"topic": each})).status for each in "abc"] == [200, 200, 429]


async def test_a_client_waits_for_ten_minutes_or_gives_up(
    playground: Playground, clients: ClientFactory
) -> None:
    bot = await clients()
    bot.http.max_ratelimit_timeout = 30.0
    mine = await playground.member("mara").start_thread("T", channel="stories")
    thread = await bot.fetch_channel(mine.id)
    assert isinstance(thread, discord.Thread)
    await thread.edit(name="a")
    await thread.edit(name="b")

    with pytest.raises(discord.RateLimited) as refused:
        await thread.edit(name="c")
    assert refused.value.retry_after == 600
