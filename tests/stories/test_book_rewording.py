"""What people change in what they wrote, on a real database."""

import asyncio
from datetime import UTC, datetime

import pytest

from bot.store import Store
from bot.stories.book import StoryBook
from tests.stories.test_book import BEN, HERE, MEMORY, begun, close_turn, keep_memory, say


@pytest.fixture
def book(store: Store) -> StoryBook:
    return StoryBook(store, lambda: datetime.now(UTC))


async def test_the_same_words_again_change_nothing(book: StoryBook, store: Store) -> None:
    story = await begun(book)
    await say(book, story, 1, "Ben came in.")
    turn = await close_turn(book, story.id, "turn-1")
    assert turn is not None
    await keep_memory(store, turn, MEMORY, None)
    assert await book.replies.reword(HERE, 1, "Ben came in.") is None
    assert book.replies.changes_of(story.id) == 0
    assert await book.drafts.still_fits(HERE, story.id, turn, join=True)
    assert await book.replies.reword(HERE, 1, "Ben went out.") is not None
    assert book.replies.changes_of(story.id) == 1
    assert not await book.drafts.still_fits(HERE, story.id, turn, join=True)
    assert (await book.state(HERE, story.id)).tree.path[-1].text == "Ben went out."


async def test_what_is_not_story_is_not_kept_when_its_author_changes_it(book: StoryBook) -> None:
    """Its author may never have had a key."""
    story = await begun(book)
    await book.replies.keep_out(HERE, story.id, 1, BEN.user_id)
    assert await book.replies.reword(HERE, 1, "Who brings the cake, now?") is None
    assert await book.replies.written_by(BEN.user_id) == []


async def test_what_comes_while_it_is_said_to_be_no_story_is_none(book: StoryBook) -> None:
    story = await begun(book)
    for number in range(1, 9):
        await asyncio.gather(
            say(book, story, number, "Who brings the cake?"),
            book.replies.keep_out(HERE, story.id, number, BEN.user_id),
        )
    assert await close_turn(book, story.id, "turn-1") is None


async def test_words_whose_key_is_gone_cannot_be_changed_and_are_no_turn(
    book: StoryBook, store: Store
) -> None:
    story = await begun(book)
    await say(book, story, 1, "Ben came in.")
    await store.keys.forget_member(BEN.user_id)
    assert await book.replies.reword(HERE, 1, "Ben went out.") is None
    assert await book.claims.take_turn(HERE, story.id, "turn-0") is None
    assert await close_turn(book, story.id, "turn-1") is None
