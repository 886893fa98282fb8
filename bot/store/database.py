"""The database: opened once, closed once, sessions in between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Self

import structlog
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from bot import metrics
from bot.errors import OperatorError
from bot.store.errors import StoreUnavailableError, trouble_of
from bot.store.inspect import look, sqlite_file
from bot.store.migrating import migrate

_log = structlog.get_logger(__name__)

# A writer waits this long for another one before it gives up.
_BUSY_MS: Final = 5000


class Store:
    """The database behind an async context manager.

    Args:
        url: SQLAlchemy's URL of an async driver, such as `sqlite+aiosqlite:///…`.
    """

    def __init__(self, url: str) -> None:
        self._url: URL = make_url(url)
        self._engine: AsyncEngine | None = None
        self._sessions: async_sessionmaker[AsyncSession] | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Bring the tables to this version, and connect.

        Raises:
            OperatorError: The database cannot be opened or written.
        """
        try:
            if self._file is not None:
                self._file.parent.mkdir(parents=True, exist_ok=True)
            # Neither statements nor values in errors: they will hold people's words one day.
            engine = create_async_engine(self._url, hide_parameters=True, pool_pre_ping=True)
            self._engine = engine
            metrics.watch_engine(engine.sync_engine, trouble_of)
            if engine.dialect.name == "sqlite":
                event.listen(engine.sync_engine, "connect", _prepare_sqlite)
            seen = await look(self._url)
            if not seen.current:
                await migrate(self._url, adopt=seen.revision)
            if self._file is not None and self._file.is_file():
                # Only whoever runs the bot reads what it keeps.
                self._file.chmod(0o600)
        except (SQLAlchemyError, StoreUnavailableError, OSError) as error:
            await self.close()
            raise OperatorError(
                f"The database {self.name} cannot be opened for writing: check that its folder exists, is "
                "yours and has room, or set DATABASE_URL, for example "
                "DATABASE_URL=sqlite+aiosqlite:////var/lib/inkcircle/inkcircle.db"
            ) from error
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)
        _log.info("store.opened", engine=engine.dialect.name)

    async def close(self) -> None:
        """Let go of every connection."""
        engine, self._engine, self._sessions = self._engine, None, None
        if engine is not None:
            await engine.dispose()

    @property
    def name(self) -> str:
        """What to call the database in a sentence; never with its password."""
        return str(self._file) if self._file is not None else self._url.render_as_string(hide_password=True)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Give a session whose work is committed at the end, or undone if something was raised."""
        if self._sessions is None:
            raise RuntimeError("the store is not open")
        async with self._sessions.begin() as session:
            yield session

    @property
    def _file(self) -> Path | None:
        return sqlite_file(self._url)


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
    """Readers do not wait for a writer, a writer waits for another, and references hold."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={_BUSY_MS}", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
