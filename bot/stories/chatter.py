"""What people say beside the story: `((…))`, lines that begin with `//`, and `OOC:`.

It is kept out of the canon and steers the storyteller instead. Only clear marks count, since what is taken
for chatter is missing in the story: `//` and `OOC:` at the beginning of a line (an address such as
`https://…` and verse with ` // ` inside are prose), and double brackets that are closed, or that a line
begins with.
"""
# ruff: noqa: RUF001 -- typographic quotation marks and dashes are the subject

import re
from dataclasses import dataclass
from typing import Final

_START: Final = r"^[ \t>*_~|]*"
_ASIDE: Final = re.compile(
    r"\(\((?P<closed>[^()]*(?:\([^()]*\)[^()]*)*)\)\)"
    rf"|{_START}\(\((?P<opened>[^\n]*)$"
    rf"|{_START}[(\[][ \t]*OOC\b[ \t]*[:,–—-]?(?P<bracketed>[^)\]\n]*)[)\]]"
    rf"|{_START}(?://|OOC[ \t*_]*:)(?P<line>[^\n]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_GAP: Final = re.compile(r"[ \t]*\n(?:[ \t]*\n)+")


@dataclass(frozen=True, slots=True)
class Said:
    """A message taken apart.

    Attributes:
        canon: What belongs to the story, as it was written; empty where all was chatter.
        notes: What was said beside it, in order: it steers, and never enters prose or memory.
    """

    canon: str
    notes: tuple[str, ...]


def take_apart(message: str) -> Said:
    """Divide a message into story and chatter; a message without chatter stays letter for letter."""
    notes = []
    for match in _ASIDE.finditer(message):
        note = " ".join(next(part for part in match.groups() if part is not None).strip(" ()*_~|\t").split())
        if note:
            notes.append(note)
    rest, found = _ASIDE.subn("", message)
    if not found:
        return Said(message if message.strip() else "", ())
    lines = (line.rstrip() if line.strip() else "" for line in rest.split("\n"))
    return Said(_GAP.sub("\n\n", "\n".join(lines)).strip(), tuple(notes))
