"""The switches that people and other processes find: faults under a name, in plain words."""

from dataclasses import dataclass

from bot.playground.faults.kinds import FaultKind, Place


@dataclass(frozen=True)
class Switch:
    """One fault that can be had by its name.

    Attributes:
        name: Short and lasting.
        title: What goes wrong, for the drawer.
        words: What that means, for the drawer.
        where: What it is about; None for what is usual for its kind.
    """

    name: str
    title: str
    words: str
    kind: FaultKind
    where: str | None = None
    status: int | None = None
    code: int | None = None
    message: str | None = None
    seconds: float | None = None

    @property
    def place(self) -> Place:
        """Give what it gets in the way of."""
        return self.kind.place


SWITCHES: tuple[Switch, ...] = (
    Switch("bucket-limit", "Too fast for one channel", "429 with the time to wait.", FaultKind.BUCKET_LIMIT),
    Switch("global-limit", "Too fast altogether", "429 for everything the bot does.", FaultKind.GLOBAL_LIMIT),
    Switch(
        "shared-limit", "Others were too fast", "429 that is not the bot's own doing.", FaultKind.SHARED_LIMIT
    ),
    Switch(
        "banned",
        "Shut out by Cloudflare",
        "429 as a web page, without a word of Discord's.",
        FaultKind.BANNED,
    ),
    Switch("unauthorized", "Token not accepted", "401 for every request.", FaultKind.UNAUTHORIZED),
    Switch("forbidden", "Permission missing", "403, code 50013.", FaultKind.FORBIDDEN),
    Switch(
        "no-access",
        "No access",
        "403, code 50001.",
        FaultKind.FORBIDDEN,
        code=50001,
        message="Missing Access",
    ),
    Switch("not-found", "Nothing there", "404 for what is there.", FaultKind.NOT_FOUND),
    Switch("error-500", "Discord stumbles", "500, as JSON.", FaultKind.SERVER_ERROR),
    Switch(
        "error-503",
        "Discord is overloaded",
        "503, which clients do not try again by themselves.",
        FaultKind.SERVER_ERROR,
        status=503,
        message="503: Service Unavailable",
    ),
    Switch("html-page", "A web page for an answer", "502 by Cloudflare, as HTML.", FaultKind.HTML_PAGE),
    Switch("slow", "Slow answers", "Two seconds before anything happens.", FaultKind.SLOW),
    Switch(
        "lost-answer",
        "Answer lost",
        "It was done, and the line is cut before the bot hears.",
        FaultKind.LOST_ANSWER,
    ),
    Switch("cut", "Request cut off", "The line is cut, and nothing was done.", FaultKind.CUT),
    Switch("file-expired", "Address expired", "404 for a file that is there.", FaultKind.FILE_EXPIRED),
    Switch(
        "file-forbidden",
        "File not given",
        "403 for a file that is there.",
        FaultKind.FILE_EXPIRED,
        status=403,
    ),
    Switch("file-slow", "File comes slowly", "Two seconds between its halves.", FaultKind.FILE_SLOW),
    Switch(
        "file-truncated", "File cut off", "Half of it, and then the line is cut.", FaultKind.FILE_TRUNCATED
    ),
    Switch(
        "file-wrong-length",
        "Another length",
        "Not as many bytes as Discord said.",
        FaultKind.FILE_WRONG_LENGTH,
    ),
    Switch("gateway-cut", "Line cut", "No goodbye; can be resumed.", FaultKind.GATEWAY_CUT),
    Switch("close-4000", "Unknown error", "Close code 4000; can be resumed.", FaultKind.GATEWAY_CLOSED),
    Switch(
        "close-4009",
        "Session timed out",
        "Close code 4009; a new session.",
        FaultKind.GATEWAY_CLOSED,
        status=4009,
    ),
    Switch(
        "close-4013",
        "Invalid intents",
        "Close code 4013; clients give up.",
        FaultKind.GATEWAY_CLOSED,
        status=4013,
    ),
    Switch(
        "close-4014",
        "Disallowed intents",
        "Close code 4014; clients give up.",
        FaultKind.GATEWAY_CLOSED,
        status=4014,
    ),
    Switch("reconnect", "Asked to reconnect", "Op 7; can be resumed.", FaultKind.RECONNECT),
    Switch("invalid-session", "Session in doubt", "Op 9, resumable.", FaultKind.INVALID_SESSION),
    Switch(
        "session-lost",
        "Session lost",
        "Op 9, not resumable: what was under way is gone.",
        FaultKind.SESSION_LOST,
    ),
    Switch("lost-ack", "Heartbeats unheard", "They are not acknowledged.", FaultKind.LOST_ACK),
    Switch("event-late", "Events late", "A second after everything else.", FaultKind.EVENT_LATE),
    Switch("event-twice", "Events twice", "The same again at once.", FaultKind.EVENT_TWICE),
    Switch("event-lost", "Events lost", "The bot never hears of it.", FaultKind.EVENT_LOST),
)


def switch(name: str) -> Switch:
    """Find a switch.

    Raises:
        LookupError: There is none of that name.
    """
    for each in SWITCHES:
        if each.name == name:
            return each
    raise LookupError(f"there is no switch {name!r}")
