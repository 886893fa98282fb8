"""Taking back: reaches what waits, what was approved and what was exported, and tells whoever made a file."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, or_, select

from bot.corpus import Corpus, Kind, Mark, NoConsentError, Purpose, State
from bot.corpus.links import Link, LinkKind
from bot.errors import UserError
from bot.store import Store
from bot.store.schema import ConsentRow, DataKeyRow, ExportRow, PageLinkRow, SubmissionRow
from tests.corpus.given import (
    ADA,
    BEN,
    EVERYTHING,
    HERE,
    MODERATOR,
    OTHER_MODERATOR,
    Clock,
    approved,
    marked,
    text_of,
    wish,
)


async def test_who_takes_their_consent_back_is_read_by_nobody_from_then_on(corpus: Corpus) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    await corpus.submissions.submit(HERE, ADA, text_of(0))
    assert await corpus.reviews.waiting(HERE) == 1
    await corpus.consents.revoke(HERE, ADA)
    assert await corpus.reviews.waiting(HERE) == 0
    assert await corpus.reviews.next_for(HERE, MODERATOR) is None
    await corpus.consents.give(HERE, ADA, wish(Purpose.TRAINING))
    assert await corpus.reviews.next_for(HERE, MODERATOR) is not None


async def test_drafts_are_kept_and_nobodys_to_review(corpus: Corpus) -> None:
    await corpus.consents.give(HERE, ADA, wish(Purpose.DRAFTS))
    given = await corpus.submissions.submit(HERE, ADA, text_of(0))
    assert not given.for_review
    assert await corpus.reviews.next_for(HERE, MODERATOR) is None
    with pytest.raises(NoConsentError):
        await corpus.reviews.approve(HERE, MODERATOR, given.id)
    (listed,) = await corpus.submissions.of_author(HERE, ADA)
    assert (listed.state, listed.for_review, listed.text) == (State.PENDING, False, "")
    await corpus.consents.give(HERE, ADA, wish(Purpose.ANTHOLOGY))
    assert (await corpus.submissions.of_author(HERE, ADA))[0].for_review


async def test_every_way_of_taking_back_says_which_files_are_marked(corpus: Corpus, clock: Clock) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    first, second = await approved(corpus, ADA, 0), await approved(corpus, ADA, 1)
    book = await corpus.exports.make(HERE, MODERATOR, Kind.ANTHOLOGY)
    data = await corpus.exports.make(HERE, OTHER_MODERATOR, Kind.TRAINING)

    def mark(export_id: int, kind: Kind, maker: int, *submissions: int) -> Mark:
        return Mark(HERE, export_id, kind, maker, clock.now, submissions)

    narrower = await corpus.consents.give(HERE, ADA, wish(Purpose.ANTHOLOGY))
    assert narrower.marks == [mark(data.id, Kind.TRAINING, OTHER_MODERATOR, first.id, second.id)]
    assert await corpus.submissions.withdraw(HERE, ADA, first.id) == [
        mark(book.id, Kind.ANTHOLOGY, MODERATOR, first.id)
    ]
    # What is marked is marked once.
    assert await corpus.submissions.withdraw(HERE, ADA, first.id) == []
    assert await corpus.consents.revoke(HERE, ADA) == [mark(book.id, Kind.ANTHOLOGY, MODERATOR, second.id)]
    assert await corpus.submissions.withdraw_all(HERE, ADA) == []
    assert {each.state for each in await corpus.submissions.of_author(HERE, ADA)} == {State.WITHDRAWN}


async def test_who_makes_a_file_is_told_of_their_earlier_ones_once(corpus: Corpus, clock: Clock) -> None:
    for author, scene in ((ADA, 0), (BEN, 1)):
        await corpus.consents.give(HERE, author, EVERYTHING)
        await approved(corpus, author, scene)
    first = await corpus.exports.make(HERE, MODERATOR, Kind.ANTHOLOGY)
    assert first.marks == []
    clock.now += timedelta(days=1)
    (mark,) = await corpus.consents.revoke(HERE, ADA)
    clock.now += timedelta(days=1)
    other = await corpus.exports.make(HERE, OTHER_MODERATOR, Kind.ANTHOLOGY)
    assert other.marks == []
    again = await corpus.exports.make(HERE, MODERATOR, Kind.TRAINING)
    assert again.marks == [mark]
    clock.now += timedelta(days=1)
    assert (await corpus.exports.make(HERE, MODERATOR, Kind.TRAINING)).marks == []


async def test_an_export_that_nobody_got_is_forgotten(corpus: Corpus) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    await approved(corpus, ADA, 0)
    made = await corpus.exports.make(HERE, MODERATOR, Kind.ANTHOLOGY)
    await corpus.exports.drop(HERE, made.id)
    assert await corpus.consents.revoke(HERE, ADA) == []


async def test_forgetting_leaves_nobody_in_the_corpus(corpus: Corpus, store: Store) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    await corpus.consents.give(HERE, BEN, EVERYTHING)
    given = await approved(corpus, ADA, 0)
    # A moderator writes as well.
    waiting = await corpus.submissions.submit(HERE, BEN, text_of(1))
    await corpus.reviews.next_for(HERE, ADA)
    book = await corpus.exports.make(HERE, ADA, Kind.ANTHOLOGY)
    await corpus.links.make(Link(LinkKind.GIVE, HERE, ADA, member_name="Ada"))
    (act,) = await corpus.reviews.acts(ADA)
    assert (act.what, act.number) == ("exported for anthology", book.id)
    assert [each.number for each in await corpus.reviews.acts(MODERATOR)] == [given.id]
    for _ in range(2):
        await corpus.submissions.forget(ADA)
    assert await corpus.reviews.acts(ADA) == []
    async with store.session() as session:
        for column in (
            ConsentRow.author_id,
            SubmissionRow.author_id,
            SubmissionRow.lease_by,
            SubmissionRow.decided_by,
            ExportRow.made_by,
            PageLinkRow.member_id,
        ):
            assert not await session.scalar(select(func.count()).where(column == ADA)), column
        standing = or_(ConsentRow.revoked_at.is_(None), ConsentRow.author_id == ADA)
        assert (await session.scalars(select(ConsentRow.author_id).where(standing))).all() == [BEN]
    assert await marked(store, book.id) == [given.id]
    assert await corpus.consents.of_author(ADA) == []
    held = await corpus.reviews.next_for(HERE, MODERATOR)
    assert held is None or held.id == waiting.id


async def test_who_may_give_nothing_leaves_nothing(corpus: Corpus, store: Store) -> None:
    with pytest.raises(NoConsentError):
        await corpus.submissions.submit(HERE, ADA, text_of(0))
    async with store.session() as session:
        keys = await session.scalars(select(DataKeyRow.owner).where(DataKeyRow.owner == ADA))
        assert keys.all() == []


async def test_the_same_text_twice_at_once_is_taken_once(corpus: Corpus) -> None:
    await corpus.consents.give(HERE, ADA, EVERYTHING)
    given = await asyncio.gather(
        *(corpus.submissions.submit(HERE, ADA, text_of(0)) for _ in range(4)), return_exceptions=True
    )
    refused = [each for each in given if isinstance(each, BaseException)]
    assert len(refused) == 3
    assert all(isinstance(each, UserError) and "already" in each.sentence for each in refused)
    assert len(await corpus.submissions.of_author(HERE, ADA)) == 1
