"""An anthology: approved texts as one Markdown file or one electronic book."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.corpus.consent import Licence
from bot.manuscripts.epub import Chapter, to_epub
from bot.manuscripts.language import is_english

# What Markdown would read as a heading, a quotation, a list, a rule, a table or code at the start of a line.
_AT_THE_START: Final = re.compile(
    r"^(?:([#>+\-=~|]|\*(?=[ \t])|[*_](?=[*_ \t]*$))|(\d+)(?=[.)]))", re.MULTILINE
)
# And what it would read as a link, a picture, code, or as no character of the text at all.
_ANYWHERE: Final = re.compile(r"[\\`\[\]]")
_INDENT: Final = re.compile(r"^[ \t]+", re.MULTILINE)
_EMPHASIS: Final = re.compile(r"[*_#]")
_GAP: Final = re.compile(r"\n{2,}")
_BREAK: Final = "***"
_ABOUT: Final = "About this book"
# So much of a text tells its language.
_ENOUGH: Final = 4000


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


def to_markdown(title: str, pieces: Sequence[Piece], made_at: datetime) -> str:
    """Give the texts in order, after a list of them; nothing in them becomes a heading, a link or HTML."""
    parts = [f"# {harmless_line(title)}"]
    parts.append(
        "\n".join(
            f"{number}. {harmless_line(piece.title)}, by {harmless_line(piece.author)}"
            for number, piece in enumerate(pieces, start=1)
        )
    )
    for piece in pieces:
        parts += [f"## {harmless_line(piece.title)}", f"*{harmless_line(piece.author)}*"]
        parts += [_paragraph(each) for each in paragraphs(piece.text)]
        parts.append(f"<small>{harmless_line(_note(piece))}</small>")
    parts += [f"## {_ABOUT}", *map(_paragraph, _about(pieces, made_at))]
    return "\n\n".join(parts) + "\n"


def to_book(title: str, pieces: Sequence[Piece], made_at: datetime) -> bytes:
    """Give the texts in order as an EPUB."""
    chapters = [
        Chapter(piece.title, piece.author, "\n\n".join(paragraphs(piece.text)), _note(piece))
        for piece in pieces
    ]
    chapters.append(Chapter(_ABOUT, "", "\n\n".join(_about(pieces, made_at))))
    english = all(is_english(piece.text[:_ENOUGH]) for piece in pieces)
    return to_epub(title, chapters, made_at, language="en" if english else "und")


def paragraphs(text: str) -> list[str]:
    """Give a text's paragraphs; where it leaves more room than between others, a scene ends: `***`."""
    gaps = [len(gap) for gap in _GAP.findall(text.strip())]
    wide = min(gaps, default=0)
    found: list[str] = []
    for part, gap in zip(_GAP.split(text.strip()), [wide, *gaps], strict=True):
        if gap > wide and found[-1] != _BREAK and part != _BREAK:
            found.append(_BREAK)
        found.append(part)
    return found


def harmless_line(text: str) -> str:
    """Give a title or a name for Markdown, on one line, every sign of it as it is."""
    return _EMPHASIS.sub(r"\\\g<0>", _harmless(" ".join(text.split())))


def _paragraph(text: str) -> str:
    if text == _BREAK:
        return "* * *"
    # What is still on a line of its own, such as verse, stays there.
    started = _AT_THE_START.sub(_behind_a_backslash, _harmless(_INDENT.sub("", text)))
    return started.replace("\n", "  \n")


def _behind_a_backslash(match: re.Match[str]) -> str:
    mark, number = match.groups()
    # A backslash before a digit would be shown: it stands before the dot of "1." instead.
    return f"\\{mark}" if mark else f"{number}\\"


def _harmless(text: str) -> str:
    escaped = _ANYWHERE.sub(r"\\\g<0>", text)
    return escaped.replace("&", "&amp;").replace("<", "&lt;")


def _note(piece: Piece) -> str:
    return f"{piece.licence.label} ({piece.licence.value})"


def _about(pieces: Sequence[Piece], made_at: datetime) -> list[str]:
    texts = f"{len(pieces)} text{'' if len(pieces) == 1 else 's'}"
    return [
        f"This anthology holds {texts} and was made on {made_at.day} {made_at:%B %Y}.",
        "Each text is its author's own, and given under the licence that stands below it.",
        "Authors can take their texts back: whoever passes this book on asks for a new one first.",
    ]
