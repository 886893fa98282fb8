"""What is looked at."""

from dataclasses import dataclass
from pathlib import Path

from bot.config import Settings
from bot.errors import OperatorError


@dataclass(frozen=True, slots=True)
class Subject:
    """An Inkcircle as it is set up.

    Attributes:
        env_file: The `.env` file; it need not be there.
        settings: What is set; None if that cannot be read.
        complaint: Why not.
        deep: Whether to send each model a prompt as long as it is said to hold, which may cost money.
    """

    env_file: Path
    settings: Settings | None
    complaint: str = ""
    deep: bool = False

    @classmethod
    def of(cls, env_file: Path, *, deep: bool = False) -> "Subject":
        """Read the settings, as `inkcircle run` would."""
        try:
            return cls(env_file, Settings.load(env_file), deep=deep)
        except OperatorError as error:
            return cls(env_file, None, error.sentence, deep=deep)
