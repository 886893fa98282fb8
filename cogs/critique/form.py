"""The form that `/critique` opens when no file is attached."""

from typing import Any, ClassVar, Final, Protocol, cast

import discord
from discord import ui

from bot.client import Inkcircle
from bot.coach import Focus
from bot.discord_io.access import Access, Feature
from bot.discord_io.forms import LastingForm, Said
from bot.errors import UserError
from cogs.critique.pages import FilePages, Pages, PastedPages
from cogs.critique.visibility import Visibility
from cogs.critique.wish import Wish

# Discord's limit for a text in a form.
PASTE_LIMIT: Final = 4000
_COG: Final = "Critiques"


class _Face(Protocol):
    """The cog, which imports this file."""

    async def take(self, interaction: discord.Interaction[Inkcircle], wish: Wish) -> None: ...


class PagesForm(LastingForm, title="Your pages"):
    """Takes a pasted text, or a file."""

    access: ClassVar[Access | None] = Access(Feature.CRITIQUE)
    asks_first: ClassVar[bool] = True
    word: ClassVar[str] = "pages"

    paste: ui.Label[Any] = ui.Label(
        text="Paste your pages",
        description=f"Up to {PASTE_LIMIT:,} characters, Discord's limit for a form.",
        component=ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=PASTE_LIMIT, required=False, custom_id="paste"
        ),
    )
    upload: ui.Label[Any] = ui.Label(
        text="Or upload a file, for longer ones",
        description="One .txt, .md or .docx file.",
        # discord.py sends null for a limit that is not given.
        component=ui.FileUpload(min_values=0, max_values=1, required=False, custom_id="upload"),
    )

    def __init__(self, focus: Focus | None, seen_by: Visibility) -> None:
        super().__init__(f"{focus.value if focus is not None else ''}:{seen_by.value}")
        self._focus = focus
        self._seen_by = seen_by

    @classmethod
    def of(cls, about: str) -> "PagesForm":
        """Make it anew with what was chosen when it was opened."""
        focus, _, seen_by = about.partition(":")
        return cls(Focus(focus) if focus else None, Visibility(seen_by))

    async def submitted(self, interaction: discord.Interaction[Any], said: Said) -> None:
        """Hand the pages on."""
        cog = cast("Inkcircle", interaction.client).get_cog(_COG)
        pages = _pages(said, interaction.filesize_limit)
        await cast("_Face", cog).take(interaction, Wish(pages, self._focus, self._seen_by))


def _pages(said: Said, filesize_limit: int) -> Pages:
    for file in said.attached("upload"):
        return FilePages(file, filesize_limit)
    if said.text("paste").strip():
        return PastedPages(said.text("paste"))
    raise UserError("The form was empty: paste your pages into it, or upload a .txt, .md or .docx file.")
