"""What must not come back with a backup.

- Whoever was forgotten since stays forgotten. The database that is replaced knows which data keys were
  destroyed: they are destroyed in the copy as well, and the wish of their owners is written down anew, so
  that the next start fulfils it for every other row too. Wishes that still stand there are taken along.
- Work that was under way is closed. What was answered since the backup would be answered again, and the
  interactions of the rest are over. So the books that tell how far each piece is are not in a backup at all.
- A question to a message's author that was open is over; what remains is to take its message away.

The database that is replaced knows who was forgotten only if it is the one that the backup was made of, later
or earlier. One that was begun anew meanwhile, after a disk was lost, does not. The house's key for
fingerprints tells them apart: it is made with a database and never changed.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.store.schema import Base

# The same on both engines. Of keys that the backup would bring back to life: their owners' wishes, and they.
_BURY: Final = "DELETE FROM data_keys WHERE id IN (SELECT id FROM destroyed_keys)"
_WISH: Final = (
    "INSERT INTO forgettings (member_id, wished_at) SELECT owner, CURRENT_TIMESTAMP FROM data_keys "
    "WHERE kind = 'member' AND id IN (SELECT id FROM destroyed_keys) ON CONFLICT DO NOTHING"
)
_CLOSED: Final = "closed jobs: "
_ORIGIN: Final = "SELECT id FROM data_keys WHERE kind = 'fingerprint'"
_SAME_ORIGIN: Final = "same origin"
_SAY_ORIGIN: Final = f"SELECT '{_SAME_ORIGIN}' FROM kept_origin WHERE id IN ({_ORIGIN});"  # noqa: S608 - our own words alone
_CLOSE_WORK: Final = (
    ("job_readers", "DELETE FROM job_readers"),
    ("jobs", "DELETE FROM jobs"),
    ("questions", "UPDATE questions SET over = true, token = NULL, source = NULL"),
)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What a database knows of those who were forgotten, or wish to be.

    Attributes:
        keys: Ids of data keys that were destroyed, and when.
        wishes: Members who wish it and are not forgotten yet, and since when.
        origin: What it has in common with its copies and with no other database; None in very old ones.
    """

    keys: Sequence[tuple[bytes, str]] = ()
    wishes: Sequence[tuple[int, str]] = ()
    origin: bytes | None = None


def forgotten_in(database: Path) -> Forgotten | None:
    """Ask a database, also one of an older version; None if there is none, or it cannot be read."""
    if not database.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            tables = _tables_of(connection)
            return Forgotten(
                keys=_rows(connection, "SELECT id, at FROM destroyed_keys", tables),
                wishes=_rows(connection, "SELECT member_id, wished_at FROM forgettings", tables),
                origin=_origin_of(connection, tables),
            )
    except sqlite3.DatabaseError:
        return None


def settle_file(copy: Path, forgotten: Forgotten) -> tuple[int, bool]:
    """Settle a copy of an SQLite database.

    Returns:
        How many jobs were closed, and whether the copy was made of the database that knows who was forgotten.
    """
    with closing(sqlite3.connect(copy)) as connection, connection:
        # What is deleted is overwritten, as everywhere.
        connection.execute("PRAGMA secure_delete=ON")
        tables = _tables_of(connection)
        same_origin = _origin_of(connection, tables) == forgotten.origin
        if {"destroyed_keys", "data_keys"} <= tables:
            connection.executemany(
                "INSERT OR IGNORE INTO destroyed_keys (id, at) VALUES (?, ?)", forgotten.keys
            )
            if "forgettings" in tables:
                connection.executemany(
                    "INSERT OR IGNORE INTO forgettings (member_id, wished_at) VALUES (?, ?)", forgotten.wishes
                )
                connection.execute(_WISH)
            connection.execute(_BURY)
        closed = connection.execute("SELECT count(*) FROM jobs").fetchone()[0] if "jobs" in tables else 0
        for table, statement in _CLOSE_WORK:
            if table in tables:
                connection.execute(statement)
    return int(closed), same_origin


def _tables_of(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _origin_of(connection: sqlite3.Connection, tables: set[str]) -> bytes | None:
    row = connection.execute(_ORIGIN).fetchone() if "data_keys" in tables else None
    return None if row is None else bytes(row[0])


def _rows(connection: sqlite3.Connection, statement: str, tables: set[str]) -> list[Any]:
    return connection.execute(statement).fetchall() if statement.rsplit(maxsplit=1)[-1] in tables else []


def statements_before(tables: Sequence[tuple[str, str]], *, work_schema: str) -> str:
    """Give what PostgreSQL does before a copy's own statements: keep what was forgotten, and make room.

    Args:
        tables: Schema and name of the tables in the copy.
        work_schema: The schema with the books of work under way.
    """
    # An older copy has fewer tables than this version, which the next start then makes anew.
    schema = _schema_of(tables)
    gone = sorted({*tables, *((schema, name) for name in Base.metadata.tables)})
    drops = "\n".join(
        f"DROP TABLE IF EXISTS {_quoted(where)}.{_quoted(name)} CASCADE;" for where, name in gone
    )
    return "\n".join(
        (
            "CREATE TEMPORARY TABLE kept_destroyed (id bytea, at timestamptz);",
            "CREATE TEMPORARY TABLE kept_wishes (member_id bigint, wished_at timestamptz);",
            "CREATE TEMPORARY TABLE kept_origin (id bytea);",
            _if_there("destroyed_keys", "INSERT INTO kept_destroyed SELECT id, at FROM destroyed_keys"),
            _if_there("forgettings", "INSERT INTO kept_wishes SELECT member_id, wished_at FROM forgettings"),
            _if_there("data_keys", f"INSERT INTO kept_origin {_ORIGIN}"),
            drops,
            f"DROP SCHEMA IF EXISTS {_quoted(work_schema)} CASCADE;",
            "",
        )
    )


def statements_after(tables: Sequence[tuple[str, str]]) -> str:
    """Give what PostgreSQL does behind a copy's own statements: settle it, and say what `said_of` reads."""
    names = {name for _, name in tables}
    statements = [f"SET search_path = {_quoted(_schema_of(tables))}, pg_temp;"]
    if {"destroyed_keys", "data_keys"} <= names:
        statements.append(
            "INSERT INTO destroyed_keys SELECT id, at FROM kept_destroyed ON CONFLICT DO NOTHING;"
        )
        if "forgettings" in names:
            statements += [
                "INSERT INTO forgettings SELECT * FROM kept_wishes ON CONFLICT DO NOTHING;",
                f"{_WISH};",
            ]
        statements.append(f"{_BURY};")
        statements.append(_SAY_ORIGIN)
    if "jobs" in names:
        statements.append(f"SELECT '{_CLOSED}' || count(*) FROM jobs;")  # noqa: S608 - our own words alone
    statements += [f"{statement};" for table, statement in _CLOSE_WORK if table in names]
    return "\n".join((*statements, ""))


def said_of(printed: str) -> tuple[int, bool]:
    """Read what `settle_file` gives in what those statements printed."""
    lines = printed.splitlines()
    closed = sum(int(line.removeprefix(_CLOSED)) for line in lines if line.startswith(_CLOSED))
    return closed, _SAME_ORIGIN in lines


def _schema_of(tables: Sequence[tuple[str, str]]) -> str:
    return next((schema for schema, name in tables if name == "alembic_version"), "public")


def _if_there(table: str, statement: str) -> str:
    return f"DO $$ BEGIN IF to_regclass('{table}') IS NOT NULL THEN {statement}; END IF; END $$;"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
