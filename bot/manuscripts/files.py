"""A file's bytes to a title and a text: what `bot.manuscripts.child` does."""

from bot.manuscripts.cleaning import cleaned, count_words
from bot.manuscripts.decoding import decoded
from bot.manuscripts.docx import BROKEN, ENCRYPTED, read_docx
from bot.manuscripts.language import is_english
from bot.manuscripts.manuscript import Format, Manuscript, ReadLimits, UnreadableManuscript
from bot.manuscripts.markdown import plain_words

_OLD_WORD = (
    "This is an old Word document (.doc) under the name .docx; please save it as .docx and send it again."
)
_LETTERS_A_WORD = 10  # at most, on average
_SHORT = 3
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\0", "a picture"),
    (b"BM", "a picture"),
    (b"RIFF", "a picture or a recording"),
    (b"ID3", "a recording"),
    (b"OggS", "a recording"),
    (b"{\\rtf", "a rich text file (.rtf)"),
    (b"\x1f\x8b", "a packed archive"),
    (b"7z\xbc\xaf", "a packed archive"),
    (b"Rar!", "a packed archive"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"SQLite format", "a database"),
)


def read_file(data: bytes, kind: Format, limits: ReadLimits) -> Manuscript:
    """Read a file of a kind that its name states.

    Raises:
        UnreadableManuscript: In each case that a writer has to be told about.
    """
    if kind is Format.DOCX:
        _refuse_other_than_docx(data)
        title, text = read_docx(data, limits)
    else:
        _refuse_other_than_text(data, kind)
        title, text = "", decoded(data)
        if kind is Format.MD:
            title, text = plain_words(text)
    text = cleaned(text)
    words = count_words(text)
    if not words:
        raise UnreadableManuscript(
            "There are no words in this file yet; send it again once the story is in it."
        )
    few = words < limits.words_min
    # Where words are not written apart they cannot be counted: then the language is what there is to say.
    hardly_any = few and len(text) < _LETTERS_A_WORD * limits.words_min
    if not limits.any_language and not hardly_any and not is_english(text):
        raise UnreadableManuscript(
            "This reads as another language than English; for now I can only do a story in English justice."
        )
    if few:
        counted = "one word" if words == 1 else f"{words} words"
        raise UnreadableManuscript(
            f"There are only {counted} here; send me at least {limits.words_min}, so that there is a "
            "scene to talk about."
        )
    if words > limits.words_max:
        raise UnreadableManuscript(
            f"This is {words:,} words long, and one letter can do justice to {limits.words_max:,} at most; "
            "send me a chapter or a scene."
        )
    return Manuscript(title=cleaned(title)[:200], text=text, format=kind, words=words)


def _refuse_other_than_docx(data: bytes) -> None:
    if data.startswith(_OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise UnreadableManuscript(ENCRYPTED if locked else _OLD_WORD)
    if data.startswith(_ZIP):
        return
    what = _named(data)
    if what is None and _looks_like_text(data):
        what = "plain text"
    if what is None:
        raise UnreadableManuscript(BROKEN)
    raise UnreadableManuscript(
        f"This file is named .docx but is {what}; please export the story as .docx, .txt or .md."
    )


def _refuse_other_than_text(data: bytes, kind: Format) -> None:
    what = _named(data)
    if data.startswith(_ZIP):
        what = "a Word document" if b"word/" in data else "a packed archive"
    elif data.startswith(_OLE):
        what = "an old Word document (.doc)"
    if what is not None:
        raise UnreadableManuscript(
            f"This file is named .{kind.value} but is {what}; please send the story itself as .txt, .md "
            "or .docx."
        )


def _looks_like_text(data: bytes) -> bool:
    head = data[:512]
    return b"\0" not in head and head.decode("utf-8", "ignore").encode()[:500] == head[:500]


def _named(data: bytes) -> str | None:
    for signature, what in _SIGNATURES:
        # A story may begin with 'BM' or 'MZ': a short signature counts only before bytes that are no text.
        if data.startswith(signature) and (len(signature) > _SHORT or not _looks_like_text(data)):
            return what
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if head.startswith(b"<?xml"):
        return "an XML file"
    return None
