"""`/submit`: giving a text in one of three ways, and taking it back."""

from typing import Any, ClassVar, Final

import discord
from discord import ui

from bot.client import Inkcircle
from bot.corpus import READING, Source, Text
from bot.corpus.links import LIFE, Link, LinkKind
from bot.discord_io.access import Access, Feature
from bot.discord_io.buttons import LastingButton, view_of
from bot.discord_io.escape import one_line
from bot.discord_io.forms import LastingForm, Said
from bot.discord_io.insisting import insist, think
from bot.discord_io.permissions import require_in_guild
from bot.errors import UserError
from bot.manuscripts import Manuscript, from_paste, read_manuscript
from cogs.corpus.own_texts import listed

_NOTHING: Final = discord.AllowedMentions.none()
_ACCESS: Final = Access(Feature.CORPUS)
_PASTE_LIMIT: Final = 4000


async def take_file(
    interaction: discord.Interaction[Inkcircle], attachment: discord.Attachment, title: str
) -> None:
    """Store an attached text."""
    require_in_guild(interaction)
    client = interaction.client
    client.attachments.check_size(attachment, filesize_limit=interaction.filesize_limit)
    await think(interaction)
    data = await client.attachments.read(attachment, filesize_limit=interaction.filesize_limit)
    manuscript = await read_manuscript(data, attachment.filename, limits=READING)
    await _submit(interaction, manuscript, title, Source.ATTACHMENT)


async def show(interaction: discord.Interaction[Inkcircle]) -> None:
    """Show the ways to give a text, and the author's own."""
    guild_id = require_in_guild(interaction)
    corpus = interaction.client.corpus
    member_id = interaction.user.id
    consent = await corpus.consents.standing(guild_id, member_id)
    texts, buttons = listed(await corpus.submissions.of_author(guild_id, member_id), member_id)
    if consent is None and not texts:
        raise UserError("Please use **/consent** first: it says what your texts may be used for.")
    lines: list[str] = []
    ways: list[LastingButton] = []
    if consent is None:
        lines.append("You have taken your consent back, so nobody reads or uses your texts.")
    else:
        lines += ["**Give a text to this group**", "Attach a file to **/submit**, or press a button below."]
        ways.append(PasteButton(owner=member_id))
        if corpus.links.possible:
            ways.append(UploadButton(owner=member_id))
    if texts:
        lines += ["\n**What you gave**", *texts]
    await interaction.response.send_message(
        "\n".join(lines), view=view_of(*ways, *buttons), ephemeral=True, allowed_mentions=_NOTHING
    )


async def _submit(
    interaction: discord.Interaction[Any], manuscript: Manuscript, title: str, source: Source
) -> None:
    guild_id = require_in_guild(interaction)
    text = Text(
        title=title or manuscript.title,
        text=manuscript.text,
        author_name=interaction.user.display_name,
        source=source,
    )
    given = await interaction.client.corpus.submissions.submit(guild_id, interaction.user.id, text)
    next_ = "A moderator reads it next." if given.for_review else "It is kept for your own drafts alone."
    sentence = (
        f"Thank you: {one_line(given.title, 60)} is number {given.id}, with {given.words:,} words. {next_} "
        "**/submit** shows how far it is and lets you take it back."
    )
    # An edit of what was deferred, which can be repeated.
    await insist(lambda: interaction.edit_original_response(content=sentence, allowed_mentions=_NOTHING))


class PasteForm(LastingForm, title="Your text"):
    """Takes a pasted text."""

    access: ClassVar[Access | None] = _ACCESS
    asks_first: ClassVar[bool] = True
    word: ClassVar[str] = "paste"

    name: ui.Label[Any] = ui.Label(
        text="Title", component=ui.TextInput(max_length=100, required=False, custom_id="title")
    )
    paste: ui.Label[Any] = ui.Label(
        text="Text",
        description=f"Up to {_PASTE_LIMIT:,} characters, Discord's limit for a form.",
        component=ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=_PASTE_LIMIT, required=True, custom_id="text"
        ),
    )

    async def submitted(self, interaction: discord.Interaction[Any], said: Said) -> None:
        """Store it."""
        await think(interaction)
        manuscript = await from_paste(said.text("text"), limits=READING)
        await _submit(interaction, manuscript, said.text("title"), Source.FORM)


class PasteButton(LastingButton, template=r"ink:paste:(?P<owner>\d+)"):
    """Opens the form."""

    access: ClassVar[Access | None] = _ACCESS
    label: ClassVar[str] = "Paste it"
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Open it."""
        await PasteForm().open(interaction)


class UploadButton(LastingButton, template=r"ink:upload:(?P<owner>\d+)"):
    """Makes a link to the bot's own page."""

    access: ClassVar[Access | None] = _ACCESS
    label: ClassVar[str] = "Send it outside Discord"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Give the link, to its owner alone."""
        guild_id = require_in_guild(interaction)
        link = Link(LinkKind.GIVE, guild_id, interaction.user.id, member_name=interaction.user.display_name)
        address = await interaction.client.corpus.links.make(link)
        minutes = int(LIFE.total_seconds() // 60)
        await interaction.response.send_message(
            f"This link is for you alone, works once, and for {minutes} minutes: <{address}>\n"
            "What you send there never passes through Discord.",
            ephemeral=True,
            allowed_mentions=_NOTHING,
        )
