"""Word documents: looked through before they are unpacked, then read by pandoc in its sandbox."""

import json
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from bot.manuscripts.manuscript import ReadLimits, UnreadableManuscript
from bot.manuscripts.pandoc import HEAP_OVERFLOW, SANDBOX, pandoc_path

BROKEN = (
    "I cannot open this Word document, it seems to be damaged; open it in your program, save it again and "
    "send it once more."
)
ENCRYPTED = "This Word document is locked with a password; please save a copy without one and send me that."
_BOMB = (
    "This Word document unpacks to far more than a story can hold; please send the text as .txt or as a "
    "fresh .docx."
)
_HEAVY = (
    "This Word document is too heavy for me to read; please save it again without its pictures, or as "
    "plain .txt."
)
_NOT_WORD = "This file is named .docx but holds something else; please export the story as .docx or .txt."

_CHUNK = 64 * 1024
_ENCRYPTED_FLAG = 0x1
_SMALL = 1024 * 1024  # below this any ratio is harmless


def read_docx(data: bytes, limits: ReadLimits) -> tuple[str, str]:
    """Read a Word document's title and text.

    Raises:
        UnreadableManuscript: It is damaged, locked, a bomb, or no Word document.
    """
    document = _pandoc(_repacked(data, limits), limits)
    title = " ".join(_inlines(document.get("meta", {}).get("title", {}).get("c", [])).split())
    try:
        return title, "\n\n".join(_blocks(document["blocks"]))
    except (RecursionError, KeyError, TypeError, ValueError):
        raise UnreadableManuscript(BROKEN) from None


def _repacked(data: bytes, limits: ReadLimits) -> bytes:
    """Look through the archive and give a new one of nothing but its checked XML."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            _check(entries, len(data), limits)
            if "word/document.xml" not in {entry.filename for entry in entries}:
                raise UnreadableManuscript(_NOT_WORD)
            target = BytesIO()
            with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as copy:
                for name, part in _parts(archive, entries, limits):
                    copy.writestr(name, part)
            return target.getvalue()
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, ValueError, OSError):
        raise UnreadableManuscript(BROKEN) from None
    except RuntimeError:  # zipfile's word for 'a password is needed'
        raise UnreadableManuscript(ENCRYPTED) from None


def _check(entries: list[zipfile.ZipInfo], size: int, limits: ReadLimits) -> None:
    if any(entry.flag_bits & _ENCRYPTED_FLAG for entry in entries):
        raise UnreadableManuscript(ENCRYPTED)
    too_many = len(entries) > limits.entries
    too_large = sum(entry.file_size for entry in entries) > limits.unpacked_bytes
    overlapping = sum(entry.compress_size for entry in entries) > size
    dense = any(
        entry.file_size > _SMALL and entry.file_size > limits.unpacked_ratio * max(entry.compress_size, 1)
        for entry in entries
    )
    if too_many or too_large or overlapping or dense:
        raise UnreadableManuscript(_BOMB)


def _parts(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], limits: ReadLimits
) -> Iterator[tuple[str, bytes]]:
    """Unpack what pandoc needs, counting what really comes out: a header may lie."""
    left = limits.unpacked_bytes
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if not name.endswith((".xml", ".rels")) or name in seen or name.startswith(("/", "word/embeddings")):
            continue
        seen.add(name)
        chunks = []
        with archive.open(entry) as stream:
            while chunk := stream.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise UnreadableManuscript(_BOMB)
                chunks.append(chunk)
        part = b"".join(chunks)
        # Office Open XML allows no document type, and so no entities that grow (ECMA-376, part 2, 8.1.4).
        if b"<!DOCTYPE" in part or b"<!ENTITY" in part or b"<\0!\0" in part or b"\0<\0!" in part:
            raise UnreadableManuscript(_BOMB)
        yield name, part


def _pandoc(data: bytes, limits: ReadLimits) -> dict[str, Any]:
    command = [_pandoc_or_sentence(), "--from=docx", "--to=json", *SANDBOX]
    try:
        result = subprocess.run(  # noqa: S603 -- our own pandoc, no words of a stranger among its arguments
            command, input=data, capture_output=True, check=False, timeout=limits.seconds * 0.8
        )
    except subprocess.TimeoutExpired:
        raise UnreadableManuscript(_HEAVY) from None
    if (
        result.returncode == HEAP_OVERFLOW
        or result.returncode < 0
        or len(result.stdout) > limits.unpacked_bytes
    ):
        raise UnreadableManuscript(_HEAVY)
    if result.returncode != 0:
        raise UnreadableManuscript(BROKEN)
    try:
        document = json.loads(result.stdout)
    except (ValueError, RecursionError):
        raise UnreadableManuscript(BROKEN) from None
    if not isinstance(document, dict):
        raise UnreadableManuscript(BROKEN)
    return document


def _pandoc_or_sentence() -> str:
    found = pandoc_path()
    if found is None:
        raise UnreadableManuscript(
            "I cannot read Word documents on this server just now; please send .txt or .md."
        )
    return found


# Pandoc's document model: https://hackage.haskell.org/package/pandoc-types/docs/Text-Pandoc-Definition.html
def _blocks(blocks: object) -> Iterator[str]:
    for block in _list(blocks):
        kind, content = block["t"], block.get("c")
        if kind in _NESTED_BLOCKS:
            yield from _nested(content)
        elif kind == "LineBlock":
            yield "\n".join(_inlines(line) for line in _list(content))
        elif kind == "HorizontalRule":
            yield "* * *"
        elif kind in {"Para", "Plain"}:
            yield _inlines(content)
        elif kind == "Header":
            yield _inlines(_list(content)[2])
        # Code, raw markup and figures hold no line of a story.


_NESTED_BLOCKS = frozenset(("BlockQuote", "Div", "BulletList", "OrderedList", "DefinitionList", "Table"))


def _nested(node: object) -> Iterator[str]:
    """Give the blocks in a list, a quotation or a table, however deep they lie."""
    if isinstance(node, dict):
        yield from _blocks([node])
    elif isinstance(node, list):
        for part in node:
            yield from _nested(part)


def _inlines(inlines: object) -> str:
    words = []
    for inline in _list(inlines):
        kind, content = inline["t"], inline.get("c")
        if kind == "Str":
            words.append(str(content))
        elif kind in _WHITE:
            words.append(_WHITE[kind])
        elif kind in _STYLED:
            words.append(_inlines(content))
        elif kind in _WRAPPED:
            words.append(_inlines(_list(content)[1]))
        # Struck-out words, notes, pictures and raw markup are not the story's words.
    return "".join(words)


_WHITE = {"Space": " ", "SoftBreak": " ", "LineBreak": "\n"}
_STYLED = frozenset(("Emph", "Strong", "Underline", "Superscript", "Subscript", "SmallCaps"))
_WRAPPED = frozenset(("Span", "Link", "Quoted", "Cite"))


def _list(node: object) -> list[Any]:
    return node if isinstance(node, list) else []
