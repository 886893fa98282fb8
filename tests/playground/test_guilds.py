"""Several servers, and coming and going in them."""

import asyncio

import discord
import pytest

from bot.playground import ApiError, ClientRefusal, Permission, Playground
from tests.playground.client import Bot, ClientFactory
from tests.playground.plain_http import PlainHttp

MEMBERS = discord.Intents(guilds=True, members=True, moderation=True)


class News:
    """What a client was told of servers and people."""

    def __init__(self) -> None:
        self._told: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    def prepare(self, bot: Bot) -> None:
        async def on_guild_join(guild: discord.Guild) -> None:
            self._told.put_nowait(("joined", guild.name))

        async def on_guild_remove(guild: discord.Guild) -> None:
            self._told.put_nowait(("removed", guild.name))

        async def on_member_join(member: discord.Member) -> None:
            self._told.put_nowait(("member joined", member.display_name))

        async def on_raw_member_remove(event: discord.RawMemberRemoveEvent) -> None:
            self._told.put_nowait(("member gone", event.user.display_name))

        async def on_member_ban(_guild: discord.Guild, user: discord.User) -> None:
            self._told.put_nowait(("banned", user.display_name))

        async def on_member_unban(_guild: discord.Guild, user: discord.User) -> None:
            self._told.put_nowait(("unbanned", user.display_name))

        for each in (
            on_guild_join,
            on_guild_remove,
            on_member_join,
            on_raw_member_remove,
            on_member_ban,
            on_member_unban,
        ):
            bot.event(each)

    async def next(self) -> tuple[str, str]:
        return await asyncio.wait_for(self._told.get(), 30)


async def test_the_bot_joins_and_is_kicked(playground: Playground, clients: ClientFactory) -> None:
    news = News()
    bot = await clients(news.prepare)
    second = playground.add_guild("Poets", members=["mara"], moderators=["jonas"])
    assert await news.next() == ("joined", "Poets")
    known = bot.get_guild(second.id)
    assert known is not None
    assert known.me.guild_permissions.create_public_threads
    assert {channel.name for channel in known.text_channels} == {"general", "workshop", "stories"}
    playground.remove_bot(second)
    assert await news.next() == ("removed", "Poets")
    playground.invite_bot(second)
    assert await news.next() == ("joined", "Poets")
    await bot.guilds[-1].leave()
    assert await news.next() == ("removed", "Poets")
    assert [guild.name for guild in bot.guilds] == ["Writing circle"]


async def test_a_server_without_the_bot_is_not_there_for_it(
    playground: Playground, http: PlainHttp, clients: ClientFactory
) -> None:
    bot = await clients()
    other = playground.add_guild("Elsewhere", members=["mara"], with_bot=False)
    channel = playground.channel("general", other)
    await playground.member("mara").say("among ourselves", channel=channel)

    assert bot.get_guild(other.id) is None
    assert (await http("GET", f"/guilds/{other.id}")).code == 10004
    assert (await http("GET", f"/channels/{channel.id}/messages")).code == 50001
    assert [each["name"] for each in (await http("GET", "/users/@me/guilds")).body] == ["Writing circle"]


async def test_one_member_in_two_servers_has_the_roles_of_each(
    playground: Playground, clients: ClientFactory
) -> None:
    allowed: list[bool] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Say what I may")
        async def may(interaction: discord.Interaction) -> None:
            assert interaction.guild is not None
            allowed.append(interaction.permissions.manage_guild)
            await interaction.response.send_message(interaction.guild.name)

    await clients(prepare)
    poets = playground.add_guild("Poets", moderators=["mara"])
    mara = playground.member("mara")
    here = await mara.slash("may", channel=playground.channel("general"))
    there = await mara.slash("may", channel=playground.channel("general", poets))

    assert (here.text, there.text) == ("Writing circle", "Poets")
    assert allowed == [False, True]
    assert Permission.MANAGE_GUILD in mara.permissions(playground.channel("general", poets))


async def test_members_come_go_and_are_banned(playground: Playground, clients: ClientFactory) -> None:
    news = News()
    await clients(news.prepare, intents=MEMBERS)
    playground.add_member("Petra")
    assert await news.next() == ("member joined", "Petra")
    await playground.member("petra").leave(playground.guild)
    assert await news.next() == ("member gone", "Petra")
    playground.ban("jonas")
    assert await news.next() == ("member gone", "Jonas")
    assert await news.next() == ("banned", "Jonas")
    world, jonas = playground.world, playground.member("jonas").user
    with pytest.raises(ApiError, match="40007"):
        world.guilds.add_member(playground.guild, jonas)
    world.guilds.unban(playground.guild, jonas)
    assert await news.next() == ("unbanned", "Jonas")
    world.guilds.add_member(playground.guild, jonas)
    assert await news.next() == ("member joined", "Jonas")


async def test_bans_over_rest(playground: Playground, http: PlainHttp) -> None:
    playground.set_bot_permissions(Permission.BAN_MEMBERS)
    bans = f"/guilds/{playground.guild.id}/bans"
    jonas = playground.member("jonas").user.id
    done = await http("PUT", f"{bans}/{jonas}", {}, headers={"X-Audit-Log-Reason": "too%20loud"})

    assert done.status == 204
    assert [each["reason"] for each in (await http("GET", bans)).body] == ["too loud"]
    assert (await http("GET", f"{bans}/{jonas}")).body["user"]["id"] == str(jonas)
    assert (await http("DELETE", f"{bans}/{jonas}", {})).status == 204
    assert (await http("GET", f"{bans}/{jonas}")).code == 10026
    # Nobody bans who stands higher.
    assert (await http("PUT", f"{bans}/{playground.guild.owner_id}", {})).code == 50013


async def test_who_is_timed_out_reads_and_no_more(playground: Playground, clients: ClientFactory) -> None:
    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Answer")
        async def ping(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("pong")

    bot = await clients(prepare, intents=MEMBERS)
    playground.time_out("mara", 60)
    mara = playground.member("mara")

    with pytest.raises(ApiError, match="50013"):
        await mara.say("x", channel="general")
    with pytest.raises(ClientRefusal, match="not offered"):
        await mara.slash("ping", channel="general")
    member = await bot.guilds[0].fetch_member(mara.user.id)
    assert member.timed_out_until is not None
    playground.clock.advance(61)
    assert (await mara.slash("ping", channel="general")).text == "pong"
