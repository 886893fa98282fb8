"""Budgets in stories: nothing is begun that cannot be paid, and nothing that was written is lost by it."""

from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.guilds import Amount, Budgets, Period, Scope, Unit
from bot.playground import Member, MessageView
from bot.store.schema import CallRow
from tests.e2e.stage import Stage, nobody_was_pinged
from tests.e2e.story_thread import Thread, begun, idle, prompts, with_storyteller
from tests.model_server import Words
from tests.stories.telling import LINK, MEMORY, TURN

pytestmark = pytest.mark.asyncio(loop_scope="module")

_SPENT = 60_000
_LIMIT = 50_000
_KEPT = "What you wrote is kept, and I go on with it then"


@pytest_asyncio.fixture(loop_scope="module")
async def stage(reading_stage: Stage) -> Stage:
    """Give it with a storyteller that has thirty different parts to tell, and without budgets."""
    with_storyteller(reading_stage)
    await _set(reading_stage, {})
    return reading_stage


async def _set(stage: Stage, budgets: Budgets) -> None:
    book, guild = stage.app.client.office.settings, stage.playground.guild.id
    await book.set_budgets(guild, budgets, seen=(await book.of(guild)).budgets, by=1)


def _of_member(tokens: int) -> Budgets:
    return {(Scope.MEMBER, Period.DAY): Amount(Unit.TOKENS, tokens)}


async def _spent_story(stage: Stage, member: Member) -> Thread:
    """Have a member begin a story that takes more than the budget that is then set."""
    stage.model.script(Words(MEMORY, usage=(_SPENT, 10, 0)), Words(LINK))
    thread = await begun(stage, member)
    await idle(stage)
    await _set(stage, _of_member(_LIMIT))
    stage.model.requests.clear()
    return thread


async def _told(thread: Thread, member: Member, words: str) -> MessageView:
    return await member.wait_for(lambda each: words in each.text, channel=thread.channel)


async def test_a_turn_that_cannot_be_paid_waits_and_the_thread_is_told_once(
    stage: Stage, mara: Member, jonas: Member
) -> None:
    thread = await _spent_story(stage, mara)
    await mara.say(TURN, channel=thread.channel)
    told = await _told(thread, mara, _KEPT)
    tonight = int(Period.DAY.ends(datetime.now(UTC)).timestamp())
    assert told.text.startswith(f"-# {mara.user.display_name}: Your budget for today is used up")
    assert f"<t:{tonight}:R>" in told.text
    assert nobody_was_pinged(told)
    await thread.say(mara, "The dog howled.")
    # A restart tells nobody a second time either.
    await stage.stop()
    await stage.start()
    assert not stage.model.requests
    # Whoever has some left has all of it answered, in one part.
    await jonas.say("Then it was still.", channel=thread.channel)
    await thread.part(jonas, 1)
    assert f"{TURN}\n\nThe dog howled.\n\nThen it was still." in prompts(stage)[-1]
    assert len([each for each in thread.messages(mara) if _KEPT in each.text]) == 1


async def test_what_waits_is_answered_when_the_budget_is_back(
    stage: Stage, mara: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = await _spent_story(stage, mara)
    just_before = Period.DAY.ends(datetime.now(UTC)) - timedelta(seconds=0.2)
    monkeypatch.setattr(stage.app.client, "now", lambda: just_before)
    await mara.say(TURN, channel=thread.channel)
    await _told(thread, mara, _KEPT)
    await _set(stage, {})
    await thread.part(mara, 1)
    assert TURN in prompts(stage)[-1]


async def test_nothing_else_begins_that_cannot_be_paid(stage: Stage, mara: Member) -> None:
    thread = await _spent_story(stage, mara)
    first = await thread.part(mara, 0)
    refused = await mara.press(first, "Retry")
    assert refused.text.startswith("Your budget for today is used up")
    assert "ink-" not in refused.text
    mara.go("workshop")
    refused = await mara.slash("story start", title="Another")
    assert refused.modal is None
    assert refused.text.startswith("Your budget for today is used up")
    assert not stage.model.requests


async def test_another_try_is_paid_by_whoever_asks_for_it(stage: Stage, mara: Member, jonas: Member) -> None:
    # The last words are hers, and she has nothing left.
    thread = await _spent_story(stage, mara)
    answer = await jonas.press(await thread.part(jonas, 0), "Retry")
    assert answer.text == "I am writing that part anew."
    await idle(stage)
    assert len(prompts(stage)) == 1
    story = await stage.app.client.story_book.in_thread(stage.playground.guild.id, thread.channel.id)
    assert story is not None
    retry = f"retry.{story.guild_id}.{story.id}."
    async with stage.app.store.session() as session:
        payers = await session.scalars(select(CallRow.member_id).where(CallRow.job.startswith(retry)))
        assert set(payers) == {jonas.user.id}


async def test_a_server_without_budget_is_told_too(stage: Stage, mara: Member) -> None:
    thread = await _spent_story(stage, mara)
    await _set(stage, {(Scope.GUILD, Period.MONTH): Amount(Unit.TOKENS, _LIMIT)})
    await mara.say(TURN, channel=thread.channel)
    told = await _told(thread, mara, _KEPT)
    assert told.text.startswith("-# The budget of this server for this month is used up")


async def test_a_budget_that_ends_within_a_turn_loses_nothing(stage: Stage, mara: Member) -> None:
    thread = await _spent_story(stage, mara)
    least = stage.app.client.teller.least()
    rest = 2 * (least.tokens_in + least.tokens_out)
    await _set(stage, _of_member(3 * _SPENT))
    stage.model.script(Words(MEMORY, usage=(2 * _SPENT - rest // 4, 10, 0)))
    await mara.say(TURN, channel=thread.channel)
    told = await _told(thread, mara, "the next words are yours")
    assert "Your budget for today is used up" in told.text
    assert "<t:" in told.text
    await _set(stage, {})
    await mara.say("The dog howled.", channel=thread.channel)
    await thread.part(mara, 1)
    assert TURN in prompts(stage)[-1]
    assert "The dog howled." in prompts(stage)[-1]
