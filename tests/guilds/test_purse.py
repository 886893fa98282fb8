"""A call beyond a budget is never sent, however many are asked at once, and the sentence says until when."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import UserError
from bot.guilds import GuildSettings
from bot.guilds.amounts import NANO, Amount, Unit
from bot.guilds.budgets import Purse
from bot.guilds.periods import Period
from bot.guilds.settings import Budgets, Scope
from bot.llm import ModelError, OverBudgetError
from bot.store import CallLedger, Spending, Spent, Store
from tests.guilds.calls import (
    EMBEDDED,
    FREE,
    GUILD,
    JONAS,
    MARA,
    NOW,
    OTHER_GUILD,
    PRICED,
    UNPRICED,
    call,
    prices,
    row,
)

_TONIGHT = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp())
_DECEMBER = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())


class _Source:
    """Settings of one server."""

    def __init__(self, budgets: Budgets) -> None:
        self.settings = GuildSettings(GUILD, budgets=budgets)

    async def of(self, guild_id: int) -> GuildSettings:
        return self.settings if guild_id == GUILD else GuildSettings(guild_id)


class _Sums:
    """A ledger in memory."""

    def __init__(self) -> None:
        self.spent = Spent()
        self.looks = 0

    async def since(
        self, guild_id: int, moments: Sequence[datetime], *, currency: str, member_id: int | None = None
    ) -> tuple[Spent, ...]:
        assert guild_id == GUILD
        assert member_id in {None, *range(100), MARA}
        assert currency == "USD"
        self.looks += 1
        spent = self.spent
        # Others have their turn, as with a real database.
        await asyncio.sleep(0)
        return tuple(spent for _ in moments)


def _tokens(number: int) -> Amount:
    return Amount(Unit.TOKENS, number)


def _usd(number: float) -> Amount:
    return Amount(Unit.MONEY, int(number * NANO))


def _purse(budgets: Budgets, folder: Path, spending: Spending | _Sums) -> Purse:
    return Purse(_Source(budgets), spending, prices(folder), now=lambda: NOW)


async def _refusal(purse: Purse, **attributes: int | None) -> str:
    with pytest.raises(OverBudgetError) as caught:
        async with purse.admit(call(**attributes), PRICED):  # type: ignore[arg-type] # attributes of a call
            pass
    return caught.value.sentence


@pytest.mark.parametrize("limit", [_tokens(1200), _usd(0.0014)])
@pytest.mark.parametrize(
    "case",
    [
        (Scope.MEMBER, Period.DAY, "Your budget for today", _TONIGHT),
        (Scope.MEMBER, Period.MONTH, "Your budget for this month", _DECEMBER),
        (Scope.GUILD, Period.DAY, "The budget of this server for today", _TONIGHT),
        (Scope.GUILD, Period.MONTH, "The budget of this server for this month", _DECEMBER),
    ],
)
async def test_what_is_used_up_is_refused_with_the_time_when_it_comes_back(
    case: tuple[Scope, Period, str, int], limit: Amount, store: Store, tmp_path: Path
) -> None:
    scope, period, whose, back = case
    purse = _purse({(scope, period): limit}, tmp_path, Spending(store))
    async with purse.admit(call(max_tokens=200), PRICED):
        pass
    await purse.require(GUILD, MARA, PRICED)
    await CallLedger(store).record(row(at=Period.DAY.begins(NOW)))
    told = await _refusal(purse)
    assert told.startswith(whose)
    assert f"<t:{back}:R>" in told
    with pytest.raises(OverBudgetError, match=f"<t:{back}:R>"):
        await purse.require(GUILD, MARA, PRICED)


async def test_what_others_spent_and_what_is_past_does_not_count(store: Store, tmp_path: Path) -> None:
    budgets = {
        (Scope.MEMBER, Period.DAY): _tokens(1400),
        (Scope.MEMBER, Period.MONTH): _tokens(2400),
        (Scope.GUILD, Period.MONTH): _tokens(10_000),
    }
    purse = _purse(budgets, tmp_path, Spending(store))
    ledger = CallLedger(store)
    for each in (
        row(member=JONAS),
        row(member=None),
        row(guild=OTHER_GUILD),
        row(guild=None),
        row(embedded=True, cost="0"),
        row(at=Period.MONTH.begins(NOW) - timedelta(microseconds=1)),
        row(at=Period.DAY.begins(NOW) - timedelta(microseconds=1), tokens=(1000, 88)),
    ):
        await ledger.record(each)
    async with purse.admit(call(max_tokens=1301), PRICED):
        pass
    # A token more does not fit into her month.
    assert "this month" in await _refusal(purse, max_tokens=1302)


async def test_a_call_that_does_not_fit_into_the_rest_is_refused(tmp_path: Path) -> None:
    sums = _Sums()
    sums.spent = Spent(calls=1, tokens=900)
    purse = _purse({(Scope.MEMBER, Period.DAY): _tokens(1000)}, tmp_path, sums)
    assert "too little" in await _refusal(purse, max_tokens=100)
    async with purse.admit(call(max_tokens=80), PRICED):
        pass


async def test_a_call_that_never_fits_is_not_put_off_until_tomorrow(tmp_path: Path) -> None:
    purse = _purse({(Scope.MEMBER, Period.DAY): _tokens(50)}, tmp_path, _Sums())
    told = await _refusal(purse)
    assert "fewer pages" in told
    assert "<t:" not in told


async def test_of_several_the_one_that_lasts_longest_is_told(tmp_path: Path) -> None:
    sums = _Sums()
    sums.spent = Spent(calls=1, tokens=5000)
    budgets = {(scope, period): _tokens(1000) for scope in Scope for period in Period}
    assert f"<t:{_DECEMBER}:R>" in await _refusal(_purse(budgets, tmp_path, sums))


async def test_a_hundred_calls_at_once_never_pass_the_budget(tmp_path: Path) -> None:
    sums = _Sums()
    # Each is held at 11 + 100 tokens: nine fit.
    purse = _purse({(Scope.GUILD, Period.DAY): _tokens(1100)}, tmp_path, sums)
    running, most, refused = 0, 0, 0

    async def ask(member: int) -> None:
        nonlocal running, most, refused
        try:
            async with purse.admit(call(member=member), PRICED):
                running += 1
                most = max(most, running)
                await asyncio.sleep(0.01)
                # The ledger has the row before the hold is let go of.
                sums.spent = replace(sums.spent, tokens=sums.spent.tokens + 111)
                running -= 1
        except OverBudgetError:
            refused += 1

    await asyncio.gather(*(ask(member) for member in range(100)))
    assert most == 9
    assert sums.spent.tokens == 9 * 111
    assert refused == 91


async def test_what_is_held_is_settled_by_what_was_really_taken(tmp_path: Path) -> None:
    sums = _Sums()
    purse = _purse({(Scope.MEMBER, Period.DAY): _tokens(250)}, tmp_path, sums)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(purse.admit(call(), PRICED))
        assert "too little" in await _refusal(purse)
        # Another member has a budget of their own.
        async with purse.admit(call(member=JONAS), PRICED):
            pass
    sums.spent = Spent(calls=2, tokens=40)
    async with purse.admit(call(), PRICED):
        pass


async def test_a_failed_or_cancelled_call_holds_nothing(tmp_path: Path) -> None:
    purse = _purse({(Scope.MEMBER, Period.DAY): _tokens(120)}, tmp_path, _Sums())
    with pytest.raises(ModelError):
        async with purse.admit(call(), PRICED):
            raise ModelError
    forever = asyncio.Event()

    async def hang() -> None:
        async with purse.admit(call(), PRICED):
            await forever.wait()

    task = asyncio.create_task(hang())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with purse.admit(call(), PRICED):
        pass
    assert not purse._running


async def test_what_costs_nothing_is_never_refused(tmp_path: Path) -> None:
    nothing = {(scope, period): _usd(0) for scope in Scope for period in Period}
    purse = _purse(nothing, tmp_path, _Sums())
    await purse.require(GUILD, MARA, FREE)
    async with purse.admit(call(), FREE):
        pass
    no_tokens = {(Scope.GUILD, Period.DAY): _tokens(0)}
    purse = _purse(no_tokens, tmp_path, _Sums())
    await purse.require(GUILD, MARA, EMBEDDED)
    async with purse.admit(call(), EMBEDDED):
        pass
    # Tokens are counted for every other model, since somebody's machine reads them.
    with pytest.raises(OverBudgetError):
        await purse.require(GUILD, MARA, FREE)


async def test_a_limit_of_nothing_lets_nothing_be_spent(tmp_path: Path) -> None:
    purse = _purse({(Scope.MEMBER, Period.DAY): _usd(0)}, tmp_path, _Sums())
    with pytest.raises(OverBudgetError):
        await purse.require(GUILD, MARA, PRICED)
    assert "today" in await _refusal(purse)


async def test_a_model_of_unknown_price_is_not_paid_for_out_of_a_budget_in_money(tmp_path: Path) -> None:
    in_money = {(Scope.GUILD, Period.MONTH): _usd(5)}
    purse = _purse(in_money, tmp_path, _Sums())
    with pytest.raises(OverBudgetError, match="in tokens"):
        await purse.require(GUILD, MARA, UNPRICED)
    with pytest.raises(OverBudgetError, match="in tokens"):
        async with purse.admit(call(), UNPRICED):
            pass
    with pytest.raises(UserError, match="`unpriced`"):
        purse.require_countable(in_money, [PRICED, EMBEDDED, UNPRICED])
    purse.require_countable(in_money, [PRICED, EMBEDDED, FREE])
    in_tokens = {(Scope.GUILD, Period.MONTH): _tokens(5000)}
    purse = _purse(in_tokens, tmp_path, _Sums())
    purse.require_countable(in_tokens, [UNPRICED])
    async with purse.admit(call(), UNPRICED):
        pass


async def test_without_a_budget_nobody_looks_into_the_ledger(tmp_path: Path) -> None:
    sums = _Sums()
    purse = _purse({}, tmp_path, sums)
    async with purse.admit(call(), PRICED), purse.admit(call(guild=None), PRICED):
        await purse.require(GUILD, MARA, PRICED)
        await purse.require(None, None, PRICED)
    only_members = _purse({(Scope.MEMBER, Period.DAY): _tokens(0)}, tmp_path, sums)
    async with only_members.admit(call(member=None), PRICED):
        pass
    assert sums.looks == 0
