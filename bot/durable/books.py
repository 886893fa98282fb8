"""DBOS and its tables: opened inside the running loop, closed within seconds, silent about what they hold."""

import asyncio
import logging
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy
import structlog
from dbos import DBOS, DBOSConfig
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url

from bot.durable.lock import NameLock
from bot.errors import OperatorError
from bot.store.inspect import name_of

_log = structlog.get_logger(__name__)

NAME: Final = "inkcircle"
FILE_NAME: Final = "work.db"
SCHEMA: Final = "inkcircle_work"
# DBOS makes these threads the loop's own, so they serve all blocking work of the bot.
_THREADS: Final = 32
_CONNECTIONS: Final = 4
_BUSY_SECONDS: Final = 10.0
# How long it may take until DBOS's threads have begun what was handed to them, at the end.
_BEGINNING_SECONDS: Final = 1.0
_KEPT: Final = timedelta(hours=1)
_AT_ONCE: Final = 200


class Books:
    """Where DBOS writes down how far each piece of work is: ids and names of steps, no words.

    On SQLite a file of their own in the data folder, on PostgreSQL a schema of their own in the same
    database.

    Args:
        database: The database's URL, as SQLAlchemy's asynchronous drivers take it.
        folder: The data folder.
        worker: The executor id.
        version: The application version.
    """

    def __init__(self, database: str, *, folder: Path, worker: str, version: str) -> None:
        url = make_url(database)
        self._postgresql = url.get_backend_name() == "postgresql"
        self._url = (
            _for_psycopg(url) if self._postgresql else URL.create("sqlite", database=str(folder / FILE_NAME))
        )
        self._worker = worker
        self._version = version
        self._engine: sqlalchemy.Engine | None = None
        self._lock = NameLock(self._url, worker, house=NAME) if self._postgresql else None
        self._open = False

    async def open(self) -> None:
        """Open the books and launch DBOS. It takes up at once what was under way.

        Raises:
            OperatorError: They cannot be opened, or another process works under the same name.
        """
        _quieten()
        try:
            self._engine = self._make_engine()
            if self._lock is not None:
                await asyncio.to_thread(self._lock.take)
            config = DBOSConfig(
                name=NAME,
                system_database_url=self._url.render_as_string(hide_password=False),
                system_database_engine=self._engine,
                dbos_system_schema=SCHEMA,
                executor_id=self._worker,
                application_version=self._version,
                max_executor_threads=_THREADS,
                enable_otlp=False,
                log_level="ERROR",
                # Work is begun directly, and there are no messages between pieces of it.
                use_listen_notify=False,
            )
            DBOS(config=config)
            self._open = True
            _only_through_our_log()
            DBOS.launch()
        except OperatorError:
            await self.close(1.0)
            raise
        except Exception as error:
            await self.close(1.0)
            raise OperatorError(
                f"Inkcircle cannot keep track of its work in {name_of(self._url)}: check that it can be "
                "written and has room."
            ) from error

    async def close(self, seconds: float) -> None:
        """Let go of everything, within about so many seconds."""
        if self._open:
            self._open = False
            await _take_the_loop_back()
            closing = asyncio.create_task(_in_own_thread(DBOS.destroy))
            _, late = await asyncio.wait([closing], timeout=seconds)
            if late:
                _log.warning("durable.books_hang", seconds=seconds)
        if self._lock is not None:
            self._lock.release()
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    async def check(self) -> None:
        """See that the worker's name is still ours, which PostgreSQL forgets when it starts anew.

        Raises:
            OperatorError: Another process works under it by now.
        """
        if self._open and self._lock is not None:
            await asyncio.to_thread(self._lock.check)

    async def forget_ended(self) -> None:
        """Forget which pieces of work have ended some time ago."""
        before = (datetime.now(UTC) - _KEPT).isoformat()
        while True:
            ended = await DBOS.list_workflows_async(
                status=["SUCCESS", "ERROR", "CANCELLED"],
                completed_before=before,
                limit=_AT_ONCE,
                load_input=False,
                load_output=False,
            )
            if not ended:
                return
            await DBOS.delete_workflows_async([each.workflow_id for each in ended])

    def _make_engine(self) -> sqlalchemy.Engine:
        if self._postgresql:
            return sqlalchemy.create_engine(
                self._url,
                hide_parameters=True,
                pool_pre_ping=True,
                pool_size=_CONNECTIONS,
                max_overflow=_CONNECTIONS,
                connect_args={"connect_timeout": int(_BUSY_SECONDS)},
            )
        engine = sqlalchemy.create_engine(self._url, hide_parameters=True)
        event.listen(engine, "connect", _prepare)
        Path(str(self._url.database)).touch(mode=0o600)
        return engine


def _for_psycopg(url: URL) -> URL:
    """Give the same server for the driver that DBOS speaks through."""
    query = {"sslmode" if name == "ssl" else name: value for name, value in url.query.items()}
    return url.set(drivername="postgresql+psycopg", query=query)


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    """Make a commit survive the process's death, and cost a tenth of what it costs without a log."""
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={int(_BUSY_SECONDS * 1000)}"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.isolation_level = "IMMEDIATE"


async def _take_the_loop_back() -> None:
    """Give the loop other threads: DBOS had its own serve it, and ends them; who closes next needs some too.

    What its threads have not begun by then is called off. So a call behind all of that is waited for.
    """
    loop = asyncio.get_running_loop()
    last = loop.run_in_executor(None, _nothing)
    loop.set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="loop"))
    await asyncio.wait([last], timeout=_BEGINNING_SECONDS)


def _nothing() -> None:
    """Only come to the turn."""


async def _in_own_thread(close: Any) -> None:  # noqa: ANN401 - a function of DBOS
    """Call what shuts the loop's threads down, and so must not run in one of them."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def run() -> None:
        try:
            close()
        except Exception as error:  # noqa: BLE001 - the process ends anyway; the log has it
            _log.warning("durable.books_unclosed", kind=type(error).__name__)
        finally:
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=run, name="durable-close", daemon=True).start()
    await done.wait()


def _quieten() -> None:
    logging.getLogger("dbos").setLevel(logging.ERROR)


def _only_through_our_log() -> None:
    """Take DBOS's own handler away: what it says goes to our log, which shows patterns and places alone."""
    library = logging.getLogger("dbos")
    for handler in list(library.handlers):
        library.removeHandler(handler)
    library.addHandler(logging.NullHandler())
    library.propagate = True
