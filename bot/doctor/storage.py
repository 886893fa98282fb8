"""The database, the key that opens it, and whether an Inkcircle is at work on it."""

import asyncio
import os
import stat
import sys
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from bot.backup.postgresql import require_fit
from bot.config import Settings
from bot.doctor.findings import Findings, failed, ok, skipped, warning
from bot.doctor.subject import Subject
from bot.errors import OperatorError
from bot.store.errors import StoreUnavailableError, Trouble
from bot.store.inspect import Look, look, sqlite_file
from bot.store.keys import MasterKey, heir_of
from bot.store.revisions import HEAD

if sys.platform != "win32":
    import fcntl

LOCK: Final = "inkcircle.lock"
_MIB: Final = 1024 * 1024
_TROUBLES: Final = {
    Trouble.LOCKED: ("another program holds it", "Close what else has the database open."),
    Trouble.FULL: ("there is no room left", "Make room on its disk."),
    Trouble.GONE: ("it cannot be reached, or is no database", "Look whether it runs, and mend DATABASE_URL."),
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_WHY: Final = {
    "28": ("it does not know the user or the password", "Mend the name or the password in DATABASE_URL."),
    "3D": ("there is no database of that name", "Make it (`createdb`), or mend its name in DATABASE_URL."),
    "42": ("the user may not read it", "Give the user of DATABASE_URL rights on the database."),
    "53": ("it takes no more connections", "Raise max_connections, or close other programs."),
    "57": ("it is starting or stopping", "Try again in a minute."),
}


async def look_at_database(settings: Settings, _subject: Subject) -> Findings:
    """Say whether the database can be reached, and of which version its tables are."""
    name = "database"
    seen = await _seen(settings)
    if isinstance(seen, tuple):
        why, todo = seen
        return [failed(name, f"{_called(settings)}: {why}.", todo)]
    if not seen.tables:
        return [ok(name, f"{_called(settings)} is empty; its tables are made at the first start.")]
    if seen.newer:
        says = f"{_called(settings)} was written by a newer Inkcircle (tables {seen.revision}, here {HEAD})."
        return [failed(name, says, "Update Inkcircle, or restore a backup of before.")]
    if seen.revision is None:
        says = f"{_called(settings)} holds tables that are not Inkcircle's."
        return [failed(name, says, "Set DATABASE_URL to a database of Inkcircle's own.")]
    if not seen.current:
        says = f"{_called(settings)} is of an older version (tables {seen.revision}, here {HEAD})."
        return [
            warning(name, says, "The next start brings it up to date; `inkcircle backup` before is wise.")
        ]
    return [
        ok(name, f"{_called(settings)} is up to date (tables {seen.revision}, {seen.size / _MIB:.1f} MiB).")
    ]


async def look_at_backups(settings: Settings, _subject: Subject) -> Findings:
    """Say whether a PostgreSQL can be copied from here, which takes its own tools; SQLite takes none."""
    name = "backups"
    if sqlite_file(make_url(settings.database)) is not None:
        return []
    if isinstance(await _seen(settings), tuple):
        return [skipped(name, "The database comes first.")]
    try:
        await asyncio.to_thread(require_fit, make_url(settings.database))
    except OperatorError as error:
        says, _, todo = error.sentence.partition(": ")
        return [warning(name, f"`inkcircle backup` does not work: {says}.", f"{todo[:1].upper()}{todo[1:]}")]
    return [ok(name, "PostgreSQL's tools are here, as new as the server: `inkcircle backup` works.")]


async def look_at_key(settings: Settings, _subject: Subject) -> Findings:
    """Say whether the key is there, is safe where it is, fits the database, and has a backup."""
    name = "key"
    key = await asyncio.to_thread(MasterKey.from_settings, settings)
    place = f"in {key.file}" if key.file else "in INKCIRCLE_KEY"
    seen = await _seen(settings)
    if isinstance(seen, tuple):
        return [skipped(name, f"Key {key.id} is {place}; whether it fits, only the database can tell.")]
    heir = key.heir
    if seen.key_id is not None and seen.key_id != key.id:
        if heir is not None and heir.id == seen.key_id:
            says = f"A change from key {key.id} to key {heir.id} was interrupted."
            return [warning(name, says, "Stop the bot, and run `inkcircle key rotate` again.")]
        says = f"The database was written with key {seen.key_id}, and key {key.id} is {place}."
        return [failed(name, says, f"Put key {seen.key_id} back from your backup of it; nothing is lost.")]
    findings = list(_beside(key, settings))
    if seen.backup_of != key.id:
        says = f"Nobody has confirmed a backup of key {key.id}; without it, what is stored is lost for good."
        findings.append(warning(name, says, "Run `inkcircle key backup`."))
    state = "fits the database" if seen.key_id else "is ready for a new database"
    return [ok(name, f"Key {key.id}, {place}, {state}."), *findings]


def _beside(key: MasterKey, settings: Settings) -> Findings:
    """Look at a forgotten heir, which is half of a change of keys, and at a key that others may write."""
    heir = heir_of(settings.inkcircle_key_file.absolute())
    if key.heir is not None:
        says = f"Beside the key lies a new one, {heir.name}: a change of keys was begun."
        return [warning("key", says, "Run `inkcircle key rotate` to its end.")]
    folder = settings.inkcircle_key_file.absolute().parent
    if os.name == "posix" and key.file is not None and stat.S_IMODE(folder.stat().st_mode) & 0o002:
        says = f"Everybody on this machine may write in {folder}, and so take the key's place."
        return [warning("key", says, f"`chmod o-w {folder}`")]
    return []


async def look_at_lock(settings: Settings, _subject: Subject) -> Findings:
    """Say whether an Inkcircle works on the data folder: there can be one alone."""
    name = "running"
    file = settings.data.absolute() / LOCK
    if not file.exists():
        return [ok(name, f"No Inkcircle runs on {file.parent}.")]
    if await asyncio.to_thread(_is_held, file):
        return [ok(name, f"An Inkcircle runs on {file.parent}; a second one there would not start.")]
    return [ok(name, f"No Inkcircle runs on {file.parent}.")]


def _is_held(file: Path) -> bool:
    if sys.platform == "win32":
        # Nobody else can open what is locked there.
        try:
            file.read_bytes()
        except OSError:
            return True
        return False
    descriptor = os.open(file, os.O_RDONLY)
    try:
        # Shared and let go at once: whoever works there holds it exclusively.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


async def _seen(settings: Settings) -> Look | tuple[str, str]:
    """Look at the database; if that fails, give why and what to do."""
    try:
        return await look(settings.database)
    except StoreUnavailableError as error:
        return _WHY.get(_class_of(error), _TROUBLES[error.trouble])


def _class_of(error: BaseException | None) -> str:
    """Give the class of a PostgreSQL error that lies under this one, since words may quote anything."""
    while error is not None:
        state = getattr(getattr(error, "orig", None) or error, "sqlstate", None)
        if isinstance(state, str):
            return state[:2]
        error = error.__cause__
    return ""


def _called(settings: Settings) -> str:
    """Name the database without its password."""
    url = make_url(settings.database)
    file = sqlite_file(url)
    if file is not None:
        return f"The SQLite file {file}"
    where = url.host or str(url.query.get("host", "this machine"))
    return f"The PostgreSQL database {url.database} at {where}"
