"""The kinds of faults, and where each of them belongs."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto


class Place(Enum):
    """What a fault gets in the way of."""

    API = auto()
    FILES = auto()
    GATEWAY = auto()


class FaultKind(StrEnum):
    """What goes wrong."""

    # Requests: answered in place of the route, so that they have no effect.
    BUCKET_LIMIT = "bucket-limit"
    SHARED_LIMIT = "shared-limit"
    GLOBAL_LIMIT = "global-limit"
    BANNED = "banned"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    SERVER_ERROR = "server-error"
    HTML_PAGE = "html-page"
    CUT = "cut"
    REFUSED = "refused"  # no connection at all; see `Playground.unreachable`
    # Requests that do have their effect.
    SLOW = "slow"
    LOST_ANSWER = "lost-answer"
    # Files
    FILE_EXPIRED = "file-expired"
    FILE_SLOW = "file-slow"
    FILE_TRUNCATED = "file-truncated"
    FILE_WRONG_LENGTH = "file-wrong-length"
    # The gateway: what happens to the line when an event is due
    GATEWAY_CUT = "gateway-cut"
    GATEWAY_CLOSED = "gateway-closed"
    RECONNECT = "reconnect"
    INVALID_SESSION = "invalid-session"
    SESSION_LOST = "session-lost"
    LOST_ACK = "lost-ack"
    # … and to the event itself
    EVENT_LATE = "event-late"
    EVENT_TWICE = "event-twice"
    EVENT_LOST = "event-lost"

    @property
    def place(self) -> Place:
        """Give what it gets in the way of."""
        if self in _FILES:
            return Place.FILES
        return Place.GATEWAY if self in _GATEWAY else Place.API

    @property
    def terms(self) -> "Terms":
        """Give what it does unless told otherwise."""
        return _TERMS.get(self, Terms())


_FILES = frozenset(
    {FaultKind.FILE_EXPIRED, FaultKind.FILE_SLOW, FaultKind.FILE_TRUNCATED, FaultKind.FILE_WRONG_LENGTH}
)
_GATEWAY = frozenset(
    {
        FaultKind.GATEWAY_CUT,
        FaultKind.GATEWAY_CLOSED,
        FaultKind.RECONNECT,
        FaultKind.INVALID_SESSION,
        FaultKind.SESSION_LOST,
        FaultKind.LOST_ACK,
        FaultKind.EVENT_LATE,
        FaultKind.EVENT_TWICE,
        FaultKind.EVENT_LOST,
    }
)

HEARTBEAT = "HEARTBEAT"


@dataclass(frozen=True)
class Terms:
    """The particulars of a fault.

    Attributes:
        where: The routes, files or events that it is about; see `patterns`.
        status: The HTTP status, or the gateway's close code.
        code: Discord's own code in the body.
        message: Discord's words in the body.
        seconds: How long one is to wait: for an answer, a file, an event, or until the next attempt.
    """

    where: str = "**"
    status: int = 0
    code: int = 0
    message: str = ""
    seconds: float = 0.0


_TERMS = {
    FaultKind.BUCKET_LIMIT: Terms(status=429, seconds=0.3),
    FaultKind.SHARED_LIMIT: Terms(status=429, seconds=0.3),
    FaultKind.GLOBAL_LIMIT: Terms(status=429, seconds=0.3),
    FaultKind.BANNED: Terms(status=429, seconds=600.0),
    FaultKind.UNAUTHORIZED: Terms(status=401, message="401: Unauthorized"),
    FaultKind.FORBIDDEN: Terms(status=403, code=50013, message="Missing Permissions"),
    FaultKind.NOT_FOUND: Terms(status=404, message="404: Not Found"),
    FaultKind.SERVER_ERROR: Terms(status=500, message="500: Internal Server Error"),
    FaultKind.HTML_PAGE: Terms(status=502),
    FaultKind.SLOW: Terms(seconds=2.0),
    # Discord's CDN says so of an address that is unsigned, changed or too old.
    FaultKind.FILE_EXPIRED: Terms(status=404),
    FaultKind.FILE_SLOW: Terms(seconds=2.0),
    FaultKind.GATEWAY_CUT: Terms(where="*"),
    FaultKind.GATEWAY_CLOSED: Terms(where="*", status=4000),
    FaultKind.RECONNECT: Terms(where="*"),
    FaultKind.INVALID_SESSION: Terms(where="*"),
    FaultKind.SESSION_LOST: Terms(where="*"),
    FaultKind.LOST_ACK: Terms(where=HEARTBEAT),
    FaultKind.EVENT_LATE: Terms(where="*", seconds=1.0),
    FaultKind.EVENT_TWICE: Terms(where="*"),
    FaultKind.EVENT_LOST: Terms(where="*"),
}
