"""One process a data folder, and one of a name on a PostgreSQL: two would each do what the other has begun.

Both locks are let go of however this process ends. Both can also be lost while it lives: the folder's when
somebody removes its file, the name's when PostgreSQL starts anew or cuts the connection. So who holds one
calls `check` now and then.
"""

import hashlib
import secrets
from pathlib import Path
from typing import Final

import sqlalchemy
import structlog
from filelock import FileLock, Timeout
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from bot.errors import OperatorError

_log = structlog.get_logger(__name__)

LOCK_NAME: Final = "inkcircle.lock"
_CONNECTING_SECONDS: Final = 10
# A server that takes longer to acknowledge what was sent is taken for gone (TCP alone waits for 15 minutes).
_SILENT_MS: Final = 20_000


class FolderLock:
    """The data folder, for this process alone.

    Args:
        folder: The data folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._file = self._folder / LOCK_NAME
        self._lock = FileLock(self._file, mode=0o600)
        # Stands in the file and tells it from another of its name; on some disks no number of a file does.
        self._mark: Final = secrets.token_hex(16)

    def take(self) -> None:
        """Take it.

        Raises:
            OperatorError: Another process has it, or the folder cannot be written.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
            self._file.write_text(self._mark)
        except Timeout:
            raise OperatorError(
                f"Another Inkcircle is running in the folder {self._folder}: stop that one first, or give "
                "this one a folder of its own with INKCIRCLE_DATA."
            ) from None
        except OSError as error:
            raise OperatorError(
                f"The folder {self._folder} cannot be written "
                f"({(error.strerror or 'unknown reason').lower()}): see to it that it is yours "
                "and has room, or name another one with INKCIRCLE_DATA."
            ) from error

    def check(self) -> None:
        """See that it is still ours; take it again if its file was removed.

        Raises:
            OperatorError: Another process has it by now.
        """
        try:
            # Who takes it writes into it a moment later.
            if self._file.read_text().strip() in {self._mark, ""}:
                return
        except FileNotFoundError:
            pass
        except OSError:
            # Windows lets nobody read what is locked, nor remove it.
            return
        # What we hold has no name any more. It is kept until the new one is ours.
        anew = FileLock(self._file, mode=0o600)
        try:
            anew.acquire(timeout=0)
            self._file.write_text(self._mark)
        except Timeout:
            raise OperatorError(
                f"Another Inkcircle was started in the folder {self._folder} after the file {LOCK_NAME} was "
                "removed from it, so this one stops: start one of them alone, and leave that file where it "
                "is."
            ) from None
        except OSError as error:
            _log.warning("lock.untaken", errno=error.errno)
            return
        self._lock.release(force=True)
        self._lock = anew
        _log.warning("lock.taken_again", lock="folder")

    def release(self) -> None:
        """Give it back."""
        self._lock.release()


class NameLock:
    """A worker's name on one PostgreSQL, for this process alone: an advisory lock of one session.

    All of it blocks, and belongs in a thread.

    Args:
        url: The database, for a synchronous driver.
        worker: The name.
        house: Whose name it is, so that others' locks on the same server are not met.
    """

    def __init__(self, url: URL, worker: str, *, house: str) -> None:
        self._worker = worker
        self._key = int.from_bytes(hashlib.sha256(f"{house}:{worker}".encode()).digest()[:8], signed=True)
        # Tells our own sessions from everybody else's, should one be left behind on the server.
        self._session_name = f"{house} {secrets.token_hex(8)}"
        self._engine = sqlalchemy.create_engine(
            url,
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={
                "connect_timeout": _CONNECTING_SECONDS,
                "tcp_user_timeout": _SILENT_MS,
                "application_name": self._session_name,
            },
        )
        self._session: sqlalchemy.Connection | None = None
        self._wanted = False

    def take(self) -> None:
        """Take it.

        Raises:
            OperatorError: Another process has it.
            SQLAlchemyError: The server cannot be reached.
        """
        self._wanted = True
        if not self._try():
            raise OperatorError(
                f"Another Inkcircle works under the name {self._worker} on this PostgreSQL: stop that one "
                "first, or give this one a name of its own with INKCIRCLE_WORKER."
            )

    def check(self) -> None:
        """See that it is still ours; take it again if the session was lost. A server that is away is awaited.

        Raises:
            OperatorError: Another process has it by now.
        """
        if not self._wanted or self._is_alive():
            return
        self._leave()
        try:
            if self._try():
                _log.warning("lock.taken_again", lock="name", worker=self._worker)
                return
            if self._end_what_is_left():
                # A session of ours that the server had not yet missed; the next look takes what it held.
                return
        except SQLAlchemyError as error:
            _log.warning("lock.untaken", lock="name", kind=type(error).__name__)
            return
        raise OperatorError(
            f"Another Inkcircle took the name {self._worker} on this PostgreSQL while the connection to it "
            "was lost, so this one stops and leaves the work to it: start one of them alone."
        )

    def release(self) -> None:
        """Give it back, also if it is being looked at in another thread."""
        self._wanted = False
        self._leave()

    def _leave(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            # A session that is dead already cannot be ended in good form.
            session.invalidate()
            session.close()

    def _is_alive(self) -> bool:
        if self._session is None:
            return False
        try:
            self._session.execute(sqlalchemy.text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    def _try(self) -> bool:
        session = self._connect()
        try:
            taken = session.scalar(sqlalchemy.text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key})
        except BaseException:
            session.close()
            raise
        if not taken:
            session.close()
            return False
        self._session = session
        if not self._wanted:
            self._leave()
        return True

    def _end_what_is_left(self) -> bool:
        """End sessions of this very process whose connection is lost to us and not yet to the server."""
        left = sqlalchemy.text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = :name AND pid <> pg_backend_pid()"
        )
        session = self._connect()
        try:
            return bool(session.scalars(left, {"name": self._session_name}).all())
        finally:
            session.close()

    def _connect(self) -> sqlalchemy.Connection:
        return self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
