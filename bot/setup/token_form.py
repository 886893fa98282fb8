"""What can be said of a token without asking Discord."""

import base64
import binascii
import re
from typing import Final

# The bot's id in base 64, a moment, a signature: read off real tokens, not promised by Discord's documents.
_TOKEN: Final = re.compile(r"([A-Za-z0-9_-]{18,32})\.[A-Za-z0-9_-]{5,8}\.[A-Za-z0-9_-]{25,80}")
_SNOWFLAKE: Final = re.compile(r"^\d{15,20}$")
_MIX_UPS: Final = (
    (re.compile(r"^$"), "Nothing was pasted."),
    (re.compile(r"\s"), "There is a space or a line break inside it, so something is missing or too much."),
    (re.compile(r"[^\x21-\x7e]"), "It holds characters that no token has."),
    (_SNOWFLAKE, "This is the application's ID and not the bot's token."),
    (re.compile(r"^[0-9a-f]{64}$"), "This is the application's public key and not the bot's token."),
    (
        re.compile(r"^[A-Za-z0-9_-]{32}$"),
        "This looks like the client secret of the page OAuth2 and not like the bot's token.",
    ),
)
_AGAIN: Final = "On the page Bot press Reset Token, then Copy."


def tidied(pasted: str) -> str:
    """Take off what a copy brings along: white space, quotes, and the word Bot."""
    return re.sub(r"^Bot\s+", "", pasted.strip().strip("\"'\u201c\u201d\u2018\u2019`").strip())


def complaint_about(token: str) -> str | None:
    """Say why this cannot be a bot's token of discord.com; None if it may be one. Never quotes it."""
    for pattern, says in _MIX_UPS:
        if pattern.search(token):
            return f"{says} {_AGAIN}"
    match = _TOKEN.fullmatch(token)
    if match is None or _id_in(match[1]) is None:
        return (
            f"A bot's token has three parts with dots between them; this is none, or not all of it. {_AGAIN}"
        )
    return None


def _id_in(part: str) -> int | None:
    try:
        text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return int(text) if _SNOWFLAKE.fullmatch(text) else None
