"""Brings the tables of a database to this version's, in one transaction."""

import asyncio
from typing import Any, Final

from sqlalchemy import event, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.store.revisions import HEAD, STEPS
from bot.store.schema import Base

# A number of our own, by which two processes on one PostgreSQL wait for each other.
_ADVISORY_LOCK: Final = 4_951_367


async def migrate(url: URL, *, adopt: str | None) -> None:
    """Take every step that is missing; all of them or none.

    It runs in a thread with a loop of its own, since loading Alembic alone would hold up this one.

    Args:
        url: The database.
        adopt: The version that a database without a version is of; None if it is empty.
    """
    await asyncio.to_thread(lambda: asyncio.run(_migrate(url, adopt)))


async def _migrate(url: URL, adopt: str | None) -> None:
    engine = create_async_engine(url, poolclass=NullPool, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    try:
        async with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
            await connection.run_sync(_upgrade, adopt)
    finally:
        await engine.dispose()


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
    """Leave transactions to us: Python's driver would commit before each change of a table."""
    connection.isolation_level = None
    cursor = connection.cursor()
    # A table that is made anew, as SQLite needs for most changes, must not take its children with it.
    for pragma in ("journal_mode=WAL", "busy_timeout=5000", "foreign_keys=OFF", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _upgrade(connection: Connection, adopt: str | None) -> None:
    from alembic.config import Config  # noqa: PLC0415 - half a second, which only a change of version needs
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(STEPS.parent).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)

    def steps(revision: Any, context: Any) -> Any:  # noqa: ANN401 - Alembic's own types are private
        if not revision and adopt is not None:
            context.stamp(script, adopt)
            revision = (adopt,)
        return script._upgrade_revs(HEAD, revision)  # noqa: SLF001 - what Alembic's own `upgrade` calls

    with EnvironmentContext(config, script, fn=steps, destination_rev=HEAD) as environment:
        environment.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
        environment.run_migrations()
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise RuntimeError("after the change of the tables a row would point to nothing")
