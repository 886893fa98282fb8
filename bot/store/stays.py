"""Servers that the bot is in or was in, and the deletion of what one that it left has kept."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, delete, select, tuple_, update

from bot.store.database import Store
from bot.store.schema import Base, CallRow, GuildStayRow

# Rows deleted in one transaction: others write in between.
BATCH: Final = 500
# The ledger keeps its numbers, and the stay is the last row that goes.
_KEPT: Final = frozenset({"calls", "guild_stays"})


class Stays:
    """The servers, and since when the bot is gone from some."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def arrived(self, guild_id: int, *, at: datetime) -> bool:
        """Note that the bot is in a server; a deletion that was due is off. Tell whether it is a new one."""
        async with self._store.session() as session:
            row = await session.get(GuildStayRow, guild_id)
            if row is None:
                session.add(GuildStayRow(guild_id=guild_id, greeted_at=at))
                return True
            if row.left_at is not None:
                row.left_at = row.delete_at = None
            return False

    async def left(self, guild_id: int, *, at: datetime, delete_at: datetime) -> None:
        """Note that the bot was removed from a server, and when what is kept of it goes."""
        async with self._store.session() as session:
            row = await session.get(GuildStayRow, guild_id)
            if row is None:
                row = GuildStayRow(guild_id=guild_id, greeted_at=at)
                session.add(row)
            if row.left_at is None:
                row.left_at, row.delete_at = at, delete_at

    async def missing(self, here: Collection[int]) -> Sequence[int]:
        """Give the servers that the bot was in when it last looked, and is not in now."""
        async with self._store.session() as session:
            known = await session.scalars(select(GuildStayRow.guild_id).where(GuildStayRow.left_at.is_(None)))
            return [guild_id for guild_id in known if guild_id not in here]

    async def delete_at(self, guild_id: int) -> datetime | None:
        """Give when a server's data goes; None if the bot is there."""
        async with self._store.session() as session:
            row = await session.get(GuildStayRow, guild_id)
        return None if row is None else row.delete_at

    async def due(self, now: datetime) -> Sequence[int]:
        """Give the servers whose data goes now."""
        async with self._store.session() as session:
            found = await session.scalars(select(GuildStayRow.guild_id).where(GuildStayRow.delete_at <= now))
            return found.all()

    async def delete(self, guild_id: int) -> None:
        """Delete every row of a server, in every table that has any, and destroy its key.

        The ledger keeps its numbers for no server. It may be done again where it was cut off.
        """
        for table in reversed(Base.metadata.sorted_tables):
            column = "id" if table.name == "guilds" else "guild_id"
            if table.name in _KEPT or column not in table.columns:
                continue
            while await self._delete_some(table, column, guild_id):
                pass
        while await self._unname_calls(guild_id):
            pass
        await self._store.keys.forget_guild(guild_id)
        async with self._store.session() as session:
            await session.execute(delete(GuildStayRow).where(GuildStayRow.guild_id == guild_id))

    async def _delete_some(self, table: Table, column: str, guild_id: int) -> bool:
        keys = list(table.primary_key.columns)
        # The newest first: where a row names another of its table, that one was there before it.
        newest = [key.desc() for key in keys]
        some = select(*keys).where(table.columns[column] == guild_id).order_by(*newest).limit(BATCH)
        async with self._store.session() as session:
            found: list[Any] = [tuple(row) for row in await session.execute(some)]
            if found:
                # SQLite has no tuples of one.
                these = tuple_(*keys).in_(found) if len(keys) > 1 else keys[0].in_([key for (key,) in found])
                await session.execute(delete(table).where(these))
        return bool(found)

    async def _unname_calls(self, guild_id: int) -> bool:
        async with self._store.session() as session:
            some = select(CallRow.id).where(CallRow.guild_id == guild_id).limit(BATCH)
            ids = (await session.scalars(some)).all()
            if ids:
                nobody = {"guild_id": None, "member_id": None, "job": ""}
                await session.execute(update(CallRow).where(CallRow.id.in_(ids)).values(**nobody))
        return bool(ids)
