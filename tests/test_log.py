"""The log tells what happened without anybody's words in it."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import log

CANARY = "Mara hid the letter under the floorboards"
SECRET = "sk-canary-4711"  # noqa: S105 - a made-up key


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    log.configure(style="json", secrets=[SECRET], stream=stream)
    yield stream
    log.configure()


def read(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def read_badly() -> None:
    raise ValueError(CANARY)


def choke() -> None:
    try:
        read_badly()
    except ValueError as error:
        raise RuntimeError(f"could not read {CANARY}") from error


def test_an_error_is_told_by_kind_and_place_and_not_by_its_message(lines: io.StringIO) -> None:
    try:
        choke()
    except RuntimeError:
        structlog.get_logger("bot.test").exception("critique_failed", incident="ink-1")
    (entry,) = read(lines)
    assert entry["incident"] == "ink-1"
    assert "RuntimeError" in str(entry["cause"])
    assert "ValueError" in str(entry["cause"])
    assert "test_log.py" in str(entry["cause"])
    assert CANARY not in lines.getvalue()


def test_a_library_is_quoted_by_its_pattern_alone(lines: io.StringIO) -> None:
    logging.getLogger("somelibrary").warning("cannot send %s", CANARY)
    logging.getLogger("somelibrary").warning(f"cannot send {CANARY}")  # noqa: G004 - the case in question
    logging.getLogger("asyncio").error("Task exception\n%s", CANARY, exc_info=ValueError(CANARY))
    pattern, place, task = read(lines)
    assert pattern["event"] == "cannot send %s"
    assert "test_log.py" in str(place["event"])
    assert "ValueError" in str(task["cause"])
    assert CANARY not in lines.getvalue()


def test_a_secret_is_struck_out_wherever_it_stands(lines: io.StringIO) -> None:
    structlog.get_logger("bot.test").info("call", url=f"http://x/?key={SECRET}", deep={"list": [SECRET]})
    assert SECRET not in lines.getvalue()
    assert lines.getvalue().count("[struck out]") == 2


def test_in_a_terminal_the_log_is_for_reading() -> None:
    stream = io.StringIO()
    log.configure(style="text", stream=stream)
    try:
        structlog.get_logger("bot.test").info("ready", guilds=2)
    finally:
        log.configure()
    assert "ready" in stream.getvalue()
    assert not stream.getvalue().lstrip().startswith("{")
