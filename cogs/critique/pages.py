"""Where a member's pages come from: a file, a pasted text, or a message."""

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final, Protocol

import discord

from bot.discord_io.attachments import Attachments
from bot.errors import UserError
from bot.manuscripts import Manuscript, from_paste, read_manuscript

_READABLE: Final = frozenset({".txt", ".md", ".docx"})


class Pages(Protocol):
    """Pages that can be read once."""

    def check(self, attachments: Attachments) -> None:
        """Refuse at once what can be seen to be wrong without reading.

        Raises:
            UserError: It is wrong; the sentence says what to do.
        """

    async def read(self, attachments: Attachments) -> Manuscript:
        """Fetch and read the pages.

        Raises:
            UserError: They cannot be read; the sentence says why.
        """


@dataclass(frozen=True, slots=True)
class FilePages:
    """Pages in an attached file."""

    attachment: discord.Attachment = field(repr=False)
    filesize_limit: int

    def check(self, attachments: Attachments) -> None:
        """Look at the size."""
        attachments.check_size(self.attachment, filesize_limit=self.filesize_limit)

    async def read(self, attachments: Attachments) -> Manuscript:
        """Fetch the file and read it."""
        data = await attachments.read(self.attachment, filesize_limit=self.filesize_limit)
        return await read_manuscript(data, self.attachment.filename)


@dataclass(frozen=True, slots=True)
class PastedPages:
    """Pages that came as text."""

    text: str = field(repr=False)

    def check(self, attachments: Attachments) -> None:
        """Nothing can be wrong before it is read."""

    async def read(self, _attachments: Attachments) -> Manuscript:
        """Read the text."""
        return await from_paste(self.text)


def pages_of_message(message: discord.Message, filesize_limit: int) -> Pages:
    """Find the pages in a message: a manuscript that is attached to it, else its own words.

    Raises:
        UserError: There are neither.
    """
    for attachment in message.attachments:
        if PurePath(attachment.filename).suffix.lower() in _READABLE:
            return FilePages(attachment, filesize_limit)
    if message.content.strip():
        return PastedPages(message.content)
    if message.attachments:
        return FilePages(message.attachments[0], filesize_limit)
    raise UserError("There are no pages in that message: neither words nor a .txt, .md or .docx file.")
