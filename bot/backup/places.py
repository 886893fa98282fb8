"""Where everything is that a backup holds."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from bot.config import Settings
from bot.store.inspect import name_of, sqlite_file


@dataclass(frozen=True, slots=True)
class Places:
    """The database, and the folder around it.

    Attributes:
        url: The database with all that Inkcircle keeps.
        data: The data folder, with the lock and the books of work under way.
    """

    url: URL
    data: Path

    @classmethod
    def of(cls, settings: Settings) -> "Places":
        """Read them off the settings."""
        return cls(make_url(settings.database), settings.data)

    @property
    def engine(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.url.get_backend_name()

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; None on PostgreSQL."""
        return sqlite_file(self.url)

    @property
    def name(self) -> str:
        """What to call the database in a sentence."""
        return name_of(self.url)
