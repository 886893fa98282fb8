"""What the door needs of the settings; `bot.config.Settings` and `RoleSettings` are such."""

from pathlib import Path
from typing import Protocol

from pydantic import SecretStr


class RoleTarget(Protocol):
    """Where the calls of one role go."""

    @property
    def model(self) -> str:
        """Name of the model at its server."""

    @property
    def base_url(self) -> str | None:
        """The server; None for the embedded one."""

    @property
    def api_key(self) -> SecretStr | None:
        """The server's key, if it needs one."""

    @property
    def context(self) -> int:
        """Tokens that prompt and answer may have together."""

    @property
    def temperature(self) -> float | None:
        """Goes before a call's own; None to leave that."""

    @property
    def embedded(self) -> bool:
        """Whether the embedded server answers."""


class ModelSettings(Protocol):
    """Where each role's calls go, and with what."""

    @property
    def coach(self) -> RoleTarget:
        """Where the coach's calls go."""

    @property
    def story(self) -> RoleTarget:
        """Where the storyteller's calls go."""

    @property
    def memory(self) -> RoleTarget:
        """Where the calls of the story's memory go."""

    @property
    def embedded_model(self) -> Path | None:
        """A GGUF file in place of the demonstration model."""

    @property
    def inkcircle_prices(self) -> Path | None:
        """A price table in place of the shipped one."""
