"""Counts what a database refuses, by what an operator would do about it."""

from typing import Final

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import IntegrityError

from bot.metrics.measures import DatabaseErrorKind, database_error

# What SQLite says, since it gives no more than words; they never hold values.
_BUSY_WORDS: Final = ("database is locked", "database table is locked", "database schema is locked")
_FULL_WORDS: Final = ("disk is full", "disk i/o error")
# https://www.postgresql.org/docs/current/errcodes-appendix.html: lock not available, deadlock, serialization
_BUSY_CODES: Final = frozenset({"55P03", "40P01", "40001"})
# disk full, out of memory; connection failures are class 08, a server that goes or comes 57P01 to 57P03
_FULL_CODES: Final = frozenset({"53100"})
_LOST_CODES: Final = frozenset({"57P01", "57P02", "57P03"})


def watch_engine(engine: Engine) -> None:
    """Have an engine's errors counted; of an asynchronous engine, hand in its `sync_engine`."""
    event.listen(engine, "handle_error", _count)


def _count(context: ExceptionContext) -> None:
    # That something is there already is an answer, which our own code asks for.
    if not isinstance(context.sqlalchemy_exception, IntegrityError):
        database_error(_kind_of(context))


def _kind_of(context: ExceptionContext) -> DatabaseErrorKind:
    error = context.original_exception
    code = str(getattr(error, "sqlstate", None) or "")
    words = str(error).lower()
    if code in _BUSY_CODES or any(known in words for known in _BUSY_WORDS):
        return "busy"
    if code in _FULL_CODES or any(known in words for known in _FULL_WORDS):
        return "full"
    lost = context.is_disconnect or isinstance(error, OSError)
    if lost or code.startswith("08") or code in _LOST_CODES:
        return "lost"
    return "other"
