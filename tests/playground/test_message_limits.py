"""What Discord refuses about messages that no header tells beforehand, and what it forgives."""

import discord
import pytest
from discord import app_commands

from bot.playground import Playground
from bot.playground.interactions import TOKEN_SECONDS
from bot.playground.nonces import NONCE_SECONDS
from tests.playground.client import Bot, ClientFactory
from tests.playground.plain_http import PlainHttp


def path(playground: Playground) -> str:
    return f"/channels/{playground.channel('general').id}/messages"


async def test_old_messages_are_edited_only_so_often(playground: Playground, http: PlainHttp) -> None:
    playground.world.messages.old_edits.acts = 2
    messages = path(playground)
    old = (await http("POST", messages, {"content": "x"})).body["id"]
    playground.clock.advance(3_601)
    new = (await http("POST", messages, {"content": "x"})).body["id"]
    answers = [await http("PATCH", f"{messages}/{old}", {"content": each}) for each in "abc"]

    assert [each.status for each in answers] == [200, 200, 429]
    assert answers[-1].code == 30046
    assert answers[-1].body["retry_after"] == 600
    assert (await http("PATCH", f"{messages}/{new}", {"content": "y"})).status == 200
    playground.clock.advance(600)
    assert (await http("PATCH", f"{messages}/{old}", {"content": "d"})).status == 200


async def test_a_nonce_gives_the_same_message_for_a_few_minutes(
    playground: Playground, http: PlainHttp
) -> None:
    messages = path(playground)
    body = {"content": "x", "nonce": "job-1", "enforce_nonce": True}
    first = await http("POST", messages, body)
    again = await http("POST", messages, {**body, "content": "other words"})
    elsewhere = await http("POST", f"/channels/{playground.channel('stories').id}/messages", body)
    playground.clock.advance(NONCE_SECONDS + 1)
    late = await http("POST", messages, body)

    assert (again.body["id"], again.body["content"]) == (first.body["id"], "x")
    assert len({first.body["id"], elsewhere.body["id"], late.body["id"]}) == 3
    without = [await http("POST", messages, {"content": "x", "nonce": "job-2"}) for _ in range(2)]
    assert without[0].body["id"] != without[1].body["id"]


async def test_history_is_read_forwards_backwards_and_in_pages(
    playground: Playground, clients: ClientFactory
) -> None:
    bot = await clients()
    channel = bot.get_channel(playground.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    mara = playground.member("mara")
    said = [await mara.say(str(number)) for number in range(120)]

    async def read(**how: object) -> list[int]:
        return [message.id async for message in channel.history(**how)]  # type: ignore[arg-type]

    ids = [each.id for each in said]
    assert await read(limit=None, oldest_first=True) == ids
    assert await read(limit=3) == ids[:-4:-1]
    assert await read(limit=5, after=discord.Object(ids[9])) == ids[10:15]
    assert await read(limit=5, before=discord.Object(ids[9])) == ids[8:3:-1]
    assert await read(limit=4, after=discord.Object(ids[9]), before=discord.Object(ids[13])) == ids[10:13]


async def test_the_first_answer_can_be_read_back_until_its_token_is_over(
    playground: Playground, clients: ClientFactory
) -> None:
    kept: list[discord.Interaction] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Answer")
        @app_commands.describe(early="At once")
        async def answer(interaction: discord.Interaction, early: bool) -> None:  # noqa: FBT001 - an option
            kept.append(interaction)
            if early:
                await interaction.response.send_message("words", ephemeral=True)
            else:
                await interaction.response.defer(ephemeral=True)

    await clients(prepare)
    mara = playground.member("mara")
    await mara.slash("answer", early=True)
    await mara.slash("answer", early=False)
    read = [await each.original_response() for each in kept]

    assert [each.content for each in read] == ["words", ""]
    assert read[1].flags.loading
    playground.clock.advance(TOKEN_SECONDS)
    for interaction in kept:
        interaction._original_response = None
        with pytest.raises(discord.HTTPException) as refused:
            await interaction.original_response()
        assert refused.value.code == 50027
        with pytest.raises(discord.HTTPException) as refused:
            await interaction.edit_original_response(content="x")
        assert refused.value.code == 50027


async def test_who_takes_no_direct_messages_gets_none(playground: Playground, clients: ClientFactory) -> None:
    bot = await clients()
    mara = playground.member("mara")
    user = await bot.fetch_user(mara.user.id)
    await user.send("welcome")
    playground.take_direct_messages("mara", takes=False)

    with pytest.raises(discord.Forbidden) as refused:
        await user.send("x")
    assert refused.value.code == 50007
    await mara.say("I may write to you all the same", channel=mara.direct())
    playground.take_direct_messages("mara", takes=True)
    playground.remove_member("mara")
    with pytest.raises(discord.Forbidden) as refused:
        await user.send("we share no server any more")
    assert refused.value.code == 50007
    assert [each.text for each in mara.messages(mara.direct())][:1] == ["welcome"]


async def test_slow_mode_says_how_long(playground: Playground) -> None:
    playground.channel("general").slowmode_seconds = 10
    mara = playground.member("mara")
    await mara.say("x", channel="general")
    playground.clock.advance(4)
    with pytest.raises(Exception, match="20016") as refused:
        await mara.say("y", channel="general")
    assert refused.value.payload()["retry_after"] == 6  # type: ignore[attr-defined]
