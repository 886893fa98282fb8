"""What a server decides of the models that write for it, as they need to know it."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.llm.types import Call, Endpoint, Role


class Budget(Protocol):
    """Who says whether a call may be paid for."""

    def admit(self, call: Call, endpoint: Endpoint) -> AbstractAsyncContextManager[bool]:
        """Hold what a call may take while it runs.

        Gives whether it is bounded by anything: then its row is in the ledger by the end.

        Raises:
            OverBudgetError: It may not be made.
        """
        ...


class ModelChoice(Protocol):
    """Who knows which model a server has chosen."""

    async def model_for(self, guild_id: int, role: Role) -> str | None:
        """Give a model's name; None for the one of the settings."""
        ...


class HouseTone(Protocol):
    """Who knows how words should sound in a server."""

    async def tone(self, guild_id: int) -> str:
        """Give a moderator's words; empty for no wish."""
        ...
