"""What was used adds up to the ledger's last digit, on both databases; the unknown is said to be so."""

from datetime import timedelta

from bot.guilds import Amount, GuildSettings, Period, Scope, Unit, UsageBook
from bot.store import CallLedger, Spending, Spent, Store
from tests.guilds.calls import GUILD, JONAS, MARA, NOW, OTHER_GUILD, row


async def test_sums_are_exact_and_the_dearest_come_first(store: Store) -> None:
    ledger = CallLedger(store)
    for _ in range(10):
        # In floats, ten of these are not three.
        await ledger.record(row(cost="0.3", tokens=(1, 2)))
    await ledger.record(row(member=JONAS, cost="3.000000001", at=NOW - timedelta(days=2)))
    await ledger.record(row(member=JONAS, cost=None, tokens=(5, 0)))
    await ledger.record(row(member=MARA, cost="7", currency="EUR", tokens=(1, 0)))
    await ledger.record(row(guild=OTHER_GUILD, cost="100"))
    usage = UsageBook(Spending(store), "USD", now=lambda: NOW)
    whole = await usage.of_guild(GuildSettings(GUILD))
    assert list(whole.members) == [JONAS, MARA]
    assert whole.members[JONAS] == Spent(calls=2, tokens=1205, cost_nano=3_000_000_001, unpriced=1)
    assert whole.members[MARA] == Spent(calls=11, tokens=31, cost_nano=3_000_000_000)
    today, month = whole.shares
    assert today.spent == Spent(calls=12, tokens=36, cost_nano=3_000_000_000, unpriced=1)
    assert month.spent == Spent(calls=13, tokens=1236, cost_nano=6_000_000_001, unpriced=1)


async def test_nothing_used_is_nothing_and_less_than_nothing_is_never_left(store: Store) -> None:
    limits = {
        (Scope.MEMBER, Period.DAY): Amount(Unit.TOKENS, 1000),
        (Scope.MEMBER, Period.MONTH): Amount(Unit.MONEY, 1_000_000_000),
    }
    settings = GuildSettings(GUILD, budgets=limits)
    usage = UsageBook(Spending(store), "USD", now=lambda: NOW)
    assert [share.spent for share in await usage.of_member(settings, MARA)] == [Spent(), Spent()]
    await CallLedger(store).record(row(tokens=(1200, 0), cost="0.25"))
    today, month = await usage.of_member(settings, MARA)
    assert today.left == Amount(Unit.TOKENS, 0)
    assert month.left == Amount(Unit.MONEY, 750_000_000)
    assert today.ends == Period.DAY.ends(NOW)


async def test_only_so_many_members_are_listed(store: Store) -> None:
    ledger = CallLedger(store)
    for member in range(1, 18):
        await ledger.record(row(member=member, cost=f"0.{member:03}"))
    whole = await UsageBook(Spending(store), "USD", now=lambda: NOW).of_guild(GuildSettings(GUILD))
    assert list(whole.members) == list(range(17, 2, -1))
    assert len(whole.members) == whole.most
