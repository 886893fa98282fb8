"""Files as writers, and their enemies, send them."""

# ruff: noqa: RUF001 -- a typographic apostrophe is the subject.

import struct
import zipfile
from io import BytesIO

import docx

SCENE = (
    "“Where were you?” Mara asked — the café was shut… It’s the end of it all, she thought.\n\n"
    "Tomas set the kettle on the stove and did not answer. Rain ran down the window, and somewhere below "
    "them a door banged twice in the wind. “Out,” he said at last.\n\n"
    "* * *\n\n"
    "In the morning the boat was gone from the jetty, and the rope lay coiled on the planks as if it had "
    "never held anything at all. She picked it up. It was still wet."
)


def word(*paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs or SCENE.split("\n\n"):
        document.add_paragraph(paragraph)
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def word_with(name: str, content: bytes) -> bytes:
    """A Word document with one more part, or one part replaced."""
    target = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(word())) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for entry in source.infolist():
            if entry.filename != name:
                copy.writestr(entry, source.read(entry))
        copy.writestr(name, content)
    return target.getvalue()


def archive(*names: str) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for name in names:
            made.writestr(name, b"something")
    return target.getvalue()


def word_with_many_entries(count: int) -> bytes:
    target = BytesIO(word())
    with zipfile.ZipFile(target, "a") as made:
        for number in range(count):
            made.writestr(f"word/media/{number}.txt", b"")
    return target.getvalue()


def word_that_lies_about_sizes(size: int) -> bytes:
    """A Word document whose headers say that its text is small, while it unpacks to `size` bytes."""
    data = bytearray(word_with("word/document.xml", b"<w:document>" + b" " * size))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        name_at = 30 if signature == b"PK\x03\x04" else 46
        at = data.find(signature)
        while at >= 0:
            if data[at + name_at :].startswith(b"word/document.xml"):
                data[at + offset : at + offset + 4] = struct.pack("<I", 4096)
            at = data.find(signature, at + 4)
    return bytes(data)


def word_flagged_encrypted() -> bytes:
    data = bytearray(word())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(signature, at + 4)
    return bytes(data)


def locked_by_office() -> bytes:
    """What Office makes of a document with a password: a compound file, not an archive."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    return (
        head
        + "EncryptionInfo".encode("utf-16-le")
        + bytes(400)
        + "EncryptedPackage".encode("utf-16-le")
        + bytes(4096)
    )


def mojibake(text: str) -> str:
    """UTF-8 that a program took for Windows' code page."""
    letters = []
    for code in text.encode():
        try:
            letters.append(bytes((code,)).decode("cp1252"))
        except UnicodeDecodeError:
            letters.append(chr(code))
    return "".join(letters)
