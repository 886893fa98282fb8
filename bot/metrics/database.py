"""Counts what a database refuses, by what an operator would do about it."""

from collections.abc import Callable

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import IntegrityError

from bot.metrics.measures import database_error


def watch_engine(engine: Engine, kind_of: Callable[[BaseException], str | None]) -> None:
    """Have an engine's errors counted.

    Args:
        engine: The engine; of an asynchronous one its `sync_engine`.
        kind_of: Tells an error's kind: locked, full or gone; None for any other.
    """

    def count(context: ExceptionContext) -> None:
        error = context.sqlalchemy_exception or context.original_exception
        # That something is there already is an answer, which our own code asks for.
        if not isinstance(error, IntegrityError):
            database_error(kind_of(error) or "other")

    event.listen(engine, "handle_error", count)
