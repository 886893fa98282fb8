"""How permissions are worked out, and what follows from losing them while at work."""

import asyncio

import discord
import pytest
from discord import app_commands
from hypothesis import given
from hypothesis import strategies as st

from bot.playground import ApiError, ClientRefusal, Clock, Permission, Playground
from bot.playground.permissions import ALL, NONE, for_sending, in_channel
from tests.playground.client import Bot, ClientFactory
from tests.playground.plain_http import PlainHttp

FLAGS = st.sets(st.sampled_from(list(Permission))).map(lambda flags: Permission(sum(flags)))


def seeded() -> Playground:
    playground = Playground(clock=Clock(frozen=True))
    _ = playground.seed
    return playground


@given(everyone=FLAGS, role_allow=FLAGS, role_deny=FLAGS, own_allow=FLAGS, own_deny=FLAGS)
def test_overwrites_apply_in_their_order(
    everyone: Permission,
    role_allow: Permission,
    role_deny: Permission,
    own_allow: Permission,
    own_deny: Permission,
) -> None:
    playground = seeded()
    world, guild = playground.world, playground.guild
    channel = playground.channel("general")
    moderator, role = playground.seed.moderator, playground.seed.moderator_role
    base = guild.roles[guild.id].permissions | role.permissions
    world.guilds.set_overwrite(channel, guild.roles[guild.id], deny=everyone)
    world.guilds.set_overwrite(channel, role, allow=role_allow, deny=role_deny)
    world.guilds.set_overwrite(channel, moderator, allow=own_allow, deny=own_deny)

    expected = base & ~everyone
    expected = (expected & ~role_deny) | role_allow
    expected = (expected & ~own_deny) | own_allow
    if Permission.VIEW_CHANNEL not in expected:
        expected = NONE
    # What overwrites allow never makes an administrator.
    assert in_channel(guild, channel, moderator.id) == expected


@given(denied=FLAGS)
def test_the_owner_and_administrators_can_do_everything(denied: Permission) -> None:
    playground = seeded()
    world, guild = playground.world, playground.guild
    channel = playground.channel("general")
    world.guilds.set_overwrite(channel, guild.roles[guild.id], deny=denied)
    playground.set_bot_permissions(Permission.ADMINISTRATOR)

    assert world.permissions(guild.owner_id, channel) == ALL
    assert world.permissions(world.bot.id, channel) == ALL


def test_who_cannot_send_can_neither_attach_nor_ping() -> None:
    allowed = Permission.VIEW_CHANNEL | Permission.ATTACH_FILES | Permission.MENTION_EVERYONE

    assert for_sending(allowed, thread=False) == Permission.VIEW_CHANNEL
    assert for_sending(allowed | Permission.SEND_MESSAGES_IN_THREADS, thread=True) & allowed == allowed


async def test_the_client_and_the_server_agree_on_permissions(
    playground: Playground, clients: ClientFactory
) -> None:
    bot = await clients()
    playground.deny("general", Permission.ATTACH_FILES)
    playground.deny("general", Permission.ADD_REACTIONS, playground.guild.roles[playground.guild.id])
    arrived = asyncio.create_task(bot.wait_for("message", timeout=30))
    await asyncio.sleep(0)  # the client listens from here on
    await playground.member("mara").say("x")  # comes after the changes, so they are known with it
    await arrived

    for channel in bot.guilds[0].text_channels:
        theirs = channel.permissions_for(bot.guilds[0].me).value & sum(Permission)
        ours = playground.world.permissions(playground.world.bot.id, playground.channel(channel.name))
        assert theirs == int(ours), channel.name


async def test_commands_are_offered_to_who_may_use_them(
    playground: Playground, clients: ClientFactory
) -> None:
    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="For moderators")
        @app_commands.default_permissions(manage_guild=True)
        async def settings(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("ok")

        @bot.tree.command(description="Not in direct messages")
        @app_commands.guild_only()
        async def here(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("ok")

        @bot.tree.command(description="Anywhere")
        async def anywhere(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("ok")

    await clients(prepare)
    mara, ines = playground.member("mara"), playground.member("ines")

    assert {each.name for each in mara.commands()} == {"here", "anywhere"}
    assert {each.name for each in ines.commands()} == {"settings", "here", "anywhere"}
    assert {each.name for each in mara.commands(mara.direct())} == {"settings", "anywhere"}
    with pytest.raises(ClientRefusal, match="not offered"):
        await mara.slash("settings")
    assert (await mara.slash("anywhere", channel=mara.direct())).text == "ok"
    playground.deny("general", Permission.USE_APPLICATION_COMMANDS, mara.user)
    assert mara.commands("general") == ()
    playground.remove_member("inkcircle")
    assert ines.commands() == ()


async def test_an_answer_needs_no_permission_in_the_channel_but_a_message_does(
    playground: Playground, clients: ClientFactory
) -> None:
    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Try both")
        async def both(interaction: discord.Interaction) -> None:
            assert not interaction.app_permissions.send_messages
            await interaction.response.send_message("answer")
            assert isinstance(interaction.channel, discord.TextChannel)
            try:
                await interaction.channel.send("message")
            except discord.Forbidden as refused:
                await interaction.followup.send(f"refused with {refused.code}")

    await clients(prepare)
    playground.deny("general", Permission.SEND_MESSAGES)
    response = await playground.member("mara").slash("both")
    await response.until(lambda each: len(each.followups) == 1)

    assert response.text == "answer"
    assert response.followups[0].text == "refused with 50013"


async def test_nobody_hands_out_what_they_do_not_have(playground: Playground, http: PlainHttp) -> None:
    channel = playground.channel("general")
    path = f"/channels/{channel.id}/permissions/{playground.guild.id}"
    body = {"type": 0, "allow": str(int(Permission.MENTION_EVERYONE)), "deny": "0"}

    assert (await http("PUT", path, body)).code == 50013
    playground.set_bot_permissions(Permission.MANAGE_ROLES)
    assert (await http("PUT", path, body)).code == 50013
    playground.set_bot_permissions(Permission.MANAGE_ROLES | Permission.MENTION_EVERYONE)
    assert (await http("PUT", path, body)).status == 204
    assert Permission.MENTION_EVERYONE in playground.world.permissions(playground.seed.writer.id, channel)
    assert (await http("DELETE", path)).status == 204
    assert (await http("DELETE", path)).code == 10009


async def test_roles_are_given_only_below_ones_own(playground: Playground, clients: ClientFactory) -> None:
    intents = discord.Intents.default()
    intents.members = True
    bot = await clients(intents=intents)
    playground.set_bot_permissions(Permission.MANAGE_ROLES | Permission.KICK_MEMBERS)
    mara = bot.guilds[0].get_member_named("mara")
    role = bot.guilds[0].get_role(playground.seed.moderator_role.id)
    assert mara is not None
    assert role is not None

    await mara.add_roles(role)
    assert role.id in playground.guild.members[mara.id].roles
    await mara.remove_roles(role)
    assert role.id not in playground.guild.members[mara.id].roles
    higher = playground.world.guilds.add_role(playground.guild, "Higher")
    with pytest.raises(discord.Forbidden):
        await mara.add_roles(discord.Object(higher.id))
    await mara.kick()
    assert mara.id not in playground.guild.members


async def test_names_are_changed_only_below_ones_own(playground: Playground, http: PlainHttp) -> None:
    playground.set_bot_permissions(Permission.MANAGE_NICKNAMES)
    members = f"/guilds/{playground.guild.id}/members"
    mara = playground.member("mara").user.id
    named = await http("PATCH", f"{members}/{mara}", {"nick": "Mara of the lamps"})
    refused = await http("PATCH", f"{members}/{playground.guild.owner_id}", {"nick": "Landlord"})

    assert (named.status, refused.code) == (200, 50013)
    assert playground.guild.members[playground.guild.owner_id].nick is None


async def test_channels_are_made_changed_and_deleted(playground: Playground, clients: ClientFactory) -> None:
    bot = await clients()
    guild = bot.guilds[0]
    with pytest.raises(discord.Forbidden):
        await guild.create_text_channel("new place")
    playground.set_bot_permissions(Permission.MANAGE_CHANNELS)
    channel = await guild.create_text_channel("New Place", topic="t", category=guild.categories[0])
    mara = playground.member("mara")

    assert mara.channel("new-place").topic == "t"
    await channel.edit(name="other", slowmode_delay=5)
    assert mara.channel("other").slowmode_seconds == 5
    await channel.delete()
    with pytest.raises(ApiError, match="50001"):
        mara.channel("other")


async def test_without_the_portals_leave_even_rest_hides_words(
    playground: Playground, clients: ClientFactory
) -> None:
    playground.world.application.privileged_intents &= ~playground.world.application.privileged_intents
    bot = await clients()
    channel = bot.get_channel(playground.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    mara = playground.member("mara")
    said = await mara.say("private words")
    told = await mara.say(f"{playground.world.bot.mention} told")

    assert (await channel.fetch_message(said.id)).content == ""
    assert (await channel.fetch_message(told.id)).content.endswith("told")
