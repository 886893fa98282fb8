"""A bot of the tests' own that shows everything the page can draw; it has nothing to do with Inkcircle's."""

import asyncio
import io
from typing import Any

import discord
from discord import app_commands, ui

from tests.playground.client import Bot, Prepare

Tree = app_commands.CommandTree[Any]

PICTURE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\x00\x00\x00"
    b"\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82"
)
HOSTILE = (
    '<img src=x onerror="window.hacked=1"> <script>window.hacked=1</script> </script> `${window.hacked=1}` '
    "[click](javascript:window.hacked=1) {{ window.hacked=1 }} @everyone"
)


class Question(ui.Modal, title="Tell me more"):
    """One of each part that a modal can have, as far as five places go."""

    note: ui.TextDisplay[Any] = ui.TextDisplay("Answer **briefly**.")
    scene: ui.Label[Any] = ui.Label(
        text="Scene",
        description="Paste it here",
        component=ui.TextInput(style=discord.TextStyle.long, min_length=3, custom_id="scene"),
    )
    mood: ui.Label[Any] = ui.Label(
        text="Mood",
        component=ui.RadioGroup(
            custom_id="mood",
            options=[discord.RadioGroupOption(label="Warm"), discord.RadioGroupOption(label="Cold")],
        ),
    )
    ask: ui.Label[Any] = ui.Label(
        text="Look at",
        component=ui.CheckboxGroup(
            custom_id="ask",
            required=False,
            min_values=0,
            max_values=2,
            options=[discord.CheckboxGroupOption(label="Pace"), discord.CheckboxGroupOption(label="Voice")],
        ),
    )
    file: ui.Label[Any] = ui.Label(
        text="File", component=ui.FileUpload(custom_id="file", required=False, min_values=0, max_values=3)
    )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        # A label's component is typed as any item.
        scene, mood, ask, file = (part.component for part in (self.scene, self.mood, self.ask, self.file))
        assert isinstance(scene, ui.TextInput)
        assert isinstance(mood, ui.RadioGroup)
        assert isinstance(ask, ui.CheckboxGroup)
        assert isinstance(file, ui.FileUpload)
        names = [each.filename for each in file.values]
        words = f"scene={scene.value} mood={mood.value} ask={','.join(ask.values)} files={','.join(names)}"
        await interaction.response.send_message(words)


class Buttons(ui.View):
    """Every kind of button and select of the first kind of view."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.count = 0
        self.add_item(ui.Button(label="Guide", url="https://example.org/guide", row=0))
        self.add_item(ui.Button(label="Never", disabled=True, row=0))

    @ui.button(label="Count", style=discord.ButtonStyle.primary, emoji="✒️", row=0)
    async def count_up(self, interaction: discord.Interaction[Any], _button: ui.Button[Any]) -> None:
        self.count += 1
        await interaction.response.edit_message(content=f"Counted to {self.count}")

    @ui.button(label="Silent", style=discord.ButtonStyle.danger, row=0)
    async def silent(self, interaction: discord.Interaction[Any], _button: ui.Button[Any]) -> None:
        """Say nothing at all."""

    @ui.button(label="Ask", style=discord.ButtonStyle.success, row=0)
    async def ask(self, interaction: discord.Interaction[Any], _button: ui.Button[Any]) -> None:
        await interaction.response.send_modal(Question())

    @ui.select(
        placeholder="Pick a focus",
        options=[
            discord.SelectOption(label="Pace", description="how fast it goes"),
            discord.SelectOption(label="Voice"),
        ],
        row=1,
    )
    async def focus(self, interaction: discord.Interaction[Any], select: ui.Select[Any]) -> None:
        await interaction.response.send_message(f"Focus: {select.values[0]}", ephemeral=True)

    @ui.select(cls=ui.UserSelect, placeholder="Pick readers", max_values=2, row=2)
    async def readers(self, interaction: discord.Interaction[Any], select: ui.UserSelect[Any]) -> None:
        names = ", ".join(sorted(user.display_name for user in select.values))
        await interaction.response.send_message(f"Readers: {names}")


def layout() -> ui.LayoutView:
    """Give every block of components V2."""
    row: ui.ActionRow[Any] = ui.ActionRow(ui.Button(label="In a container", custom_id="inside"))
    container: ui.Container[Any] = ui.Container(
        ui.TextDisplay("# A letter\nwith **weight** and a [link](https://example.org)"),
        ui.Separator(spacing=discord.SeparatorSpacing.large),
        ui.Section("A section", "-# with small print", accessory=ui.Thumbnail("attachment://cover.png")),
        ui.Section(
            "Words that go on and on, until there is no room left for a button at their side",
            accessory=ui.Button(label="Change", custom_id="change"),
        ),
        ui.MediaGallery(
            discord.MediaGalleryItem("attachment://cover.png", description="The cover"),
            discord.MediaGalleryItem("attachment://cover.png"),
        ),
        ui.File("attachment://letter.txt"),
        row,
        accent_colour=0xC0487F,
    )
    return ui.LayoutView().add_item(ui.TextDisplay("Above")).add_item(container)


def stage_bot(released: asyncio.Event) -> Prepare:
    """Give what makes a client the stage's bot.

    Args:
        released: set by a test to let `/slow` take its next step.
    """

    def prepare(bot: Bot) -> None:
        _add_answers(bot.tree, released)
        _add_shows(bot.tree)
        _add_menus(bot.tree)

    return prepare


def _add_answers(tree: Tree, released: asyncio.Event) -> None:
    @tree.command(description="Tell what was given")
    @app_commands.describe(
        file="A scene", mood="How", title="What it is called", count="How often", loud="Or not"
    )
    @app_commands.choices(
        mood=[app_commands.Choice(name="Gentle", value="g"), app_commands.Choice(name="Harsh", value="h")]
    )
    async def give(  # noqa: PLR0917 (every option type at once is the point)
        interaction: discord.Interaction[Any],
        file: discord.Attachment,
        mood: str,
        title: str | None,
        count: app_commands.Range[int, 1, 9] | None,
        loud: bool | None,  # noqa: FBT001 (an option of a command)
        reader: discord.Member | None,
        place: discord.TextChannel | None,
        role: discord.Role | None,
    ) -> None:
        size = len(await file.read())
        told = f"{file.filename} {size} {mood} {title} {count} {loud} {reader} {place} {role}"
        await interaction.response.send_message(told, ephemeral=True)

    @give.autocomplete("title")
    async def titles(_: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
        return [
            app_commands.Choice(name=f"The {current.title()} House", value="house"),
            app_commands.Choice(name=f"The {current.title()} Road", value="road"),
        ]

    @tree.command(description="Show progress, step by step")
    async def slow(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        await released.wait()
        message = await interaction.followup.send("Step 1 of 2", wait=True)
        released.clear()
        await released.wait()
        await message.edit(content="Step 2 of 2")

    @tree.command(description="Tell you alone")
    async def whisper(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message("a secret between us", ephemeral=True)

    @tree.command(description="Never answer")
    async def silence(_interaction: discord.Interaction[Any]) -> None:
        """Say nothing at all."""

    @tree.command(description="Say something dangerous")
    async def hostile(interaction: discord.Interaction[Any]) -> None:
        embed = discord.Embed(title=HOSTILE[:256], description=HOSTILE)
        await interaction.response.send_message(
            HOSTILE, embed=embed.add_field(name=HOSTILE[:250], value=HOSTILE)
        )


def _add_shows(tree: Tree) -> None:
    @tree.command(description="Show buttons and selects")
    async def buttons(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message("Press one", view=Buttons())

    @tree.command(description="Ask with a modal")
    async def ask(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(Question())

    @tree.command(description="Show a layout with files and pictures")
    async def layouts(interaction: discord.Interaction[Any]) -> None:
        files = [
            discord.File(io.BytesIO(PICTURE), "cover.png"),
            discord.File(io.BytesIO(b"Dear Mara,"), "letter.txt"),
        ]
        await interaction.response.send_message(view=layout(), files=files)

    @tree.command(description="Show an embed with a file")
    async def embeds(interaction: discord.Interaction[Any]) -> None:
        embed = discord.Embed(
            title="Prose profile", description="*Measured*", colour=0x3BA55C, url="https://example.org"
        )
        for name, value in (("Words", "1,204"), ("Sentences", "88"), ("Dialogue", "41 %")):
            embed.add_field(name=name, value=value)
        embed.set_image(url="attachment://plot.png").set_footer(text="By the bot")
        files = [
            discord.File(io.BytesIO(PICTURE), "plot.png"),
            discord.File(io.BytesIO(b"notes"), "notes.txt"),
        ]
        await interaction.response.send_message(embed=embed, files=files)


def _add_menus(tree: Tree) -> None:
    @tree.context_menu(name="Count words")
    async def count_words(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await interaction.response.send_message(f"{len(message.content.split())} words", ephemeral=True)

    @tree.context_menu(name="Greet")
    async def greet(interaction: discord.Interaction[Any], user: discord.User) -> None:
        await interaction.response.send_message(f"Hello {user.mention}")
