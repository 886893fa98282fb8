"""`/story start`: the beginning is kept first; the thread and the first part are durable work."""

from typing import Any, ClassVar, Final, cast

import discord
from discord import ui

from bot.client import Inkcircle
from bot.discord_io.access import Access, Feature
from bot.discord_io.permissions import require_in_guild
from bot.discord_io.views import SafeModal
from bot.errors import UserError
from bot.manuscripts import ReadLimits, read_manuscript
from bot.stories.chatter import take_apart
from bot.stories.kept import Opening
from bot.stories.tree import Author
from cogs.story.telling import Telling
from cogs.story.work_id import Task, WorkId

_NOTHING: Final = discord.AllowedMentions.none()
_PREMISE_LIMIT: Final = 4000
# What a prompt can begin with; a longer beginning is a story already.
_READING: Final = ReadLimits(words_min=1, words_max=3000)


async def open_form(
    interaction: discord.Interaction[Inkcircle], telling: Telling, title: str, words: int | None
) -> None:
    """Ask for the beginning."""
    await PremiseForm(telling, title, words).open(interaction)


async def begin_from_file(
    interaction: discord.Interaction[Inkcircle],
    telling: Telling,
    premise: discord.Attachment,
    title: str,
    words: int | None,
) -> None:
    """Begin with the text of a file."""
    attachments = interaction.client.attachments
    attachments.check_size(premise, filesize_limit=interaction.filesize_limit)
    await interaction.response.defer(ephemeral=True, thinking=True)
    data = await attachments.read(premise, filesize_limit=interaction.filesize_limit)
    manuscript = await read_manuscript(data, premise.filename, limits=_READING)
    await _begin(interaction, telling, title, manuscript.text, words=words)
    await interaction.followup.send(_COMING, ephemeral=True, allowed_mentions=_NOTHING)


_COMING: Final = "Your story is kept: its thread opens in this channel, and I write the first part."


async def _begin(
    interaction: discord.Interaction[Any],
    telling: Telling,
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
    await telling.begin(WorkId.new(Task.OPEN, guild_id, story.id), interaction.user.id)


class PremiseForm(SafeModal, title="How does it begin?"):
    """Takes the beginning."""

    access: ClassVar[Access | None] = Access(Feature.STORY)

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

    def __init__(self, telling: Telling, title: str, words: int | None) -> None:
        super().__init__(timeout=60 * 60.0)
        self._telling = telling
        self._title = title
        self._words = words

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Keep it, and say so."""
        premise, voice = (
            cast("ui.TextInput[Any]", each.component).value for each in (self.premise, self.voice)
        )
        await _begin(interaction, self._telling, self._title, premise, voice=voice, words=self._words)
        await interaction.response.send_message(_COMING, ephemeral=True, allowed_mentions=_NOTHING)
