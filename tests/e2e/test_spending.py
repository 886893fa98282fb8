"""Budgets and use, from the command to the ledger: nothing is paid beyond one, and each sees their own."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bot.guilds import Amount, Budgets, Period, Scope, Unit
from bot.playground import Member
from bot.store.schema import CallRow
from tests.e2e.faulty_manuscripts import scene
from tests.e2e.letters import A_FALSE_QUOTATION, LETTER
from tests.e2e.on_databases import ENGINES, stage_on
from tests.e2e.stage import PATIENCE, Gate, Stage, ended, nobody_was_pinged, upload
from tests.model_server import Words

pytestmark = pytest.mark.asyncio(loop_scope="module")

_PRAISE = "I like how quietly your scene puts its weight on small things."
# What the double says that an answer took.
_TOKENS = 26


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=ENGINES)
async def whole_stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """Give a stage on each database."""
    async with stage_on(request, tmp_path_factory.mktemp("spending")) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def _no_budget(stage: Stage) -> None:
    """Have every test begin without one."""
    await _set(stage, {})


async def _set(stage: Stage, budgets: Budgets) -> None:
    book, guild = stage.app.client.office.settings, stage.playground.guild.id
    await book.set_budgets(guild, budgets, seen=(await book.of(guild)).budgets, by=1)


def _of_member(limit: Amount, period: Period = Period.DAY) -> Budgets:
    return {(Scope.MEMBER, period): limit}


def _tonight() -> int:
    return int(Period.DAY.ends(datetime.now(UTC)).timestamp())


async def _spent(stage: Stage, member: Member) -> tuple[int, int]:
    """Give a member's calls and their cost, as the ledger has them."""
    await stage.booked()
    async with stage.app.store.session() as session:
        query = select(func.count(), func.sum(CallRow.cost_nano)).where(CallRow.member_id == member.user.id)
        calls, cost = (await session.execute(query)).one()
    return calls, int(cost or 0)


async def test_a_member_whose_budget_is_used_up_is_told_until_when(
    stage: Stage, mara: Member, jonas: Member
) -> None:
    await _set(stage, _of_member(Amount(Unit.TOKENS, 50_000)))
    stage.model.script(Words(LETTER, usage=(49_994, 6, 0)))
    assert _PRAISE in await ended(await mara.slash("critique", manuscript=upload()))
    assert await _spent(stage, mara) == (1, 50_054_000_000)
    stage.model.requests.clear()
    for response in (
        await mara.slash("critique", manuscript=upload()),
        await mara.slash("critique"),
        await mara.context("Critique this", await mara.say(scene()[:1500])),
    ):
        assert response.modal is None
        assert response.text.startswith("Your budget for today is used up")
        assert f"<t:{_tonight()}:R>" in response.text
        assert "ink-" not in response.text
        assert response.message is not None
        assert response.message.ephemeral
    assert not stage.model.requests
    # It is hers alone.
    assert _PRAISE in await ended(await jonas.slash("critique", manuscript=upload()))


async def test_what_is_left_but_does_not_suffice_brings_findings_and_no_incident(
    stage: Stage, mara: Member
) -> None:
    assert _PRAISE in await ended(await mara.slash("critique", manuscript=upload()))
    await _set(stage, _of_member(Amount(Unit.TOKENS, _TOKENS + 100)))
    stage.model.requests.clear()
    told = await ended(await mara.slash("critique", manuscript=upload()))
    assert "what is left is too little for this" in told
    assert f"<t:{_tonight()}:R>" in told
    assert "without a model" in told
    assert "ink-" not in told
    assert not stage.model.requests


async def test_a_repair_that_cannot_be_paid_is_not_asked_for(stage: Stage, mara: Member) -> None:
    # The first answer takes what a whole day has; the sentence at fault goes, the letter comes.
    await _set(stage, _of_member(Amount(Unit.TOKENS, 10_000)))
    stage.model.script(Words(A_FALSE_QUOTATION, usage=(9_000, 900, 0)))
    told = await ended(await mara.slash("critique", manuscript=upload()))
    assert len(stage.model.requests) == 1
    assert _PRAISE in told
    assert "Let them come and take it away." not in told


async def test_a_server_spends_no_more_than_its_budget_however_many_ask_at_once(stage: Stage) -> None:
    members = [stage.playground.add_member(f"Writer {number}") for number in range(6)]
    for member in members:
        member.go("workshop")
    office, guild = stage.app.client.office, stage.playground.guild.id
    await stage.booked()
    before = (await office.usage.of_guild(await office.settings.of(guild))).shares[0].spent.cost_nano
    # The text and what a letter may have cost about eleven dollars at most: there is room for two at a time.
    room = 25 * 1_000_000_000
    await _set(stage, {(Scope.GUILD, Period.DAY): Amount(Unit.MONEY, before + room)})
    gate = Gate()
    stage.model.otherwise = Words(LETTER, gate=gate, usage=(1_000, 900, 0))
    stage.model.most_serving = 0
    answers = [asyncio.create_task(member.slash("critique", manuscript=upload())) for member in members]
    responses = [await answer for answer in answers]
    await asyncio.wait_for(gate.reached.wait(), PATIENCE)
    gate.set()
    told = [await ended(response) for response in responses]
    letters = [each for each in told if _PRAISE in each]
    refused = [each for each in told if "The budget of this server for today" in each]
    assert len(letters) + len(refused) == len(members)
    assert letters
    assert refused
    spent = (await office.usage.of_guild(await office.settings.of(guild))).shares[0].spent.cost_nano
    assert spent == before + len(letters) * 10_000_000_000
    assert spent <= before + room
    # Who cannot pay is told so, and nothing failed.
    assert all("ink-" not in each for each in refused)


async def test_a_member_sees_their_own_use_to_the_last_token(stage: Stage, mara: Member) -> None:
    assert "0 calls, 0 tokens, 0.00 USD" in (await mara.slash("usage")).text
    for _ in range(2):
        assert _PRAISE in await ended(await mara.slash("critique", manuscript=upload()))
    await stage.booked()
    await _set(
        stage,
        {
            (Scope.MEMBER, Period.DAY): Amount(Unit.MONEY, 500_000_000),
            (Scope.MEMBER, Period.MONTH): Amount(Unit.TOKENS, 1_000),
        },
    )
    response = await mara.slash("usage")
    assert "2 calls, 52 tokens, 0.16 USD. Left: 0.34 USD of 0.50 USD" in response.text
    assert "2 calls, 52 tokens, 0.16 USD. Left: 948 of 1,000 tokens" in response.text
    assert f"<t:{_tonight()}:R>" in response.text
    assert response.message is not None
    assert response.message.ephemeral


async def test_only_moderators_see_everybodys_use_and_nobody_is_pinged(
    stage: Stage, mara: Member, ines: Member
) -> None:
    assert _PRAISE in await ended(await mara.slash("critique", manuscript=upload()))
    await stage.booked()
    refused = await mara.slash("usage", whose="everybody's (moderators)")
    assert "for moderators" in refused.text
    response = await ines.slash("usage", whose="everybody's (moderators)")
    assert f"<@{mara.user.id}>: 1 call, 26 tokens, 0.08 USD" in response.text
    assert response.message is not None
    assert response.message.ephemeral
    assert nobody_was_pinged(response.message)
    async with stage.app.store.session() as session:
        query = select(func.count(), func.sum(CallRow.cost_nano)).where(
            CallRow.guild_id == stage.playground.guild.id
        )
        calls, cost = (await session.execute(query)).one()
    dollars = (Decimal(int(cost or 0)) / 1_000_000_000).normalize()
    assert f"{calls} calls" in response.text
    assert f" {dollars:f}" in response.text


async def test_what_is_spent_in_one_server_is_neither_seen_nor_counted_in_another(
    stage: Stage, mara: Member, ines: Member
) -> None:
    other = stage.playground.add_guild("Another circle", moderators=["Ines"])
    stage.playground.world.guilds.add_member(other, mara.user)
    there = stage.playground.channel("workshop", other)
    assert _PRAISE in await ended(await mara.slash("critique", manuscript=upload()))
    await stage.booked()
    await _set(stage, _of_member(Amount(Unit.TOKENS, _TOKENS)))
    assert "used up" in (await mara.slash("critique", manuscript=upload())).text
    assert "0 calls" in (await mara.slash("usage", channel=there)).text
    whole = await ines.slash("usage", channel=there, whose="everybody's (moderators)")
    assert "0 calls" in whole.text
    assert "<@" not in whole.text
    assert _PRAISE in await ended(await mara.slash("critique", channel=there, manuscript=upload()))
    await stage.booked()
    assert "1 call, 26 tokens" in (await mara.slash("usage", channel=there)).text
    assert "No limit." in (await ines.slash("settings", channel=there)).text
    stage.playground.remove_bot(other)


async def test_a_budget_of_nothing_is_a_budget(stage: Stage, mara: Member) -> None:
    await _set(stage, {(Scope.GUILD, Period.MONTH): Amount(Unit.MONEY, 0)})
    refused = await mara.slash("critique", manuscript=upload())
    back = int(Period.MONTH.ends(datetime.now(UTC)).timestamp())
    assert refused.text.startswith("The budget of this server for this month")
    assert f"<t:{back}:R>" in refused.text
