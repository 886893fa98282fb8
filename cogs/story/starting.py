"""`/story start`: the beginning is kept first; the thread and the first part are durable work."""

from typing import Any, ClassVar, Final, cast
from zlib import crc32

import discord
from discord import ui

from bot.client import Inkcircle
from bot.discord_io.access import Access, Feature
from bot.discord_io.forms import LastingForm, Said
from bot.discord_io.insisting import insist, think
from bot.discord_io.permissions import require_in_guild
from bot.errors import UserError
from bot.manuscripts import ReadLimits, read_manuscript
from bot.stories.chatter import take_apart
from bot.stories.kept import Opening
from bot.stories.tree import Author
from cogs.story.face import face_of
from cogs.story.work_id import Task, WorkId

_NOTHING: Final = discord.AllowedMentions.none()
TITLE_LIMIT: Final = 80
_PREMISE_LIMIT: Final = 4000
# What a prompt can begin with; a longer beginning is a story already.
_READING: Final = ReadLimits(words_min=1, words_max=3000)


async def open_form(interaction: discord.Interaction[Inkcircle], title: str, words: int | None) -> None:
    """Ask for the beginning."""
    await PremiseForm(title, words).open(interaction)


async def begin_from_file(
    interaction: discord.Interaction[Inkcircle],
    premise: discord.Attachment,
    title: str,
    words: int | None,
) -> None:
    """Begin with the text of a file."""
    attachments = interaction.client.attachments
    attachments.check_size(premise, filesize_limit=interaction.filesize_limit)
    await think(interaction)
    data = await attachments.read(premise, filesize_limit=interaction.filesize_limit)
    manuscript = await read_manuscript(data, premise.filename, limits=_READING)
    await _begin(interaction, title, manuscript.text, words=words)
    await insist(lambda: interaction.edit_original_response(content=_COMING, allowed_mentions=_NOTHING))


_COMING: Final = "Your story is kept: its thread opens in this channel, and I write the first part."


async def _begin(
    interaction: discord.Interaction[Any],
    title: str,
    premise: str,
    *,
    voice: str = "",
    words: int | None,
) -> None:
    client = cast("Inkcircle", interaction.client)
    guild_id = require_in_guild(interaction)
    if not take_apart(premise).canon:
        raise UserError("That beginning holds no story: please write how it begins.")
    opening = Opening(
        channel_id=interaction.channel_id or 0,
        # It has no thread yet; this is no id of Discord's, and says since when one may be found.
        thread_id=-interaction.id,
        message_id=interaction.id,
        author=Author(interaction.user.id, interaction.user.display_name),
        title=title,
        text=premise,
        voice=voice,
        link_words=words,
    )
    story = await client.story_book.start(guild_id, opening)
    await face_of(interaction).telling.begin(WorkId.new(Task.OPEN, guild_id, story.id), interaction.user.id)


class PremiseForm(LastingForm, title="How does it begin?"):
    """Takes the beginning."""

    access: ClassVar[Access | None] = Access(Feature.STORY)
    asks_first: ClassVar[bool] = True
    word: ClassVar[str] = "premise"

    # Within the form, which alone outlives the process, there is room for it.
    name: ui.Label[Any] = ui.Label(
        text="Title", component=ui.TextInput(max_length=TITLE_LIMIT, required=True, custom_id="title")
    )
    premise: ui.Label[Any] = ui.Label(
        text="The beginning",
        description="A paragraph or more, as it shall stand in the story.",
        component=ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=_PREMISE_LIMIT, required=True, custom_id="premise"
        ),
    )
    voice: ui.Label[Any] = ui.Label(
        text="Voice",
        description="Such as: first person, past tense. Empty to go by the beginning.",
        component=ui.TextInput(max_length=100, required=False, custom_id="voice"),
    )

    def __init__(self, title: str, words: int | None) -> None:
        # Discord shows again what was typed into a form of the same id: that must be one for this title.
        super().__init__(f"{words or ''}:{crc32(title.encode()):08x}")
        self._words = words
        cast("ui.TextInput[Any]", self.name.component).default = title

    @classmethod
    def of(cls, about: str) -> "PremiseForm":
        """Make it anew with the length that was wished for; the title is in what is submitted."""
        words, _, _ = about.partition(":")
        return cls("", int(words) if words else None)

    async def submitted(self, interaction: discord.Interaction[Any], said: Said) -> None:
        """Keep it, and say so."""
        title, premise, voice = (said.text(name) for name in ("title", "premise", "voice"))
        await _begin(interaction, title, premise, voice=voice, words=self._words)
        await insist(
            lambda: interaction.response.send_message(_COMING, ephemeral=True, allowed_mentions=_NOTHING)
        )
