"""Texts to an electronic book."""

import io
import re
import time
import zipfile
from datetime import UTC, datetime
from posixpath import dirname, join
from xml.etree import ElementTree as ET

from bot.manuscripts.epub import Chapter, to_epub

MADE = datetime(2026, 5, 4, 12, tzinfo=UTC)


def book(*chapters: Chapter, title: str = "Our year", language: str = "en") -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(to_epub(title, chapters, MADE, language=language))) as archive:
        assert archive.testzip() is None
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}


def test_a_book_holds_every_text_with_its_author_and_licence() -> None:
    files = book(
        Chapter("The Kettle", "Ada", "It sang.\n\nShe *listened*.\nThen rose.", "CC BY 4.0"),
        Chapter("The Ferry", "Ben", "Nobody came.\n\n* * *\n\nThen somebody did."),
    )
    pages = "".join(text for name, text in files.items() if re.search(r"ch\d+\.xhtml$", name))
    for words in ("The Kettle", "Ada", "It sang.", "<em>listened</em>", "CC BY 4.0", "Nobody came.", "<hr"):
        assert words in pages
    assert "Our year" in next(text for name, text in files.items() if name.endswith("content.opf"))
    assert "The Ferry" in next(text for name, text in files.items() if name.endswith("nav.xhtml"))


def test_words_never_become_markup_or_addresses_that_are_opened() -> None:
    hostile = '<script>alert(1)</script> <img src="/etc/passwd"> $(id) --metadata=x\n\n<h1>Not a chapter</h1>'
    files = book(Chapter(hostile, "<b>Mallory</b>", hostile), title='A "book" </title> --output=/tmp/x\nline')
    pages = "".join(text for name, text in files.items() if name.endswith((".xhtml", ".opf")))
    assert "<script" not in pages
    assert "<img" not in pages
    assert "root:" not in pages
    assert "&lt;script&gt;" in pages
    assert pages.count("Not a chapter</h1>") == 0


def test_emphasis_is_kept_and_a_lone_asterisk_is_an_asterisk() -> None:
    files = book(Chapter("Stars", "", "A *bright* star, 2 * 3 * 4, snake_case_name and _that_ one."))
    page = next(text for text in files.values() if "bright" in text)
    assert "<em>bright</em>" in page
    assert "<em>that</em>" in page
    assert "2 * 3 * 4" in page
    assert "snake_case_name" in page


_OPF = {"opf": "http://www.idpf.org/2007/opf", "dc": "http://purl.org/dc/elements/1.1/"}
_XHTML = "{http://www.w3.org/1999/xhtml}"


def test_it_is_built_as_the_standard_says() -> None:
    files = book(
        Chapter('A "quoted" & <odd> title\x07', "Ada", "One.\x00\n\n***\n\nTwo.", "CC BY 4.0"),
        Chapter("", "", "\n\n"),
        Chapter("Again", "Ada", "Three."),
        language="und",
    )
    assert files.pop("mimetype") == "application/epub+zip"
    parsed = {name: ET.fromstring(text) for name, text in files.items() if not name.endswith(".css")}  # noqa: S314 - our own file
    rootfile = parsed["META-INF/container.xml"].find(".//{*}rootfile")
    assert rootfile is not None
    path = rootfile.attrib["full-path"]
    package = parsed[path]
    # Everything in the ZIP is in the manifest, once, and everything in the manifest is in the ZIP.
    items = {item.attrib["id"]: item.attrib for item in package.iterfind("opf:manifest/opf:item", _OPF)}
    listed = sorted(join(dirname(path), item["href"]) for item in items.values())
    assert listed == sorted(files.keys() - {path, "META-INF/container.xml"})
    assert [name for name, item in items.items() if item.get("properties") == "nav"] == ["nav"]
    spine = [each.attrib["idref"] for each in package.iterfind("opf:spine/opf:itemref", _OPF)]
    assert spine == ["title", "nav", "ch001", "ch002", "ch003"]
    said = {each.tag.rpartition("}")[2]: each.text for each in package.iterfind("opf:metadata/dc:*", _OPF)}
    assert said == {
        "identifier": said["identifier"],
        "title": "Our year",
        "creator": "Ada",
        "language": "und",
        "date": "2026-05-04",
    }
    unique = package.find(f".//*[@id='{package.attrib['unique-identifier']}']")
    assert unique is not None
    assert (unique.text or "").startswith("urn:uuid:")
    modified = package.find(".//*[@property='dcterms:modified']")
    assert modified is not None
    assert modified.text == "2026-05-04T12:00:00Z"
    # Every page has a title, and every address in it leads to a page of the book.
    pages = {name: page for name, page in parsed.items() if name.endswith(".xhtml")}
    for name, page in pages.items():
        assert page.findtext(f"{_XHTML}head/{_XHTML}title")
        for link in [*page.iter(f"{_XHTML}a"), *page.iter(f"{_XHTML}link")]:
            assert join(dirname(name), link.attrib["href"]) in files
    assert "".join(pages["EPUB/ch001.xhtml"].itertext()).split()[:4] == ["A", '"quoted"', "&", "<odd>"]


def test_other_texts_are_another_book_and_the_same_are_the_same() -> None:
    def identifier(text: str) -> str:
        found = re.search(r"urn:uuid:[0-9a-f-]{36}", book(Chapter("A", "Ada", text))["EPUB/content.opf"])
        assert found is not None
        return found[0]

    assert identifier("One.") == identifier("One.")
    assert identifier("One.") != identifier("Two.")


def test_a_very_long_anthology_is_made_in_seconds() -> None:
    chapter = Chapter("Long", "Ada", "She *ran* to the gate, and it was open.\n\n" * 10_000)
    started = time.process_time()
    files = book(*[chapter] * 20)
    assert sum(name.startswith("EPUB/ch") for name in files) == 20
    # 1.6 million words, which pandoc gave up on after a minute.
    assert time.process_time() - started < 20
