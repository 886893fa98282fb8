"""Puts a backup back: looked through before anything is touched, and put in place in one step."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from bot.backup import postgresql, settling
from bot.backup.archive import Manifest, read_manifest, unpack
from bot.backup.errors import DAMAGED, on_disk
from bot.backup.making import FILES, workroom
from bot.backup.places import Places
from bot.backup.sqlite_copy import fold, is_whole, put_in_place, remove
from bot.durable.books import FILE_NAME, SCHEMA
from bot.errors import OperatorError
from bot.store.revisions import REVISIONS

_log = structlog.get_logger(__name__)

_ENGINES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it.

    Attributes:
        manifest: What was put back.
        closed: Pieces of work that were under way in it, and were closed.
        forgetting_kept: Whether the database that was replaced knew who was forgotten since. If not, since
            it was gone, damaged or begun anew meanwhile, whoever asked for that after the backup was made
            has to be forgotten again.
    """

    manifest: Manifest
    closed: int
    forgetting_kept: bool


async def restore_backup(places: Places, file: Path, *, key_id: str | None) -> Restored:
    """Replace all that is kept by what a backup holds. The data folder's lock must be held.

    Args:
        places: Where it goes.
        file: The backup.
        key_id: The id of the master key at hand; None if there is none.

    Raises:
        OperatorError: The backup is damaged, of another engine, of a newer version or of another key, or the
            database is in use. What was there is still there.
    """
    manifest = await asyncio.to_thread(read_manifest, file)
    require_fitting(manifest, places, key_id)
    work = _restore_file if places.file is not None else _restore_server
    restored = await asyncio.to_thread(work, places, file)
    _log.info("backup.restored", made_at=manifest.made_at.isoformat(), closed=restored.closed)
    return restored


def require_fitting(manifest: Manifest, places: Places, key_id: str | None) -> None:
    """See that a backup can be put back here.

    Raises:
        OperatorError: It cannot.
    """
    if manifest.revision not in REVISIONS:
        raise OperatorError(
            f"The backup was made by a newer version of Inkcircle ({manifest.inkcircle}, tables "
            f"{manifest.revision}): install that version, and restore again. Nothing was changed."
        )
    if manifest.engine != places.engine:
        ours, theirs = (_ENGINES.get(name, name) for name in (places.engine, manifest.engine))
        raise OperatorError(
            f"The backup is of {theirs}, and the settings name {ours}: set DATABASE_URL to a {theirs} first. "
            "Nothing was changed."
        )
    if manifest.key_id is not None and manifest.key_id != key_id:
        here = f"key {key_id}" if key_id else "no key"
        raise OperatorError(
            f"The backup was made with key {manifest.key_id}, and here is {here}: put key {manifest.key_id} "
            "into INKCIRCLE_KEY_FILE, and restore again. Nothing was changed."
        )


def _restore_file(places: Places, file: Path) -> Restored:
    database = places.file
    if database is None:
        raise RuntimeError("only an SQLite database is a file")
    with on_disk(database):
        database.parent.mkdir(parents=True, exist_ok=True)
        with workroom(database.parent) as room:
            manifest = _unpacked(file, room, places)
            copy = room / FILES[places.engine]
            if not is_whole(copy):
                raise OperatorError(DAMAGED.format(file=file, why="its database is not whole"))
            forgotten = settling.forgotten_in(database)
            closed, same_origin = settling.settle_file(copy, forgotten or settling.Forgotten())
            fold(database)
            put_in_place(copy, database)
        # They tell of work in the database that is gone; without them and without jobs, none is begun again.
        remove(places.data / FILE_NAME)
    return Restored(manifest, closed, forgetting_kept=forgotten is not None and same_origin)


def _restore_server(places: Places, file: Path) -> Restored:
    _require_unused(places)
    with on_disk(places.data):
        places.data.mkdir(parents=True, exist_ok=True)
        with workroom(places.data) as room:
            manifest = _unpacked(file, room, places)
            copy = room / FILES[places.engine]
            before, script, after = (room / name for name in ("before.sql", "backup.sql", "after.sql"))
            postgresql.script_of(copy, script)
            tables = postgresql.tables_in(copy)
            before.write_text(settling.statements_before(tables, work_schema=SCHEMA))
            after.write_text(settling.statements_after(tables))
            closed, same_origin = settling.said_of(postgresql.run_scripts(places.url, before, script, after))
    return Restored(manifest, closed, forgetting_kept=same_origin)


async def require_unused(places: Places) -> None:
    """See that nobody else is connected to a PostgreSQL; for SQLite the data folder's lock tells.

    Raises:
        OperatorError: Somebody is.
    """
    if places.file is None:
        await asyncio.to_thread(_require_unused, places)


def _require_unused(places: Places) -> None:
    if count := postgresql.others(places.url):
        raise OperatorError(
            f"The database is in use ({count} other connections): stop the bot on every machine, and every "
            "other program that is connected. Nothing was changed."
        )


def _unpacked(file: Path, room: Path, places: Places) -> Manifest:
    manifest = unpack(file, room)
    if set(manifest.files) != {FILES[places.engine]}:
        raise OperatorError(DAMAGED.format(file=file, why="it holds other files than it should"))
    return manifest
