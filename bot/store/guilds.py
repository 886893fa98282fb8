"""What servers have decided."""

from collections.abc import AsyncIterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import Store
from bot.store.errors import ForgottenError
from bot.store.schema import GuildBudgetRow, GuildLimitRow, GuildModelRow, GuildRow, GuildSettingsRow


@dataclass(frozen=True, slots=True)
class Confirmation:
    """That a moderator let the demonstration model serve the members, by whom and when."""

    by: int
    at: datetime


class Guilds:
    """Which servers let the demonstration model serve; looked up often and so remembered."""

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


@dataclass(frozen=True, slots=True)
class StoredSettings:
    """What one server has decided, in the words of the tables; `bot.guilds` knows what they mean.

    Attributes:
        moderator_role_id: The moderator role.
        limits: By feature and kind (`channel`, `role`), the ids that may.
        budgets: By scope and period, the unit and the amount.
        models: By role.
        house_tone: The server's own words. (Out of `repr`, so that no log can show them.)
        trace_days: Days that traces are kept; None leaves it to the operator.
    """

    moderator_role_id: int | None = None
    limits: Mapping[tuple[str, str], frozenset[int]] = field(default_factory=dict)
    budgets: Mapping[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    house_tone: str | None = field(default=None, repr=False)
    trace_days: int | None = None


class _OthersByNowError(Exception):
    """Undoes a change of what is not any more as it was seen."""


class SettingsTables:
    """Reads and changes what servers have decided; each change says who made it.

    A change first changes the server's row in `guild_settings`, which on both engines makes a second one
    wait: so two moderators at once never leave half of each.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(self, guild_id: int) -> StoredSettings:
        """Give what a server has decided; nothing if it never did."""
        async with self._store.session(guild=guild_id) as session:
            row = await session.scalar(select(GuildSettingsRow))
            if row is None:
                return StoredSettings()
            limits: dict[tuple[str, str], frozenset[int]] = {}
            for limit in await session.scalars(select(GuildLimitRow)):
                key = (limit.feature, limit.kind)
                limits[key] = limits.get(key, frozenset()) | {limit.target_id}
            models = await session.scalars(select(GuildModelRow))
            return StoredSettings(
                moderator_role_id=row.moderator_role_id,
                limits=limits,
                budgets=await _budgets(session),
                models={each.role: each.model for each in models},
                house_tone=_tone(row),
                trace_days=row.trace_days,
            )

    async def set_moderator_role(self, guild_id: int, role_id: int | None, *, by: int) -> None:
        """Name the moderator role, or none."""
        async with self._change(guild_id, by) as (_, row):
            row.moderator_role_id = role_id

    async def set_trace_days(self, guild_id: int, days: int | None, *, by: int) -> None:
        """Say how long traces are kept; None leaves it to the operator."""
        async with self._change(guild_id, by) as (_, row):
            row.trace_days = days

    async def set_limit(
        self, guild_id: int, feature: str, kind: str, ids: AbstractSet[int], *, by: int
    ) -> None:
        """Say which channels or roles may use a feature, in place of those that might; none for all."""
        async with self._change(guild_id, by) as (session, _):
            of_this = (GuildLimitRow.feature == feature, GuildLimitRow.kind == kind)
            await session.execute(delete(GuildLimitRow).where(*of_this))
            session.add_all(
                GuildLimitRow(guild_id=guild_id, feature=feature, kind=kind, target_id=each) for each in ids
            )

    async def set_model(self, guild_id: int, role: str, model: str | None, *, by: int) -> None:
        """Choose the model of a role; None for the operator's."""
        async with self._change(guild_id, by) as (session, _):
            await session.execute(delete(GuildModelRow).where(GuildModelRow.role == role))
            if model is not None:
                session.add(GuildModelRow(guild_id=guild_id, role=role, model=model))

    async def set_budgets(
        self,
        guild_id: int,
        budgets: Mapping[tuple[str, str], tuple[str, int]],
        *,
        seen: Mapping[tuple[str, str], tuple[str, int]],
        by: int,
    ) -> bool:
        """Put budgets in place of those that were seen; False, and no change, if they are others by now."""
        try:
            async with self._change(guild_id, by) as (session, _):
                _require_as_seen(await _budgets(session), seen)
                await session.execute(delete(GuildBudgetRow))
                session.add_all(
                    GuildBudgetRow(guild_id=guild_id, scope=scope, period=period, unit=unit, amount=amount)
                    for (scope, period), (unit, amount) in budgets.items()
                )
        except _OthersByNowError:
            return False
        return True

    async def set_tone(self, guild_id: int, tone: str | None, *, seen: str | None, by: int) -> bool:
        """Put a house tone in place of the one that was seen; False, and no change, if it is another now."""
        sealed = (await self._store.keys.guild(guild_id)).seal(tone) if tone else None
        try:
            async with self._change(guild_id, by) as (_, row):
                _require_as_seen(_tone(row), seen)
                row.house_tone = sealed
        except _OthersByNowError:
            return False
        return True

    @asynccontextmanager
    async def _change(self, guild_id: int, by: int) -> AsyncIterator[tuple[AsyncSession, GuildSettingsRow]]:
        changed = {"changed_by": by, "changed_at": datetime.now(UTC)}
        async with self._store.session(guild=guild_id) as session:
            touched = await session.execute(update(GuildSettingsRow).values(changed))
            if cast("CursorResult[Any]", touched).rowcount == 0:
                session.add(GuildSettingsRow(guild_id=guild_id, **changed))
                await session.flush()
            row = (await session.scalars(select(GuildSettingsRow))).one()
            yield session, row


def _require_as_seen(present: object, seen: object) -> None:
    if present != seen:
        raise _OthersByNowError


async def _budgets(session: AsyncSession) -> dict[tuple[str, str], tuple[str, int]]:
    rows = await session.scalars(select(GuildBudgetRow))
    return {(row.scope, row.period): (row.unit, row.amount) for row in rows}


def _tone(row: GuildSettingsRow) -> str | None:
    if row.house_tone is None:
        return None
    try:
        return row.house_tone.text()
    except ForgottenError:
        # The server's key was destroyed, and with it what it wrote.
        return None
