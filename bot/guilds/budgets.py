"""Budgets: a call that would go beyond one is refused before anything is sent."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_CEILING
from typing import Final, Protocol

import structlog

from bot.errors import UserError
from bot.guilds.amounts import NANO, Amount, Unit
from bot.guilds.periods import Period
from bot.guilds.settings import Budgets, GuildSettings, Scope
from bot.llm import Call, Endpoint, OverBudgetError, Prices, Usage, estimate_messages
from bot.store import Spent

_log = structlog.get_logger(__name__)

_PERIODS: Final = tuple(Period)
_MANY: Final = Usage(NANO, NANO)
_NOTHING: Final = Usage()


class SettingsSource(Protocol):
    """Where the decisions of servers are looked up."""

    async def of(self, guild_id: int) -> GuildSettings:
        """Give one server's."""


class SpendingSource(Protocol):
    """Where sums of the ledger come from."""

    async def since(
        self, guild_id: int, moments: Sequence[datetime], *, currency: str, member_id: int | None = None
    ) -> tuple[Spent, ...]:
        """Give a server's, or one of its members', sums since each of some moments."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a call that runs, or wants to, may take at most.

    Attributes:
        cost_nano: None where nobody knows the price.
    """

    member_id: int | None
    tokens: int
    cost_nano: int | None

    def of(self, unit: Unit) -> int:
        return self.tokens if unit is Unit.TOKENS else self.cost_nano or 0


class Purse:
    """Keeps the budgets of servers; implements `bot.llm.Budget`.

    What calls under way may still take is held in memory: one process works for a server at a time. Where
    several do, each knows of the others' calls once they are over, so that a budget may be passed by what
    they have under way.

    Args:
        settings: The decisions of servers.
        spending: The ledger's sums.
        prices: What tokens cost.
        now: The moment, in UTC.
    """

    def __init__(
        self,
        settings: SettingsSource,
        spending: SpendingSource,
        prices: Prices,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._spending = spending
        self._prices = prices
        self._now = now
        self._running: defaultdict[int, list[_Wanted]] = defaultdict(list)
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    @property
    def currency(self) -> str:
        """What money is counted in."""
        return self._prices.currency

    async def require(
        self, guild_id: int | None, member_id: int | None, endpoint: Endpoint, *, usage: Usage = _NOTHING
    ) -> None:
        """See that something is left at all, before a member waits for a call that would be refused.

        Args:
            guild_id: The server.
            member_id: Who pays.
            endpoint: What is asked.
            usage: What will be taken at least.

        Raises:
            OverBudgetError: Nothing is left; the sentence says when there will be.
        """
        if guild_id is None or endpoint.embedded:
            return
        settings = await self._settings.of(guild_id)
        wanted = _Wanted(member_id, usage.tokens_in + usage.tokens_out, self._cost(endpoint, usage))
        await self._check(settings, endpoint, wanted)

    @asynccontextmanager
    async def admit(self, call: Call, endpoint: Endpoint) -> AsyncIterator[bool]:
        """Hold what a call may take at most while it runs.

        Gives whether a budget may bound it: then its row must be in the ledger at the end.

        Raises:
            OverBudgetError: It would go beyond a budget.
        """
        guild_id = call.caller.guild_id
        budgets = (await self._settings.of(guild_id)).budgets if guild_id is not None else None
        if guild_id is None or not budgets or endpoint.embedded:
            yield False
            return
        usage = Usage(estimate_messages(call.messages), call.max_tokens)
        wanted = _Wanted(
            call.caller.member_id, usage.tokens_in + usage.tokens_out, self._cost(endpoint, usage)
        )
        # One after another, so that two calls never count on the same rest.
        async with self._locks[guild_id]:
            await self._check(await self._settings.of(guild_id), endpoint, wanted)
            self._running[guild_id].append(wanted)
        try:
            yield True
        finally:
            # By now the ledger has what it really took.
            self._running[guild_id].remove(wanted)
            if not self._running[guild_id]:
                del self._running[guild_id]

    def require_countable(self, budgets: Budgets, endpoints: Iterable[Endpoint]) -> None:
        """See that money can be counted for all of some models, if a budget is in money.

        Raises:
            UserError: The price of one is not known.
        """
        if all(amount.unit is Unit.TOKENS for amount in budgets.values()):
            return
        for endpoint in endpoints:
            if self._cost(endpoint, Usage()) is None:
                raise UserError(
                    f"Nobody has told me the price of the model `{endpoint.model.replace('`', '')}`, so I "
                    f"cannot count in {self.currency}: please write the budgets in tokens, such as "
                    "200k tokens."
                )

    async def _check(self, settings: GuildSettings, endpoint: Endpoint, wanted: _Wanted) -> None:
        limits = self._limits(settings.budgets, endpoint, wanted.member_id)
        if not limits:
            return
        if wanted.cost_nano is None and any(amount.unit is Unit.MONEY for amount in limits.values()):
            raise OverBudgetError(
                f"This server has a budget in {self.currency}, and the price of its model is not known, so I "
                "may not ask it: a moderator can set the budget in tokens, in **/settings**.",
                "unknown price",
            )
        # First what runs, then the ledger: a call that ends in between counts twice, and none is missed.
        running = tuple(self._running.get(settings.guild_id, ()))
        now = self._now()
        starts = [period.begins(now) for period in _PERIODS]
        refusals: list[tuple[datetime, OverBudgetError]] = []
        for scope in dict.fromkeys(scope for scope, _ in limits):
            whose = wanted.member_id if scope is Scope.MEMBER else None
            sums = await self._spending.since(
                settings.guild_id, starts, currency=self.currency, member_id=whose
            )
            for period, spent in zip(_PERIODS, sums, strict=True):
                limit = limits.get((scope, period))
                if limit is None:
                    continue
                held = sum(each.of(limit.unit) for each in running if whose in {None, each.member_id})
                used = held + (spent.tokens if limit.unit is Unit.TOKENS else spent.cost_nano)
                if used >= limit.value or used + wanted.of(limit.unit) > limit.value:
                    back = period.ends(now)
                    whole = used == 0 and limit.value > 0
                    refusals.append((back, _refusal(scope, period, back, more_than_whole=whole)))
        if refusals:
            refusal = max(refusals, key=lambda each: each[0])[1]
            _log.info("budget.refused", guild=settings.guild_id, cause=refusal.cause)
            raise refusal

    def _limits(
        self, budgets: Budgets, endpoint: Endpoint, member_id: int | None
    ) -> dict[tuple[Scope, Period], Amount]:
        """Give the budgets that bound a call: not money for a model that costs none."""
        free = self._cost(endpoint, _MANY) == 0
        return {
            (scope, period): amount
            for (scope, period), amount in budgets.items()
            if not (free and amount.unit is Unit.MONEY) and not (scope is Scope.MEMBER and member_id is None)
        }

    def _cost(self, endpoint: Endpoint, usage: Usage) -> int | None:
        cost = self._prices.cost(endpoint, usage)
        return None if cost is None else int((cost * NANO).to_integral_value(ROUND_CEILING))


def _refusal(scope: Scope, period: Period, back: datetime, *, more_than_whole: bool) -> OverBudgetError:
    whose = "Your budget" if scope is Scope.MEMBER else "The budget of this server"
    cause = f"{scope.value} {period.value}"
    if more_than_whole:
        return OverBudgetError(
            f"{whose} for a whole {period.value} is too small for this: please send fewer pages, or ask a "
            "moderator.",
            cause,
            of_member=scope is Scope.MEMBER,
        )
    return OverBudgetError(
        f"{whose} for {period.words} is used up, or what is left is too little for this: it comes back "
        f"<t:{int(back.timestamp())}:R>.",
        cause,
        back=back,
        of_member=scope is Scope.MEMBER,
    )
