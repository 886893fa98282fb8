"""Cutting a long text into messages that Discord takes, at places where a reader would pause.

A cut never falls inside a character (with its accents, or a family of emoji), an escape, a mention, a link or
a marked run such as `**bold**`, as long as that run fits into one message at all. A code fence that must be
cut is closed before the cut and opened again behind it.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

# Discord's limit for a message, see https://discord.com/developers/docs/resources/message#create-message
MESSAGE_LIMIT: Final = 2000

_FENCE: Final = "```"
_CLOSING: Final = f"\n{_FENCE}"
_FENCED: Final = re.compile(r"```(?:[\w+#.-]*\n)?.*?```", re.DOTALL)
_OPENING: Final = re.compile(r"```(?:[\w+#.-]*\n)?")
# Runs that mean something only when they are whole. The dot leaves out newlines: no run of ours spans lines.
_WHOLE: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"\\.",
        r"<[^<>\s]{1,100}>",
        r"\[[^\]\n]{1,400}\]\([^)\s]{1,400}\)",
        r"https?://\S{1,400}",
        r"`[^`\n]+`",
        r"\*\*\*[^*\n]+\*\*\*",
        r"\*\*.+?\*\*",
        r"(?<!\*)\*(?![*\s])[^*\n]*[^*\s]\*(?!\*)",
        r"__.+?__",
        r"(?<!_)_(?![_\s])[^_\n]*[^_\s]_(?!_)",
        r"~~.+?~~",
        r"\|\|.+?\|\|",
        r"([*_~|`])\1+",
    )
)
# Where to cut, best first, with the share of a message that must be full before such a place is good enough.
_PAUSES: Final = (
    (re.compile(r"\n[^\S\n]*\n"), 0.4),
    (re.compile(r"\n"), 0.5),
    (re.compile(r"""[.!?…]["'”\u2019»)\]*_~|]*\s"""), 0.6),
    (re.compile(r"\s"), 0.0),
)
# What a fence opened again may take: three marks, the language's name and a newline.
_ROOM_TO_REOPEN: Final = 24
_JOINER: Final = "\N{ZERO WIDTH JOINER}"
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS: Final = range(0x1F1E6, 0x1F200)
_FLAG_TAGS: Final = range(0xE0020, 0xE0080)
_BEYOND_16_BIT: Final = 0xFFFF


def units(text: str) -> int:
    """Count as Discord's clients do, in UTF-16: an emoji counts two."""
    return len(text) + sum(ord(character) > _BEYOND_16_BIT for character in text)


@dataclass(frozen=True, slots=True)
class _Fence:
    """A code fence; `opening` is what opens it again behind a cut."""

    opening: str


def split_text(text: str, limit: int = MESSAGE_LIMIT) -> list[str]:
    """Cut `text` into pieces of at most `limit` units, none of them empty.

    White space at a cut is dropped; nothing else is, and nothing is added but fences closed and opened again.
    """
    # Room for the marks of a fence, and for the progress of at least a few characters a piece.
    if limit < 40:  # noqa: PLR2004 - see above
        raise ValueError("a message of under 40 units cannot be cut well")
    return _Cutter(text, limit).pieces()


class _Cutter:
    """One text on its way into pieces."""

    def __init__(self, text: str, limit: int) -> None:
        self._text = text
        self._limit = limit
        # For every position, the fence that a cut there would break.
        self._around: list[_Fence | None] = [None] * (len(text) + 1)
        self._inside_character = bytearray(len(text) + 1)
        self._inside_run = bytearray(len(text) + 1)
        self._mark_characters()
        self._mark_runs()
        self._mark_fences()

    def pieces(self) -> list[str]:
        found: list[str] = []
        start = 0
        opening = ""
        while start < len(self._text):
            room = self._limit - units(opening)
            end = self._reach(start, room)
            if end < len(self._text):
                end = self._cut(start, end, self._reach(start, room - units(_CLOSING)))
            piece = opening + self._text[start:end]
            fence = self._around[end]
            if fence is not None:
                piece = piece.rstrip("\n") + _CLOSING
            found.append(piece.strip())
            opening = "" if fence is None else fence.opening
            start = self._skip_space(end, in_fence=fence is not None)
        return [piece for piece in found if piece]

    def _mark_characters(self) -> None:
        flag_letters = 0
        for index, character in enumerate(self._text):
            code = ord(character)
            joined = (
                unicodedata.category(character).startswith("M")
                or character == _JOINER
                or code in _SKIN_TONES
                or code in _FLAG_TAGS
                or (index > 0 and self._text[index - 1] == _JOINER)
                or (character == "\n" and index > 0 and self._text[index - 1] == "\r")
            )
            flag_letters = flag_letters + 1 if code in _FLAG_LETTERS else 0
            if index > 0 and (joined or (flag_letters and flag_letters % 2 == 0)):
                self._inside_character[index] = 1

    def _mark_runs(self) -> None:
        for pattern in _WHOLE:
            for match in pattern.finditer(self._text):
                if units(match.group()) <= self._limit:
                    for position in range(match.start() + 1, match.end()):
                        self._inside_run[position] = 1

    def _mark_fences(self) -> None:
        for match in _FENCED.finditer(self._text):
            head = _OPENING.match(self._text, match.start())
            opening = head.group() if head else _FENCE
            body = match.start() + len(opening)
            # A language of absurd length is none, and would leave no room for the text.
            fence = _Fence(
                opening if "\n" in opening and units(opening) <= _ROOM_TO_REOPEN else f"{_FENCE}\n"
            )
            self._around[match.start() + 1 : match.end()] = [fence] * (match.end() - match.start() - 1)
            # No cut in the marks, nor right beside them, which would leave a fence with nothing in it.
            last = match.end() - len(_FENCE)
            closing = last - 1 if self._text[last - 1] == "\n" else last
            for position in (*range(match.start() + 1, body + 1), *range(closing, match.end())):
                self._inside_run[position] = 1

    def _reach(self, start: int, room: int) -> int:
        """Give the furthest end of a piece from `start` that fits into `room` units."""
        end = start
        while end < len(self._text):
            room -= 2 if ord(self._text[end]) > _BEYOND_16_BIT else 1
            if room < 0:
                break
            end += 1
        return end

    def _cut(self, start: int, end: int, end_in_fence: int) -> int:
        """Choose where to end a piece, at most at `end`, or `end_in_fence` if it must close a fence."""

        def fits(position: int) -> bool:
            return position <= (end_in_fence if self._around[position] else end)

        def allowed(position: int) -> bool:
            return fits(position) and not self._inside_run[position] and not self._inside_character[position]

        for pattern, full in _PAUSES:
            earliest = start + max(1, int((end - start) * full))
            places = [match.end() for match in pattern.finditer(self._text, start, end + 1)]
            best = max((p for p in places if earliest <= p <= end and allowed(p)), default=0)
            if best:
                return best
        for test in (allowed, lambda p: fits(p) and not self._inside_character[p], fits):
            for position in range(end, start, -1):
                if test(position):
                    return position
        return end_in_fence

    def _skip_space(self, position: int, *, in_fence: bool) -> int:
        if in_fence:
            return position + 1 if self._text[position : position + 1] == "\n" else position
        while position < len(self._text) and self._text[position].isspace():
            position += 1
        return position
