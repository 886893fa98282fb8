"""Further ways in which the unmodified client uses the server: shards, guild commands, views, follow-ups."""

import asyncio
import io

import discord
import pytest
from discord import app_commands, ui

from bot.playground import ClientRefusal, Permission, Playground
from bot.playground.components import Checkbox, CheckboxGroup, RadioGroup
from tests.playground.client import Bot, ClientFactory, redirected
from tests.playground.plain_http import PlainHttp


def label(component: dict[str, object]) -> dict[str, object]:
    return {"type": 18, "label": "L", "component": component}


async def test_a_sharded_client_asks_for_the_gateway(playground: Playground) -> None:
    client = discord.AutoShardedClient(intents=discord.Intents.default(), guild_ready_timeout=0.05)
    ready = asyncio.Event()

    async def on_ready() -> None:
        ready.set()

    client.event(on_ready)
    with redirected(playground):
        task = asyncio.create_task(client.start(playground.bot_token))
        await asyncio.wait_for(ready.wait(), 30)
        assert [guild.id for guild in client.guilds] == [playground.guild.id]
        await client.close()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_wrong_token_does_not_log_in(playground: Playground) -> None:
    client = discord.Client(intents=discord.Intents.default())
    with redirected(playground), pytest.raises(discord.LoginFailure):
        await client.login("nonsense")
    await client.close()


async def test_commands_of_a_guild_stand_before_global_ones(
    playground: Playground, clients: ClientFactory
) -> None:
    def prepare(bot: Bot) -> None:
        guild = discord.Object(playground.guild.id)

        @bot.tree.command(description="Global")
        async def which(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("global")

        @app_commands.command(name="which", description="Of the guild")
        async def own(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("guild")

        bot.tree.add_command(own, guild=guild)

    bot = await clients(prepare)
    await bot.tree.sync(guild=discord.Object(playground.guild.id))
    mara = playground.member("mara")

    assert [each.description for each in mara.commands()] == ["Of the guild"]
    assert (await mara.slash("which")).text == "guild"
    fetched = await bot.tree.fetch_commands(guild=discord.Object(playground.guild.id))
    assert [each.name for each in fetched] == ["which"]


async def test_follow_ups_are_fetched_changed_and_deleted(
    playground: Playground, clients: ClientFactory
) -> None:
    done = asyncio.Event()

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Follow up")
        async def go(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("first", ephemeral=True)
            one = await interaction.followup.send("one", ephemeral=True, wait=True)
            two = await interaction.followup.send(
                "two", wait=True, file=discord.File(io.BytesIO(b"x"), "x.txt")
            )
            await one.edit(content="one, changed")
            assert (await interaction.followup.fetch_message(two.id)).content == "two"
            await two.delete()
            done.set()

    await clients(prepare)
    mara = playground.member("mara")
    response = await mara.slash("go")
    await asyncio.wait_for(done.wait(), 30)

    assert [each.text for each in response.followups] == ["one, changed"]
    assert [each.text for each in mara.messages()] == ["first", "one, changed"]
    assert playground.member("jonas").messages() == ()


async def test_a_deferred_answer_becomes_a_layout(playground: Playground, clients: ClientFactory) -> None:
    class Letter(ui.LayoutView):
        def __init__(self) -> None:
            super().__init__(timeout=None)
            self.add_item(ui.TextDisplay("Dear writer"))
            row: ui.ActionRow[Letter] = ui.ActionRow()
            button: ui.Button[Letter] = ui.Button(label="Thanks", custom_id="thanks")

            async def pressed(interaction: discord.Interaction) -> None:
                await interaction.response.send_message("Thank you", ephemeral=True)

            button.callback = pressed  # type: ignore[method-assign]
            row.add_item(button)
            self.add_item(row)

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Write")
        async def write(interaction: discord.Interaction) -> None:
            await interaction.response.defer(ephemeral=True)
            await interaction.edit_original_response(view=Letter())

    await clients(prepare)
    mara = playground.member("mara")
    answer = await (await mara.slash("write")).finished()

    assert (answer.text, answer.ephemeral) == ("Dear writer", True)
    thanks = await mara.press(answer, "Thanks")
    assert thanks.text == "Thank you"
    with pytest.raises(Exception, match="10008"):
        await playground.member("jonas").press(answer, "Thanks")


async def test_choices_in_sight_and_ticks_in_a_modal(playground: Playground, clients: ClientFactory) -> None:
    found: asyncio.Queue[tuple[object, ...]] = asyncio.Queue()

    class Form(ui.Modal, title="Consent"):
        def __init__(self) -> None:
            super().__init__()
            self.one: ui.RadioGroup[Form] = ui.RadioGroup(
                options=[discord.RadioGroupOption(label="Yes"), discord.RadioGroupOption(label="No")]
            )
            self.many: ui.CheckboxGroup[Form] = ui.CheckboxGroup(
                options=[discord.CheckboxGroupOption(label=each) for each in ("a", "b", "c")]
            )
            self.tick: ui.Checkbox[Form] = ui.Checkbox()
            for text, item in (("One", self.one), ("Many", self.many), ("Tick", self.tick)):
                self.add_item(ui.Label(text=text, component=item))

        async def on_submit(self, interaction: discord.Interaction) -> None:
            found.put_nowait((self.one.value, sorted(self.many.values), self.tick.value))
            await interaction.response.defer(ephemeral=True, thinking=True)
            await interaction.followup.send("noted")

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Ask")
        async def ask(interaction: discord.Interaction) -> None:
            await interaction.response.send_modal(Form())

    await clients(prepare)
    mara = playground.member("mara")
    modal = (await mara.slash("ask")).modal
    assert modal is not None
    assert [type(field) for _, field in modal.fields] == [RadioGroup, CheckboxGroup, Checkbox]
    with pytest.raises(ClientRefusal, match="required"):
        await mara.submit(modal, {"Many": ["a"]})
    response = await mara.submit(modal, {"One": "No", "Many": ["a", "c"], "Tick": True})

    assert await found.get() == ("No", ["a", "c"], True)
    assert (await response.finished()).text == "noted"


async def test_a_modal_from_a_button_updates_the_message(
    playground: Playground, clients: ClientFactory
) -> None:
    class Rename(ui.Modal, title="Rename"):
        name: ui.TextInput["Rename"] = ui.TextInput(label="Name")

        async def on_submit(self, interaction: discord.Interaction) -> None:
            await interaction.response.edit_message(content=f"renamed to {self.name.value}")

    class Panel(ui.View):
        @ui.button(label="Rename")
        async def rename(self, interaction: discord.Interaction, _button: ui.Button["Panel"]) -> None:
            await interaction.response.send_modal(Rename())

    bot = await clients()
    channel = bot.get_channel(playground.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    sent = await channel.send("old", view=Panel())
    mara = playground.member("mara")
    modal = (await mara.press(sent.id, "Rename")).modal
    assert modal is not None
    await mara.submit(modal, name="New")

    assert mara.message(sent.id).text == "renamed to New"


@pytest.fixture
async def interactions(clients: ClientFactory) -> asyncio.Queue[discord.Interaction]:
    """Give the interactions of a command that leaves its answer to the test."""
    taken: asyncio.Queue[discord.Interaction] = asyncio.Queue()

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Take")
        async def take(interaction: discord.Interaction) -> None:
            taken.put_nowait(interaction)

    await clients(prepare)
    return taken


@pytest.mark.parametrize(
    ("modal", "fault"),
    [
        ({"title": "T" * 46}, (("data", "title"), "BASE_TYPE_MAX_LENGTH")),
        ({"custom_id": ""}, (("data", "custom_id"), "BASE_TYPE_MIN_LENGTH")),
        ({"components": []}, (("data", "components"), "BASE_TYPE_MIN_LENGTH")),
        (
            {"components": [label({"type": 2, "style": 1, "label": "x"})]},
            (("data", "components", "0", "component"), "UNION_TYPE_CHOICES"),
        ),
        (
            {"components": [label({"type": 19, "custom_id": "f"})] * 2},
            (("components", "1", "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED"),
        ),
        (
            {"components": [label({"type": 19, "custom_id": "f", "max_values": 11})]},
            (("data", "components", "0", "component", "max_values"), "NUMBER_TYPE_MAX"),
        ),
    ],
)
async def test_an_invalid_modal_names_its_fault(
    playground: Playground,
    interactions: asyncio.Queue[discord.Interaction],
    http: PlainHttp,
    modal: dict[str, object],
    fault: tuple[tuple[str, ...], str],
) -> None:
    calling = asyncio.create_task(playground.member("mara").slash("take"))
    interaction = await interactions.get()
    whole = {
        "custom_id": "m",
        "title": "T",
        "components": [label({"type": 4, "style": 1, "custom_id": "t"})],
        **modal,
    }
    answer = await http(
        "POST", f"/interactions/{interaction.id}/{interaction.token}/callback", {"type": 9, "data": whole}
    )
    await interaction.response.send_message("x")
    await calling

    path, code = fault
    assert answer.error(*path) == code


async def test_embeds_and_replies_need_their_permissions(
    playground: Playground, clients: ClientFactory
) -> None:
    bot = await clients()
    channel = bot.get_channel(playground.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    said = await playground.member("mara").say("x")
    playground.deny("general", Permission.EMBED_LINKS | Permission.READ_MESSAGE_HISTORY)

    with pytest.raises(discord.Forbidden) as embed:
        await channel.send(embed=discord.Embed(title="x"))
    with pytest.raises(discord.Forbidden) as reply:
        await channel.send("x", reference=discord.MessageReference(message_id=said.id, channel_id=channel.id))
    assert (embed.value.code, reply.value.code) == (50013, 160002)


async def test_a_channel_that_vanishes_while_the_bot_works(
    playground: Playground, clients: ClientFactory
) -> None:
    taken: asyncio.Queue[discord.Interaction] = asyncio.Queue()

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Take")
        async def take(interaction: discord.Interaction) -> None:
            await interaction.response.defer()
            taken.put_nowait(interaction)

    await clients(prepare)
    response = await playground.member("mara").slash("take")
    interaction = await taken.get()
    playground.delete_channel("general")

    with pytest.raises(discord.NotFound) as edit:
        await interaction.edit_original_response(content="x")
    with pytest.raises(discord.NotFound) as more:
        await interaction.followup.send("x")
    assert (edit.value.code, more.value.code) == (10008, 10003)
    assert response.message is None


async def test_a_member_who_leaves_while_the_bot_works(
    playground: Playground, clients: ClientFactory
) -> None:
    taken: asyncio.Queue[discord.Interaction] = asyncio.Queue()

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Take")
        async def take(interaction: discord.Interaction) -> None:
            await interaction.response.defer(ephemeral=True)
            taken.put_nowait(interaction)

    await clients(prepare)
    mara = playground.member("mara")
    await mara.slash("take")
    interaction = await taken.get()
    await mara.leave()
    await interaction.edit_original_response(content="nobody reads this")

    assert mara.channels() == ()
