"""The log: readable in a terminal, JSON elsewhere, and never a secret or a person's words in it.

Two walls keep words out. Our code logs ids, kinds and counts only. And whatever still comes by is cut down
here: of an error the places in the code without its own message (which may quote what it choked on), of a
library's record its pattern without what would be filled in; and every known secret is struck out.
"""

import logging
import sys
import traceback
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any, Final, Literal, TextIO

import structlog

_STRUCK_OUT: Final = "[struck out]"
# Libraries that quote requests, addresses with tokens, or payloads when they speak.
_CHATTY: Final = (
    "aiohttp",
    "aiosqlite",
    "asyncio",
    "httpcore",
    "httpcore2",
    "httpx",
    "httpx2",
    "openai",
    "sqlalchemy",
    "uvicorn",
)
_OURS: Final = ("bot", "cogs", "tests")
# Of these we have read that a record without arguments is a literal, and never a text put together.
_LITERAL: Final = ("discord",)

EventDict = MutableMapping[str, Any]


def places(error: BaseException) -> list[str]:
    """Give where an error came from: kinds and places in the code, innermost last, and no messages.

    An error's message may quote a manuscript, a prompt or a key, so it stays out of the log.
    """
    told: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)
        where = " > ".join(f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames[-6:])
        told.append(f"{type(current).__module__}.{type(current).__qualname__} at {where or 'nowhere'}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return told


def _short(filename: str) -> str:
    parts = filename.replace("\\", "/").split("/")
    return "/".join(parts[-3:])


def _tell_places(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its places."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["cause"] = places(error)
    return event


def _only_the_pattern(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Keep the pattern of a library's record, and leave out what would be filled in."""
    record = event.get("_record")
    if isinstance(record, logging.LogRecord) and record.name.split(".")[0] not in _OURS:
        place = f"{_short(record.pathname)}:{record.lineno} {record.funcName}"
        literal = bool(event.pop("positional_args", ())) or record.name.split(".")[0] in _LITERAL
        event["event"] = str(record.msg) if literal else place
        event["library"] = record.name
    return event


def _strike_out(secrets: Iterable[str]) -> Callable[[object, str, EventDict], EventDict]:
    known = sorted((secret for secret in secrets if len(secret) >= 4), key=len, reverse=True)  # noqa: PLR2004 - shorter ones would strike out words

    def clean(value: object) -> object:
        if isinstance(value, str):
            for secret in known:
                value = value.replace(secret, _STRUCK_OUT)
            return value
        if isinstance(value, dict):
            return {key: clean(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [clean(item) for item in value]
        return value

    def strike_out(_logger: object, _method: str, event: EventDict) -> EventDict:
        return {key: value if key.startswith("_") else clean(value) for key, value in event.items()}

    return strike_out


def configure(
    *,
    level: str = "info",
    style: Literal["auto", "text", "json"] = "auto",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Set the log up, for us and for every library that uses `logging`; a second call replaces the first.

    Args:
        level: The lowest level that is written: debug, info, warning or error.
        style: text, json, or auto: text if the stream is a terminal.
        secrets: Values that are struck out wherever they stand.
        stream: Where to write; standard error if nothing is said.
    """
    target = stream or sys.stderr
    as_text = style == "text" or (style == "auto" and target.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso" if not as_text else "%H:%M:%S", utc=not as_text),
        _tell_places,
    ]
    renderer: Any = structlog.dev.ConsoleRenderer() if as_text else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_only_the_pattern, *shared],
            use_get_message=False,
            pass_foreign_args=True,
            processors=[
                _strike_out(secrets),
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    for old in list(root.handlers):
        # pytest's own handlers stay; ours are replaced.
        if isinstance(old.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
