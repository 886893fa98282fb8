"""One process a data folder, held by the operating system and so let go of however the process ends."""

from pathlib import Path
from typing import Final

import structlog
from filelock import FileLock, Timeout

from bot.errors import OperatorError

_log = structlog.get_logger(__name__)

LOCK_NAME: Final = "inkcircle.lock"


class FolderLock:
    """The data folder, for this process alone.

    Two that work in one folder would each seize what the other has under way and do it twice.

    Args:
        folder: The data folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._lock = FileLock(self._folder / LOCK_NAME, mode=0o600)

    def take(self) -> None:
        """Take it.

        Raises:
            OperatorError: Another process has it, or the folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
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

    def release(self) -> None:
        """Give it back."""
        self._lock.release()
