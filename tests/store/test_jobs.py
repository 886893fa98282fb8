"""Work that outlives the process: kept before anything is done, a step at a time, and gone when it ends."""

import asyncio
from dataclasses import replace

import pytest

from bot.store import ForgottenError, Store
from bot.store.jobs import Job, Jobs, Reader

_JOB = Job(
    id="a" * 16,
    kind="critique",
    guild_id=7,
    channel_id=8,
    member_id=1,
    author_id=2,
    message_id=9,
    focus="tone",
    visibility="only me",
    readers=(Reader(1, 11, "tokencanary"), Reader(2, 12, "othertoken")),
    source="kettlecanary",
)


async def test_it_comes_back_as_it_was_kept_and_each_step_counts_a_try(store: Store) -> None:
    jobs = Jobs(store)
    await jobs.add(_JOB)
    assert await jobs.get(_JOB.id, 7) == _JOB
    assert await jobs.begin(_JOB.id, 7) == replace(_JOB, tries=1)
    again = await jobs.begin(_JOB.id, 7)
    assert again is not None
    assert again.tries == 2


async def test_what_is_not_needed_any_more_goes_with_each_step(store: Store) -> None:
    jobs = Jobs(store)
    await jobs.add(_JOB)
    await jobs.begin(_JOB.id, 7)
    await jobs.keep_manuscript(_JOB, "the words")
    read = await jobs.get(_JOB.id, 7)
    assert read is not None
    assert (read.source, read.manuscript, read.tries) == ("", "the words", 0)
    await jobs.keep_result(_JOB, "the letter")
    written = await jobs.get(_JOB.id, 7)
    assert written is not None
    assert (written.source, written.manuscript, written.result) == ("", None, "the letter")
    await jobs.answered(_JOB, 1)
    told = await jobs.get(_JOB.id, 7)
    assert told is not None
    assert [reader.answered for reader in told.readers] == [False, True]
    await jobs.end(_JOB.id, 7)
    assert await jobs.get(_JOB.id, 7) is None
    assert await jobs.begin(_JOB.id, 7) is None
    assert await jobs.under_way("critique") == []


async def test_who_asked_and_whose_words_they_are_both_find_it(store: Store) -> None:
    jobs = Jobs(store)
    await jobs.add(_JOB)
    await jobs.add(replace(_JOB, id="b" * 16, member_id=5, author_id=6, readers=()))
    for member_id in (1, 2):
        assert await jobs.of_member(member_id) == [_JOB]
    assert await jobs.of_member(7) == []


async def test_another_server_does_not_reach_it(store: Store) -> None:
    jobs = Jobs(store)
    await jobs.add(_JOB)
    assert await jobs.get(_JOB.id, 70) is None
    await jobs.end(_JOB.id, 70)
    assert await jobs.get(_JOB.id, 7) == _JOB


async def test_a_crowd_that_comes_at_once_is_kept_whole_and_in_few_transactions(store: Store) -> None:
    jobs = Jobs(store)
    crowd = [
        replace(
            _JOB, id=f"{number:016x}", member_id=number, author_id=number, readers=(Reader(number, 1, "t"),)
        )
        for number in range(1, 61)
    ]
    written: list[int] = []
    insert = jobs._insert

    async def counted(arrivals: list[Job]) -> None:
        written.append(len(arrivals))
        await insert(arrivals)

    jobs._insert = counted  # type: ignore[method-assign, assignment]
    await asyncio.gather(*(jobs.add(job) for job in crowd))
    assert sum(written) == 60
    assert len(written) < 10
    assert {job.id for job in await jobs.under_way("critique")} == {job.id for job in crowd}


async def test_what_cannot_be_kept_is_told_to_who_wanted_it(store: Store) -> None:
    jobs = Jobs(store)
    await jobs.add(_JOB)
    with pytest.raises(Exception, match=r"UNIQUE|unique"):
        await jobs.add(_JOB)
    # And the next one is kept all the same.
    await jobs.add(replace(_JOB, id="b" * 16))
    assert len(await jobs.under_way("critique")) == 2


async def test_an_interruption_on_purpose_blames_nobody(store: Store) -> None:
    jobs = Jobs(store)
    await jobs.add(_JOB)
    for _ in range(3):
        await jobs.begin(_JOB.id, 7)
    await jobs.interrupted([_JOB.id])
    (job,) = await jobs.under_way("critique")
    assert (job.tries, job.readers) == (0, (1, 2))


async def test_a_forgotten_author_s_work_cannot_go_on(store: Store) -> None:
    jobs = Jobs(store)
    await jobs.add(_JOB)
    await store.keys.forget_member(2)
    with pytest.raises(ForgottenError):
        await jobs.begin(_JOB.id, 7)


def test_words_are_in_no_repr() -> None:
    assert "canary" not in repr(replace(_JOB, manuscript="canary", result="canary"))
