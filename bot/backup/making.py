"""Makes a backup, while the bot runs or not."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from bot.backup import postgresql
from bot.backup.archive import Manifest, entry_of, write_archive
from bot.backup.errors import on_disk
from bot.backup.places import Places
from bot.backup.sqlite_copy import copy_sqlite
from bot.durable.books import SCHEMA
from bot.errors import OperatorError
from bot.metrics.measures import own_version
from bot.store.inspect import Look, looked_at

_log = structlog.get_logger(__name__)

FILES: Final = {"sqlite": "inkcircle.db", "postgresql": "inkcircle.dump"}
"""The one file in a backup, by engine."""


async def make_backup(places: Places, target: Path) -> Manifest:
    """Copy all that is kept into one file, which its owner alone may read.

    Args:
        places: Where it is.
        target: A file that is not there yet. Its folder holds the copy for a moment, so it needs room for
            twice the size.

    Returns:
        What the backup says of itself.

    Raises:
        OperatorError: There is nothing to copy, no room, or a file of that name; nothing is left behind.
    """
    seen = await looked_at(places.url)
    if seen.revision is None:
        raise OperatorError(
            "There is nothing to back up yet: the database is made when the bot starts for the first time."
        )
    manifest = await asyncio.to_thread(_make, places, target, seen)
    _log.info("backup.made", revision=manifest.revision, key=manifest.key_id)
    return manifest


def _make(places: Places, target: Path, seen: Look) -> Manifest:
    if target.exists() or target.is_symlink():
        raise OperatorError(f"There is a file {target} already: name another one, or move it away.")
    began = datetime.now(UTC)
    name = FILES[places.engine]
    with on_disk(target), workroom(target.parent) as room:
        if places.file is not None:
            copy_sqlite(places.file, room / name)
        else:
            postgresql.dump(places.url, room / name, without=SCHEMA)
        manifest = Manifest(
            made_at=began,
            inkcircle=own_version(),
            engine=places.engine,
            revision=str(seen.revision),
            key_id=seen.key_id,
            files={name: entry_of(room / name)},
        )
        write_archive(target, manifest, room)
    return manifest


@contextmanager
def workroom(folder: Path) -> Iterator[Path]:
    """Give a folder for a while that its owner alone may enter, on the same disk."""
    room = Path(tempfile.mkdtemp(prefix=".inkcircle-", dir=folder))
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)
