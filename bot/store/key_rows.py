"""Rows of data keys: asked for, written, wrapped anew and destroyed, on either engine."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NamedTuple, cast

from sqlalchemy import ColumnElement, Table, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.errors import OperatorError
from bot.store.erasing import erase
from bot.store.facts import MASTER_KEY
from bot.store.schema import Base, DataKeyRow, DestroyedKeyRow, FactRow

# Bound variables in one statement are limited on both databases.
AT_ONCE: Final = 500
_EVERY: Final = select(DataKeyRow.id, DataKeyRow.kind, DataKeyRow.owner, DataKeyRow.wrapped)
_TABLE: Final = cast("Table", DataKeyRow.__table__)
_REWRAP: Final = update(_TABLE).where(_TABLE.c.id == bindparam("key_id")).values(wrapped=bindparam("anew"))

Sessions = Callable[[], AbstractAsyncContextManager[AsyncSession]]


class Kind(StrEnum):
    """Whose a data key is."""

    MEMBER = "member"
    GUILD = "guild"
    HOUSE = "house"
    FINGERPRINT = "fingerprint"


class KeyRow(NamedTuple):
    """A data key as it is kept.

    Attributes:
        id: 16 random bytes.
        kind: Whose it is; one of `Kind`.
        owner: The member's or the server's id; 0 where there is only one of a kind.
        wrapped: The key itself, encrypted by the master key.
    """

    id: bytes
    kind: str
    owner: int
    wrapped: bytes

    @property
    def bound_to(self) -> bytes:
        """What the wrapped key is bound to, so that it opens as nobody else's."""
        return b"inkcircle data key 1" + self.id + f"{self.kind}:{self.owner}".encode()


class KeyRows:
    """The rows of an open store.

    Args:
        engine: The database's engine.
        sessions: Gives a session over the whole house.
    """

    def __init__(self, engine: AsyncEngine, sessions: Sessions) -> None:
        self._engine = engine
        self._sessions = sessions

    async def claim(self, master_id: str) -> None:
        """Write down on a new database which master key is its own.

        Raises:
            OperatorError: It has another one.
        """
        async with self._sessions() as session:
            await session.execute(
                self._insert_into(FactRow)
                .values(name=MASTER_KEY, value=master_id, at=datetime.now(UTC))
                .on_conflict_do_nothing()
            )
            await _require_master(session, master_id)

    async def every(self) -> AsyncIterator[KeyRow]:
        """Give all that were not destroyed."""
        async with self._sessions() as session:
            rows = await session.stream(_EVERY.where(DataKeyRow.id.not_in(select(DestroyedKeyRow.id))))
            async for some in rows.partitions(AT_ONCE):
                for row in some:
                    yield KeyRow(*row)

    async def find(self, key_id: bytes) -> KeyRow | None:
        """Give one, by a connection of its own: who asks may be in the middle of reading by another."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(_EVERY.where(DataKeyRow.id == key_id))).first()
        return None if row is None else KeyRow(*row)

    async def stands(self, key_id: bytes) -> bool:
        """Tell whether one is there."""
        async with self._sessions() as session:
            return await session.scalar(select(DataKeyRow.id).where(DataKeyRow.id == key_id)) is not None

    async def have(
        self, kind: Kind, owners: Sequence[int], *, make: Callable[[Kind, int], KeyRow], master_id: str
    ) -> list[KeyRow]:
        """Give the keys of some owners, in one transaction however many of them must be made.

        Raises:
            OperatorError: One must be made, and another process has changed the master key.
        """
        its = _EVERY.where(DataKeyRow.kind == kind, DataKeyRow.owner.in_(owners))
        async with self._sessions() as session:
            rows = [KeyRow(*row) for row in await session.execute(its)]
            missing = sorted(set(owners) - {row.owner for row in rows})
            if not missing:
                return rows
            now = datetime.now(UTC)
            made = [{**make(kind, owner)._asdict(), "made_at": now} for owner in missing]
            await session.execute(
                self._insert_into(DataKeyRow)
                .values(made)
                .on_conflict_do_nothing(index_elements=["kind", "owner"])
            )
            await _require_master(session, master_id)
            # Another process may have been first; then its keys count.
            return [KeyRow(*row) for row in await session.execute(its)]

    async def rewrap(
        self, master_id: str, rewrapped: Callable[[Iterable[KeyRow]], list[KeyRow]]
    ) -> list[KeyRow]:
        """Wrap all keys anew and name their new master key, in one transaction; give them as they are then.

        Args:
            master_id: The new master key's.
            rewrapped: Wraps some, in a thread; what it raises undoes all.
        """
        changed: list[KeyRow] = []
        async with self._sessions() as session:
            # First of all the lock, for which a second process would wait that makes a key just now.
            fact = await session.get_one(FactRow, MASTER_KEY, with_for_update=True)
            fact.value, fact.at = master_id, datetime.now(UTC)
            await session.flush()
            connection = await session.connection()
            for rows in (await session.execute(_EVERY)).partitions(AT_ONCE):
                anew = await asyncio.to_thread(rewrapped, [KeyRow(*row) for row in rows])
                await connection.execute(_REWRAP, [{"key_id": row.id, "anew": row.wrapped} for row in anew])
                changed += anew
        return changed

    async def destroyed(self) -> frozenset[bytes]:
        """Give the ids of all keys that were destroyed."""
        async with self._sessions() as session:
            return frozenset(await session.scalars(select(DestroyedKeyRow.id)))

    async def destroy_of(self, kind: Kind, owner: int) -> Sequence[bytes]:
        """Destroy the key of an owner; give the ids of what was destroyed."""
        return await self._destroy(DataKeyRow.kind == kind, DataKeyRow.owner == owner)

    async def destroy(self, key_ids: Collection[bytes]) -> Sequence[bytes]:
        """Destroy keys by their ids; give those that were there."""
        ids, gone = list(key_ids), list[bytes]()
        for start in range(0, len(ids), AT_ONCE):
            gone += await self._destroy(DataKeyRow.id.in_(ids[start : start + AT_ONCE]))
        return gone

    async def destroy_risen(self) -> Sequence[bytes]:
        """Destroy again what was destroyed already, and is there all the same, as after a restore."""
        return await self._destroy(DataKeyRow.id.in_(select(DestroyedKeyRow.id)))

    async def _destroy(self, *which: ColumnElement[bool]) -> Sequence[bytes]:
        async with self._sessions() as session:
            ids = (await session.scalars(select(DataKeyRow.id).where(*which))).all()
            if ids:
                await session.execute(delete(DataKeyRow).where(DataKeyRow.id.in_(ids)))
            for key_id in ids:
                await session.merge(DestroyedKeyRow(id=key_id, at=datetime.now(UTC)))
        return ids

    async def erase(self, key_ids: Sequence[bytes]) -> None:
        """Take what was deleted off the disk as well; see `bot.store.erasing`."""
        await erase(self._engine, key_ids)

    def _insert_into(self, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
        """Begin an insert in the words of the engine, which alone know of conflicts."""
        on_server = self._engine.dialect.name == "postgresql"
        return postgresql.insert(table) if on_server else sqlite.insert(table)


async def _require_master(session: AsyncSession, master_id: str) -> None:
    """Refuse to go on once another process has changed the master key."""
    named = await session.scalar(
        select(FactRow.value).where(FactRow.name == MASTER_KEY).with_for_update(read=True)
    )
    if named != master_id:
        raise OperatorError(
            f"The database is sealed with key {named} now, and this process holds key {master_id}: "
            "start Inkcircle again with the new key."
        )
