"""What is shipped to run the bot by names what there is: files, commands, settings."""

import asyncio
import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from bot.__main__ import command_line
from bot.config import known_variables
from bot.metrics import Health, Part
from bot.metrics.serving import MetricsServer
from tests.metrics.conftest import port

__all__ = ["port"]

_ROOT = Path(__file__).parents[2]
_DOCKERFILE = (_ROOT / "Dockerfile").read_text()
_UNIT = _ROOT / "deploy" / "inkcircle.service"
# Python's and pip's own.
_NOT_OURS = re.compile(r"^(PATH|PYTHON\w+|PIP_\w+|POSTGRES_\w+)$")


def _instructions() -> list[tuple[str, str]]:
    joined = re.sub(
        r"\\\n", " ", "\n".join(line for line in _DOCKERFILE.splitlines() if not line.startswith("#"))
    )
    return [
        (line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in joined.splitlines() if line.strip()
    ]


def _copied() -> list[str]:
    copies = [shlex.split(rest) for word, rest in _instructions() if word == "COPY"]
    return [source for copy in copies if not copy[0].startswith("--from") for source in copy[:-1]]


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    kept = [line[1:] for line in (_ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for source in _copied():
        assert (_ROOT / source).exists(), source
        assert any(fnmatch(source, each) for each in kept), source
    # What is installed as packages must be copied.
    with (_ROOT / "pyproject.toml").open("rb") as stream:
        project = tomllib.load(stream)
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= set(_copied())
    assert {project["project"]["readme"], *project["project"]["license-files"]} <= set(_copied())


def test_the_image_runs_our_command_as_an_ordinary_user() -> None:
    instructions = dict(_instructions())
    with (_ROOT / "pyproject.toml").open("rb") as stream:
        scripts = tomllib.load(stream)["project"]["scripts"]
    (entry,) = json.loads(instructions["ENTRYPOINT"])
    assert entry in scripts
    assert _is_a_command(json.loads(instructions["CMD"]))
    assert instructions["USER"] == "inkcircle"
    assert "--require-hashes" in instructions["RUN"] or "--require-hashes" in _DOCKERFILE
    # What pip installs without hashes is our own code alone.
    assert re.findall(r"pip install (?!--require-hashes)(.*)", _DOCKERFILE) == [
        "--no-deps --no-build-isolation ."
    ]


def test_every_setting_that_is_named_is_known() -> None:
    named = set(re.findall(r"\b([A-Z][A-Z_]+)=", _DOCKERFILE))
    named |= set(_compose()["services"]["inkcircle"]["environment"])
    named |= {
        line.split("=")[1] for line in _UNIT.read_text().splitlines() if line.startswith("Environment=")
    }
    unknown = {name for name in named if name not in known_variables() and not _NOT_OURS.match(name)}
    assert unknown == set()


def test_data_and_key_are_never_in_one_place() -> None:
    environment = _compose()["services"]["inkcircle"]["environment"]
    volumes = [each.split(":") for each in _compose()["services"]["inkcircle"]["volumes"]]
    homes = {place: name for name, place in volumes}
    key = Path(environment["INKCIRCLE_KEY_FILE"])
    assert homes[str(key.parent)] != homes[environment["INKCIRCLE_DATA"]]
    assert set(homes.values()) <= set(_compose()["volumes"])
    declared = json.loads(dict(_instructions())["VOLUME"])
    assert {str(key.parent), environment["INKCIRCLE_DATA"]} <= set(declared)


async def test_the_images_health_check_reads_our_page(port: int) -> None:
    """The very command of the Dockerfile, against the very server of the bot."""
    check = re.search(r"HEALTHCHECK .*CMD (\[.*\])", "\n".join(f"{a} {b}" for a, b in _instructions()))
    assert check is not None
    command = json.loads(check[1])
    assert command[0] == "python"
    told = Part(well=True, note="")
    for part, code in ((told, 0), (replace(told, well=False), 1)):
        async with MetricsServer(Health({"database": partial(_same, part)}), port=port):
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *command[1:],
                env={"INKCIRCLE_METRICS_PORT": str(port)},
                stderr=asyncio.subprocess.DEVNULL,
            )
            assert await asyncio.wait_for(process.wait(), 30) == code


def _same(part: Part) -> Part:
    return part


def test_the_composed_postgresql_listens_on_no_network() -> None:
    server = _compose()["services"]["postgresql"]
    assert server["network_mode"] == "none"
    assert server["command"][-1] == "listen_addresses="
    assert server["profiles"] == ["postgresql"]


def test_the_image_can_copy_the_composed_postgresql() -> None:
    """`pg_dump` refuses a server that is newer than itself."""
    bases = set(re.findall(r"^FROM python:[\d.]+-slim-(\w+)", _DOCKERFILE, re.MULTILINE))
    # https://packages.debian.org/search?keywords=postgresql-client
    clients = {"bookworm": 15, "trixie": 17}
    server = int(_compose()["services"]["postgresql"]["image"].removeprefix("postgres:"))
    assert {clients[base] >= server for base in bases} == {True}


def test_the_unit_starts_our_command_and_gives_it_time_to_stop(tmp_path: Path) -> None:
    unit = configparser.RawConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign] # names keep their capitals
    unit.read(_UNIT)
    service = unit["Service"]
    command = service["ExecStart"].split()
    assert Path(command[0]).name == "inkcircle"
    assert _is_a_command(command[1:])
    assert float(service["TimeoutStopSec"]) > 10
    assert service["Restart"] == "on-failure"
    assert service["User"] == "inkcircle"
    if (analyze := shutil.which("systemd-analyze")) is not None:
        # Its program is not installed here, so another takes its place.
        copy = tmp_path / "inkcircle.service"
        copy.write_text(_UNIT.read_text().replace(command[0], "/bin/true"))
        done = subprocess.run(  # noqa: S603 - systemd's own tool
            [analyze, "verify", "--man=no", str(copy)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={"PATH": os.environ["PATH"]},
        )
        assert [line for line in done.stderr.splitlines() if "inkcircle.service" in line] == []


def _compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((_ROOT / "compose.yaml").read_text())
    return found


def _is_a_command(words: list[str]) -> bool:
    group: Any = get_command(command_line())
    for word in words:
        if word not in getattr(group, "commands", {}):
            return False
        group = group.commands[word]
    return True


@pytest.mark.parametrize("words", [["run"], ["key", "new"], ["backup"]])
def test_a_command_is_recognised_as_one(words: list[str]) -> None:
    assert _is_a_command(words)
    assert not _is_a_command([*words, "nonsense"])
