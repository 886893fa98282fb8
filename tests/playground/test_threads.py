"""Threads: who may start, see, join, archive and lock them."""

import asyncio

import discord
import pytest

from bot.playground import ApiError, Permission, Playground
from bot.playground.model import MessageType
from tests.playground.client import Bot, ClientFactory
from tests.playground.plain_http import PlainHttp


def text_channel(bot: Bot, playground: Playground) -> discord.TextChannel:
    channel = bot.get_channel(playground.channel("stories").id)
    assert isinstance(channel, discord.TextChannel)
    return channel


async def test_a_thread_begins_at_a_message(playground: Playground, clients: ClientFactory) -> None:
    channel = text_channel(await clients(), playground)
    mara = playground.member("mara")
    sent = await channel.send("Once upon a time")
    thread = await sent.create_thread(name="The tale", auto_archive_duration=60)
    await thread.send("there was")
    await mara.say("a fox", channel=thread.id)

    assert thread.id == sent.id
    assert mara.message(sent.id).thread_id == thread.id
    assert [(each.type, each.text) for each in mara.messages("The tale")] == [
        (MessageType.THREAD_STARTER, ""),
        (MessageType.DEFAULT, "there was"),
        (MessageType.DEFAULT, "a fox"),
    ]
    assert {each.id for each in await thread.fetch_members()} == {playground.world.bot.id, mara.user.id}
    with pytest.raises(discord.HTTPException) as refused:
        await sent.create_thread(name="again")
    assert refused.value.code == 160004


async def test_a_thread_without_a_message(playground: Playground, clients: ClientFactory) -> None:
    channel = text_channel(await clients(), playground)
    await channel.create_thread(name="Open", type=discord.ChannelType.public_thread)
    ines, jonas = playground.member("ines"), playground.member("jonas")
    hidden = await channel.create_thread(name="Hidden", type=discord.ChannelType.private_thread)

    assert [message.type for message in jonas.messages("stories")] == [MessageType.THREAD_CREATED]
    assert "Open" in {each.name for each in jonas.channels()}
    assert "Hidden" not in {each.name for each in jonas.channels()}
    assert "Hidden" in {each.name for each in ines.channels()}  # who manages threads sees all
    await hidden.add_user(discord.Object(jonas.user.id))
    assert "Hidden" in {each.name for each in jonas.channels()}
    await hidden.remove_user(discord.Object(jonas.user.id))
    assert "Hidden" not in {each.name for each in jonas.channels()}


async def test_sending_wakes_an_archived_thread_unless_it_is_locked(
    playground: Playground, clients: ClientFactory
) -> None:
    channel = text_channel(await clients(), playground)
    mara = playground.member("mara")
    thread = await channel.create_thread(name="T", type=discord.ChannelType.public_thread)
    message = await thread.send("x")
    state = playground.world.channels[thread.id].thread
    assert state is not None

    await thread.edit(archived=True)
    with pytest.raises(discord.HTTPException) as refused:
        await message.edit(content="y")
    assert refused.value.code == 50083
    with pytest.raises(ApiError, match="50083"):
        await mara.react(message.id, "👍")
    await mara.say("wake up", channel=thread.id)
    assert not state.archived

    await thread.edit(archived=True, locked=True)
    with pytest.raises(ApiError, match="50083"):
        await mara.say("x", channel=thread.id)
    with pytest.raises(ApiError, match="50013"):
        await mara.change_thread(thread.id, archived=False)
    await thread.send("the bot manages threads")
    assert not state.archived
    with pytest.raises(ApiError, match="160005"):
        await mara.say("x", channel=thread.id)


async def test_a_quiet_thread_archives_itself(playground: Playground, clients: ClientFactory) -> None:
    bot = await clients()
    channel = text_channel(bot, playground)
    thread = await channel.create_thread(
        name="T", type=discord.ChannelType.public_thread, auto_archive_duration=60
    )
    archived = asyncio.Event()

    async def on_thread_update(_before: discord.Thread, after: discord.Thread) -> None:
        if after.archived:
            archived.set()

    bot.event(on_thread_update)
    playground.clock.advance(59 * 60)
    await playground.member("mara").say("x", channel=thread.id)
    playground.clock.advance(59 * 60)
    assert not archived.is_set()
    playground.clock.advance(60)

    await asyncio.wait_for(archived.wait(), 30)
    assert [each.id async for each in channel.archived_threads()] == [thread.id]
    active = await channel.guild.active_threads()
    assert active == []


@pytest.mark.parametrize(
    ("denied", "private"),
    [(Permission.CREATE_PUBLIC_THREADS, False), (Permission.CREATE_PRIVATE_THREADS, True)],
)
async def test_starting_needs_its_permission(
    playground: Playground, clients: ClientFactory, denied: Permission, *, private: bool
) -> None:
    channel = text_channel(await clients(), playground)
    playground.deny("stories", denied)
    kind = discord.ChannelType.private_thread if private else discord.ChannelType.public_thread

    with pytest.raises(discord.Forbidden) as refused:
        await channel.create_thread(name="T", type=kind)
    assert refused.value.code == 50013


async def test_inside_a_thread_only_its_own_permission_to_send_counts(
    playground: Playground, clients: ClientFactory
) -> None:
    channel = text_channel(await clients(), playground)
    thread = await channel.create_thread(name="T", type=discord.ChannelType.public_thread)
    playground.deny("stories", Permission.SEND_MESSAGES)
    await thread.send("still allowed")
    playground.deny("stories", Permission.SEND_MESSAGES_IN_THREADS)

    with pytest.raises(discord.Forbidden) as refused:
        await thread.send("no more")
    assert refused.value.code == 50013
    await playground.member("mara").say("others may", channel=thread.id)


async def test_a_renamed_and_a_deleted_thread_are_told(
    playground: Playground, clients: ClientFactory
) -> None:
    bot = await clients()
    channel = text_channel(bot, playground)
    mara = playground.member("mara")
    mine = await mara.start_thread("Mine", channel="stories")
    gone = asyncio.Event()

    async def on_raw_thread_delete(_event: discord.RawThreadDeleteEvent) -> None:
        gone.set()

    bot.event(on_raw_thread_delete)
    await mara.change_thread(mine, name="Still mine")
    with pytest.raises(ApiError, match="50013"):
        await playground.member("jonas").change_thread(mine, name="Jonas's")
    thread = await bot.fetch_channel(mine.id)
    assert isinstance(thread, discord.Thread)
    assert thread.name == "Still mine"
    await thread.join()
    assert playground.world.bot.id in {each.id for each in await thread.fetch_members()}
    await thread.delete()
    await asyncio.wait_for(gone.wait(), 30)
    assert channel.threads == []


async def test_interactions_work_in_a_thread(playground: Playground, clients: ClientFactory) -> None:
    places: list[object] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Where")
        async def where(interaction: discord.Interaction) -> None:
            places.append(interaction.channel)
            await interaction.response.send_message("here")

    await clients(prepare)
    mara = playground.member("mara")
    thread = await mara.start_thread("T", channel="stories")
    response = await mara.slash("where", channel=thread)

    assert response.text == "here"
    assert response.message is not None
    assert response.message.channel_id == thread.id
    assert isinstance(places[0], discord.Thread)


async def test_a_thread_cannot_hang_under_a_thread_or_category(
    playground: Playground, http: PlainHttp
) -> None:
    category = playground.channel("Workshop").id
    assert (await http("POST", f"/channels/{category}/threads", {"name": "T", "type": 11})).code == 50024
    assert (await http("POST", f"/channels/{category}/messages", {"content": "x"})).code == 50008
    bad = await http(
        "POST",
        f"/channels/{playground.channel('stories').id}/threads",
        {"name": "T", "auto_archive_duration": 61},
    )
    assert bad.error("auto_archive_duration") == "BASE_TYPE_CHOICES"


async def test_who_is_let_into_a_channel_learns_of_its_threads(
    playground: Playground, clients: ClientFactory
) -> None:
    playground.deny("stories", Permission.VIEW_CHANNEL)
    bot = await clients()
    mara = playground.member("mara")
    thread = await mara.start_thread("The crate", channel="stories")
    sleeping = await mara.start_thread("The lamp", channel="stories")
    await mara.change_thread(sleeping, archived=True)
    guild = bot.get_guild(playground.guild.id)
    assert guild is not None
    joined: asyncio.Future[discord.Thread] = asyncio.get_running_loop().create_future()

    async def on_thread_join(there: discord.Thread) -> None:
        joined.set_result(there)

    bot.event(on_thread_join)
    assert not list(guild.threads)
    playground.allow("stories")
    found = await asyncio.wait_for(joined, 30)

    assert [each.id for each in guild.threads] == [found.id] == [thread.id]
