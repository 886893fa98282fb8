"""What was spent and what is left, for those who may know: a member their own, a moderator the server's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bot.guilds.amounts import Amount, Unit
from bot.guilds.periods import Period
from bot.guilds.settings import GuildSettings, Scope
from bot.store import Spending, Spent

_MOST_MEMBERS: Final = 15


@dataclass(frozen=True, slots=True)
class Share:
    """What was spent in a period, and of how much.

    Attributes:
        period: Today or this month.
        spent: The sums.
        limit: The budget; None if there is none.
        ends: When the next period begins.
    """

    period: Period
    spent: Spent
    limit: Amount | None
    ends: datetime

    @property
    def left(self) -> Amount | None:
        """What is left of the budget, never less than nothing; None without one."""
        if self.limit is None:
            return None
        used = self.spent.tokens if self.limit.unit is Unit.TOKENS else self.spent.cost_nano
        return Amount(self.limit.unit, max(0, self.limit.value - used))


@dataclass(frozen=True, slots=True)
class GuildUsage:
    """A server's use.

    Attributes:
        shares: Of all together, today and this month.
        members: This month's sums by member, the dearest first; None for what nobody asked for in person.
        most: The members shown at most.
    """

    shares: tuple[Share, ...]
    members: Mapping[int | None, Spent]
    most: int = _MOST_MEMBERS


class UsageBook:
    """Looks up what was spent.

    Args:
        spending: The ledger's sums.
        currency: What money is counted in.
        now: The moment, in UTC.
    """

    def __init__(
        self, spending: Spending, currency: str, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._spending = spending
        self._now = now
        self.currency = currency

    async def of_member(self, settings: GuildSettings, member_id: int) -> tuple[Share, ...]:
        """Give a member's own use of a server, today and this month."""
        return await self._shares(settings, Scope.MEMBER, member_id)

    async def of_guild(self, settings: GuildSettings) -> GuildUsage:
        """Give a whole server's use."""
        shares = await self._shares(settings, Scope.GUILD, None)
        members = await self._spending.by_member(
            settings.guild_id, Period.MONTH.begins(self._now()), currency=self.currency, most=_MOST_MEMBERS
        )
        return GuildUsage(shares, members)

    async def _shares(
        self, settings: GuildSettings, scope: Scope, member_id: int | None
    ) -> tuple[Share, ...]:
        now = self._now()
        sums = await self._spending.since(
            settings.guild_id,
            [period.begins(now) for period in Period],
            currency=self.currency,
            member_id=member_id,
        )
        return tuple(
            Share(period, spent, settings.budgets.get((scope, period)), period.ends(now))
            for period, spent in zip(Period, sums, strict=True)
        )
