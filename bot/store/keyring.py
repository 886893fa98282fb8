"""The data keys of an open store: made at first use, found by id, destroyed to forget their author."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only
from sqlalchemy.util.concurrency import in_greenlet

from bot.errors import OperatorError
from bot.store.erasing import erase_again
from bot.store.errors import ForgottenError
from bot.store.fingerprints import Fingerprints
from bot.store.key_rows import AT_ONCE, KeyRow, KeyRows, Kind, Sessions
from bot.store.keys import KEY_BYTES, MasterKey
from bot.store.sealed import KEY_ID_BYTES, DataKey, use_keys

_log = structlog.get_logger(__name__)


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
        sessions: Sessions,
        master: MasterKey,
        *,
        in_session: Callable[[], bool] = lambda: False,
    ) -> None:
        self._in_session = in_session
        self._engine = engine
        self._rows = KeyRows(engine, sessions)
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
        await self._rows.claim(self._master.id)
        async for row in self._rows.every():
            self._take(row)
        if risen := await self._rows.destroy_risen():
            _log.warning("keys.buried_again", count=len(risen))
            await self._rows.erase(risen)
        self._fingerprints = Fingerprints(self._unwrapped(await self._id_of(Kind.FINGERPRINT, 0)))
        await erase_again(self._engine, [*await self.destroyed()])
        use_keys(self._engine.sync_engine.dialect, self)

    async def member(self, member_id: int) -> DataKey:
        """Give a member's key; a new one at first, and after they were forgotten."""
        return self.key(await self._id_of(Kind.MEMBER, member_id))

    async def members(self, member_ids: Collection[int]) -> dict[int, DataKey]:
        """Give several members' keys, in one transaction however many of them are new."""
        owners = set(member_ids)
        looked_for = (
            owners if self._shared else {each for each in owners if (Kind.MEMBER, each) not in self._ids}
        )
        ordered = sorted(looked_for)
        for start in range(0, len(ordered), AT_ONCE):
            await self._have(Kind.MEMBER, ordered[start : start + AT_ONCE])
        return {each: self.key(self._ids[Kind.MEMBER, each]) for each in owners}

    async def guild(self, guild_id: int) -> DataKey:
        """Give a server's key, for what is the server's and no member's."""
        return self.key(await self._id_of(Kind.GUILD, guild_id))

    async def house(self) -> DataKey:
        """Give the house's own key."""
        return self.key(await self._id_of(Kind.HOUSE, 0))

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
        row = await self._rows.find(key_id)
        if row is None:
            self._unknown.add(key_id)
        else:
            self._take(row)

    async def _stands(self, key_id: bytes) -> bool:
        """Tell whether a key that is known was not destroyed by another process."""
        if not self._shared or await self._rows.stands(key_id):
            return True
        self._drop(key_id)
        return False

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
        await self._forget(lambda: self._rows.destroy_of(Kind.MEMBER, member_id))

    async def forget_guild(self, guild_id: int) -> None:
        """Destroy a server's key; its members' keys stay."""
        await self._forget(lambda: self._rows.destroy_of(Kind.GUILD, guild_id))

    async def destroyed(self) -> frozenset[bytes]:
        """Give the ids of all keys that were destroyed, for a restore to hand to `bury`."""
        return await self._rows.destroyed()

    async def bury(self, key_ids: Collection[bytes]) -> None:
        """Destroy keys by their ids, such as those that a backup has brought back to life."""
        await self._forget(lambda: self._rows.destroy(key_ids))

    async def rotate(self, new: MasterKey) -> None:
        """Wrap every data key with another master key, all in one transaction.

        Data keys stay as they are, and with them everything that is sealed. Who calls it sees to the new
        key's file: `bot.store.rotation` does so in the right order.
        """
        async with self._making:
            changed = await self._rows.rewrap(new.id, lambda rows: self._rewrapped(rows, new))
            self._master = new
            self._wrapped.update({row.id: row for row in changed})
        _log.info("keys.rotated", key=new.id, data_keys=len(changed))

    def _rewrapped(self, rows: Iterable[KeyRow], new: MasterKey) -> list[KeyRow]:
        anew = []
        for row in rows:
            secret = self._master.unwrap(row.wrapped, bound_to=row.bound_to)
            if secret is None:
                raise OperatorError(f"Data key {row.id.hex()} does not open; nothing was changed.")
            anew.append(row._replace(wrapped=new.wrap(secret, bound_to=row.bound_to)))
        return anew

    async def _id_of(self, kind: Kind, owner: int) -> bytes:
        """Give the id of an owner's key, which is made if there is none."""
        known = self._ids.get((kind, owner))
        if known is None or not await self._stands(known):
            await self._have(kind, [owner])
        return self._ids[kind, owner]

    async def _have(self, kind: Kind, owners: Sequence[int]) -> None:
        """Look owners' keys up as they stand, and make those that are missing."""
        if self._in_session():
            # It needs a transaction of its own, and SQLite would have it wait for the one that waits for it.
            raise RuntimeError("ask for keys before a session is opened, not inside of one")
        async with self._making:
            for row in await self._rows.have(kind, owners, make=self._made, master_id=self._master.id):
                known = self._ids.get((row.kind, row.owner))
                if known is not None and known != row.id:
                    self._drop(known)
                self._take(row)

    def _made(self, kind: Kind, owner: int) -> KeyRow:
        bare = KeyRow(secrets.token_bytes(KEY_ID_BYTES), kind, owner, b"")
        wrapped = self._master.wrap(secrets.token_bytes(KEY_BYTES), bound_to=bare.bound_to)
        return bare._replace(wrapped=wrapped)

    def _take(self, row: KeyRow) -> None:
        self._ids[row.kind, row.owner] = row.id
        self._wrapped[row.id] = row

    async def _forget(self, destroy: Callable[[], Awaitable[Sequence[bytes]]]) -> None:
        async with self._making:
            ids = await destroy()
            if not ids:
                return
            for key_id in ids:
                self._drop(key_id)
            await self._rows.erase(ids)
        _log.info("keys.destroyed", count=len(ids))

    def _drop(self, key_id: bytes) -> None:
        row = self._wrapped.pop(key_id, None)
        if row is not None:
            self._ids.pop((row.kind, row.owner), None)
        self._unknown.add(key_id)
        if (key := self._keys.pop(key_id, None)) is not None:
            key.destroy()

    def _unwrapped(self, key_id: bytes) -> bytes:
        row = self._wrapped[key_id]
        secret = self._master.unwrap(row.wrapped, bound_to=row.bound_to)
        if secret is None:
            raise OperatorError(
                f"Data key {key_id.hex()} does not open with key {self._master.id}: the database is damaged, "
                "or the key is another one of the same id. Put back your backup of both."
            )
        return secret
