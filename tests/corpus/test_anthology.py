"""Anthologies: every sign of an author's stands as it is, and scenes stay apart."""

import io
import json
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.corpus import Licence
from bot.corpus.anthology import Piece, paragraphs, to_book, to_markdown
from bot.manuscripts.pandoc import pandoc_path
from tests.corpus.given import SCENES

MADE = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOSTILE = (
    "# No heading\n\n1984. A year, and 2) no list.\n\n1) Nor this.\n\n- dash\n* star\n+ plus\n\n"
    "> no quotation\n\n***\n___\n===\n---\n\n"
    "![a picture](https://spy.example/x.png) [a link](javascript:alert) `no code`\n\n"
    "[1]: https://spy.example\n\n~~~\nno fence\n~~~\n\n    indented\n\n"
    "<b onclick=x>no HTML</b> &amp; a \\* backslash"
)


def piece(text: str, title: str = "The Kettle", author: str = "Ada") -> Piece:
    return Piece(title, author, text, Licence.CC_BY)


def read_as_markdown(text: str) -> dict[str, Any]:
    """Have a program that knows Markdown well read it."""
    program = pandoc_path()
    if program is None:
        pytest.skip("pandoc is not installed")
    command = [program, "--from=commonmark", "--to=json"]
    read = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, check=True, timeout=30)  # noqa: S603 - our own pandoc
    document: dict[str, Any] = json.loads(read.stdout)
    return document


def elements(node: Any) -> Iterator[dict[str, Any]]:
    """Give everything that a document consists of."""
    if isinstance(node, dict):
        if "t" in node:
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from elements(each)


def plain(document: Any) -> str:
    """Give a document's words, without what marks them up."""
    spaces = {"Space": " ", "SoftBreak": "\n", "LineBreak": "\n", "Para": "\n\n"}
    return "".join(
        each["c"] if each["t"] == "Str" else spaces.get(each["t"], "") for each in elements(document)
    )


def test_what_authors_write_becomes_no_heading_link_picture_list_or_code() -> None:
    read = read_as_markdown(
        to_markdown("Our *year* <b>", [piece(HOSTILE, "# Title [x](y)", "*_Ada_*")], MADE)
    )
    kinds = [each["t"] for each in elements(read)]
    assert kinds.count("Header") == 3  # the book, the text, about the book
    assert kinds.count("OrderedList") == 1  # the list of texts, which is ours
    assert not {"Link", "Image", "Code", "CodeBlock", "BulletList", "BlockQuote", "Table"} & set(kinds)
    # The licence's small print is all the HTML there is.
    assert {each["c"][1] for each in elements(read) if each["t"] == "RawInline"} == {"<small>", "</small>"}
    words = plain(read)
    for line in HOSTILE.split("\n\n"):
        assert "\n".join(each.strip() for each in line.splitlines()) in words
    assert "# Title [x](y)" in words
    assert "*_Ada_*" in words


def test_verse_keeps_its_lines_and_a_wider_gap_is_a_scene_break() -> None:
    assert paragraphs("One.\n\nTwo.\n\n\nThree.") == ["One.", "Two.", "***", "Three."]
    # Where all gaps are wide none says anything; and what the author marked is marked once.
    assert paragraphs("One.\n\n\nTwo.\n\n\nThree.") == ["One.", "Two.", "Three."]
    assert paragraphs("One.\n\nTwo.\n\n\n***\n\n\nThree.") == ["One.", "Two.", "***", "Three."]
    read = read_as_markdown(to_markdown("Us", [piece("Roses\nviolets\n\nprose\n\n\nlater")], MADE))
    kinds = [each["t"] for each in elements(read)]
    assert (kinds.count("LineBreak"), kinds.count("HorizontalRule")) == (1, 1)


def test_a_book_says_its_language_only_where_it_is_sure() -> None:
    assert b"<dc:language>en</dc:language>" in _package(to_book("Us", [piece(SCENES[0])], MADE))
    german = (
        "Der alte Mann ging langsam über die Brücke und dachte an nichts, was ihm hätte helfen können. " * 9
    )
    package = _package(to_book("Wir", [piece(SCENES[0]), piece(german, author="Ben")], MADE))
    assert b"<dc:language>und</dc:language>" in package
    assert b"<dc:creator>Ada</dc:creator><dc:creator>Ben</dc:creator>" in package


def _package(book: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return archive.read("EPUB/content.opf")
