"""Three seconds, fifteen minutes, one first answer; and files that are gone after a day."""

import asyncio

import discord
import httpx
import pytest

from bot.playground import Playground, Upload
from bot.playground.interaction import Interaction
from tests.playground.client import Bot, ClientFactory
from tests.playground.plain_http import PlainHttp


class Desk:
    """Collects interactions for a test that answers them itself."""

    def __init__(self) -> None:
        self.taken: asyncio.Queue[discord.Interaction] = asyncio.Queue()

    def prepare(self, bot: Bot) -> None:
        @bot.tree.command(description="Hand over")
        async def take(interaction: discord.Interaction) -> None:
            self.taken.put_nowait(interaction)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_after_three_seconds_the_member_reads_that_nothing_came(
    playground: Playground, clients: ClientFactory, desk: Desk
) -> None:
    await clients(desk.prepare)
    calling = asyncio.create_task(playground.member("mara").slash("take"))
    interaction = await desk.taken.get()

    playground.clock.advance(3)

    assert (await calling).failed
    with pytest.raises(discord.NotFound) as refused:
        await interaction.response.send_message("too late")
    assert refused.value.code == 10062


async def test_an_answer_just_in_time_counts(
    playground: Playground, clients: ClientFactory, desk: Desk
) -> None:
    await clients(desk.prepare)
    calling = asyncio.create_task(playground.member("mara").slash("take"))
    interaction = await desk.taken.get()

    playground.clock.advance(2.9)
    await interaction.response.send_message("in time")
    playground.clock.advance(60)

    assert (await calling).text == "in time"
    assert not (await calling).failed


async def test_a_second_first_answer_is_refused(
    playground: Playground, clients: ClientFactory, desk: Desk, http: PlainHttp
) -> None:
    await clients(desk.prepare)
    calling = asyncio.create_task(playground.member("mara").slash("take"))
    interaction = await desk.taken.get()
    await interaction.response.send_message("first")

    path = f"/interactions/{interaction.id}/{interaction.token}/callback"
    answer = await http("POST", path, {"type": 4, "data": {"content": "second"}})

    assert (answer.status, answer.code) == (400, 40060)
    assert (await calling).text == "first"


async def test_a_token_is_dead_after_fifteen_minutes(
    playground: Playground, clients: ClientFactory, desk: Desk
) -> None:
    await clients(desk.prepare)
    calling = asyncio.create_task(playground.member("mara").slash("take"))
    interaction = await desk.taken.get()
    await interaction.response.defer(ephemeral=True)
    await calling

    playground.clock.advance(15 * 60 - 1)
    await interaction.edit_original_response(content="just in time")
    playground.clock.advance(1)

    with pytest.raises(discord.HTTPException) as refused:
        await interaction.edit_original_response(content="too late")
    assert (refused.value.status, refused.value.code) == (401, 50027)
    assert playground.member("mara").messages()[-1].text == "just in time"


async def test_before_the_first_answer_there_is_no_webhook(
    playground: Playground, clients: ClientFactory, desk: Desk
) -> None:
    await clients(desk.prepare)
    calling = asyncio.create_task(playground.member("mara").slash("take"))
    interaction = await desk.taken.get()

    with pytest.raises(discord.NotFound) as refused:
        await interaction.followup.send("too early")
    assert refused.value.code == 10015
    await interaction.response.send_message("now")
    await calling


async def test_the_first_follow_up_completes_a_deferral(
    playground: Playground, clients: ClientFactory, desk: Desk
) -> None:
    await clients(desk.prepare)
    mara = playground.member("mara")
    calling = asyncio.create_task(mara.slash("take"))
    interaction = await desk.taken.get()
    await interaction.response.defer(ephemeral=True)
    response = await calling
    assert response.message is not None
    assert response.message.loading

    first = await interaction.followup.send("done", wait=True)
    await interaction.followup.send("and more")

    assert first.id == response.message.id
    done = await response.finished()
    assert (done.text, done.ephemeral) == ("done", True)  # the deferral's own choice holds
    assert [(each.text, each.ephemeral) for each in response.followups] == [("and more", False)]


async def test_a_deleted_answer_is_gone(playground: Playground, clients: ClientFactory, desk: Desk) -> None:
    await clients(desk.prepare)
    calling = asyncio.create_task(playground.member("mara").slash("take"))
    interaction = await desk.taken.get()
    await interaction.response.send_message("short-lived")
    await interaction.delete_original_response()

    assert (await calling).message is None
    with pytest.raises(discord.NotFound) as refused:
        await interaction.edit_original_response(content="x")
    assert refused.value.code == 10008


async def test_an_answer_of_the_wrong_kind_is_refused(
    playground: Playground, clients: ClientFactory, desk: Desk, http: PlainHttp
) -> None:
    await clients(desk.prepare)
    calling = asyncio.create_task(playground.member("mara").slash("take"))
    interaction = await desk.taken.get()
    path = f"/interactions/{interaction.id}/{interaction.token}/callback"

    assert (await http("POST", path, {"type": 7, "data": {"content": "x"}})).error(
        "type"
    ) == "BASE_TYPE_CHOICES"
    assert (await http("POST", path, {"type": 4, "data": {}})).code == 50006
    assert (await http("POST", path, {"type": 4, "data": {"content": "x" * 2001}})).code == 50035
    assert (await http("POST", path, {"type": 4, "data": {"content": "x"}})).status == 204
    assert (await calling).text == "x"


async def test_an_ephemeral_answer_is_out_of_the_bots_reach_but_by_its_token(
    playground: Playground, clients: ClientFactory, desk: Desk
) -> None:
    bot = await clients(desk.prepare)
    heard: list[discord.Message] = []

    async def on_message(message: discord.Message) -> None:
        heard.append(message)

    bot.event(on_message)
    calling = asyncio.create_task(playground.member("mara").slash("take"))
    interaction = await desk.taken.get()
    await interaction.response.send_message("secret", ephemeral=True)
    seen = (await calling).message
    assert seen is not None
    channel = bot.get_channel(seen.channel_id)
    assert isinstance(channel, discord.TextChannel)

    with pytest.raises(discord.NotFound):
        await channel.fetch_message(seen.id)
    assert [message async for message in channel.history()] == []
    assert (await interaction.original_response()).content == "secret"
    assert heard == []


async def test_the_interaction_tells_what_may_be_done(
    playground: Playground, clients: ClientFactory, desk: Desk
) -> None:
    await clients(desk.prepare)
    calling = asyncio.create_task(playground.member("ines").slash("take"))
    interaction = await desk.taken.get()
    await interaction.response.send_message("x")
    await calling

    assert interaction.permissions.manage_guild
    assert interaction.app_permissions.send_messages
    assert not interaction.app_permissions.manage_messages
    assert interaction.filesize_limit == 10 * 1024 * 1024
    assert interaction.guild is not None
    assert interaction.guild.filesize_limit == 10 * 1024 * 1024


async def test_a_file_needs_a_valid_signature(playground: Playground) -> None:
    mara = playground.member("mara")
    said = await mara.say("", files=[Upload("a b.txt", "schön".encode())])
    url = said.attachments[0].url

    async with httpx.AsyncClient() as client:
        good = await client.get(url)
        bare = await client.get(url.partition("?")[0])
        forged = await client.get(url.replace("hm=", "hm=0"))
        later = await client.get(url.replace("ex=", "ex=f"))
        playground.clock.advance(24 * 60 * 60 + 1)
        old = await client.get(url)
        new = await client.get(mara.message(said.id).attachments[0].url)

    assert (good.status_code, good.content) == (200, "schön".encode())
    assert good.headers["content-type"] == "text/plain; charset=utf-8"
    assert good.headers["x-content-type-options"] == "nosniff"
    assert [bare.status_code, forged.status_code, later.status_code, old.status_code] == [404] * 4
    assert new.status_code == 200


async def test_addresses_of_files_can_be_signed_anew(playground: Playground, http: PlainHttp) -> None:
    said = await playground.member("mara").say("", files=[Upload("a.txt", b"x")])
    url = said.attachments[0].url
    playground.clock.advance(2 * 24 * 60 * 60)

    answer = await http("POST", "/attachments/refresh-urls", {"attachment_urls": [url, "http://other/1/2/x"]})

    (refreshed,) = answer.body["refreshed_urls"]
    async with httpx.AsyncClient() as client:
        assert refreshed["original"] == url
        assert (await client.get(refreshed["refreshed"])).content == b"x"


async def test_a_deleted_message_takes_its_files_along(playground: Playground) -> None:
    mara = playground.member("mara")
    said = await mara.say("", files=[Upload("a.txt", b"x")])
    await mara.delete(said)

    async with httpx.AsyncClient() as client:
        assert (await client.get(said.attachments[0].url)).status_code == 404


def test_an_interaction_keeps_its_token_to_itself() -> None:
    assert "token" not in {field for field, info in Interaction.__dataclass_fields__.items() if info.repr}
