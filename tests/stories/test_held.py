"""Messages of newcomers, known by number until their author goes on; and who wrote what, on either engine."""

from datetime import UTC, datetime

import pytest

from bot.store import Store
from bot.stories import Author
from bot.stories.book import StoryBook
from bot.stories.held import Held, HeldMessage
from bot.stories.kept import Opening, Reply

HERE, THREAD = 10, 101
ADA, BEN = Author(1, "Ada"), Author(2, "Ben")


@pytest.fixture
def book(store: Store) -> StoryBook:
    return StoryBook(store, lambda: datetime.now(UTC))


@pytest.fixture
def held(store: Store) -> Held:
    return Held(store, lambda: datetime.now(UTC))


async def _begun(book: StoryBook) -> int:
    opening = Opening(100, THREAD, THREAD + 1000, ADA, "The lamp", "Somebody had lit the lamp.", "")
    return (await book.start(HERE, opening)).id


async def test_a_newcomer_s_message_is_a_number_until_they_go_on(book: StoryBook, held: Held) -> None:
    story = await _begun(book)
    messages = [HeldMessage(HERE, story, BEN.user_id, number) for number in (8, 7)]
    assert [await held.add(each) for each in messages] == [True, True]
    assert not await held.add(messages[0])
    assert await held.all() == await held.of_member(BEN.user_id) == messages[::-1]
    assert await held.of_member(ADA.user_id) == []
    assert await book.claims.next_turn(HERE, story) is None
    assert await held.take_in(messages[0], Reply(8, BEN, "Ben came in."))
    assert not await held.take_in(messages[0], Reply(8, BEN, "Ben came in."))
    turn = await book.claims.next_turn(HERE, story)
    assert turn is not None
    assert (turn.payer, turn.first_message_id) == (BEN, 8)
    assert await held.drop(HERE, 7) == messages[1]
    assert await held.drop(HERE, 7) is None
    assert await held.all() == []


async def test_what_came_with_a_form_is_known_by_the_message_that_shows_it(book: StoryBook) -> None:
    story = await _begun(book)
    assert await book.replies.add(HERE, story, Reply(5, BEN, "Ben came in."))
    await book.replies.stands_in(HERE, 5, 6)
    assert await book.replies.author_of(HERE, 6) == BEN.user_id
    assert await book.replies.author_of(HERE, 5) is None
    assert (await book.settle(HERE, story, THREAD + 1)).thread_id == THREAD + 1
    first = (await book.state(HERE, story)).tree.path[-1]
    assert await book.drafts.part_before(HERE, first.id) is None
