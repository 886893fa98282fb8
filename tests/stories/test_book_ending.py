"""What is held back, who pays, and what the end of a story takes in, on both databases."""

from datetime import UTC, datetime

import pytest

from bot.store import Store
from bot.stories import Author
from bot.stories.aims import Aim
from bot.stories.book import StoryBook
from bot.stories.held import HeldMessage
from bot.stories.kept import About, NewDraft, Reply
from tests.stories.test_book import ADA, BEN, ELSEWHERE, HERE, begun, close_turn, say

CARA = Author(3, "Cara")


@pytest.fixture
def book(store: Store) -> StoryBook:
    return StoryBook(store, lambda: datetime.now(UTC))


async def test_what_is_held_has_no_words_and_is_no_turn_before_it_is_taken_in(book: StoryBook) -> None:
    story = await begun(book)
    late, early = (HeldMessage(HERE, story.id, CARA.user_id, number) for number in (6, 4))
    assert await book.held.add(late)
    assert await book.held.add(early)
    assert not await book.held.add(early), "it is known"
    assert await book.held.of_member(CARA.user_id) == [early, late]
    assert await book.held.all() == [early, late]
    assert await book.replies.written_by(CARA.user_id) == []
    assert await book.claims.next_turn(HERE, story.id) is None
    await say(book, story, 5, "Ben came in.")
    # It cannot be changed into words either.
    assert await book.replies.reword(HERE, 4, "Cara came in.") is None
    assert await book.held.take_in(early, Reply(4, CARA, "Cara came in."))
    assert not await book.held.take_in(early, Reply(4, CARA, "Cara came in.")), "once"
    assert await book.held.drop(HERE, 6) == late
    assert await book.held.drop(HERE, 6) is None
    assert await book.held.drop(ELSEWHERE, 4) is None
    await close_turn(book, story.id, "turn-1")
    last = (await book.state(HERE, story.id)).tree.path[-1]
    assert (last.text, last.authors) == ("Cara came in.\n\nBen came in.", (CARA, BEN))


async def test_what_is_held_is_not_kept_of_who_is_forgotten_or_beyond_the_end(book: StoryBook) -> None:
    story = await begun(book)
    await book.held.add(HeldMessage(HERE, story.id, CARA.user_id, 4))
    await book.replies.forget(CARA.user_id)
    assert await book.held.all() == []
    await book.held.add(HeldMessage(HERE, story.id, CARA.user_id, 5))
    await book.end(HERE, story.id)
    assert await book.held.all() == []
    assert not await book.held.add(HeldMessage(HERE, story.id, CARA.user_id, 6))
    assert not await say(book, story, 7, "And then?")


async def test_who_joined_last_pays_and_not_who_wrote_last(book: StoryBook) -> None:
    story = await begun(book)
    await say(book, story, 1, "// more rain", CARA)
    assert await book.claims.next_turn(HERE, story.id) is None
    for number, author in ((2, ADA), (3, BEN), (4, ADA)):
        await say(book, story, number, "It rained.", author)
    turn = await book.claims.next_turn(HERE, story.id)
    assert turn is not None
    assert (turn.payer, turn.first_message_id) == (BEN, 2)
    await book.claims.claim(HERE, story.id, "turn-1")
    assert await book.claims.next_turn(HERE, story.id) is None, "it is being answered"
    await close_turn(book, story.id, "turn-1")
    path = (await book.state(HERE, story.id)).tree.path
    assert path[-1].authors[-1] == turn.payer


async def test_the_end_takes_in_what_waits_and_no_part_moves_it(book: StoryBook) -> None:
    story = await begun(book)
    await say(book, story, 1, "Ben came in.")
    turn = await close_turn(book, story.id, "turn-1")
    assert turn is not None
    await book.drafts.keep(HERE, story.id, "turn-1.0", NewDraft(turn, "A part."), join=False)
    _, draft = await book.drafts.to_post(HERE, story.id, "turn-1")
    assert draft is not None
    await say(book, story, 2, "That was all.")
    await book.end(HERE, story.id)
    await book.end(HERE, story.id)
    await book.drafts.posted(HERE, story.id, draft, [9])
    ended = await book.state(HERE, story.id)
    assert [link.text for link in ended.tree.path[1:]] == ["Ben came in.", "That was all."]
    assert (await book.get(HERE, story.id)).ended


async def test_what_a_part_was_for_is_known_again(book: StoryBook) -> None:
    story = await begun(book)
    head = story.head_id
    assert head is not None
    about = About(aim=Aim.CHAPTER, behind_an_end=True)
    await book.drafts.keep(HERE, story.id, "chapter-1.0", NewDraft(head, "A part.", about), join=False)
    _, draft = await book.drafts.to_post(HERE, story.id, "chapter-1")
    assert draft is not None
    assert draft.about == about


async def test_what_came_with_a_form_is_known_by_its_message(book: StoryBook) -> None:
    story = await begun(book)
    await say(book, story, 1, "Ben came in.")
    await book.replies.stands_in(HERE, 1, 2)
    await book.replies.stands_in(HERE, 99, 100)
    assert await book.replies.author_of(HERE, 1) is None
    assert await book.replies.author_of(HERE, 2) == BEN.user_id
    assert await book.replies.author_of(HERE, 100) is None
