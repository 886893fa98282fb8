"""Making the words of a person or a model show as they are: no markdown, no mention, no link."""

import re
from typing import Final

# Punctuation that means something to Discord wherever it stands. A backslash before it makes it mere text.
_ANYWHERE: Final = re.compile(r"[\\*_~|`\[\]<>]")
# Headings, lists and small print, which only count at the start of a line. (`>` is taken above.)
_LINE_START: Final = re.compile(r"^(\s*)([#+-]|\d+(?=[.)]))", re.MULTILINE)
# What `escape` makes of `<t:…:R>`, the one mark of Discord's that sentences of ours hold.
_ESCAPED_TIME: Final = re.compile(r"\\<(t:\d{1,12}:R)\\>")
# Discord reads these two without any bracket.
_EVERYONE: Final = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
# A space without width: the words stay whole to the eye, and are no mention any more.
_NO_WIDTH: Final = "\N{ZERO WIDTH SPACE}"
# Controls that nobody sees, some of which turn the direction of writing and so hide what a text says.
_UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def escape(text: str) -> str:
    """Give `text` such that Discord shows it letter for letter and does nothing else with it.

    Every message goes out with `AllowedMentions.none()` as well: that is what keeps people from being pinged.
    This keeps the page from looking as if they had been.
    """
    text = _UNSEEN.sub("", text)
    text = _ANYWHERE.sub(r"\\\g<0>", text)
    text = _LINE_START.sub(_behind_a_backslash, text)
    return _EVERYONE.sub(f"@{_NO_WIDTH}", text)


def _behind_a_backslash(match: re.Match[str]) -> str:
    indent, mark = match.groups()
    # A backslash before a digit would be shown: it has to stand before the dot of "1." instead.
    return f"{indent}{mark}\\" if mark.isdigit() else f"{indent}\\{mark}"


def escape_but_times(text: str) -> str:
    """Escape a sentence but for moments, which Discord shows by each reader's own clock."""
    return _ESCAPED_TIME.sub(r"<\1>", escape(text))


def one_line(text: str, longest: int = 80) -> str:
    """Give a name or a title, escaped, on one line, and cut with an ellipsis beyond `longest` characters."""
    flat = " ".join(text.split())
    return escape(flat if len(flat) <= longest else flat[: longest - 1].rstrip() + "…")
