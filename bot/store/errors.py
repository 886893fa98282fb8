"""What can go wrong with what is kept."""

import errno
from enum import StrEnum
from typing import Final

from sqlalchemy.exc import DBAPIError, DontWrapMixin, SQLAlchemyError

from bot.errors import InkcircleError, OperatorError, UserError


class Trouble(StrEnum):
    """Why the database does not take part just now."""

    LOCKED = "locked"
    FULL = "full"
    GONE = "gone"
    DAMAGED = "damaged"


_SENTENCES: Final = {
    Trouble.LOCKED: "My notebook was busy for too long, and nothing was changed; please try again soon.",
    Trouble.FULL: "There is no room left where I keep things, and nothing was changed; please tell whoever "
    "runs this bot.",
    Trouble.GONE: "I cannot reach the place where I keep things, and nothing was changed; please try "
    "again in a minute.",
    Trouble.DAMAGED: "Something is wrong where I keep things, and nothing was changed; please tell whoever "
    "runs this bot.",
}


class StoreUnavailableError(InkcircleError):
    """The database cannot be used just now: locked, full, gone or damaged. What was begun is undone.

    Attributes:
        trouble: Which of them.
        cause: The same, for the log.
    """

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(_SENTENCES[trouble])
        self.trouble = trouble
        self.cause = trouble.value


class ForgottenError(UserError, DontWrapMixin):
    """Its author's key was destroyed, so nobody can read this again. That is what they asked for."""

    def __init__(self) -> None:
        super().__init__("Its author asked to be forgotten, so it cannot be read any more.")


class NoKeyError(OperatorError, DontWrapMixin):
    """The store was opened without a master key, which numbers and ids do not need and texts do."""

    def __init__(self) -> None:
        super().__init__(
            "People's texts can be kept and read only with a key: make one with `inkcircle key new`, or set "
            "INKCIRCLE_KEY."
        )


class TamperedError(InkcircleError, DontWrapMixin):
    """What is stored is not what was stored: bytes were changed, or moved from another column."""

    def __init__(self, column: str) -> None:
        super().__init__("Something that I kept is damaged and cannot be read any more.")
        self.cause = column


class OtherGuildError(InkcircleError, DontWrapMixin):
    """A session of one server was asked for something of another, or past its watch: our fault."""

    def __init__(self, cause: str) -> None:
        super().__init__("Something went wrong on my side, and nothing was kept.")
        self.cause = cause


# https://www.sqlite.org/rescode.html: the lower eight bits name the kind.
_SQLITE: Final = {
    5: Trouble.LOCKED,
    6: Trouble.LOCKED,
    13: Trouble.FULL,
    14: Trouble.GONE,
    10: Trouble.GONE,
    11: Trouble.DAMAGED,
    26: Trouble.DAMAGED,
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html, by the first two characters or all five.
_POSTGRESQL: Final = {
    "08": Trouble.GONE,
    "57P01": Trouble.GONE,
    "57P02": Trouble.GONE,
    "57P03": Trouble.GONE,
    "53300": Trouble.GONE,
    "53100": Trouble.FULL,
    "55P03": Trouble.LOCKED,
    "40P01": Trouble.LOCKED,
    "57014": Trouble.LOCKED,
}
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def trouble_of(error: BaseException) -> Trouble | None:
    """Tell which trouble of the database an error speaks of; None if of another kind."""
    if isinstance(error, StoreUnavailableError):
        return error.trouble
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return Trouble.GONE
        return _trouble_of_driver(error.orig)
    if isinstance(error, SQLAlchemyError):
        return None
    return _trouble_of_driver(error)


def _trouble_of_driver(error: BaseException | None) -> Trouble | None:
    while error is not None:
        code = getattr(error, "sqlite_errorcode", None)
        if isinstance(code, int):
            return _SQLITE.get(code & 0xFF)
        state = getattr(error, "sqlstate", None)
        if isinstance(state, str):
            return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            return Trouble.FULL
        if isinstance(error, (ConnectionError, TimeoutError, FileNotFoundError)):
            return Trouble.GONE
        error = error.__cause__
    return None
