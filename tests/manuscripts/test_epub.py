"""Texts to an electronic book."""

import io
import re
import zipfile

from bot.manuscripts.epub import Chapter, to_epub


async def book(*chapters: Chapter, title: str = "Our year") -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(await to_epub(title, chapters))) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "mimetype"
        return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}


async def test_a_book_holds_every_text_with_its_author_and_licence() -> None:
    files = await book(
        Chapter("The Kettle", "Ada", "It sang.\n\nShe *listened*.\nThen rose.", "CC BY 4.0"),
        Chapter("The Ferry", "Ben", "Nobody came.\n\n* * *\n\nThen somebody did."),
    )
    pages = "".join(text for name, text in files.items() if re.search(r"ch\d+\.xhtml$", name))
    for words in ("The Kettle", "Ada", "It sang.", "<em>listened</em>", "CC BY 4.0", "Nobody came.", "<hr"):
        assert words in pages
    assert "Our year" in next(text for name, text in files.items() if name.endswith("content.opf"))
    assert "The Ferry" in next(text for name, text in files.items() if name.endswith("nav.xhtml"))


async def test_words_never_become_markup_or_addresses_that_are_opened() -> None:
    hostile = '<script>alert(1)</script> <img src="/etc/passwd"> $(id) --metadata=x\n\n<h1>Not a chapter</h1>'
    files = await book(
        Chapter(hostile, "<b>Mallory</b>", hostile), title='A "book" </title> --output=/tmp/x\nline'
    )
    pages = "".join(text for name, text in files.items() if name.endswith((".xhtml", ".opf")))
    assert "<script" not in pages
    assert "<img" not in pages
    assert "root:" not in pages
    assert "&lt;script&gt;" in pages
    assert pages.count("Not a chapter</h1>") == 0


async def test_emphasis_is_kept_and_a_lone_asterisk_is_an_asterisk() -> None:
    files = await book(Chapter("Stars", "", "A *bright* star, 2 * 3 * 4, snake_case_name and _that_ one."))
    page = next(text for text in files.values() if "bright" in text)
    assert "<em>bright</em>" in page
    assert "<em>that</em>" in page
    assert "2 * 3 * 4" in page
    assert "snake_case_name" in page
