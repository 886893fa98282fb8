"""An anthology: approved texts as one Markdown file or one electronic book."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.corpus.consent import Licence
from bot.manuscripts.epub import Chapter, to_epub

# What Markdown would read as a heading, a quotation, a list, a rule or code at the beginning of a line.
_AT_THE_START: Final = re.compile(r"^(\s{0,3})([#>+\-=~`|]|\d+[.)])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Piece:
    """One author's text in an anthology.

    Attributes:
        title: Its title.
        author: The author's name, as it shall be printed.
        text: The text.
        licence: Under what it is given.
    """

    title: str
    author: str
    text: str
    licence: Licence


def to_markdown(title: str, pieces: Sequence[Piece]) -> str:
    """Give the texts in order; what stands in them becomes neither headings nor HTML."""
    parts = [f"# {_line(title)}"]
    for piece in pieces:
        parts += [
            f"## {_line(piece.title)}",
            f"*{_line(piece.author)}*",
            _harmless(piece.text.strip()),
            f"<small>{_line(piece.licence.label)} ({piece.licence.value})</small>",
        ]
    return "\n\n".join(parts) + "\n"


async def to_book(title: str, pieces: Sequence[Piece]) -> bytes:
    """Give the texts in order as an EPUB.

    Raises:
        BookError: It could not be made.
    """
    chapters = [
        Chapter(piece.title, piece.author, piece.text, f"{piece.licence.label} ({piece.licence.value})")
        for piece in pieces
    ]
    return await to_epub(title, chapters)


def _line(text: str) -> str:
    return re.sub(r"([\\`*_\[\]#])", r"\\\1", _harmless(" ".join(text.split())))


def _harmless(text: str) -> str:
    no_html = text.replace("&", "&amp;").replace("<", "&lt;")
    return _AT_THE_START.sub(r"\1\\\2", no_html)
