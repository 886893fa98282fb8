"""Fresh databases for tests, SQLite and PostgreSQL, cloned from one whose tables are there already.

PostgreSQL is Debian's, started once a run in a temporary directory and on a Unix socket alone. It refuses to
run as root, so root runs it as `postgres`.
"""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

import asyncpg

from bot.store import Store

_USER: Final = "inkcircle"
_TEMPLATE: Final = "template_inkcircle"
# Nothing here has to outlive a power cut.
_FAST: Final = (
    "fsync=off",
    "full_page_writes=off",
    "shared_buffers=16MB",
    "max_connections=60",
    "autovacuum=off",
)


@dataclass(frozen=True, slots=True)
class Database:
    """A database of a test's own, with every table and no row.

    Attributes:
        kind: `sqlite` or `postgresql`.
        url: SQLAlchemy's, of the async driver.
        folder: Where its files are.
        cluster: Its server; None for SQLite.
    """

    kind: str
    url: str
    folder: Path
    cluster: "Cluster | None" = None

    @property
    def file(self) -> Path:
        """The file of an SQLite database."""
        return self.folder / "inkcircle.db"


class Cluster:
    """A PostgreSQL server of a test's own."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self.folder = folder
        self._data = folder / "data"

    def create(self) -> None:
        """Make its files, and start it."""
        user = f"--username={_USER}"
        self._run(
            "initdb", "-D", self._data, user, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"
        )
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = " ".join(f"-c {each}" for each in _FAST)
        options = f"-k {self.folder} -h '' {settings}"
        self._run("pg_ctl", "start", "-w", "-D", self._data, "-l", self.folder / "log", "-o", options)

    def stop(self) -> None:
        """Stop it at once, whoever is connected."""
        self._run("pg_ctl", "stop", "-w", "-D", self._data, "-m", "immediate")

    def url(self, database: str, driver: str = "postgresql+asyncpg") -> str:
        """Give the URL of one of its databases."""
        return f"{driver}://{_USER}@/{database}?host={self.folder}"

    async def execute(self, statement: str) -> None:
        """Run a statement that no transaction may hold, as its owner."""
        connection = await asyncpg.connect(host=str(self.folder), user=_USER, database="postgres")
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(  # noqa: S603 - programs of Debian's, arguments of ours
            command,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")


def _await(work: Coroutine[object, object, None]) -> None:
    """Wait for it outside of a test's own loop, which is not running yet but is there."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, work).result()


def postgresql_programs() -> Path | None:
    """Give the folder of the newest PostgreSQL server's programs; None if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def postgresql_cluster(programs: Path) -> Iterator[Cluster]:
    """Run a server with nothing in it, and take it away afterwards."""
    # A socket's path may have 107 characters, which pytest's own folders soon exceed.
    folder = Path(tempfile.mkdtemp(prefix="inkcircle-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    cluster = Cluster(programs, folder)
    try:
        cluster.create()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def cluster_with_tables(programs: Path) -> Iterator[Cluster]:
    """Run a server with a database to clone others from."""
    with postgresql_cluster(programs) as cluster:

        async def make_template() -> None:
            await cluster.execute(f"CREATE DATABASE {_TEMPLATE}")
            async with Store(cluster.url(_TEMPLATE)):
                pass

        _await(make_template())
        yield cluster


def sqlite_template(folder: Path) -> Path:
    """Make an SQLite file to clone others from."""
    file = folder / "template.db"

    async def make() -> None:
        async with Store(f"sqlite+aiosqlite:///{file}"):
            pass

    _await(make())
    return file


def clone_sqlite(template: Path, folder: Path) -> Database:
    """Give a fresh SQLite database in a folder of its own."""
    database = Database("sqlite", f"sqlite+aiosqlite:///{folder / 'inkcircle.db'}", folder)
    shutil.copyfile(template, database.file)
    return database


@contextmanager
def clone_postgresql(cluster: Cluster, folder: Path) -> Iterator[Database]:
    """Give a fresh PostgreSQL database, and drop it afterwards."""
    name = f"test_{uuid4().hex}"
    _await(cluster.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}"))
    try:
        yield Database("postgresql", cluster.url(name), folder, cluster)
    finally:
        _await(cluster.execute(f"DROP DATABASE {name} WITH (FORCE)"))
