"""The database: opened once, closed once, sessions in between."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Self, TypeVar

import structlog
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from bot import metrics
from bot.errors import OperatorError
from bot.store import sqlite
from bot.store.errors import NoKeyError, StoreUnavailableError, Trouble, trouble_of
from bot.store.facts import Facts
from bot.store.inspect import look, name_of, sqlite_file
from bot.store.keyring import Keyring
from bot.store.keys import MasterKey, fitting
from bot.store.migrating import bring_up_to_date
from bot.store.scope import GuildSession

_log = structlog.get_logger(__name__)
_Result = TypeVar("_Result")

_CONNECTING_SECONDS: Final = 10.0
_ANSWER_SECONDS: Final = 30.0
# How long work waits for a database that went away, and the pauses in between, in seconds.
PATIENCE_SECONDS: Final = 120.0
_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 5.0
_BESIDE_ANOTHER_SECONDS: Final = 1.0
# What waiting does not mend.
_LASTING: Final = (Trouble.FULL, Trouble.DAMAGED)


class Store:
    """The database behind an async context manager.

    Args:
        url: SQLAlchemy's URL of an async driver: `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`.
        master: What people's texts are sealed under. Without it numbers and ids can be read and written,
            which is all that the ledger needs, and no text.

    Attributes:
        facts: What the house knows about itself.
    """

    def __init__(self, url: str | URL, *, master: MasterKey | None = None) -> None:
        self._url: URL = make_url(url)
        self._master = master
        self._engine: AsyncEngine | None = None
        self._hasty: AsyncEngine | None = None
        self._keys: Keyring | None = None
        self._sessions: Counter[asyncio.Task[Any] | None] = Counter()
        self.facts: Final = Facts(self.session)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Check the key, bring the tables to this version, and connect, in this order.

        Raises:
            OperatorError: The key does not fit, a newer version has written the database, or it cannot be
                opened; in the first two cases nothing was touched.
        """
        if self._url.get_backend_name() == "sqlite" and sqlite_file(self._url) is None:
            raise OperatorError(
                "DATABASE_URL names a database in memory, which would keep nothing: name a file."
            )
        try:
            # Where two begin a new SQLite file at once, one of them is told that it is locked without a wait.
            await self.patiently(self._check_and_migrate, seconds=_BESIDE_ANOTHER_SECONDS)
            await self._connect()
        except (SQLAlchemyError, StoreUnavailableError, sqlite3.Error, OSError) as error:
            await self.close()
            raise OperatorError(self._cannot_be_opened(trouble_of(error))) from error
        except BaseException:
            await self.close()
            raise
        _log.info("store.opened", engine=self._url.get_backend_name(), key=self._master and self._master.id)

    async def _check_and_migrate(self) -> None:
        seen = await look(self._url)
        if self._master is not None:
            self._master = fitting(self._master, seen.key_id, database=self.name)
        if not seen.current:
            await bring_up_to_date(self._url, seen, name=self.name)

    async def close(self) -> None:
        """Let go of every connection."""
        engine, self._engine, self._hasty, self._keys = self._engine, None, None, None
        if engine is not None:
            await engine.dispose()

    @property
    def name(self) -> str:
        """What to call the database in a sentence; never with its password."""
        return name_of(self._url)

    @property
    def engine(self) -> AsyncEngine:
        """SQLAlchemy's engine, for tools that work on the database as a whole."""
        if self._engine is None:
            raise RuntimeError("the store is not open")
        return self._engine

    @property
    def keys(self) -> Keyring:
        """What seals people's texts.

        Raises:
            OperatorError: The store was opened without a master key.
        """
        if self._keys is None:
            raise NoKeyError
        return self._keys

    @asynccontextmanager
    async def session(
        self, *, guild: int | None = None, redoable: bool = False
    ) -> AsyncIterator[AsyncSession]:
        """Give a session whose work is committed at the end, or undone if something was raised.

        Args:
            guild: The server whose rows it may reach, and no other's; None for work on the whole house, such
                as everything that one member ever wrote.
            redoable: Whether a power cut may undo what is written, since it is then done again or not missed.
                Otherwise it is on the disk when the session ends, which takes SQLite some milliseconds.

        Raises:
            StoreUnavailableError: The database is locked, full or gone; nothing was changed.
            OtherGuildError: A session of one server was asked for more than it may reach.
        """
        engine = self._hasty if redoable and self._hasty is not None else self.engine
        made = (
            AsyncSession(engine, expire_on_commit=False)
            if guild is None
            else GuildSession(engine, expire_on_commit=False, guild=guild)
        )
        task = asyncio.current_task()
        self._sessions[task] += 1
        try:
            async with made as session:
                yield session
                await _to_its_end(session.commit())
        except (SQLAlchemyError, OSError) as error:
            trouble = trouble_of(error)
            if trouble is None:
                raise
            _log.warning("store.unavailable", trouble=trouble.value, guild=guild)
            raise StoreUnavailableError(trouble) from error
        finally:
            self._sessions[task] -= 1
            if not self._sessions[task]:
                del self._sessions[task]

    async def patiently(
        self, work: Callable[[], Awaitable[_Result]], *, seconds: float = PATIENCE_SECONDS
    ) -> _Result:
        """Do work on the database, and again from its beginning while the database is away or locked.

        For work that nobody waits for at the other end of three seconds, and that may be done twice: a
        connection lost while it commits does not tell whether it did.

        Args:
            work: Opens sessions of its own.
            seconds: How long to go on trying.

        Raises:
            StoreUnavailableError: It is away still; or it is full, which waiting does not mend.
        """
        loop = asyncio.get_running_loop()
        end, pause = loop.time() + seconds, _FIRST_PAUSE
        while True:
            try:
                return await work()
            except StoreUnavailableError as error:
                if error.trouble in _LASTING or loop.time() + pause > end:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _connect(self) -> None:
        # Neither statements' values in errors: they hold envelopes, and ids of people.
        # A file does not go away, a server may.
        away = self._url.get_backend_name() != "sqlite"
        engine = create_async_engine(
            self._url, hide_parameters=True, pool_pre_ping=away, connect_args=self._connect_args()
        )
        self._engine = engine
        metrics.watch_engine(engine.sync_engine, trouble_of)
        if engine.dialect.name == "sqlite":
            sqlite.prepare(engine.sync_engine)
            self._hasty = engine.execution_options(**{sqlite.HASTY: True})
            if (file := sqlite_file(self._url)) is not None:
                # Only whoever runs the bot reads what it keeps.
                file.chmod(0o600)
        async with engine.connect():
            pass
        if self._master is not None:
            keys = Keyring(engine, self.session, self._master, in_session=self._is_in_session)
            await keys.open()
            self._keys = keys

    def _connect_args(self) -> dict[str, Any]:
        """Give what the driver is told for each connection."""
        if self._url.get_backend_name() != "postgresql":
            return {"factory": sqlite.CleanConnection}
        # In seconds: a server that does not answer is gone.
        return {"timeout": _CONNECTING_SECONDS, "command_timeout": _ANSWER_SECONDS}

    def _is_in_session(self) -> bool:
        return asyncio.current_task() in self._sessions

    def _cannot_be_opened(self, trouble: Trouble | None) -> str:
        if trouble is Trouble.DAMAGED:
            return f"The database {self.name} is damaged, or is none of Inkcircle's: put back a backup of it."
        if trouble is Trouble.LOCKED:
            return f"The database {self.name} is locked by another program: end that, and start again."
        if self._url.get_backend_name() == "postgresql":
            return (
                f"The database {self.name} cannot be used: check that the server runs, and that user, "
                "password and database in DATABASE_URL are right."
            )
        return (
            f"The database {self.name} cannot be opened for writing: check that its folder exists, is "
            "yours and has room, or set DATABASE_URL, for example "
            "DATABASE_URL=sqlite+aiosqlite:////var/lib/inkcircle/inkcircle.db"
        )


async def _to_its_end(commit: Coroutine[Any, Any, None]) -> None:
    """Commit, to the end even if the task is cancelled meanwhile; it hears of that afterwards.

    Cut off in the middle nobody would know whether it was kept, and the connection would have to be given up.
    Closing a session is done to its end by SQLAlchemy itself.
    """
    committing = asyncio.create_task(commit, name="commit")
    try:
        await asyncio.shield(committing)
    except asyncio.CancelledError:
        while not committing.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([committing])
        if not committing.cancelled() and (error := committing.exception()) is not None:
            _log.warning("store.uncommitted", kind=type(error).__name__)
        raise
