"""The data keys of an open store: made at first use, found by id, destroyed to forget their author."""

import asyncio
import secrets
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.util import await_only
from sqlalchemy.util.concurrency import in_greenlet

from bot.errors import OperatorError
from bot.store.erasing import erase, erase_again
from bot.store.errors import ForgottenError
from bot.store.facts import MASTER_KEY
from bot.store.fingerprints import Fingerprints
from bot.store.key_rows import AT_ONCE, EVERY, REWRAP, KeyRow, Kind, bound_to, insert_into
from bot.store.keys import KEY_BYTES, MasterKey
from bot.store.schema import DataKeyRow, DestroyedKeyRow, FactRow
from bot.store.sealed import KEY_ID_BYTES, DataKey, use_keys

_log = structlog.get_logger(__name__)

_Sessions = Callable[[], AbstractAsyncContextManager[AsyncSession]]


class Keyring:
    """Every data key that the master key opens.

    Ask for keys before a session is opened: a new one is written in a transaction of its own.

    A key's bytes are unwrapped when it is first used. Who needs a member's key asks for it each time and
    keeps it no longer than one piece of work, since the member may ask to be forgotten at any time. Where
    several processes share a PostgreSQL, each learns of the others' keys, and of their end, when it asks or
    reads.

    Args:
        engine: The database's engine; its sealed columns are opened with these keys from now on.
        sessions: Gives a session over the whole house.
        master: The key that fits the database.
        in_session: Tells whether the running task is inside of a session.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        sessions: _Sessions,
        master: MasterKey,
        *,
        in_session: Callable[[], bool] = lambda: False,
    ) -> None:
        self._in_session = in_session
        self._engine = engine
        self._sessions = sessions
        self._master = master
        self._making = asyncio.Lock()
        self._ids: dict[tuple[str, int], bytes] = {}
        self._wrapped: dict[bytes, KeyRow] = {}
        self._keys: dict[bytes, DataKey] = {}
        self._unknown: set[bytes] = set()
        self._fingerprints = Fingerprints(b"")
        # One process has an SQLite file, several may share a PostgreSQL.
        self._shared = engine.dialect.name == "postgresql"

    @property
    def master_id(self) -> str:
        """The id of the master key."""
        return self._master.id

    async def open(self) -> None:
        """Learn which keys there are; on a new database, make it this master key's.

        Raises:
            OperatorError: The master key does not fit.
        """
        async with self._sessions() as session:
            await session.execute(
                insert_into(self._engine, FactRow)
                .values(name=MASTER_KEY, value=self._master.id, at=datetime.now(UTC))
                .on_conflict_do_nothing()
            )
            await self._check_master(session)
        await self._bring_in()
        self._fingerprints = Fingerprints(self._unwrapped(await self._row(Kind.FINGERPRINT, 0)))
        await erase_again(self._engine, [*await self.destroyed()])
        use_keys(self._engine.sync_engine.dialect, self)

    async def member(self, member_id: int) -> DataKey:
        """Give a member's key; a new one at first, and after they were forgotten."""
        return self.key(await self._row(Kind.MEMBER, member_id))

    async def members(self, member_ids: Collection[int]) -> dict[int, DataKey]:
        """Give several members' keys, in one transaction however many of them are new."""
        owners = set(member_ids)
        looked_for = (
            owners if self._shared else {each for each in owners if (Kind.MEMBER, each) not in self._ids}
        )
        ordered = sorted(looked_for)
        for start in range(0, len(ordered), AT_ONCE):
            await self._have_members(ordered[start : start + AT_ONCE])
        return {each: self.key(self._ids[Kind.MEMBER, each]) for each in owners}

    async def guild(self, guild_id: int) -> DataKey:
        """Give a server's key, for what is the server's and no member's."""
        return self.key(await self._row(Kind.GUILD, guild_id))

    async def house(self) -> DataKey:
        """Give the house's own key."""
        return self.key(await self._row(Kind.HOUSE, 0))

    def key(self, key_id: bytes) -> DataKey:
        """Give the key with an id, as it stands in an envelope.

        Raises:
            ForgottenError: It was destroyed.
        """
        known = self._keys.get(key_id)
        if known is not None:
            return known
        if key_id not in self._wrapped:
            raise ForgottenError
        key = DataKey(key_id, self._unwrapped(key_id))
        self._keys[key_id] = key
        return key

    def meet(self, key_id: bytes) -> None:
        """Learn of a key that another process has made since, as soon as something sealed with it is read."""
        if key_id not in self._wrapped and key_id not in self._unknown and in_greenlet():
            # SQLAlchemy reads rows in a greenlet, where one can wait.
            await_only(self._look_for(key_id))

    async def _look_for(self, key_id: bytes) -> None:
        async with self._engine.connect() as connection:
            row = (await connection.execute(EVERY.where(DataKeyRow.id == key_id))).first()
        if row is None:
            self._unknown.add(key_id)
        else:
            self._take(*row)

    async def _stands(self, key_id: bytes) -> bool:
        """Tell whether a key that is known was not destroyed by another process."""
        if self._shared:
            async with self._sessions() as session:
                found = await session.scalar(select(DataKeyRow.id).where(DataKeyRow.id == key_id))
            if found is None:
                self._drop(key_id)
                return False
        return True

    def fingerprint(self, content: str | bytes, *, purpose: str) -> bytes:
        """Give 32 bytes that are the same for the same content and purpose, and say nothing without the keys.

        A change of the master key leaves them as they are.

        Args:
            content: What to recognise again.
            purpose: Keeps fingerprints of one use from being matched with those of another.
        """
        return self._fingerprints.of(content, purpose=purpose)

    async def forget_member(self, member_id: int) -> None:
        """Destroy a member's key: whatever was sealed with it is noise from now on, here and in every copy.

        The row is overwritten and gone, also in the database's log and in the copies that were made before
        changes of the tables; see `bot.store.erasing` for what that means on either database. A backup that
        was carried away still holds the wrapped key: putting it back destroys it again (`bury`), and a
        change of the master key makes that backup unreadable for good.
        """
        await self._destroy(select(DataKeyRow.id).filter_by(kind=Kind.MEMBER, owner=member_id))

    async def forget_guild(self, guild_id: int) -> None:
        """Destroy a server's key; its members' keys stay."""
        await self._destroy(select(DataKeyRow.id).filter_by(kind=Kind.GUILD, owner=guild_id))

    async def destroyed(self) -> frozenset[bytes]:
        """Give the ids of all keys that were destroyed, for a restore to hand to `bury`."""
        async with self._sessions() as session:
            return frozenset(await session.scalars(select(DestroyedKeyRow.id)))

    async def bury(self, key_ids: Collection[bytes]) -> None:
        """Destroy keys by their ids, such as those that a backup has brought back to life."""
        ids = list(key_ids)
        for start in range(0, len(ids), AT_ONCE):
            await self._destroy(select(DataKeyRow.id).where(DataKeyRow.id.in_(ids[start : start + AT_ONCE])))

    async def rotate(self, new: MasterKey) -> None:
        """Wrap every data key with another master key, all in one transaction.

        Data keys stay as they are, and with them everything that is sealed. Who calls it sees to the new
        key's file: `bot.store.rotation` does so in the right order.
        """
        async with self._making:
            async with self._sessions() as session:
                # First of all the lock, for which a second process would wait that makes a key just now.
                fact = await session.get_one(FactRow, MASTER_KEY, with_for_update=True)
                fact.value, fact.at = new.id, datetime.now(UTC)
                await session.flush()
                changed: dict[bytes, KeyRow] = {}
                connection = await session.connection()
                for rows in (await session.execute(EVERY)).partitions(AT_ONCE):
                    anew = await asyncio.to_thread(self._rewrapped, rows, new)
                    await connection.execute(
                        REWRAP,
                        [{"key_id": key_id, "anew": wrapped} for key_id, (_, _, wrapped) in anew.items()],
                    )
                    changed |= anew
            self._master = new
            self._wrapped.update(changed)
        _log.info("keys.rotated", key=new.id, data_keys=len(changed))

    def _rewrapped(self, rows: Sequence[Row[bytes, str, int, bytes]], new: MasterKey) -> dict[bytes, KeyRow]:
        anew: dict[bytes, KeyRow] = {}
        for key_id, kind, owner, wrapped in rows:
            bound = bound_to(key_id, kind, owner)
            secret = self._master.unwrap(wrapped, bound_to=bound)
            if secret is None:
                raise OperatorError(f"Data key {key_id.hex()} does not open; nothing was changed.")
            anew[key_id] = (kind, owner, new.wrap(secret, bound_to=bound))
        return anew

    async def _row(self, kind: Kind, owner: int) -> bytes:
        """Give the id of an owner's key, which is made if there is none."""
        known = self._ids.get((kind, owner))
        if known is not None and await self._stands(known):
            return known
        if self._in_session():
            # It needs a transaction of its own, and SQLite would have it wait for the one that waits for it.
            raise RuntimeError("ask for keys before a session is opened, not inside of one")
        async with self._making:
            if (made := self._ids.get((kind, owner))) is not None:
                return made
            async with self._sessions() as session:
                await session.execute(
                    insert_into(self._engine, DataKeyRow)
                    .values(self._new(kind, owner))
                    .on_conflict_do_nothing(index_elements=["kind", "owner"])
                )
                await self._check_master(session)
                # Another process may have been first; then its key counts.
                its = EVERY.where(DataKeyRow.kind == kind, DataKeyRow.owner == owner)
                row = (await session.execute(its)).one()
            self._take(*row)
            return row[0]

    async def _have_members(self, member_ids: Sequence[int]) -> None:
        """Look members' keys up as they stand, and make those that are missing."""
        if self._in_session():
            raise RuntimeError("ask for keys before a session is opened, not inside of one")
        its = EVERY.where(DataKeyRow.kind == Kind.MEMBER, DataKeyRow.owner.in_(member_ids))
        async with self._making:
            async with self._sessions() as session:
                rows = (await session.execute(its)).all()
                new = set(member_ids) - {row[2] for row in rows}
                if new:
                    made = [self._new(Kind.MEMBER, owner) for owner in sorted(new)]
                    await session.execute(
                        insert_into(self._engine, DataKeyRow)
                        .values(made)
                        .on_conflict_do_nothing(index_elements=["kind", "owner"])
                    )
                    await self._check_master(session)
                    rows = (await session.execute(its)).all()
            for row in rows:
                known = self._ids.get((row[1], row[2]))
                if known is not None and known != row[0]:
                    self._drop(known)
                self._take(*row)

    def _new(self, kind: Kind, owner: int) -> dict[str, object]:
        key_id, secret = secrets.token_bytes(KEY_ID_BYTES), secrets.token_bytes(KEY_BYTES)
        return {
            "id": key_id,
            "kind": kind,
            "owner": owner,
            "wrapped": self._master.wrap(secret, bound_to=bound_to(key_id, kind, owner)),
            "made_at": datetime.now(UTC),
        }

    async def _bring_in(self) -> None:
        gone = select(DestroyedKeyRow.id)
        async with self._sessions() as session:
            risen = (await session.scalars(select(DataKeyRow.id).where(DataKeyRow.id.in_(gone)))).all()
            every = await session.stream(EVERY.where(DataKeyRow.id.not_in(gone)))
            async for rows in every.partitions(AT_ONCE):
                for row in rows:
                    self._take(*row)
        if risen:
            _log.warning("keys.buried_again", count=len(risen))
            await self._destroy(select(DataKeyRow.id).where(DataKeyRow.id.in_(gone)))

    def _take(self, key_id: bytes, kind: str, owner: int, wrapped: bytes) -> None:
        self._ids[kind, owner] = key_id
        self._wrapped[key_id] = (kind, owner, wrapped)

    async def _destroy(self, which: Any) -> None:  # noqa: ANN401 - a select of ids
        async with self._making:
            async with self._sessions() as session:
                ids = (await session.scalars(which)).all()
                if not ids:
                    return
                await session.execute(delete(DataKeyRow).where(DataKeyRow.id.in_(ids)))
                for key_id in ids:
                    await session.merge(DestroyedKeyRow(id=key_id, at=datetime.now(UTC)))
            for key_id in ids:
                self._drop(key_id)
            await erase(self._engine, ids)
        _log.info("keys.destroyed", count=len(ids))

    def _drop(self, key_id: bytes) -> None:
        kind, owner, _ = self._wrapped.pop(key_id, ("", 0, b""))
        self._ids.pop((kind, owner), None)
        self._unknown.add(key_id)
        if (key := self._keys.pop(key_id, None)) is not None:
            key.destroy()

    async def _check_master(self, session: AsyncSession) -> None:
        """Refuse to go on once another process has changed the master key."""
        named = await session.scalar(
            select(FactRow.value).where(FactRow.name == MASTER_KEY).with_for_update(read=True)
        )
        if named != self._master.id:
            raise OperatorError(
                f"The database is sealed with key {named} now, and this process holds key {self._master.id}: "
                "start Inkcircle again with the new key."
            )

    def _unwrapped(self, key_id: bytes) -> bytes:
        kind, owner, wrapped = self._wrapped[key_id]
        secret = self._master.unwrap(wrapped, bound_to=bound_to(key_id, kind, owner))
        if secret is None:
            raise OperatorError(
                f"Data key {key_id.hex()} does not open with key {self._master.id}: the database is damaged, "
                "or the key is another one of the same id. Put back your backup of both."
            )
        return secret
