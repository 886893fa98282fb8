"""Buttons, menus, modals, context menus: what a member does, and what the client makes of it."""

import asyncio
import io
from typing import Any, TypeAlias

import discord
import pytest
from discord import app_commands, ui

from bot.playground import ClientRefusal, Playground, Upload
from bot.playground.components import Container
from tests.playground.client import Bot, ClientFactory


class Counter(ui.View):
    """A view with a button that counts and every kind of select menu."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.count = 0
        self.chosen: list[object] = []

    @ui.button(label="More", custom_id="more")
    async def more(self, interaction: discord.Interaction, _button: ui.Button["Counter"]) -> None:
        self.count += 1
        await interaction.response.edit_message(content=f"count {self.count}")

    @ui.button(label="Later")
    async def later(self, interaction: discord.Interaction, _button: ui.Button["Counter"]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="later")

    @ui.button(label="Stuck", disabled=True)
    async def stuck(self, _interaction: discord.Interaction, _button: ui.Button["Counter"]) -> None:
        raise AssertionError

    @ui.select(
        placeholder="Colours",
        max_values=2,
        options=[discord.SelectOption(label=name, value=name[0]) for name in ("Red", "Green", "Blue")],
    )
    async def colours(self, interaction: discord.Interaction, select: ui.Select["Counter"]) -> None:
        self.chosen = list(select.values)
        await interaction.response.send_message(" and ".join(select.values), ephemeral=True)

    @ui.select(cls=ui.UserSelect, placeholder="People")
    async def people(self, interaction: discord.Interaction, select: ui.UserSelect["Counter"]) -> None:
        self.chosen = list(select.values)
        await interaction.response.defer()

    @ui.select(cls=ui.ChannelSelect, placeholder="Places", channel_types=[discord.ChannelType.text])
    async def places(self, interaction: discord.Interaction, select: ui.ChannelSelect["Counter"]) -> None:
        self.chosen = list(select.values)
        await interaction.response.defer()

    @ui.select(cls=ui.MentionableSelect, placeholder="Anybody")
    async def anybody(
        self, interaction: discord.Interaction, select: ui.MentionableSelect["Counter"]
    ) -> None:
        self.chosen = list(select.values)
        await interaction.response.defer()


Field: TypeAlias = ui.Label["Questions"]


class Questions(ui.Modal, title="Questions"):
    """A modal with every kind of field that the client knows."""

    intro: ui.TextDisplay[Any] = ui.TextDisplay("Tell **us**")
    name: Field = ui.Label(text="Name", component=ui.TextInput(min_length=2, max_length=10))
    genre: Field = ui.Label(
        text="Genre",
        component=ui.Select(
            options=[discord.SelectOption(label="Crime"), discord.SelectOption(label="Fairy tale")]
        ),
    )
    friend: Field = ui.Label(text="Friend", component=ui.UserSelect(required=False))
    files: Field = ui.Label(text="Files", component=ui.FileUpload(min_values=1, max_values=2))

    def __init__(self, answers: asyncio.Queue[dict[str, object]]) -> None:
        super().__init__()
        self.answers = answers

    async def on_submit(self, interaction: discord.Interaction) -> None:
        components = {label.text: label.component for label in self.children if isinstance(label, ui.Label)}
        found: dict[str, object] = {}
        for text, component in components.items():
            if isinstance(component, ui.TextInput):
                found[text] = component.value
            elif isinstance(component, ui.FileUpload):
                found[text] = [(each.filename, await each.read()) for each in component.values]
            elif isinstance(component, ui.Select | ui.UserSelect):
                found[text] = [getattr(each, "name", each) for each in component.values]
        self.answers.put_nowait(found)
        await interaction.response.send_message("thanks", ephemeral=True)


async def test_a_button_changes_its_message(playground: Playground, clients: ClientFactory) -> None:
    bot = await clients()
    channel = bot.get_channel(playground.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    sent = await channel.send("count 0", view=Counter())
    mara = playground.member("mara")

    response = await mara.press(sent.id, "More")
    await mara.press(sent.id, "more")

    assert mara.message(sent.id).text == "count 2"
    assert response.message is not None
    assert response.message.id == sent.id
    assert mara.message(sent.id).edited_at is not None


async def test_a_deferred_update_edits_the_message_later(
    playground: Playground, clients: ClientFactory
) -> None:
    bot = await clients()
    channel = bot.get_channel(playground.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    sent = await channel.send("now", view=Counter())

    response = await playground.member("mara").press(sent.id, "Later")
    await response.until(lambda each: each.text == "later")


async def test_a_disabled_or_unknown_button_cannot_be_pressed(
    playground: Playground, clients: ClientFactory
) -> None:
    bot = await clients()
    channel = bot.get_channel(playground.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    sent = await channel.send("x", view=Counter())
    mara = playground.member("mara")

    with pytest.raises(ClientRefusal, match="disabled"):
        await mara.press(sent.id, "Stuck")
    with pytest.raises(ClientRefusal, match="no button"):
        await mara.press(sent.id, "Nothing")


async def test_select_menus_hand_over_what_is_chosen(playground: Playground, clients: ClientFactory) -> None:
    bot = await clients()
    channel = bot.get_channel(playground.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    view = Counter()
    sent = await channel.send("x", view=view)
    mara, jonas = playground.member("mara"), playground.member("jonas")

    response = await mara.choose(sent.id, "Colours", ["Red", "B"])
    assert response.text == "R and B"
    await mara.choose(sent.id, "People", jonas)
    assert [getattr(each, "id", None) for each in view.chosen] == [jonas.user.id]
    await mara.choose(sent.id, "Places", playground.channel("stories"))
    assert [getattr(each, "name", None) for each in view.chosen] == ["stories"]
    await mara.choose(sent.id, "Anybody", playground.seed.moderator_role)
    assert [getattr(each, "name", None) for each in view.chosen] == ["Moderator"]
    with pytest.raises(ClientRefusal, match="choose 1 to 2"):
        await mara.choose(sent.id, "Colours", ["R", "G", "B"])
    with pytest.raises(ClientRefusal, match="not among the choices"):
        await mara.choose(sent.id, "Colours", "Violet")


async def test_a_modal_takes_text_choices_people_and_files(
    playground: Playground, clients: ClientFactory
) -> None:
    answers: asyncio.Queue[dict[str, object]] = asyncio.Queue()

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Ask")
        async def ask(interaction: discord.Interaction) -> None:
            await interaction.response.send_modal(Questions(answers))

    await clients(prepare)
    mara, jonas = playground.member("mara"), playground.member("jonas")

    modal = (await mara.slash("ask")).modal
    assert modal is not None
    assert modal.title == "Questions"
    assert [label for label, _ in modal.fields] == ["Name", "Genre", "Friend", "Files"]
    with pytest.raises(ClientRefusal, match="required"):
        await mara.submit(modal, {"Genre": "Crime", "Files": Upload("a.txt", b"x")})
    with pytest.raises(ClientRefusal, match="2 to 10 characters"):
        await mara.submit(modal, {"Name": "x", "Genre": "Crime", "Files": Upload("a.txt", b"x")})
    response = await mara.submit(
        modal,
        {"name": "Mara", "Genre": ["Crime"], "Friend": jonas.user, "Files": [Upload("a.txt", b"one")]},
    )

    assert response.text == "thanks"
    assert await answers.get() == {
        "Name": "Mara",
        "Genre": ["Crime"],
        "Friend": ["jonas"],
        "Files": [("a.txt", b"one")],
    }


async def test_every_kind_of_option_arrives_with_its_object(
    playground: Playground, clients: ClientFactory
) -> None:
    got: list[object] = []

    def prepare(bot: Bot) -> None:
        group = app_commands.Group(name="story", description="Stories")

        @group.command(description="Take all")
        async def take(  # noqa: PLR0917 - one of each kind
            interaction: discord.Interaction,
            text: app_commands.Range[str, 2, 5],
            number: float,
            person: discord.Member,
            place: discord.TextChannel,
            role: discord.Role,
            either: discord.Role | discord.Member,
            file: discord.Attachment,
            *,
            sure: bool,
        ) -> None:
            got.extend([text, number, person.id, place.id, role.id, either.id, await file.read(), sure])
            await interaction.response.send_message("taken")

        bot.tree.add_command(group)

    await clients(prepare)
    mara, jonas = playground.member("mara"), playground.member("jonas")
    place, role = playground.channel("stories"), playground.seed.moderator_role
    options = {
        "number": 1.5,
        "person": jonas,
        "place": place,
        "role": role,
        "either": mara,
        "file": Upload("f.md", b"# x"),
        "sure": True,
    }
    response = await mara.slash("story take", text="abc", **options)  # type: ignore[arg-type]

    assert response.text == "taken"
    assert got == ["abc", 1.5, jonas.user.id, place.id, role.id, mara.user.id, b"# x", True]
    assert mara.messages()[-1].command == "story take"
    with pytest.raises(ClientRefusal, match="between 2 and 5"):
        await mara.slash("story take", text="much too long", **options)  # type: ignore[arg-type]
    with pytest.raises(ClientRefusal, match="required"):
        await mara.slash("story take", text="abc")


async def test_choices_and_autocompletion(playground: Playground, clients: ClientFactory) -> None:
    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Choose")
        @app_commands.choices(focus=[app_commands.Choice(name="The pace", value="pace")])
        async def choose(interaction: discord.Interaction, focus: str, title: str) -> None:
            await interaction.response.send_message(f"{focus} of {title}")

        @choose.autocomplete("title")
        async def titles(_interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
            known = ["Rain", "Rainbow", "Sun"]
            return [app_commands.Choice(name=each, value=each) for each in known if each.startswith(current)]

    await clients(prepare)
    mara = playground.member("mara")

    suggestions = await mara.autocomplete("choose", "title", "Ra")
    response = await mara.slash("choose", focus="The pace", title="Rain")

    assert [each.name for each in suggestions] == ["Rain", "Rainbow"]
    assert response.text == "pace of Rain"
    with pytest.raises(ClientRefusal, match="no choice"):
        await mara.slash("choose", focus="tone", title="Rain")


async def test_context_menus_bring_their_target(playground: Playground, clients: ClientFactory) -> None:
    def prepare(bot: Bot) -> None:
        @bot.tree.context_menu(name="Count words")
        async def count(interaction: discord.Interaction, message: discord.Message) -> None:
            words = len(message.content.split())
            await interaction.response.send_message(f"{words} words, {len(message.attachments)} files")

        @bot.tree.context_menu(name="Greet")
        async def greet(interaction: discord.Interaction, member: discord.Member) -> None:
            await interaction.response.send_message(f"hello {member.display_name}", ephemeral=True)

    await clients(prepare)
    mara, jonas = playground.member("mara"), playground.member("jonas")
    said = await jonas.say("three little words", files=[Upload("a.txt", b"x")])

    assert (await mara.context("Count words", said)).text == "3 words, 1 files"
    assert (await mara.context("Greet", jonas)).text == "hello Jonas"
    assert {command.name for command in mara.commands()} == {"Count words", "Greet"}


async def test_a_layout_view_shows_texts_files_and_buttons(
    playground: Playground, clients: ClientFactory
) -> None:
    class Letter(ui.LayoutView):
        box: ui.Container["Letter"] = ui.Container(
            ui.TextDisplay("# Your letter"),
            ui.Separator(),
            ui.Section("Dear Mara", accessory=ui.Button(label="Open", custom_id="open")),
            ui.File("attachment://letter.txt"),
            accent_color=0x336699,
        )

    bot = await clients()
    channel = bot.get_channel(playground.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    sent = await channel.send(
        view=Letter(), file=discord.File(fp=io.BytesIO(b"hello"), filename="letter.txt")
    )
    seen = playground.member("jonas").message(sent.id)

    assert seen.text == "# Your letter\nDear Mara"
    assert [button.label for button in seen.buttons] == ["Open"]
    assert isinstance(seen.components[0], Container)
    assert seen.attachments[0].text == "hello"
    fetched = await channel.fetch_message(sent.id)
    assert [component.type for component in fetched.components] == [discord.ComponentType.container]
