"""Where the decisions of servers are looked up, at every interaction, and changed."""

import time
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, Literal

import structlog

from bot.errors import UserError
from bot.guilds.amounts import Amount, Unit
from bot.guilds.periods import Period
from bot.guilds.rules import Feature, Limits
from bot.guilds.settings import Budgets, GuildSettings, Scope, clean_tone
from bot.llm import Role
from bot.store import SettingsTables, StoredSettings

_log = structlog.get_logger(__name__)

# Another process on the same database may have changed something.
_FRESH_SECONDS: Final = 60.0
_CHANNEL: Final = "channel"
_ROLE: Final = "role"


class ChangedMeanwhileError(UserError):
    """Somebody else has changed what a moderator was about to change."""

    def __init__(self) -> None:
        super().__init__(
            "Another moderator changed this while you were writing, so I left it as it is now: please look "
            "at it and try again."
        )


class SettingsBook:
    """Reads and changes settings. What was read is remembered; a change counts from the very next look.

    Args:
        tables: Where they are kept.
        models: The names of models that a server may choose.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        tables: SettingsTables,
        *,
        models: tuple[str, ...] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._known: dict[int, tuple[float, GuildSettings]] = {}
        self._changes: dict[int, int] = {}
        self.model_names = models

    async def of(self, guild_id: int) -> GuildSettings:
        """Give a server's settings."""
        known = self._known.get(guild_id)
        now = self._clock()
        if known is not None and now - known[0] < _FRESH_SECONDS:
            return known[1]
        changes = self._changes.get(guild_id, 0)
        settings = _settings(guild_id, await self._tables.read(guild_id))
        # What was read while somebody changed it may be old already.
        if changes == self._changes.get(guild_id, 0):
            self._known[guild_id] = (now, settings)
        return settings

    async def tone(self, guild_id: int) -> str:
        """Give how letters should sound in a server; empty for no wish."""
        return (await self.of(guild_id)).house_tone

    async def model_for(self, guild_id: int, role: Role) -> str | None:
        """Give the model that a server chose; None where it chose none that may still be chosen."""
        chosen = (await self.of(guild_id)).models.get(role)
        return chosen if chosen in self.model_names else None

    async def set_moderator_role(self, guild_id: int, role_id: int | None, *, by: int) -> GuildSettings:
        """Name the moderator role, or none; gives the settings as they are then."""
        await self._tables.set_moderator_role(guild_id, role_id, by=by)
        return await self._changed(guild_id, by, "moderator_role")

    async def set_channels(
        self, guild_id: int, feature: Feature, channels: AbstractSet[int], *, by: int
    ) -> GuildSettings:
        """Say in which channels a feature may be used; none for all."""
        return await self._set_limit(guild_id, feature, _CHANNEL, channels, by)

    async def set_roles(
        self, guild_id: int, feature: Feature, roles: AbstractSet[int], *, by: int
    ) -> GuildSettings:
        """Say which roles may use a feature; none for everybody."""
        return await self._set_limit(guild_id, feature, _ROLE, roles, by)

    async def set_model(self, guild_id: int, role: Role, model: str | None, *, by: int) -> GuildSettings:
        """Choose a role's model; None for the operator's.

        Raises:
            UserError: It is not among those that may be chosen.
        """
        if model is not None and model not in self.model_names:
            raise UserError("That model cannot be chosen any more: please choose another one.")
        await self._tables.set_model(guild_id, role.value, model, by=by)
        return await self._changed(guild_id, by, f"model_{role.value}")

    async def set_budgets(self, guild_id: int, budgets: Budgets, *, seen: Budgets, by: int) -> GuildSettings:
        """Put budgets in place of those that a moderator saw.

        Raises:
            ChangedMeanwhileError: They are others by now.
        """
        if not await self._tables.set_budgets(guild_id, _plain(budgets), seen=_plain(seen), by=by):
            self._forget(guild_id)
            raise ChangedMeanwhileError
        return await self._changed(guild_id, by, "budgets")

    async def set_tone(self, guild_id: int, tone: str, *, seen: str, by: int) -> GuildSettings:
        """Put a house tone in place of the one that a moderator saw; empty for none.

        Raises:
            UserError: It is too long.
            ChangedMeanwhileError: It is another one by now.
        """
        cleaned = clean_tone(tone)
        if not await self._tables.set_tone(guild_id, cleaned or None, seen=seen or None, by=by):
            self._forget(guild_id)
            raise ChangedMeanwhileError
        return await self._changed(guild_id, by, "house_tone")

    async def set_trace_days(self, guild_id: int, days: int | None, *, by: int) -> GuildSettings:
        """Say how many days traces are kept; None leaves it to the operator, 0 keeps nothing."""
        await self._tables.set_trace_days(guild_id, days, by=by)
        return await self._changed(guild_id, by, "trace_days")

    async def _set_limit(
        self,
        guild_id: int,
        feature: Feature,
        kind: Literal["channel", "role"],
        ids: AbstractSet[int],
        by: int,
    ) -> GuildSettings:
        if not feature.limitable:
            raise ValueError(f"{feature} is open to everybody")
        await self._tables.set_limit(guild_id, feature.value, kind, ids, by=by)
        return await self._changed(guild_id, by, f"{feature.value}_{kind}s")

    async def _changed(self, guild_id: int, by: int, what: str) -> GuildSettings:
        self._forget(guild_id)
        _log.info("settings.changed", guild=guild_id, member=by, what=what)
        return await self.of(guild_id)

    def _forget(self, guild_id: int) -> None:
        self._changes[guild_id] = self._changes.get(guild_id, 0) + 1
        self._known.pop(guild_id, None)


def _settings(guild_id: int, stored: StoredSettings) -> GuildSettings:
    features = {feature for feature, _ in stored.limits} & {each.value for each in Feature}
    return GuildSettings(
        guild_id=guild_id,
        moderator_role=stored.moderator_role_id,
        limits={
            Feature(each): Limits(
                channels=stored.limits.get((each, _CHANNEL), frozenset()),
                roles=stored.limits.get((each, _ROLE), frozenset()),
            )
            for each in features
        },
        budgets={
            (Scope(scope), Period(period)): Amount(Unit(unit), value)
            for (scope, period), (unit, value) in stored.budgets.items()
        },
        models={Role(role): model for role, model in stored.models.items()},
        house_tone=stored.house_tone or "",
        trace_days=stored.trace_days,
    )


def _plain(budgets: Budgets) -> Mapping[tuple[str, str], tuple[str, int]]:
    return {
        (scope.value, period.value): (amount.unit.value, amount.value)
        for (scope, period), amount in budgets.items()
    }
