"""What servers have decided, looked up often and so remembered."""

from dataclasses import dataclass
from datetime import datetime

from bot.store.database import Store
from bot.store.schema import GuildRow


@dataclass(frozen=True, slots=True)
class Confirmation:
    """That a moderator let the demonstration model serve the members, by whom and when."""

    by: int
    at: datetime


class Guilds:
    """The servers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # Only ever written by this process, so what was read once stays true.
        self._confirmed: dict[int, Confirmation] = {}

    async def demonstration(self, guild_id: int) -> Confirmation | None:
        """Tell whether, by whom and when the demonstration model was confirmed."""
        known = self._confirmed.get(guild_id)
        if known is not None:
            return known
        async with self._store.session() as session:
            row = await session.get(GuildRow, guild_id)
        if row is None or row.demonstration_confirmed_by is None or row.demonstration_confirmed_at is None:
            return None
        found = Confirmation(row.demonstration_confirmed_by, row.demonstration_confirmed_at)
        self._confirmed[guild_id] = found
        return found

    async def confirm_demonstration(self, guild_id: int, *, by: int, at: datetime) -> Confirmation:
        """Write down that a moderator confirmed; who was first stays."""
        known = await self.demonstration(guild_id)
        if known is not None:
            return known
        async with self._store.session() as session:
            row = await session.get(GuildRow, guild_id)
            if row is None:
                row = GuildRow(id=guild_id)
                session.add(row)
            row.demonstration_confirmed_by = by
            row.demonstration_confirmed_at = at
        found = Confirmation(by, at)
        self._confirmed[guild_id] = found
        return found
