"""Where a member's pages come from: a file, a pasted text, or a message. What says so can be kept."""

import json
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Final, TypeAlias

import discord

from bot.discord_io.attachments import Attached, Attachments
from bot.errors import UserError
from bot.manuscripts import Manuscript, from_paste, read_manuscript

_READABLE: Final = frozenset({".txt", ".md", ".docx"})


@dataclass(frozen=True, slots=True)
class FilePages:
    """Pages in an attached file."""

    attached: Attached
    filesize_limit: int

    @classmethod
    def of(cls, attachment: discord.Attachment, filesize_limit: int) -> "FilePages":
        """Give the pages of an attachment."""
        return cls(
            Attached(attachment.id, attachment.filename, attachment.size, attachment.url), filesize_limit
        )

    def check(self, attachments: Attachments) -> None:
        """Look at the size.

        Raises:
            UserError: The file is too large.
        """
        attachments.check_size(self.attached, filesize_limit=self.filesize_limit)

    async def read(self, attachments: Attachments) -> Manuscript:
        """Fetch the file and read it.

        Raises:
            UserError: It cannot be had or read; the sentence says why.
        """
        data = await attachments.read(self.attached, filesize_limit=self.filesize_limit)
        return await read_manuscript(data, self.attached.filename)

    def to_json(self) -> str:
        """Give where the file is, to be kept."""
        one = self.attached
        return json.dumps(
            {
                "file": [one.id, one.filename, one.size, one.url],
                "limit": self.filesize_limit,
            }
        )


@dataclass(frozen=True, slots=True)
class PastedPages:
    """Pages that came as text."""

    text: str = field(repr=False)

    def check(self, _attachments: Attachments) -> None:
        """Nothing can be wrong before it is read."""

    async def read(self, _attachments: Attachments) -> Manuscript:
        """Read the text.

        Raises:
            UserError: It cannot be read as a story; the sentence says why.
        """
        return await from_paste(self.text)

    def to_json(self) -> str:
        """Give the text, to be kept."""
        return json.dumps({"text": self.text}, ensure_ascii=False)


Pages: TypeAlias = FilePages | PastedPages


def kept_pages(kept: str) -> Pages:
    """Give the pages that `to_json` wrote down."""
    values: dict[str, Any] = json.loads(kept)
    if "text" in values:
        return PastedPages(values["text"])
    return FilePages(Attached(*values["file"]), values["limit"])


def pages_of_message(message: discord.Message, filesize_limit: int) -> Pages:
    """Find the pages in a message: a manuscript that is attached to it, else its own words.

    Raises:
        UserError: There are neither.
    """
    for attachment in message.attachments:
        if PurePath(attachment.filename).suffix.lower() in _READABLE:
            return FilePages.of(attachment, filesize_limit)
    if message.content.strip():
        return PastedPages(message.content)
    if message.attachments:
        return FilePages.of(message.attachments[0], filesize_limit)
    raise UserError("There are no pages in that message: neither words nor a .txt, .md or .docx file.")
