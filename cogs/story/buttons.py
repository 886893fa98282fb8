"""The buttons under the last part: moves of the head, and a form for those whose messages are not read."""

import re
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, cast

import discord
from discord import ui

from bot.client import Inkcircle
from bot.discord_io.access import Access, Feature
from bot.discord_io.views import SafeDynamicItem, SafeModal

if TYPE_CHECKING:
    from cogs.story.moves import Moves

_COG: Final = "Stories"
_ACCESS: Final = Access(Feature.STORY)
_FORM_LIMIT: Final = 4000


class _Face(Protocol):
    """The cog, which has the moves (and imports this file)."""

    moves: "Moves"


def _moves_of(interaction: discord.Interaction[Any]) -> "Moves":
    client = cast("Inkcircle", interaction.client)
    return cast("_Face", client.get_cog(_COG)).moves


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
        await _moves_of(interaction).undo(interaction, self.story_id, self.link_id)


class RetryButton(_LinkButton, template=r"ink:retry:(?P<story>\d{1,18}):(?P<link>\d{1,18})"):
    """Has the last part written anew."""

    word: ClassVar[str] = "retry"
    label: ClassVar[str] = "Retry"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Have another one written."""
        await _moves_of(interaction).retry(interaction, self.story_id, self.link_id)


class BranchButton(_LinkButton, template=r"ink:branch:(?P<story>\d{1,18}):(?P<link>\d{1,18})"):
    """Begins a story of its own from here."""

    word: ClassVar[str] = "branch"
    label: ClassVar[str] = "Branch"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Make its thread."""
        await _moves_of(interaction).branch(interaction, self.story_id, self.link_id)


class WriteButton(_LinkButton, template=r"ink:write:(?P<story>\d{1,18}):(?P<link>\d{1,18})"):
    """Opens a form for the next turn."""

    word: ClassVar[str] = "write"
    label: ClassVar[str] = "Write next"
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Open it, where there is a story to write on."""
        await _moves_of(interaction).require_open(interaction, self.story_id)
        await NextForm(self.story_id).open(interaction)


class NextForm(SafeModal, title="What happens next?"):
    """Takes a turn."""

    access: ClassVar[Access | None] = _ACCESS

    turn: ui.Label[Any] = ui.Label(
        text="Your part of the story",
        description="It is posted in the thread under your name.",
        component=ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=_FORM_LIMIT, required=True, custom_id="turn"
        ),
    )

    def __init__(self, story_id: int) -> None:
        super().__init__(timeout=60 * 60.0)
        self._story_id = story_id

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Keep it, and show it to all."""
        text = cast("ui.TextInput[Any]", self.turn.component).value
        await _moves_of(interaction).write(interaction, self._story_id, text)
