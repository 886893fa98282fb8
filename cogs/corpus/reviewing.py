"""`/review`: one text after another, held for the moderator who reads it."""

import io
from typing import Any, ClassVar, Final, cast

import discord
from discord import ui

from bot.client import Inkcircle
from bot.corpus import Purpose, Submission
from bot.corpus.reviews import LEASE, MOST_REASON
from bot.discord_io.access import Access, Feature, Standing
from bot.discord_io.buttons import LastingButton, view_of
from bot.discord_io.escape import escape, one_line
from bot.discord_io.forms import LastingForm, Said
from bot.discord_io.insisting import insist
from bot.discord_io.permissions import require_in_guild

_NOTHING: Final = discord.AllowedMentions.none()
_ACCESS: Final = Access(Feature.CORPUS, Standing.MODERATOR)
_PREVIEW: Final = 900
_PREVIEW_LINES: Final = 12
# Discord takes 2,000 characters a message, and what stands around the preview has some 500.
_PREVIEW_ROOM: Final = 1300


async def show_next(interaction: discord.Interaction[Any]) -> None:
    """Show the next text in a message of its own, with the whole of it attached."""
    guild_id = require_in_guild(interaction)
    client = cast("Inkcircle", interaction.client)
    reviews = client.corpus.reviews
    item = await reviews.next_for(guild_id, interaction.user.id)
    if item is None:
        waiting = await reviews.waiting(guild_id)
        sentence = (
            "Other moderators are reading what is left."
            if waiting
            else "Nothing waits for review: all is read."
        )
        await interaction.response.send_message(sentence, ephemeral=True, allowed_mentions=_NOTHING)
        return
    consent = await client.corpus.consents.standing(guild_id, item.author_id)
    purposes = consent.purposes if consent is not None else frozenset()
    buttons = [kind(guild=guild_id, item=item.id) for kind in (ApproveButton, RejectButton, SkipButton)]
    await interaction.response.send_message(
        _about(item, purposes, own=item.author_id == interaction.user.id),
        file=discord.File(io.BytesIO(item.text.encode()), f"text-{item.id}.txt"),
        view=view_of(*buttons),
        ephemeral=True,
        allowed_mentions=_NOTHING,
        suppress_embeds=True,
    )


def _about(item: Submission, purposes: frozenset[Purpose], *, own: bool) -> str:
    given_for = ", ".join(purpose.value for purpose in Purpose if purpose in purposes) or "nothing any more"
    way = "through Discord" if item.source.through_discord else "by my own page"
    lines = [
        f"**{one_line(item.title, 80)}** by {one_line(item.author_name, 40)}",
        f"Number {item.id}, {item.words:,} words, given for: {given_for}. It came {way}.",
    ]
    if own:
        lines.append("**This is your own text**: if there is another moderator, please leave it to them.")
    if item.twins:
        numbers = ", ".join(str(number) for number in item.twins[:5])
        lines.append(f"**The same words are in number {numbers}**: please look who wrote them.")
    minutes = int(LEASE.total_seconds() // 60)
    held = f"-# The whole text is attached. I hold it for you for {minutes} minutes."
    return "\n".join([*lines, _preview(item.text), held])


def _preview(text: str) -> str:
    """Give the beginning of a text as a quotation that fits, whatever signs and line ends it consists of."""
    lines = [line for line in text[:_PREVIEW].splitlines() if line.strip()][:_PREVIEW_LINES]
    quoted = "\n".join(f"> {escape(line)}" for line in lines)
    while len(quoted) > _PREVIEW_ROOM:
        lines[-1] = lines[-1][: len(lines[-1]) // 2]
        lines = [line for line in lines if line]
        quoted = "\n".join(f"> {escape(line)}" for line in lines)
    return quoted if len(text) <= _PREVIEW else f"{quoted} …"


class _ItemButton(LastingButton, template="^ink:none$"):
    """A button under a text in review; it holds that text and its server."""

    access: ClassVar[Access | None] = _ACCESS

    @property
    def submission_id(self) -> int:
        """Which text."""
        return self.number("item")


class ApproveButton(_ItemButton, template=r"ink:approve:(?P<guild>\d+):(?P<item>\d+)"):
    """Lets a text in."""

    label: ClassVar[str] = "Approve"
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.success

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Let it in."""
        guild_id = require_in_guild(interaction)
        await interaction.client.corpus.reviews.approve(guild_id, interaction.user.id, self.submission_id)
        await _decided(interaction, f"Number {self.submission_id} is approved.")


class RejectButton(_ItemButton, template=r"ink:reject:(?P<guild>\d+):(?P<item>\d+)"):
    """Asks for the reason, and leaves a text out."""

    label: ClassVar[str] = "Reject …"
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Ask why."""
        await ReasonForm(str(self.submission_id)).open(interaction)


class SkipButton(_ItemButton, template=r"ink:skip:(?P<guild>\d+):(?P<item>\d+)"):
    """Gives a text back to the others."""

    label: ClassVar[str] = "Leave it to others"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Give it back."""
        guild_id = require_in_guild(interaction)
        await interaction.client.corpus.reviews.let_go(guild_id, interaction.user.id, self.submission_id)
        await _decided(interaction, f"Number {self.submission_id} waits for somebody else.")


class NextButton(LastingButton, template=r"ink:review-next:(?P<guild>\d+)"):
    """Shows the next text, as `/review` does."""

    access: ClassVar[Access | None] = _ACCESS
    label: ClassVar[str] = "Next text"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show it."""
        await show_next(interaction)


class ReasonForm(LastingForm, title="Why not?"):
    """Takes the reason, which the author reads."""

    access: ClassVar[Access | None] = _ACCESS
    word: ClassVar[str] = "reason"

    reason: ui.Label[Any] = ui.Label(
        text="What the author will read",
        component=ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=MOST_REASON, required=True, custom_id="reason"
        ),
    )

    async def submitted(self, interaction: discord.Interaction[Any], said: Said) -> None:
        """Leave the text out."""
        guild_id, number = require_in_guild(interaction), int(self.about)
        reviews = interaction.client.corpus.reviews
        await reviews.reject(guild_id, interaction.user.id, number, said.text("reason"))
        await _decided(interaction, f"Number {number} is not taken; its author reads why in /submit.")


async def _decided(interaction: discord.Interaction[Any], sentence: str) -> None:
    """Turn the message with the text into the outcome, so that the words do not stay on the screen."""
    await insist(
        lambda: interaction.response.edit_message(
            content=sentence,
            attachments=[],
            view=view_of(NextButton(guild=require_in_guild(interaction))),
            allowed_mentions=_NOTHING,
        )
    )
