"""Width and height of a picture from its first bytes: PNG, GIF, JPEG."""

import struct

_PNG = b"\x89PNG\r\n\x1a\n"
# JPEG markers that carry the size; the gaps are Huffman tables and arithmetic coding.
_JPEG_SIZES = frozenset({*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)})
_JPEG_HEADER = 9


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Give (width, height), or None for what is no such picture or is cut short."""
    try:
        if data.startswith(_PNG):
            width, height = struct.unpack(">II", data[16:24])
        elif data[:6] in (b"GIF87a", b"GIF89a"):
            width, height = struct.unpack("<HH", data[6:10])
        elif data.startswith(b"\xff\xd8"):
            return _jpeg_size(data)
        else:
            return None
    except struct.error:
        return None
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    position = 2
    while position + _JPEG_HEADER <= len(data):
        mark, kind, length = struct.unpack(">BBH", data[position : position + 4])
        if mark != 0xFF:  # noqa: PLR2004 - every JPEG marker starts so
            return None
        if kind in _JPEG_SIZES:
            height, width = struct.unpack(">HH", data[position + 5 : position + 9])
            return width, height
        position += 2 + length
    return None
