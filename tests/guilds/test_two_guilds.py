"""Two servers with the same members: nothing done in one is seen, counted or changed in the other."""

import asyncio
import itertools
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeAlias

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.guilds import Amount, Feature, GuildSettings, Limits, Period, Scope, SettingsBook, Unit, UsageBook
from bot.llm import CallRecord, Role
from bot.store import CallLedger, MasterKey, SettingsTables, Spending, Spent, Store
from bot.store.jobs import Job, Jobs, Reader
from tests.databases import Database
from tests.guilds.calls import JONAS, MARA, NOW, row

_MODELS = ("small", "large")
_INES = 5
_ids = itertools.count(1)
# Which of the two servers, what is done, and with what.
Step: TypeAlias = tuple[int, str, Any]

_SOME_IDS = st.frozensets(st.integers(1, 5), max_size=3)
_AMOUNTS = st.builds(Amount, st.sampled_from(Unit), st.integers(0, 10**12))
_BUDGETS = st.dictionaries(st.tuples(st.sampled_from(Scope), st.sampled_from(Period)), _AMOUNTS, max_size=4)
_CALLS = st.builds(
    lambda member, tokens, nano, embedded, hours: row(
        at=NOW - timedelta(hours=hours),
        member=member,
        tokens=tokens,
        cost=None if nano is None else f"{nano}e-9",
        embedded=embedded,
    ),
    st.sampled_from([MARA, JONAS, None]),
    st.tuples(st.integers(0, 10**6), st.integers(0, 10**5)),
    st.none() | st.integers(0, 10**10),
    st.booleans(),
    st.integers(0, 24 * 40),
)
_STEPS = st.one_of(
    st.tuples(
        st.integers(0, 1),
        st.just("channels"),
        st.tuples(st.sampled_from([Feature.CRITIQUE, Feature.STORY]), _SOME_IDS),
    ),
    st.tuples(
        st.integers(0, 1),
        st.just("roles"),
        st.tuples(st.sampled_from([Feature.CRITIQUE, Feature.STORY]), _SOME_IDS),
    ),
    st.tuples(st.integers(0, 1), st.just("moderator"), st.none() | st.integers(1, 5)),
    st.tuples(
        st.integers(0, 1),
        st.just("model"),
        st.tuples(st.sampled_from(Role), st.none() | st.sampled_from(_MODELS)),
    ),
    st.tuples(st.integers(0, 1), st.just("budgets"), _BUDGETS),
    st.tuples(st.integers(0, 1), st.just("tone"), st.sampled_from(["", "Dry.", "Sweet."])),
    st.tuples(st.integers(0, 1), st.just("days"), st.none() | st.integers(0, 14)),
    st.tuples(st.integers(0, 1), st.just("call"), _CALLS),
    st.tuples(st.integers(0, 1), st.just("job"), st.none()),
    st.tuples(st.integers(0, 1), st.just("meddle"), st.integers(0, 9)),
    st.tuples(st.integers(0, 1), st.just("end"), st.integers(0, 9)),
)


@dataclass
class _Guild:
    """What a server should find."""

    settings: GuildSettings
    calls: list[CallRecord] = field(default_factory=list)
    jobs: dict[str, Job] = field(default_factory=dict)


class _House:
    """The services on one store, and what each of two servers should find in them."""

    def __init__(self, store: Store) -> None:
        self.guilds = [_Guild(GuildSettings(1_000_000 + next(_ids))) for _ in range(2)]
        self.book = SettingsBook(SettingsTables(store), models=_MODELS)
        self.spending = Spending(store)
        self.usage = UsageBook(self.spending, "USD", now=lambda: NOW)
        self.ledger = CallLedger(store)
        self.jobs = Jobs(store, now=lambda: NOW)
        self.tables = SettingsTables(store)

    async def do(self, step: Step) -> None:  # noqa: C901 - one arm for each kind of step
        which, what, value = step
        guild, other = self.guilds[which], self.guilds[1 - which]
        now, guild_id = guild.settings, guild.settings.guild_id
        match what:
            case "channels":
                feature, ids = value
                limits = replace(now.limits.get(feature, Limits()), channels=ids)
                guild.settings = replace(now, limits=_limits(now, feature, limits))
                await self.book.set_channels(guild_id, feature, ids, by=_INES)
            case "roles":
                feature, ids = value
                limits = replace(now.limits.get(feature, Limits()), roles=ids)
                guild.settings = replace(now, limits=_limits(now, feature, limits))
                await self.book.set_roles(guild_id, feature, ids, by=_INES)
            case "moderator":
                guild.settings = replace(now, moderator_role=value)
                await self.book.set_moderator_role(guild_id, value, by=_INES)
            case "model":
                role, name = value
                models = {each: model for each, model in now.models.items() if each is not role}
                guild.settings = replace(now, models=models | ({role: name} if name else {}))
                await self.book.set_model(guild_id, role, name, by=_INES)
            case "budgets":
                guild.settings = replace(now, budgets=value)
                await self.book.set_budgets(guild_id, value, seen=now.budgets, by=_INES)
            case "tone":
                guild.settings = replace(now, house_tone=value)
                await self.book.set_tone(guild_id, value, seen=now.house_tone, by=_INES)
            case "days":
                guild.settings = replace(now, trace_days=value)
                await self.book.set_trace_days(guild_id, value, by=_INES)
            case "call":
                record = replace(value, guild_id=guild_id)
                guild.calls.append(record)
                await self.ledger.record(record)
            case "job":
                job = _job(guild_id)
                guild.jobs[job.id] = job
                await self.jobs.add(job)
            case "meddle" if other.jobs:
                # What one server asks of another's work finds nothing and changes nothing.
                theirs = list(other.jobs.values())[value % len(other.jobs)]
                assert await self.jobs.get(theirs.id, guild_id) is None
                assert await self.jobs.begin(theirs.id, guild_id) is None
                await self.jobs.keep_result(replace(theirs, guild_id=guild_id), "Stolen.")
                await self.jobs.answered(replace(theirs, guild_id=guild_id), 0)
                await self.jobs.end(theirs.id, guild_id)
            case "end" if guild.jobs:
                job_id = list(guild.jobs)[value % len(guild.jobs)]
                del guild.jobs[job_id]
                await self.jobs.end(job_id, guild_id)

    async def check(self) -> None:
        for guild in self.guilds:
            guild_id = guild.settings.guild_id
            assert await self.book.of(guild_id) == guild.settings
            # Not only what is remembered, but what is kept.
            assert await SettingsBook(self.tables, models=_MODELS).of(guild_id) == guild.settings
            usage = await self.usage.of_guild(guild.settings)
            since = [period.begins(NOW) for period in Period]
            expected = [_sum(each for each in guild.calls if each.at >= begin) for begin in since]
            assert [share.spent for share in usage.shares] == expected
            by_member = defaultdict(list)
            for each in guild.calls:
                if each.at >= Period.MONTH.begins(NOW):
                    by_member[each.member_id].append(each)
            assert usage.members == {member: _sum(calls) for member, calls in by_member.items()}
            for member in (MARA, JONAS):
                shares = await self.usage.of_member(guild.settings, member)
                own = [each for each in guild.calls if each.member_id == member]
                assert [share.spent for share in shares] == [
                    _sum(each for each in own if each.at >= begin) for begin in since
                ]
            for job in guild.jobs.values():
                assert await self.jobs.get(job.id, guild_id) == job


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_STEPS, max_size=14))
def test_no_server_sees_counts_or_changes_anything_of_another(
    database: Database, master: MasterKey, steps: list[Step]
) -> None:
    async def live() -> None:
        async with Store(database.url, master=master) as store:
            house = _House(store)
            for step in steps:
                await house.do(step)
            await house.check()

    asyncio.run(live())


def _limits(now: GuildSettings, feature: Feature, limits: Limits) -> dict[Feature, Limits]:
    everything = {**now.limits, feature: limits}
    return {each: limit for each, limit in everything.items() if limit != Limits()}


def _job(guild_id: int) -> Job:
    number = next(_ids)
    return Job(
        id=f"{number:016x}",
        kind="critique",
        guild_id=guild_id,
        channel_id=1,
        member_id=MARA,
        author_id=MARA,
        message_id=None,
        focus=None,
        visibility="only me",
        readers=(Reader(MARA, number, "token"),),
        source="She ran.",
    )


def _sum(calls: Any) -> Spent:
    calls = list(calls)
    paid = [each for each in calls if not each.embedded]
    return Spent(
        calls=len(calls),
        tokens=sum(each.tokens_in + each.tokens_out for each in paid),
        cost_nano=sum(int(each.cost * 1_000_000_000) for each in paid if each.cost is not None),
        unpriced=sum(each.cost is None for each in paid),
    )
