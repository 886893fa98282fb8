"""Messages, reactions, pins, history and pings, seen by the client and by members."""

import asyncio
import io

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playground import ApiError, Clock, Permission, Playground, Upload
from bot.playground.forms import MessageForm
from bot.playground.history import page
from bot.playground.model import Channel
from bot.playground.world import World
from tests.playground.client import Bot, ClientFactory
from tests.playground.plain_http import PlainHttp


def text_channel(bot: Bot, playground: Playground, name: str = "general") -> discord.TextChannel:
    channel = bot.get_channel(playground.channel(name).id)
    assert isinstance(channel, discord.TextChannel)
    return channel


async def test_messages_are_sent_changed_and_deleted(playground: Playground, clients: ClientFactory) -> None:
    channel = text_channel(await clients(), playground)
    mara = playground.member("mara")

    sent = await channel.send("one", embed=discord.Embed(title="Title", description="Text"))
    assert mara.messages()[-1].text == "one\nTitle\nText"
    await sent.edit(content="two", embed=None)
    seen = mara.messages()[-1]
    assert (seen.text, seen.embeds) == ("two", ())
    assert seen.edited_at is not None
    await sent.delete()
    assert mara.messages() == ()


async def test_an_edit_keeps_drops_and_adds_files(playground: Playground, clients: ClientFactory) -> None:
    channel = text_channel(await clients(), playground)
    mara = playground.member("mara")

    def names() -> list[str]:
        return [file.filename for file in mara.messages()[-1].attachments]

    sent = await channel.send(files=[discord.File(io.BytesIO(b"1"), name) for name in ("a.txt", "b.txt")])
    assert names() == ["a.txt", "b.txt"]
    sent = await sent.edit(content="still there")
    assert names() == ["a.txt", "b.txt"]
    sent = await sent.edit(attachments=[sent.attachments[1], discord.File(io.BytesIO(b"3"), "c.txt")])
    assert names() == ["b.txt", "c.txt"]
    assert await sent.attachments[1].read() == b"3"


async def test_history_pages_both_ways_and_around(playground: Playground, clients: ClientFactory) -> None:
    channel = text_channel(await clients(), playground)
    mara = playground.member("mara")
    ids = [(await mara.say(f"m{n}")).id for n in range(7)]

    async def page(**limits: object) -> list[int]:
        return [ids.index(each.id) for each in [m async for m in channel.history(**limits)]]  # type: ignore[arg-type]

    at = discord.Object(ids[3])
    assert await page(limit=3) == [6, 5, 4]
    assert await page(limit=2, before=at) == [2, 1]
    assert await page(limit=2, after=at) == [4, 5]
    assert await page(limit=3, around=at) == [4, 3, 2]
    assert await page(oldest_first=True) == list(range(7))


async def test_history_is_closed_without_its_permission(
    playground: Playground, clients: ClientFactory
) -> None:
    channel = text_channel(await clients(), playground)
    said = await playground.member("mara").say("x")
    playground.deny("general", Permission.READ_MESSAGE_HISTORY)

    assert [m async for m in channel.history()] == []
    with pytest.raises(discord.Forbidden) as refused:
        await channel.fetch_message(said.id)
    assert refused.value.code == 50013


async def test_pins(playground: Playground, clients: ClientFactory) -> None:
    channel = text_channel(await clients(), playground)
    sent = await channel.send("keep")
    with pytest.raises(discord.Forbidden):
        await sent.pin()
    playground.set_bot_permissions(Permission.PIN_MESSAGES)
    await sent.pin()

    assert [message.id async for message in channel.pins()] == [sent.id]
    assert playground.member("mara").message(sent.id).pinned
    await sent.unpin()
    assert [message.id async for message in channel.pins()] == []


async def test_many_messages_are_deleted_at_once(playground: Playground, clients: ClientFactory) -> None:
    bot = await clients()
    channel = text_channel(bot, playground)
    mara = playground.member("mara")
    for n in range(3):
        await mara.say(str(n))
    with pytest.raises(discord.Forbidden):
        await channel.purge(limit=2)
    playground.set_bot_permissions(Permission.MANAGE_MESSAGES)
    await channel.purge(limit=2)
    assert [message.text for message in mara.messages()] == ["0"]


async def test_old_messages_are_not_deleted_in_bulk(playground: Playground, http: PlainHttp) -> None:
    playground.set_bot_permissions(Permission.MANAGE_MESSAGES)
    mara = playground.member("mara")
    ids = [str((await mara.say(str(n))).id) for n in range(2)]
    path = f"/channels/{playground.channel('general').id}/messages/bulk-delete"

    assert (await http("POST", path, {"messages": ids[:1]})).code == 50016
    playground.clock.advance(14 * 24 * 60 * 60 + 1)
    assert (await http("POST", path, {"messages": ids})).code == 50034


async def test_reactions_go_both_ways(playground: Playground, clients: ClientFactory) -> None:
    bot = await clients()
    channel = text_channel(bot, playground)
    mara = playground.member("mara")
    told: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    async def on_raw_reaction_add(event: discord.RawReactionActionEvent) -> None:
        told.put_nowait(("add", str(event.emoji)))

    async def on_raw_reaction_remove(event: discord.RawReactionActionEvent) -> None:
        told.put_nowait(("remove", str(event.emoji)))

    bot.event(on_raw_reaction_add)
    bot.event(on_raw_reaction_remove)
    sent = await channel.send("x")
    await mara.react(sent.id, "❤️")
    await sent.add_reaction("👍")
    await mara.unreact(sent.id, "❤️")

    assert [await asyncio.wait_for(told.get(), 30) for _ in range(3)] == [
        ("add", "❤️"),
        ("add", "👍"),
        ("remove", "❤️"),
    ]
    fetched = await channel.fetch_message(sent.id)
    assert [(str(each.emoji), each.count, each.me) for each in fetched.reactions] == [("👍", 1, True)]
    assert [user.id async for user in fetched.reactions[0].users()] == [playground.world.bot.id]
    with pytest.raises(discord.HTTPException) as refused:
        await sent.add_reaction("no emoji")
    assert refused.value.code == 10014


async def test_typing_is_allowed_where_sending_is(playground: Playground, clients: ClientFactory) -> None:
    channel = text_channel(await clients(), playground)
    async with channel.typing():
        pass
    playground.deny("general", Permission.SEND_MESSAGES)
    with pytest.raises(discord.Forbidden):
        await channel.typing()


async def test_the_bot_writes_to_a_person(playground: Playground, clients: ClientFactory) -> None:
    bot = await clients()
    mara = playground.member("mara")
    user = await bot.fetch_user(mara.user.id)
    sent = await user.send("just for you")

    assert [message.text for message in mara.messages(mara.direct())] == ["just for you"]
    assert sent.channel.id == mara.direct().id
    with pytest.raises(ApiError, match="50001"):
        playground.member("jonas").channel(mara.direct())


async def test_pings_need_leave_and_permission(playground: Playground, clients: ClientFactory) -> None:
    channel = text_channel(await clients(), playground)
    mara, role = playground.member("mara"), playground.seed.moderator_role
    text = f"{mara.user.mention} <@&{role.id}> @everyone `<@{playground.seed.moderator.id}>`"

    async def pings(**how: discord.AllowedMentions) -> tuple[bool, bool, bool]:
        sent = await channel.send(text, **how)  # type: ignore[call-overload]
        found = mara.message(sent.id).pings
        return (found.users == {mara.user.id}, found.roles == {role.id}, found.everyone)

    assert await pings() == (True, True, False)
    assert await pings(allowed_mentions=discord.AllowedMentions.none()) == (False, False, False)
    assert await pings(allowed_mentions=discord.AllowedMentions(roles=False)) == (True, False, False)
    playground.set_bot_permissions(Permission.MENTION_EVERYONE)
    assert await pings() == (True, True, True)
    assert await pings(allowed_mentions=discord.AllowedMentions(everyone=False)) == (True, True, False)


async def test_a_reply_pings_only_when_it_should(playground: Playground, clients: ClientFactory) -> None:
    bot = await clients()
    channel = text_channel(bot, playground)
    mara = playground.member("mara")
    said = await mara.say("x")
    message = await channel.fetch_message(said.id)

    loud = await message.reply("loud", mention_author=True)
    quiet = await message.reply("quiet", mention_author=False)

    assert mara.message(loud.id).pings.users == {mara.user.id}
    assert not mara.message(quiet.id).pings
    assert quiet.reference is not None
    assert quiet.reference.message_id == said.id


async def test_slow_mode_holds_members_up_and_not_the_bot(
    playground: Playground, clients: ClientFactory
) -> None:
    channel = text_channel(await clients(), playground)
    playground.channel("general").slowmode_seconds = 10
    mara, ines = playground.member("mara"), playground.member("ines")

    await mara.say("one")
    with pytest.raises(ApiError, match="20016"):
        await mara.say("two")
    for _ in range(2):
        await channel.send("x")
        await ines.say("x")
    playground.clock.advance(10)
    await mara.say("three")


async def test_members_are_held_to_the_same_rules(playground: Playground) -> None:
    mara, jonas = playground.member("mara"), playground.member("jonas")
    with pytest.raises(ApiError, match="50035"):
        await mara.say("x" * 2_001)
    with pytest.raises(ApiError, match="50006"):
        await mara.say("")
    said = await mara.say("mine")
    with pytest.raises(ApiError, match="50005"):
        await jonas.edit(said, "yours")
    with pytest.raises(ApiError, match="50013"):
        await jonas.delete(said)
    playground.deny("general", Permission.SEND_MESSAGES, jonas.user)
    with pytest.raises(ApiError, match="50013"):
        await jonas.say("x")
    await playground.member("ines").delete(said)
    with pytest.raises(ApiError, match="10008"):
        mara.message(said)


async def test_who_leaves_sees_nothing_more(playground: Playground) -> None:
    mara = playground.member("mara")
    await mara.say("x")
    await mara.leave()

    assert mara.channels() == ()
    assert mara.guilds() == ()
    assert "Mara" not in {
        user.display_name for user in map(playground.world.users.get, playground.guild.members) if user
    }


def _world() -> tuple[World, Channel]:
    playground = Playground(clock=Clock(frozen=True))
    return playground.world, playground.channel("general")


@settings(max_examples=30, deadline=None)
@given(count=st.integers(0, 12), limit=st.integers(1, 12), pivot=st.integers(0, 11))
def test_pages_of_history_join_to_the_whole(count: int, limit: int, pivot: int) -> None:
    world, channel = _world()
    ids = [world.messages.post(world.bot.id, channel, MessageForm(content=str(n))).id for n in range(count)]
    at = ids[pivot] if pivot < count else world.ids.new()

    pages: list[int] = []
    before = None
    messages = world.messages.everybodys(channel)
    while found := page(messages, before=before, limit=limit):
        pages += [message.id for message in found]
        before = found[-1].id
    assert pages == ids[::-1]
    newer = {message.id for message in page(messages, after=at, limit=100)}
    older = {message.id for message in page(messages, before=at, limit=100)}
    assert newer | older | {at} == {*ids, at}
    assert not newer & older


async def test_a_picture_tells_its_size(playground: Playground) -> None:
    png = (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (3).to_bytes(4, "big") + (2).to_bytes(4, "big") + b"\x08\x02\0\0\0"
    )
    said = await playground.member("mara").say(files=[Upload("p.png", png)])

    (file,) = said.attachments
    assert (file.content_type, file.width, file.height) == ("image/png", 3, 2)
