"""The stage on either database, for files of tests where it matters what is kept."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from tests.databases import Database, clone_postgresql, clone_sqlite
from tests.e2e.stage import Stage, open_stage

ENGINES = ("sqlite", "postgresql")
_PRICES = (
    'currency = "USD"\n[[price]]\nmodel = "editor"\ninput = 1000\noutput = 10000\n'
    '[[price]]\nmodel = "cheap"\ninput = 1\noutput = 1\n'
)


@asynccontextmanager
async def stage_on(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[Stage]:
    """Give a stage on the engine that the fixture's parameter names.

    An answer of the double's, which counts 20 tokens read and 6 written, costs 0.08 USD by `editor`.
    Servers may choose `cheap`, and `grand`, whose price nobody knows.
    """
    (folder / "prices.toml").write_text(_PRICES)
    with _database(request, folder) as database:
        async with open_stage(
            folder / "data",
            database_url=database.url,
            inkcircle_prices=folder / "prices.toml",
            inkcircle_guild_models="cheap, grand",
        ) as stage:
            stage.model._models = ("editor", "cheap", "grand")
            yield stage


@contextmanager
def _database(request: pytest.FixtureRequest, folder: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        yield clone_sqlite(request.getfixturevalue("sqlite_file_with_tables"), folder)
        return
    with clone_postgresql(request.getfixturevalue("cluster"), folder) as cloned:
        yield cloned
