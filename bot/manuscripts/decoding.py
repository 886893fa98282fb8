"""Bytes to characters: in whatever encoding a writer's program saved them."""

import codecs
import re

from bot.manuscripts.manuscript import UnreadableManuscript

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 4096
_WIDE = 0.3  # of every second byte is NUL: UTF-16 of Latin letters
_BINARY = 0.02  # of the bytes are control characters
_PADDING = 0.1  # of the bytes are NUL
_FOREIGN = 0.1  # of the letters are not ASCII: hardly English in that encoding
_LOST = 0.002  # of the characters are replacement characters

_BINARY_SENTENCE = "This file holds data rather than words; send me the story itself as .txt, .md or .docx."
_ENCODING_SENTENCE = (
    "I cannot make out the letters in this file; please save it again as UTF-8 (or as .docx) and send "
    "it once more."
)
_LOST_SENTENCE = (
    "Some letters in this file were already lost before it reached me (they show as \ufffd); please "
    "export it once more from the original, as UTF-8 or as .docx."
)


def decoded(data: bytes) -> str:
    """Read text as it was meant.

    Raises:
        UnreadableManuscript: It is no text, or its letters cannot be told.
    """
    text = _without_mojibake(_characters(data))
    if text.count("\ufffd") > max(3, _LOST * len(text)):
        raise UnreadableManuscript(_LOST_SENTENCE)
    return text


# NUL is counted apart: some programs pad with it, and it is removed later.
_CONTROLS = tuple(code for code in range(1, 32) if code not in b"\t\n\v\f\r\x1a\x1b")


def _characters(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding)
    wide = _wide_encoding(data)
    if wide is not None:
        return _strictly(data, wide)
    controls = sum(map(data.count, _CONTROLS))
    if controls > _BINARY * len(data) or data.count(0) > _PADDING * len(data):
        raise UnreadableManuscript(_BINARY_SENTENCE)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(data)


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        # A last character cut in half is no reason to turn a story away.
        text = data.decode(encoding, errors="replace")
        if text.count("\ufffd") > max(3, _LOST * len(text)):
            raise UnreadableManuscript(_ENCODING_SENTENCE) from None
        return text


def _wide_encoding(data: bytes) -> str | None:
    """Tell UTF-16 without a mark by its NULs: every second byte, for Latin letters."""
    sample = data[: _SAMPLE // 2 * 2]
    half = len(sample) // 2
    if not half:
        return None
    even, odd = sample[::2].count(0) / half, sample[1::2].count(0) / half
    if odd > _WIDE and even < odd / 4:
        return "utf-16-le"
    if even > _WIDE and odd < even / 4:
        return "utf-16-be"
    return None


def _legacy(data: bytes) -> str:
    """Read what is not UTF-8: Windows' Western code page, the old Macintosh's, or a mixture."""
    mixed = data.decode("utf-8", errors="surrogateescape")
    broken = sum("\udc80" <= character <= "\udcff" for character in mixed)
    whole = sum(character > "\x7f" for character in mixed) - broken
    if whole > broken:
        return _STRAY.sub(lambda match: _one_byte(ord(match[0]) - 0xDC00), mixed)
    curly_mac = sum(data.count(code) for code in (0xD2, 0xD3, 0xD5))
    curly_windows = sum(data.count(code) for code in (0x91, 0x92, 0x93, 0x94))
    if curly_mac > curly_windows and curly_mac > 0.2 * broken:
        return data.decode("mac_roman")
    if broken <= _FOREIGN * len(data):
        return "".join(map(_one_byte, data))
    return _guessed(data)


_STRAY = re.compile("[\udc80-\udcff]")


def _guessed(data: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415 -- slow to load, and seldom needed

    best = from_bytes(data[:65536]).best()
    if best is None:
        raise UnreadableManuscript(_ENCODING_SENTENCE)
    return _strictly(data, best.encoding)


def _one_byte(code: int) -> str:
    try:
        return bytes((code,)).decode("cp1252")
    except UnicodeDecodeError:
        return chr(code)


_TO_BYTE = {_one_byte(code): code for code in range(0x80, 0x100)}
_CONTINUED = "[" + "".join(re.escape(_one_byte(code)) for code in range(0x80, 0xC0)) + "]"
_MOJIBAKE = re.compile(f"[Â-ß]{_CONTINUED}|[à-ï]{_CONTINUED}{{2}}|[ð-ô]{_CONTINUED}{{3}}")
_TELLTALE = re.compile("â€|Ã[©¨¡¶¼¤±³­]|Â[ «»©]")


def _without_mojibake(text: str) -> str:
    """Undo UTF-8 that was once read as Windows' code page: `â€™` was an apostrophe."""
    if not _TELLTALE.search(text):
        return text

    def mended(match: re.Match[str]) -> str:
        try:
            return bytes(_TO_BYTE[character] for character in match[0]).decode("utf-8")
        except UnicodeDecodeError:
            return match[0]

    return _MOJIBAKE.sub(mended, text)
