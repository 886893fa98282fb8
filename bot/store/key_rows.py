"""Rows of data keys: how they are asked for, written, and bound to their owners."""

from enum import StrEnum
from typing import Final, cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.schema import Base, DataKeyRow

# Bound variables in one statement are limited on both databases.
AT_ONCE: Final = 500
# Whose it is, and the wrapped key.
KeyRow = tuple[str, int, bytes]
EVERY: Final = select(DataKeyRow.id, DataKeyRow.kind, DataKeyRow.owner, DataKeyRow.wrapped)
_TABLE: Final = cast("Table", DataKeyRow.__table__)
REWRAP: Final = update(_TABLE).where(_TABLE.c.id == bindparam("key_id")).values(wrapped=bindparam("anew"))


class Kind(StrEnum):
    """Whose a data key is."""

    MEMBER = "member"
    GUILD = "guild"
    HOUSE = "house"
    FINGERPRINT = "fingerprint"


def bound_to(key_id: bytes, kind: str, owner: int) -> bytes:
    """Give what a wrapped key is bound to, so that it opens as nobody else's."""
    return b"inkcircle data key 1" + key_id + f"{kind}:{owner}".encode()


def insert_into(engine: AsyncEngine, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Begin an insert in the words of the engine, which alone know of conflicts."""
    return postgresql.insert(table) if engine.dialect.name == "postgresql" else sqlite.insert(table)
