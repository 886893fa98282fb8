"""What all tests share."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.config import known_variables
from bot.store import Store
from bot.store.keys import MasterKey
from tests.databases import (
    Cluster,
    Database,
    clone_postgresql,
    clone_sqlite,
    cluster_with_tables,
    postgresql_programs,
    sqlite_template,
)

# A busy machine makes single examples slow; that is no fault of the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

# Files that take long and would begin late by their names: one worker would be at the last of them while the
# others have nothing left to do.
_FIRST = (
    "tests/e2e/test_faults.py",
    "tests/e2e/test_crash.py",
    "tests/test_command_line.py",
    "tests/durable/test_engine.py",
    "tests/stories/test_command_edges.py",
    "tests/store/test_scope.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the longest files begin first, and the others in the order in which they were found."""
    ranks = {name: rank for rank, name in enumerate(_FIRST)}
    items.sort(key=lambda item: ranks.get(item.nodeid.partition("::")[0], len(ranks)))


@pytest.fixture(autouse=True, scope="session")
def _settings_of_this_machine_do_not_count() -> Iterator[None]:
    """Take an operator's own settings and keys out of the environment: no test may use or spend them."""
    kept = {name: os.environ.pop(name) for name in known_variables() if name in os.environ}
    yield
    os.environ.update(kept)


@pytest.fixture(autouse=True, scope="session")
def _signals_are_those_of_a_terminal() -> Iterator[None]:
    """Have children begin as from a terminal: behind `&` or `nohup` they would ignore SIGINT and SIGHUP."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP)}
    ignored = [number for number, handler in before.items() if handler is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Give a PostgreSQL server for the whole run."""
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with cluster_with_tables(programs) as running:
        yield running


@pytest.fixture(scope="session")
def sqlite_file_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an SQLite file to clone others from."""
    return sqlite_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a fresh database with all tables; the test runs once on each engine."""
    if request.param == "sqlite":
        yield clone_sqlite(request.getfixturevalue("sqlite_file_with_tables"), tmp_path)
        return
    with clone_postgresql(request.getfixturevalue("cluster"), tmp_path) as cloned:
        yield cloned


@pytest.fixture
def master() -> MasterKey:
    """Give the master key of the fixture `store`."""
    return MasterKey.generate()


@pytest.fixture
async def store(database: Database, master: MasterKey) -> AsyncIterator[Store]:
    """Give an open store on it."""
    async with Store(database.url, master=master) as opened:
        yield opened
