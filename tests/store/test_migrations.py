"""Old databases become new ones, whole; newer ones and failures leave everything as it was."""

import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.errors import OperatorError
from bot.store import Confirmation, Guilds, MasterKey, Store, migrating
from bot.store.copies import KEPT, copies_of
from bot.store.inspect import look
from bot.store.revisions import FIRST, HEAD, REVISIONS, STEPS
from bot.store.schema import Base
from tests.databases import Database

_AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_the_steps_are_a_chain_that_alembic_reads_as_we_do() -> None:
    config = Config()
    config.set_main_option("script_location", str(STEPS.parent))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [HEAD]
    chain = [step.revision for step in script.walk_revisions()][::-1]
    assert tuple(chain) == REVISIONS


async def test_the_steps_lead_to_the_tables_of_the_schema(database: Database) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return [
            each
            for each in compare_metadata(context, Base.metadata)
            if not (each[0] == "remove_table" and each[1].name == "alembic_version")
        ]

    async with Store(database.url) as store, store.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_names_of_constraints_are_those_of_the_schema(database: Database) -> None:
    def names(connection: Connection) -> set[str | None]:
        found: set[str | None] = set()
        seen = inspect(connection)
        for table in Base.metadata.tables:
            found |= {each["name"] for each in seen.get_unique_constraints(table)}
            found |= {each["name"] for each in seen.get_foreign_keys(table)}
            found |= {each["name"] for each in seen.get_indexes(table)}
            found.add(seen.get_pk_constraint(table)["name"])
        return found

    async with Store(database.url) as store:
        async with store.engine.connect() as connection:
            by_steps = await connection.run_sync(names)
        async with store.engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
            assert by_steps == await connection.run_sync(names)


async def _make_old(database: Database) -> None:
    """Make a database of before there were versions, with a row in it."""
    engine = create_async_engine(database.url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.execute(text("DROP TABLE alembic_version"))
    await engine.dispose()
    await migrating.migrate(engine.url, adopt=None, target=FIRST)
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE alembic_version"))
        await connection.execute(
            text("INSERT INTO guilds VALUES (:guild, :member, :at)"),
            {"guild": 5, "member": 6, "at": _AT if database.kind == "postgresql" else "2026-11-21 12:00:00"},
        )
    await engine.dispose()


async def test_a_database_of_before_versions_is_adopted(database: Database, master: MasterKey) -> None:
    await _make_old(database)
    assert (await look(database.url)).revision == FIRST
    async with Store(database.url, master=master) as store:
        assert await Guilds(store).demonstration(5) == Confirmation(6, _AT)
        await store.keys.member(1)
    seen = await look(database.url)
    assert seen.current
    assert seen.key_id == master.id


def _names_in(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


async def _dump(database: Database) -> object:
    """Give every byte of an SQLite file and what lies beside it, or every row of a PostgreSQL."""
    if database.kind == "sqlite":
        return {file.name: file.read_bytes() for file in sorted(database.folder.iterdir())}
    engine = create_async_engine(database.url, poolclass=NullPool)

    def read(connection: Connection) -> dict[str, list[str]]:
        return {
            name: sorted(map(str, connection.execute(text(f'SELECT * FROM "{name}"'))))  # noqa: S608 - our own names
            for name in inspect(connection).get_table_names()
        }

    async with engine.connect() as connection:
        found = await connection.run_sync(read)
    await engine.dispose()
    return found


async def test_a_newer_database_is_refused_untouched(database: Database, master: MasterKey) -> None:
    engine = create_async_engine(database.url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    await engine.dispose()
    before = await _dump(database)
    with pytest.raises(OperatorError, match=f"newer version.*9999_later.*{HEAD}"):
        await Store(database.url, master=master).open()
    assert await _dump(database) == before
    assert (await look(database.url)).newer


async def test_a_wrong_key_is_named_and_nothing_is_touched(database: Database, master: MasterKey) -> None:
    async with Store(database.url, master=master):
        pass
    before = await _dump(database)
    wrong = MasterKey.generate()
    with pytest.raises(OperatorError, match=f"key {master.id}.*key {wrong.id}.*Nothing was touched"):
        await Store(database.url, master=wrong).open()
    assert await _dump(database) == before


async def test_a_wrong_key_is_found_before_the_tables_are_changed(
    database: Database, master: MasterKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Store(database.url, master=master):
        pass
    before = await _dump(database)
    monkeypatch.setattr("bot.store.inspect.HEAD", "9999_later")
    with pytest.raises(OperatorError, match="Nothing was touched"):
        await Store(database.url, master=MasterKey.generate()).open()
    assert await _dump(database) == before


# It even commits on SQLite, as a step could that does what no transaction may hold: the copy must help then.
_BROKEN_STEP = """
import sqlalchemy as sa
from alembic import op

revision = "9999_broken"
down_revision = "HEAD"


def upgrade():
    op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("UPDATE guilds SET demonstration_confirmed_by = 0")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("COMMIT")
    raise RuntimeError("halfway")
"""


@pytest.fixture
def failing_step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Add a step that makes a table, changes rows, and fails."""
    steps = tmp_path / "steps" / "versions"
    steps.mkdir(parents=True)
    for file in STEPS.glob("[0-9]*.py"):
        (steps / file.name).write_text(file.read_text())
    (steps / "9999_broken.py").write_text(_BROKEN_STEP.replace("HEAD", HEAD))
    monkeypatch.setattr(migrating, "STEPS", steps)
    monkeypatch.setattr(migrating, "HEAD", "9999_broken")
    monkeypatch.setattr("bot.store.inspect.HEAD", "9999_broken")
    return "9999_broken"


async def test_a_step_that_fails_halfway_leaves_the_database_as_it_was(
    database: Database, master: MasterKey, failing_step: str
) -> None:
    await _make_old(database)
    with pytest.raises(OperatorError, match=rf"{FIRST} to {failing_step}.*as it was before"):
        await Store(database.url, master=master).open()
    seen = await look(database.url)
    assert seen.tables == {"calls", "guilds"}
    engine = create_async_engine(database.url, poolclass=NullPool)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT demonstration_confirmed_by FROM guilds")) == 6
    await engine.dispose()
    if database.kind == "sqlite":
        assert copies_of(database.file) == []


async def test_a_first_start_that_fails_leaves_no_file(tmp_path: Path, failing_step: str) -> None:
    with pytest.raises(OperatorError, match=failing_step):
        await Store(f"sqlite+aiosqlite:///{tmp_path / 'fresh' / 'inkcircle.db'}").open()
    assert _names_in(tmp_path / "fresh") == set()


async def test_copies_are_whole_private_named_and_few(sqlite_file_with_tables: Path, tmp_path: Path) -> None:
    file = tmp_path / "inkcircle.db"
    database = Database("sqlite", f"sqlite+aiosqlite:///{file}", tmp_path)
    shutil.copyfile(sqlite_file_with_tables, file)
    for _ in range(KEPT + 2):
        await _make_old(database)
        async with Store(database.url):
            pass
    copies = copies_of(file)
    assert len(copies) == KEPT
    for copy in copies:
        assert re.fullmatch(rf"inkcircle\.db\.{FIRST}-\d{{8}}T\d{{12}}Z\.copy", copy.name)
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as connection:
            assert connection.execute("SELECT demonstration_confirmed_by FROM guilds").fetchall() == [(6,)]
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert _names_in(tmp_path) == {file.name, *(copy.name for copy in copies)}


async def test_a_current_database_is_opened_without_alembic(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("no step was needed")

    monkeypatch.setattr(migrating, "migrate", never)
    async with Store(database.url):
        pass


def test_alembic_is_loaded_for_a_change_of_version_alone() -> None:
    """It takes half a second, which a command should not wait for."""
    loaded = "import sys, bot.store; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], check=False, timeout=60).returncode == 0  # noqa: S603 - ours
