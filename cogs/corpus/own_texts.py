"""What an author gave: shown a few at a time, each with a button to take it back."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import discord

from bot.corpus import Mark, State, Submission
from bot.discord_io.access import Access, Feature
from bot.discord_io.buttons import LastingButton, view_of
from bot.discord_io.escape import escape, one_line
from bot.discord_io.insisting import insist
from bot.discord_io.permissions import require_in_guild
from cogs.corpus.telling import tell_makers

_NOTHING: Final = discord.AllowedMentions.none()
# What is an author's own stays in their reach, whatever a server limits.
_OWN: Final = Access(Feature.OWN)
_SHOWN: Final = 5
# Discord takes 2,000 characters a message; a reason may have 500, and twice that with its signs escaped.
_ROOM: Final = 1700
_STATES: Final = {
    State.PENDING: "waits for review",
    State.APPROVED: "approved",
    State.REJECTED: "not taken",
    State.WITHDRAWN: "taken back",
}


def listed(
    mine: Sequence[Submission], owner_id: int, *, before: int | None = None
) -> tuple[list[str], list[LastingButton]]:
    """Give lines about an author's texts, the latest first, and the buttons for them.

    Args:
        mine: All of them, the latest first.
        owner_id: The author.
        before: Only those with smaller numbers.
    """
    standing = [
        each for each in mine if each.state is not State.WITHDRAWN and (before is None or each.id < before)
    ]
    lines: list[str] = []
    buttons: list[LastingButton] = []
    for each in standing[:_SHOWN]:
        line = _line(each)
        if lines and sum(map(len, lines)) + len(line) > _ROOM:
            break
        lines.append(line)
        buttons.append(WithdrawButton(owner=owner_id, item=each.id))
    if len(lines) < len(standing):
        buttons.append(OlderButton(owner=owner_id, before=standing[len(lines) - 1].id))
    return lines, buttons


def _line(given: Submission) -> str:
    state = _STATES[given.state]
    if given.state is State.PENDING and not given.for_review:
        state = "kept for you alone"
    reason = f": {escape(' '.join(given.reason.split()))}" if given.reason else ""
    return f"- {given.id}. {one_line(given.title, 60)} ({given.words:,} words), {state}{reason}"


class OlderButton(LastingButton, template=r"ink:older:(?P<owner>\d+):(?P<before>\d+)"):
    """Shows what was given before."""

    access: ClassVar[Access | None] = _OWN
    label: ClassVar[str] = "Older"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the next few in the place of these."""
        guild_id = require_in_guild(interaction)
        mine = await interaction.client.corpus.submissions.of_author(guild_id, interaction.user.id)
        lines, buttons = listed(mine, interaction.user.id, before=self.number("before"))
        content = "\n".join(["**What you gave before**", *lines]) if lines else "There is nothing older."
        await interaction.response.edit_message(
            content=content, view=view_of(*buttons), allowed_mentions=_NOTHING
        )


class WithdrawButton(LastingButton, template=r"ink:withdraw:(?P<owner>\d+):(?P<item>\d+)"):
    """Takes a text back."""

    access: ClassVar[Access | None] = _OWN
    label: ClassVar[str] = "Take {item} back"
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Take it back, and say so."""
        guild_id = require_in_guild(interaction)
        submissions = interaction.client.corpus.submissions
        marks = await submissions.withdraw(guild_id, interaction.user.id, self.number("item"))
        await _taken_back(
            interaction,
            marks,
            f"Number {self.number('item')} is yours alone again: its words are deleted here, it is in "
            "nothing that is made from now on, and files that were made before are marked.",
        )


class WithdrawAllButton(LastingButton, template=r"ink:withdraw-all:(?P<owner>\d+)"):
    """Takes every text back."""

    access: ClassVar[Access | None] = _OWN
    label: ClassVar[str] = "Delete my texts here"
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Take them back, and say so."""
        guild_id = require_in_guild(interaction)
        submissions = interaction.client.corpus.submissions
        marks = await submissions.withdraw_all(guild_id, interaction.user.id)
        await _taken_back(
            interaction,
            marks,
            "Done: all that you gave to this group is deleted here, and files that were made before are "
            "marked.",
        )


async def _taken_back(interaction: discord.Interaction[Any], marks: Sequence[Mark], sentence: str) -> None:
    await insist(
        lambda: interaction.response.send_message(sentence, ephemeral=True, allowed_mentions=_NOTHING)
    )
    await tell_makers(interaction.client, marks)
