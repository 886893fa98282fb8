"""An answer that fits into one message, so that one request brings all of it, and may be made twice.

A follow-up cannot be found again after it was sent, and so might be sent twice by a process that died in
between. An edit can be repeated. What Discord takes in one edit is 2,000 characters of content, 6,000 more in
embeds, and files.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Final, Self

import discord

from bot.discord_io.split import MESSAGE_LIMIT, split_text, units

# https://docs.discord.com/developers/resources/message#embed-object-embed-limits
EMBED_LIMIT: Final = 4096
ALL_EMBEDS_LIMIT: Final = 6000
MOST_EMBEDS: Final = 10
# Less than this is no page worth beginning.
_SMALLEST: Final = 400
_FILE_NAME: Final = "letter.md"
_REST: Final = "-# This is too long for one message: the attached file has all of it."


@dataclass(frozen=True, slots=True)
class Answer:
    """What one message shows. The words stay out of `repr`.

    Attributes:
        content: Its own text.
        embeds: The texts of its embeds.
        file: The text of an attached file that has the whole, if not all of it could be shown.
    """

    content: str = field(repr=False)
    embeds: tuple[str, ...] = field(default=(), repr=False)
    file: str | None = field(default=None, repr=False)

    def to_json(self) -> str:
        """Give it as it is kept."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, kept: str) -> Self:
        """Give what was kept."""
        values = json.loads(kept)
        return cls(values["content"], tuple(values["embeds"]), values["file"])

    def made_embeds(self) -> list[discord.Embed]:
        """Give the embeds for discord.py."""
        return [discord.Embed(description=text) for text in self.embeds]

    def made_files(self) -> list[discord.File]:
        """Give the files for discord.py; they can be sent once."""
        if self.file is None:
            return []
        return [discord.File(io.BytesIO(self.file.encode()), filename=_FILE_NAME)]


def lay_out(opening: str, body: Sequence[str], closing: str = "") -> Answer:
    """Put a text into one message.

    Args:
        opening: What stands above, ready for Discord; short.
        body: The parts of the text, ready for Discord. Each begins an embed of its own, if embeds are needed.
        closing: What stands below, or beneath `opening` where there are embeds; short.
    """
    whole = "\n\n".join(part for part in (opening, *body, closing) if part)
    if units(whole) <= MESSAGE_LIMIT:
        return Answer(whole)
    embeds, all_of_it = _embeds(body)
    content = "\n".join(part for part in (opening, closing, "" if all_of_it else _REST) if part)
    return Answer(content, tuple(embeds), None if all_of_it else whole)


def _embeds(body: Sequence[str]) -> tuple[list[str], bool]:
    """Give as many pages as fit, and whether they are all."""
    pages = [page for part in body for page in split_text(part, EMBED_LIMIT)]
    shown: list[str] = []
    room = ALL_EMBEDS_LIMIT
    for page in pages:
        if len(shown) == MOST_EMBEDS:
            return shown, False
        if units(page) > room:
            if room >= _SMALLEST:
                shown.append(split_text(page, room)[0])
            return shown, False
        shown.append(page)
        room -= units(page)
    return shown, True
