"""docs/set-up.md says what is true of the commands."""

import re
from pathlib import Path

import typer

from bot.__main__ import command_line
from bot.config import known_variables

PAGE = (Path(__file__).parents[2] / "docs" / "set-up.md").read_text()
SOURCES = "\n".join(path.read_text() for path in (Path(__file__).parents[2] / "bot").rglob("*.py"))


def options_of(name: str) -> set[str]:
    commands = typer.main.get_command(command_line()).commands  # type: ignore[attr-defined]
    return {option for parameter in commands[name].params for option in parameter.opts}


def test_every_option_on_the_page_exists() -> None:
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE))
    assert named - {"--deep", "--json"} <= options_of("setup")
    assert {"--deep", "--json"} <= options_of("doctor")
    assert options_of("setup") - {"--help"} <= named | {"--model"}


def test_every_setting_on_the_page_exists() -> None:
    named = set(re.findall(r"`((?:INKCIRCLE|DISCORD|COACH)_[A-Z_]+)`?", PAGE))
    assert named
    assert named <= known_variables()


def test_every_check_on_the_page_is_one_of_the_doctor_s() -> None:
    table = PAGE.partition("| check | what is looked at |")[2].partition("\n\n")[0]
    named = {name for row in table.splitlines() for name in re.findall(r"`([a-z ]+)(?: \(…\))?`", row)}
    assert len(named) >= 10
    told = set(re.findall(r'name = f?"([a-z ]+)"', SOURCES)) | set(
        re.findall(r'(?:ok|failed|told|within|warning)\("([a-z ]+)"', SOURCES)
    )
    assert named - {"model"} <= told


def test_what_is_said_of_errors_is_what_they_say() -> None:
    table = PAGE.partition("| what you read | what it means |")[2]
    for sentence in re.findall(r"^\| `([^`]+)`", table, re.MULTILINE):
        start = sentence.removeprefix(".env ").removeprefix("DISCORD_TOKEN is wrong: ")
        assert start in SOURCES, start
