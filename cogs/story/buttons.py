"""The buttons under the last part: moves of the head, and a form for those whose messages are not read."""

import re
from typing import Any, ClassVar, Final

import discord
from discord import ui

from bot.discord_io.access import Access, Feature
from bot.discord_io.forms import LastingForm, Said
from bot.discord_io.views import SafeDynamicItem
from cogs.story.face import face_of

_ACCESS: Final = Access(Feature.STORY)
_FORM_LIMIT: Final = 4000


def last_part(story_id: int, link_id: int) -> ui.View:
    """Make the buttons that stand under the last part."""
    view = ui.View(timeout=None)
    for button in (UndoButton, RetryButton, BranchButton, WriteButton):
        view.add_item(button(story_id, link_id))
    return view


class _LinkButton(SafeDynamicItem["ui.Button[ui.View]"], template="^ink:nothing$"):
    """A button that belongs to a part of a story; which server that is in, the story itself knows."""

    access: ClassVar[Access | None] = _ACCESS
    word: ClassVar[str]
    label: ClassVar[str]
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.secondary

    def __init__(self, story_id: int, link_id: int) -> None:
        super().__init__(
            ui.Button(label=self.label, style=self.style, custom_id=f"ink:{self.word}:{story_id}:{link_id}")
        )
        self.story_id = story_id
        self.link_id = link_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> "_LinkButton":
        """Build the button out of what its `custom_id` says."""
        return cls(int(match["story"]), int(match["link"]))


class UndoButton(_LinkButton, template=r"ink:undo:(?P<story>\d{1,18}):(?P<link>\d{1,18})"):
    """Takes the last turn back."""

    word: ClassVar[str] = "undo"
    label: ClassVar[str] = "Undo"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Move the head back."""
        await face_of(interaction).moves.undo(interaction, self.story_id, self.link_id)


class RetryButton(_LinkButton, template=r"ink:retry:(?P<story>\d{1,18}):(?P<link>\d{1,18})"):
    """Has the last part written anew."""

    word: ClassVar[str] = "retry"
    label: ClassVar[str] = "Retry"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Have another one written."""
        await face_of(interaction).moves.retry(interaction, self.story_id, self.link_id)


class BranchButton(_LinkButton, template=r"ink:branch:(?P<story>\d{1,18}):(?P<link>\d{1,18})"):
    """Begins a story of its own from here."""

    word: ClassVar[str] = "branch"
    label: ClassVar[str] = "Branch"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Make its thread."""
        await face_of(interaction).moves.branch(interaction, self.story_id, self.link_id)


class WriteButton(_LinkButton, template=r"ink:write:(?P<story>\d{1,18}):(?P<link>\d{1,18})"):
    """Opens a form for the next turn."""

    word: ClassVar[str] = "write"
    asks_first: ClassVar[bool] = True
    label: ClassVar[str] = "Write next"
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Open it, where there is a story to write on."""
        await face_of(interaction).moves.require_open(interaction, self.story_id)
        await NextForm(self.story_id).open(interaction)


class NextForm(LastingForm, title="What happens next?"):
    """Takes a turn."""

    access: ClassVar[Access | None] = _ACCESS
    asks_first: ClassVar[bool] = True
    word: ClassVar[str] = "turn"

    turn: ui.Label[Any] = ui.Label(
        text="Your part of the story",
        description="It is posted in the thread under your name.",
        component=ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=_FORM_LIMIT, required=True, custom_id="turn"
        ),
    )

    def __init__(self, story_id: int) -> None:
        super().__init__(str(story_id))
        self._story_id = story_id

    @classmethod
    def of(cls, about: str) -> "NextForm":
        """Make it anew for the story that it was opened for."""
        return cls(int(about))

    async def submitted(self, interaction: discord.Interaction[Any], said: Said) -> None:
        """Keep it, and show it to all."""
        await face_of(interaction).moves.write(interaction, self._story_id, said.text("turn"))
