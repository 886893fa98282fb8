"""The form that `/critique` opens when no file is attached."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

import discord
from discord import ui

from bot.client import Inkcircle
from bot.discord_io.access import Access, Feature
from bot.discord_io.views import SafeModal
from bot.errors import UserError
from cogs.critique.pages import FilePages, Pages, PastedPages

# Discord's limit for a text in a form.
PASTE_LIMIT: Final = 4000

Submitted: TypeAlias = Callable[[discord.Interaction[Inkcircle], Pages], Awaitable[None]]


class PagesForm(SafeModal, title="Your pages"):
    """Takes a pasted text, or a file."""

    access = Access(Feature.CRITIQUE)

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

    def __init__(self, submitted: Submitted) -> None:
        super().__init__(timeout=60 * 60.0)
        self._submitted = submitted

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Hand the pages on."""
        await self._submitted(interaction, self._pages(interaction))

    def _pages(self, interaction: discord.Interaction[Any]) -> Pages:
        upload, paste = self.upload.component, self.paste.component
        if isinstance(upload, ui.FileUpload) and upload.values:
            return FilePages.of(upload.values[0], interaction.filesize_limit)
        if isinstance(paste, ui.TextInput) and paste.value.strip():
            return PastedPages(paste.value)
        raise UserError("The form was empty: paste your pages into it, or upload a .txt, .md or .docx file.")
