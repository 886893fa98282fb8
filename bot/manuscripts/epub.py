"""Texts to an electronic book."""

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.errors import UserError
from bot.manuscripts.child_process import ChildFailed, ChildLimits, run_child

_LIMITS: Final = ChildLimits(seconds=60.0, memory_bytes=2048 * 1024 * 1024, output_bytes=24 * 1024 * 1024)
_EMPHASIS: Final = re.compile(r"(?<![\w*_])([*_])(?=\S)([^*_\n]{1,500}?)(?<=\S)\1(?![\w*_])")
_SCENE_BREAK: Final = re.compile(r"[*#~\-–— ]{1,12}")  # noqa: RUF001 - authors use dashes of every length


@dataclass(frozen=True, slots=True)
class Chapter:
    """One text of a book.

    Attributes:
        title: Its heading.
        author: Who wrote it, as it shall be printed.
        text: Plain text, paragraphs apart by an empty line; `*words*` are set in italics.
        note: A line below, such as the licence; empty for none.
    """

    title: str
    author: str
    text: str
    note: str = ""


class BookError(UserError):
    """The book could not be made."""

    def __init__(self) -> None:
        super().__init__("I could not make the book; the Markdown file holds the same texts.")


async def to_epub(title: str, chapters: Sequence[Chapter], *, language: str = "en") -> bytes:
    """Make an EPUB 3, in a process of its own.

    What stands in the texts is data: it never becomes markup, and no picture or address in it is opened.

    Raises:
        BookError: pandoc is missing, or took too long.
    """
    metadata = json.dumps({"title": " ".join(title.split()), "lang": language})
    page = "".join(_section(chapter) for chapter in chapters)
    try:
        return await run_child("bot.manuscripts.epub_child", (metadata,), page.encode(), _LIMITS)
    except ChildFailed as failure:
        raise BookError from failure


def _section(chapter: Chapter) -> str:
    byline = f"<p><em>{_escaped(chapter.author)}</em></p>" if chapter.author else ""
    note = f"<p><small>{_escaped(chapter.note)}</small></p>" if chapter.note else ""
    paragraphs = (part.strip() for part in re.split(r"\n\s*\n", chapter.text))
    body = "".join(_paragraph(part) for part in paragraphs if part)
    return f"<h1>{_escaped(chapter.title)}</h1>\n{byline}\n{body}\n{note}\n"


def _paragraph(text: str) -> str:
    if _SCENE_BREAK.fullmatch(text):
        return "<hr/>"
    marked = _EMPHASIS.sub(r"<em>\2</em>", _escaped(text))
    return "<p>" + marked.replace("\n", "<br/>") + "</p>\n"


def _escaped(text: str) -> str:
    return html.escape(text, quote=True)
