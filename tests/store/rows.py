"""Valid rows of any table, found by the mapped classes, so that a new table needs no new test."""

import itertools
from datetime import UTC, datetime
from typing import Any, Final, cast

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, LargeBinary, String, Text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapper

from bot.store import DataKey, SealedColumn
from bot.store.schema import Base
from bot.store.scope import guild_attribute

NUMBERS: Final = itertools.count(1)


class Rows:
    """Makes a valid row of any table, its parents included.

    Args:
        key: What its sealed columns are sealed with.
        words: What they say.
    """

    def __init__(self, key: DataKey, words: str = "words") -> None:
        self._key = key
        self._words = words
        self.made: dict[tuple[str, int], Any] = {}

    async def add(self, session: AsyncSession, mapper: Mapper[Any], guild: int) -> Any:
        values: dict[str, Any] = {}
        its_guild = guild_attribute(mapper)
        for attribute in mapper.column_attrs:
            column = cast("Column[Any]", attribute.columns[0])
            if attribute.key == its_guild:
                values[attribute.key] = guild
            elif column.foreign_keys and column.nullable:
                continue
            elif column.foreign_keys:
                values[attribute.key] = await self._parent(session, column, guild)
            elif column.primary_key and column.autoincrement is True:
                continue
            else:
                values[attribute.key] = self._value(column)
        row = mapper.class_(**values)
        session.add(row)
        await session.flush()
        self.made[mapper.local_table.description, guild] = row
        return row

    async def _parent(self, session: AsyncSession, column: Column[Any], guild: int) -> Any:
        (key,) = column.foreign_keys
        (parent,) = (each for each in Base.registry.mappers if each.local_table is key.column.table)
        row = await self.ensure(session, parent, guild)
        return getattr(row, parent.get_property_by_column(key.column).key)

    def _value(self, column: Column[Any]) -> Any:
        number = next(NUMBERS)
        match column.type:
            case SealedColumn():
                return self._key.seal(f"{self._words} {number}")
            case String() | Text():
                return str(number)[: column.type.length]
            case Boolean():
                return False
            case Integer() | BigInteger():
                return number
            case LargeBinary():
                return number.to_bytes(16, "big")
            case _ if isinstance(getattr(column.type, "impl", column.type), DateTime):
                return datetime.now(UTC)
            case other:
                raise NotImplementedError(f"{column}: {other!r}")

    async def ensure(self, session: AsyncSession, mapper: Mapper[Any], guild: int) -> Any:
        """Give the row that was made of a table for a server, or make it."""
        made = self.made.get((mapper.local_table.description, guild))
        return made or await self.add(session, mapper, guild)
