"""Files as writers really send them: broken, lying, hostile, or merely odd."""

import io
import random
import zipfile
from pathlib import Path

import docx

# A whole scene of our own, long enough for an editor to say something.
SCENE = Path(__file__).parent / "scene.txt"


def scene() -> str:
    """Give a scene that an editor can say something about."""
    return SCENE.read_text(encoding="utf-8")


def docx_of(text: str) -> bytes:
    """Give a real Word file with `text`, a paragraph for each of its paragraphs."""
    document = docx.Document()
    for paragraph in text.split("\n\n"):
        document.add_paragraph(paragraph)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def broken_docx() -> bytes:
    """Give a Word file whose upload was cut off."""
    whole = docx_of(scene())
    return whole[: len(whole) // 2]


def encrypted_docx() -> bytes:
    """Give what Word writes for a file with a password: not a ZIP, but an OLE container."""
    magic = bytes.fromhex("d0cf11e0a1b11ae1")
    names = "EncryptionInfo".encode("utf-16-le") + "EncryptedPackage".encode("utf-16-le")
    return magic + bytes(504) + names + random.Random(1).randbytes(4096)  # noqa: S311 - noise, not a secret


def docx_bomb() -> bytes:
    """Give a Word file of some 70 KB that unpacks to 64 MB."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx_of(scene()))) as source, zipfile.ZipFile(stream, "w") as bomb:
        for entry in source.infolist():
            if entry.filename != "word/document.xml":
                bomb.writestr(entry, source.read(entry.filename))
        bomb.writestr("word/document.xml", b" " * 64 * 1024 * 1024, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def executable() -> bytes:
    """Give bytes that are no text in any encoding."""
    return b"\x7fELF\x02\x01\x01" + bytes(9) + random.Random(2).randbytes(20_000)  # noqa: S311 - noise
