"""The form of every manuscript: the author's words, one kind of line end, nothing invisible."""

import re
import unicodedata
from itertools import pairwise

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028]")
# Marks of direction, zero-width characters, soft hyphens, tags, annotations, lone surrogates, controls.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffc\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\U000e0000-\U000e007f]"
    "|(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d"  # a joiner belongs between emoji only
)
_SPACES = re.compile("[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_WORD = re.compile(r"[^\W_]+(?:['’\-‑][^\W_]+)*")  # noqa: RUF001 -- a typographic apostrophe

_WRAP_SHORTEST, _WRAP_LONGEST = 45, 100


def cleaned(text: str) -> str:
    """Give the text in the form of `Manuscript.text`."""
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text.replace("\u2029", "\n\n")))
    lines = [_SPACES.sub(" ", line).strip() for line in _LINE_ENDS.sub("\n", text).split("\n")]
    blocks = _blocks(lines)
    if _hard_wrapped(blocks):
        blocks = [(gap, _unwrapped(block)) for gap, block in blocks]
    return _joined(blocks)


def count_words(text: str) -> int:
    """Count words as the study of prose does."""
    return sum(1 for _ in _WORD.finditer(text))


def _blocks(lines: list[str]) -> list[tuple[int, list[str]]]:
    """Lines without an empty one between, each block with the number of empty lines before it."""
    blocks: list[tuple[int, list[str]]] = []
    gap = 1
    for line in lines:
        if not line:
            gap += 1
        elif gap or not blocks:
            blocks.append((gap, [line]))
            gap = 0
        else:
            blocks[-1][1].append(line)
    return blocks


def _hard_wrapped(blocks: list[tuple[int, list[str]]]) -> bool:
    """Whether a program broke the lines at a width, as old text files have it."""
    pairs = [pair for _, block in blocks for pair in pairwise(block)]
    if len(pairs) < 4:  # noqa: PLR2004 -- too few to tell
        return False
    wide = sum(_WRAP_SHORTEST <= len(line) <= _WRAP_LONGEST for line, _ in pairs)
    running = sum(following[0].islower() for _, following in pairs)
    return wide >= 0.6 * len(pairs) and running >= 0.35 * len(pairs)


def _unwrapped(block: list[str]) -> list[str]:
    """Join a wrapped paragraph; verse and addresses, whose lines are all short, stay as they are."""
    if len(block) > 1 and max(map(len, block[:-1])) < _WRAP_SHORTEST:
        return block
    return [" ".join(block)]


def _joined(blocks: list[tuple[int, list[str]]]) -> str:
    inside = sum(len(block) - 1 for _, block in blocks)
    lines_are_paragraphs = inside >= len(blocks)
    parts: list[str] = []
    for gap, block in blocks:
        if parts:
            larger = gap > 1 or lines_are_paragraphs
            parts.append("\n\n\n" if larger else "\n\n")
        parts.append(("\n\n" if lines_are_paragraphs else "\n").join(block))
    return "".join(parts)
