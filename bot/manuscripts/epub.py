"""Texts to an electronic book: EPUB 3 (https://www.w3.org/TR/epub-33/), a ZIP of XHTML pages.

It is written here and not by pandoc, which takes half a minute for a book of 300,000 words, gives up at a
million, and in its sandbox knows neither the day nor a random number: every book then has one identifier.
"""

import html
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import NAMESPACE_URL, uuid5

_EMPHASIS: Final = re.compile(r"(?<![\w*_])([*_])(?=\S)([^*_\n]{1,500}?)(?<=\S)\1(?![\w*_])")
_SCENE_BREAK: Final = re.compile(r"[*#~\-–— ]{1,12}")  # noqa: RUF001 - authors use dashes of every length
_PARAGRAPHS: Final = re.compile(r"\n\s*\n")
# What XML 1.0 cannot hold, not even as an entity (https://www.w3.org/TR/xml/#charsets).
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_MIMETYPE: Final = "application/epub+zip"
_CONTAINER: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="EPUB/content.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>\n"
)
_ACCESSIBLE: Final = (
    '<meta property="schema:accessMode">textual</meta>'
    '<meta property="schema:accessModeSufficient">textual</meta>'
    '<meta property="schema:accessibilityFeature">tableOfContents</meta>'
    '<meta property="schema:accessibilityFeature">readingOrder</meta>'
    '<meta property="schema:accessibilityHazard">none</meta>'
)
_PROPERTIES: Final = {"nav.xhtml": ' properties="nav"'}
_STYLE: Final = """\
body { margin: 5% 6%; line-height: 1.45; }
h1 { margin: 2em 0 0.3em; text-align: center; line-height: 1.2; }
p { margin: 0; text-indent: 1.3em; }
p.author { margin-bottom: 2em; text-align: center; text-indent: 0; font-style: italic; }
p.first, hr + p { text-indent: 0; }
p.note, p.date { margin-top: 2em; text-indent: 0; font-size: 0.85em; }
p.date, p.by { text-align: center; text-indent: 0; }
hr { width: 20%; margin: 1.4em auto; border: 0; border-top: 1px solid; }
nav ol { list-style: none; padding: 0; }
nav li { margin: 0.4em 0; }
"""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One text of a book.

    Attributes:
        title: Its heading.
        author: Who wrote it, as it shall be printed; empty for nobody.
        text: Plain text, paragraphs apart by an empty line; `*words*` are set in italics.
        note: A line below, such as the licence; empty for none.
    """

    title: str
    author: str
    text: str
    note: str = ""


def to_epub(title: str, chapters: Sequence[Chapter], made_at: datetime, *, language: str = "en") -> bytes:
    """Make an EPUB 3, with a title page and a table of contents; work for a thread of its own.

    What stands in the texts is data: it never becomes markup, and nothing in it is opened. Other texts make a
    book with another identifier, by which reading programs tell one from another.

    Args:
        title: Of the book.
        chapters: Its texts, in order.
        made_at: The day that the book says it was made.
        language: Its language, as BCP 47 calls it; `und` if nobody knows.
    """
    name = " ".join(title.split())
    authors = list(dict.fromkeys(chapter.author for chapter in chapters if chapter.author))
    texts = [(f"ch{number:03}.xhtml", chapter) for number, chapter in enumerate(chapters, start=1)]
    made = made_at.astimezone(UTC)
    pages = {
        "title.xhtml": _page(name, _title_page(name, authors, made), language, kind="frontmatter"),
        "nav.xhtml": _page("Contents", _contents(texts), language, kind="frontmatter"),
        **{file: _page(chapter.title, _chapter(chapter), language) for file, chapter in texts},
    }
    identifier = uuid5(NAMESPACE_URL, "".join(pages.values()))
    metadata = (
        f'<dc:identifier id="book">urn:uuid:{identifier}</dc:identifier><dc:title>{_escaped(name)}</dc:title>'
        f"{''.join(f'<dc:creator>{_escaped(author)}</dc:creator>' for author in authors)}"
        f"<dc:language>{language}</dc:language><dc:date>{made:%Y-%m-%d}</dc:date>"
        f'<meta property="dcterms:modified">{made:%Y-%m-%dT%H:%M:%SZ}</meta>'
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        # The first, and as it is: programs know a book by it.
        book.writestr(zipfile.ZipInfo("mimetype"), _MIMETYPE)
        for file, content in (
            ("META-INF/container.xml", _CONTAINER),
            ("EPUB/content.opf", _package(metadata, list(pages), language)),
            ("EPUB/style.css", _STYLE),
            *((f"EPUB/{file}", page) for file, page in pages.items()),
        ):
            entry = zipfile.ZipInfo(file)
            entry.compress_type = zipfile.ZIP_DEFLATED
            book.writestr(entry, content)
    return target.getvalue()


def _package(metadata: str, pages: Sequence[str], language: str) -> str:
    items = "".join(
        f'<item id="{_id(page)}" href="{page}" media-type="application/xhtml+xml"'
        f"{_PROPERTIES.get(page, '')}/>"
        for page in pages
    )
    spine = "".join(f'<itemref idref="{_id(page)}"/>' for page in pages)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="book" '
        f'xml:lang="{language}">\n'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}{_ACCESSIBLE}</metadata>\n'
        f'<manifest><item id="style" href="style.css" media-type="text/css"/>{items}</manifest>\n'
        f"<spine>{spine}</spine>\n</package>\n"
    )


def _page(title: str, body: str, language: str, *, kind: str = "bodymatter") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" '
        f'lang="{language}" xml:lang="{language}"><head><meta charset="utf-8"/>'
        f"<title>{_escaped(title) or 'Untitled'}</title>"
        f'<link rel="stylesheet" type="text/css" href="style.css"/></head>\n'
        f'<body epub:type="{kind}">\n{body}</body></html>\n'
    )


def _title_page(title: str, authors: Sequence[str], made: datetime) -> str:
    names = "".join(f'<p class="by">{_escaped(author)}</p>\n' for author in authors)
    date = f'<p class="date">{made.day} {made:%B %Y}</p>\n'
    return f'<section epub:type="titlepage">\n<h1>{_escaped(title)}</h1>\n{names}{date}</section>\n'


def _contents(texts: Sequence[tuple[str, Chapter]]) -> str:
    lines = "".join(
        f'<li><a href="{file}">{_escaped(chapter.title)}'
        f"{' · ' if chapter.author else ''}{_escaped(chapter.author)}</a></li>\n"
        for file, chapter in texts
    )
    return f'<nav epub:type="toc" id="toc"><h1>Contents</h1><ol>\n{lines}</ol></nav>\n'


def _chapter(chapter: Chapter) -> str:
    byline = f'<p class="author">{_escaped(chapter.author)}</p>\n' if chapter.author else ""
    note = f'<p class="note">{_escaped(chapter.note)}</p>\n' if chapter.note else ""
    body = "".join(_paragraphs(chapter.text))
    heading = f"<h1>{_escaped(chapter.title)}</h1>\n"
    return f'<section epub:type="chapter">\n{heading}{byline}{body}{note}</section>\n'


def _paragraphs(text: str) -> Iterator[str]:
    opening = ' class="first"'
    for part in filter(None, (each.strip() for each in _PARAGRAPHS.split(text))):
        if _SCENE_BREAK.fullmatch(part):
            yield "<hr/>\n"
        else:
            marked = _EMPHASIS.sub(r"<em>\2</em>", _escaped(part)).replace("\n", "<br/>")
            yield f"<p{opening}>{marked}</p>\n"
            opening = ""


def _escaped(text: str) -> str:
    return html.escape(_NO_XML.sub("", text), quote=True)


def _id(page: str) -> str:
    return page.removesuffix(".xhtml")
