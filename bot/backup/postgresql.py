"""Copies of PostgreSQL databases, by the server's own tools."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL

from bot.errors import OperatorError

# A group's database is copied in seconds; whoever waits an hour has another problem.
_LONGEST: Final = 3600
# <number>; <oid> <oid> TABLE <schema> <name> <owner>
_TABLE: Final = re.compile(r"^\d+; \d+ \d+ TABLE (?!DATA )(\S+) (\S+) ", re.MULTILINE)
_SSL: Final = {"true": "require", "false": "disable"}


def dump(url: URL, target: Path, *, without: str) -> None:
    """Copy a database as it is at one moment, while others write; but not the schema `without`.

    Raises:
        OperatorError: `pg_dump` is missing, is older than the server, or says no.
    """
    require_fit(url)
    options = ("--format=custom", "--no-owner", "--no-privileges", f"--exclude-schema={without}")
    _run("pg_dump", *options, f"--file={target}", url=url)
    target.chmod(0o600)


def script_of(copy: Path, target: Path) -> None:
    """Write a copy's statements to a file.

    Raises:
        OperatorError: `pg_restore` is missing or says no.
    """
    _run("pg_restore", "--no-owner", "--no-privileges", f"--file={target}", str(copy), url=None)
    target.chmod(0o600)


def tables_in(copy: Path) -> list[tuple[str, str]]:
    """Give schema and name of each table in a copy."""
    listed = _run("pg_restore", "--list", str(copy), url=None)
    return [(found[1], found[2]) for found in _TABLE.finditer(listed)]


def run_scripts(url: URL, *scripts: Path) -> str:
    """Run files of statements as one transaction: all of it happens, or nothing. Gives what they print.

    Raises:
        OperatorError: `psql` is missing or says no.
    """
    files = [f"--file={script}" for script in scripts]
    quietly = ("--no-psqlrc", "--quiet", "--tuples-only", "--no-align")
    return _run("psql", *quietly, "--set=ON_ERROR_STOP=1", "--single-transaction", *files, url=url)


def others(url: URL) -> int:
    """Count who else is connected to a database."""
    return _number(
        url,
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )


def require_tools() -> None:
    """See that the tools are there.

    Raises:
        OperatorError: One is missing.
    """
    for tool in ("pg_dump", "pg_restore", "psql"):
        if shutil.which(tool) is None:
            raise OperatorError(
                f"The program {tool} is missing, which copying a PostgreSQL takes: install PostgreSQL's "
                "client, of your server's version or newer, for example with `apt install postgresql-client`."
            )


def require_fit(url: URL) -> None:
    """See that the tools are there and can copy this server.

    Raises:
        OperatorError: One is missing, is older than the server, or cannot reach it.
    """
    require_tools()
    # It says "pg_dump (PostgreSQL) 15.18", and in brackets whose package it is.
    ours = int(re.findall(r"\d+", _run("pg_dump", "--version", url=None))[0])
    theirs = _number(url, "SHOW server_version_num") // 10_000
    if ours < theirs:
        raise OperatorError(
            f"The program pg_dump is of PostgreSQL {ours} and copies no server of version {theirs}: install "
            f"PostgreSQL's client of version {theirs} or newer, for example with "
            f"`apt install postgresql-client-{theirs}`."
        )


def _number(url: URL, statement: str) -> int:
    quietly = ("--no-psqlrc", "--tuples-only", "--no-align")
    return int(_run("psql", *quietly, f"--command={statement}", url=url))


def _run(tool: str, *arguments: str, url: URL | None) -> str:
    require_tools()
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    if url is not None:
        environment |= _address(url)
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and no word of a person in it
            [tool, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise OperatorError(f"{tool} did not come to an end within an hour.") from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise OperatorError(f"{tool} failed: {said[-1] if said else 'it does not say why'}")
    return done.stdout


def _address(url: URL) -> dict[str, str]:
    """Say where a database is in the environment, where no list of processes shows the password."""
    query = {name: value if isinstance(value, str) else value[0] for name, value in url.query.items()}
    ssl = query.get("ssl") or query.get("sslmode")
    found = {
        "PGHOST": url.host or query.get("host"),
        "PGPORT": str(url.port) if url.port else query.get("port"),
        "PGUSER": url.username or query.get("user"),
        "PGPASSWORD": url.password or query.get("password"),
        "PGDATABASE": url.database or query.get("database"),
        "PGSSLMODE": _SSL.get(ssl.lower(), ssl) if ssl else None,
        "PGCONNECT_TIMEOUT": "10",
    }
    return {name: str(value) for name, value in found.items() if value}
