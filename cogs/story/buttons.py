"""The buttons under the last part: moves of the head, and a form for those whose messages are not read."""

from typing import Any, ClassVar, Final

import discord
from discord import ui

from bot.discord_io.access import Access, Feature
from bot.discord_io.buttons import LastingButton, view_of
from bot.discord_io.forms import LastingForm, Said
from bot.stories.aims import Aim
from bot.stories.kept import NOTHING_SAID, About
from cogs.story.face import face_of

_ACCESS: Final = Access(Feature.STORY)
_FORM_LIMIT: Final = 4000


def last_part(story_id: int, link_id: int, about: About = NOTHING_SAID) -> ui.View:
    """Make the buttons that stand under the last part.

    Args:
        story_id: The story.
        link_id: The part.
        about: What is said of it: behind what reads like an end the writers are asked, and behind an epilogue
            there is nothing but another story.
    """
    buttons: tuple[type[_LinkButton], ...] = (UndoButton, RetryButton, BranchButton, WriteButton)
    if about.aim is Aim.EPILOGUE:
        buttons = (BranchButton,)
    elif about.behind_an_end:
        buttons = (*buttons, EndButton, EpilogueButton, ChapterButton)
    return view_of(*(button(story=story_id, link=link_id) for button in buttons))


class _LinkButton(LastingButton, template="^ink:nothing$"):
    """A button that belongs to a part of a story; which server that is in, the story itself knows."""

    access: ClassVar[Access | None] = _ACCESS
    line: ClassVar[int | None] = 0

    @property
    def story_id(self) -> int:
        """Which story."""
        return self.number("story")

    @property
    def link_id(self) -> int:
        """Which part."""
        return self.number("link")


class UndoButton(_LinkButton, template=r"ink:undo:(?P<story>\d{1,18}):(?P<link>\d{1,18})"):
    """Takes the last turn back."""

    label: ClassVar[str] = "Undo"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Move the head back."""
        await face_of(interaction).moves.undo(interaction, self.story_id, self.link_id)


class RetryButton(_LinkButton, template=r"ink:retry:(?P<story>\d{1,18}):(?P<link>\d{1,18})"):
    """Has the last part written anew."""

    label: ClassVar[str] = "Retry"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Have another one written."""
        await face_of(interaction).moves.retry(interaction, self.story_id, self.link_id)


class BranchButton(_LinkButton, template=r"ink:branch:(?P<story>\d{1,18}):(?P<link>\d{1,18})"):
    """Begins a story of its own from here."""

    label: ClassVar[str] = "Branch"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Make its thread."""
        await face_of(interaction).moves.branch(interaction, self.story_id, self.link_id)


class WriteButton(_LinkButton, template=r"ink:write:(?P<story>\d{1,18}):(?P<link>\d{1,18})"):
    """Opens a form for the next turn."""

    asks_first: ClassVar[bool] = True
    label: ClassVar[str] = "Write next"
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Open it, where there is a story to write on."""
        await face_of(interaction).moves.require_open(interaction, self.story_id)
        await NextForm(self.story_id).open(interaction)


class EndButton(_LinkButton, template=r"ink:end:(?P<story>\d{1,18}):(?P<link>\d{1,18})"):
    """Ends the story, behind what read like its end."""

    label: ClassVar[str] = "End it here"
    line: ClassVar[int | None] = 1

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """End it, for whoever began it or moderates."""
        await face_of(interaction).moves.end(interaction, self.story_id, self.link_id)


class EpilogueButton(_LinkButton, template=r"ink:epilogue:(?P<story>\d{1,18}):(?P<link>\d{1,18})"):
    """Has the story end with a part."""

    label: ClassVar[str] = "Epilogue"
    line: ClassVar[int | None] = 1

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Have it written, for whoever may end the story."""
        await face_of(interaction).moves.epilogue(interaction, self.story_id, self.link_id)


class ChapterButton(_LinkButton, template=r"ink:chapter:(?P<story>\d{1,18}):(?P<link>\d{1,18})"):
    """Has the next chapter opened."""

    label: ClassVar[str] = "Next chapter"
    line: ClassVar[int | None] = 1

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Have its first part written."""
        await face_of(interaction).moves.chapter(interaction, self.story_id, self.link_id)


BUTTONS: Final = (
    UndoButton,
    RetryButton,
    BranchButton,
    WriteButton,
    EndButton,
    EpilogueButton,
    ChapterButton,
)


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
