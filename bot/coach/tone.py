"""How a server likes its letters to sound: words of a moderator's, which a prompt quotes and never obeys."""

# ruff: noqa: RUF001 - typographic quotation marks are the subject

import re
from typing import Final

# Letters, digits and the marks of an ordinary sentence. Left out is what opens or closes something for a
# model or a template: quotation marks, brackets, braces, angles, bars, hashes, stars, backticks.
_ORDINARY: Final = re.compile(r"[^\w\s.,;:!?'’\-–—…/&%()]|_")
_QUOTES: Final = re.compile(r"[\"“”„‟«»‹›]")
# What stands alone in capitals marks the parts of a prompt.
_CAPITALS: Final = re.compile(r"\b[A-Z]{2,}\b")
_LONGEST: Final = 500


def quotable(tone: str) -> str:
    """Give a tone such that it stays within the quotation marks and the one line that a prompt gives it."""
    plain = _ORDINARY.sub(" ", _QUOTES.sub("'", tone))
    plain = _CAPITALS.sub(lambda match: match[0].lower(), plain)
    return " ".join(plain.split())[:_LONGEST].rstrip()
