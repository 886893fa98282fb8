"""`/submit`: giving a text in one of three ways, and taking it back."""

import re
from typing import Any, ClassVar, Final, cast

import discord
from discord import ui

from bot.client import Inkcircle
from bot.corpus import Source, State, Submission, Text
from bot.corpus.links import LIFE, Link, LinkKind
from bot.discord_io.access import Access, Feature
from bot.discord_io.escape import one_line
from bot.discord_io.permissions import require_in_guild
from bot.discord_io.views import SafeDynamicItem, SafeModal
from bot.errors import UserError
from bot.manuscripts import Manuscript, ReadLimits, from_paste, read_manuscript

_NOTHING: Final = discord.AllowedMentions.none()
_ACCESS: Final = Access(Feature.CORPUS)
# A member may give a novel; a letter about one is another matter.
_READING: Final = ReadLimits(words_min=1, words_max=400_000)
_PASTE_LIMIT: Final = 4000
_SHOWN: Final = 10
_STATES: Final = {
    State.PENDING: "waits for review",
    State.APPROVED: "approved",
    State.REJECTED: "not taken",
    State.WITHDRAWN: "taken back",
}


async def take_file(
    interaction: discord.Interaction[Inkcircle], attachment: discord.Attachment, title: str
) -> None:
    """Store an attached text."""
    require_in_guild(interaction)
    client = interaction.client
    client.attachments.check_size(attachment, filesize_limit=interaction.filesize_limit)
    await interaction.response.defer(ephemeral=True, thinking=True)
    data = await client.attachments.read(attachment, filesize_limit=interaction.filesize_limit)
    manuscript = await read_manuscript(data, attachment.filename, limits=_READING)
    await _submit(interaction, manuscript, title, Source.ATTACHMENT)


async def show(interaction: discord.Interaction[Inkcircle]) -> None:
    """Show the ways to give a text, and the author's own."""
    guild_id = require_in_guild(interaction)
    corpus = interaction.client.corpus
    consent = await corpus.consents.standing(guild_id, interaction.user.id)
    if consent is None:
        raise UserError("Please use **/consent** first: it says what your texts may be used for.")
    mine = await corpus.submissions.of_author(guild_id, interaction.user.id)
    lines = ["**Give a text to this group**", "Attach a file to **/submit**, or:"]
    view = ui.View(timeout=None)
    view.add_item(PasteButton(interaction.user.id))
    if corpus.links.possible:
        view.add_item(UploadButton(interaction.user.id))
    standing = [each for each in mine if each.state is not State.WITHDRAWN]
    if standing:
        lines.append("\n**What you gave**")
        lines += [_line(each) for each in standing[:_SHOWN]]
        for each in standing[:_SHOWN]:
            view.add_item(WithdrawButton(interaction.user.id, each.id))
    await interaction.response.send_message(
        "\n".join(lines), view=view, ephemeral=True, allowed_mentions=_NOTHING
    )


def _line(given: Submission) -> str:
    reason = f": {one_line(given.reason, 100)}" if given.reason else ""
    return (
        f"- {given.id}. {one_line(given.title, 60)} ({given.words:,} words), {_STATES[given.state]}{reason}"
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
    await _answer(
        interaction,
        f"Thank you: {one_line(given.title, 60)} is number {given.id}, with {given.words:,} words. A "
        "moderator reads it next. **/submit** shows how far it is and lets you take it back.",
    )


async def _answer(interaction: discord.Interaction[Any], sentence: str) -> None:
    if interaction.response.is_done():
        await interaction.followup.send(sentence, ephemeral=True, allowed_mentions=_NOTHING)
    else:
        await interaction.response.send_message(sentence, ephemeral=True, allowed_mentions=_NOTHING)


class PasteForm(SafeModal, title="Your text"):
    """Takes a pasted text."""

    access: ClassVar[Access | None] = _ACCESS

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

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Store it."""
        title, text = (cast("ui.TextInput[Any]", each.component).value for each in (self.name, self.paste))
        await interaction.response.defer(ephemeral=True, thinking=True)
        await _submit(interaction, await from_paste(text, limits=_READING), title, Source.FORM)


class PasteButton(SafeDynamicItem["ui.Button[ui.View]"], template=r"ink:paste:(?P<owner>\d+)"):
    """Opens the form."""

    access: ClassVar[Access | None] = _ACCESS

    def __init__(self, owner_id: int) -> None:
        super().__init__(
            ui.Button(label="Paste it", style=discord.ButtonStyle.primary, custom_id=f"ink:paste:{owner_id}")
        )
        self.owner_id = owner_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> "PasteButton":
        """Build the button out of what its `custom_id` says."""
        return cls(int(match["owner"]))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Open it."""
        await PasteForm(timeout=60 * 60.0).open(interaction)


class UploadButton(SafeDynamicItem["ui.Button[ui.View]"], template=r"ink:upload:(?P<owner>\d+)"):
    """Makes a link to the bot's own page."""

    access: ClassVar[Access | None] = _ACCESS

    def __init__(self, owner_id: int) -> None:
        super().__init__(
            ui.Button(
                label="Send it outside Discord",
                style=discord.ButtonStyle.secondary,
                custom_id=f"ink:upload:{owner_id}",
            )
        )
        self.owner_id = owner_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> "UploadButton":
        """Build the button out of what its `custom_id` says."""
        return cls(int(match["owner"]))

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


class WithdrawButton(
    SafeDynamicItem["ui.Button[ui.View]"], template=r"ink:withdraw:(?P<owner>\d+):(?P<item>\d+)"
):
    """Takes a text back."""

    access: ClassVar[Access | None] = Access(Feature.OWN)

    def __init__(self, owner_id: int, submission_id: int) -> None:
        super().__init__(
            ui.Button(
                label=f"Take {submission_id} back",
                style=discord.ButtonStyle.danger,
                custom_id=f"ink:withdraw:{owner_id}:{submission_id}",
            )
        )
        self.owner_id = owner_id
        self.submission_id = submission_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> "WithdrawButton":
        """Build the button out of what its `custom_id` says."""
        return cls(int(match["owner"]), int(match["item"]))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Take it back, and say so."""
        guild_id = require_in_guild(interaction)
        submissions = interaction.client.corpus.submissions
        await submissions.withdraw(guild_id, interaction.user.id, self.submission_id)
        await interaction.response.send_message(
            f"Number {self.submission_id} is yours alone again: its words are deleted here, it is in nothing "
            "that is made from now on, and files that were made before are marked.",
            ephemeral=True,
            allowed_mentions=_NOTHING,
        )
