"""The few things that the house knows about itself: which key fits, when a backup of it was confirmed."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.schema import FactRow

_Sessions = Callable[[], AbstractAsyncContextManager[AsyncSession]]

MASTER_KEY: Final = "key.id"
# Set by `inkcircle key backup` once the operator has said where it is; its value is the id of the key.
BACKUP_CONFIRMED: Final = "key.backup"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known, and since when."""

    value: str
    at: datetime


class Facts:
    """Facts by name; no words of people among them."""

    def __init__(self, sessions: _Sessions) -> None:
        self._sessions = sessions

    async def get(self, name: str) -> Fact | None:
        """Tell what is known."""
        async with self._sessions() as session:
            row = await session.get(FactRow, name)
        return None if row is None else Fact(row.value, row.at)

    async def set(self, name: str, value: str) -> None:
        """Write down, in place of what was known."""
        async with self._sessions() as session:
            await session.merge(FactRow(name=name, value=value, at=datetime.now(UTC)))
