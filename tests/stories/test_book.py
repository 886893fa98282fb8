"""Stories as they are kept, on a real database."""

import asyncio
from datetime import UTC, datetime

import pytest

from bot.store import Store, StoreUnavailableError
from bot.store.errors import Trouble
from bot.stories import Author, Memo, Memory, NoSuchLinkError
from bot.stories.book import StoryBook
from bot.stories.kept import About, EndedError, NewDraft, Opening, Reply, Story
from bot.stories.rows import link_row, sealed_memory

HERE, ELSEWHERE, CHANNEL, THREAD = 10, 20, 100, 101
ADA, BEN = Author(1, "Ada"), Author(2, "Ben")
MEMORY = Memory(summary="A lamp was lit.", threads=("Who lit it?",), covers=1)


@pytest.fixture
def book(store: Store) -> StoryBook:
    return StoryBook(store, lambda: datetime.now(UTC))


async def begun(book: StoryBook, thread: int = THREAD) -> Story:
    opening = Opening(
        CHANNEL, thread, thread + 1000, ADA, "The lamp", "Somebody had lit the lamp.", "third person"
    )
    return await book.start(HERE, opening)


async def say(book: StoryBook, story: Story, message_id: int, text: str, author: Author = BEN) -> bool:
    return await book.replies.add(HERE, story.id, Reply(message_id, author, text))


async def keep_memory(store: Store, link_id: int, memory: Memory, memo: Memo | None) -> None:
    key = await store.keys.guild(HERE)
    async with store.session(guild=HERE) as session:
        row = await link_row(session, link_id)
        assert row is not None
        row.memory = sealed_memory(key, memory, memo)


async def close_turn(book: StoryBook, story_id: int, work: str) -> int | None:
    return (await book.take_up(HERE, story_id, work, close=True)).turn_id


async def test_a_thread_has_one_story_however_often_it_is_begun(book: StoryBook) -> None:
    first, again = await begun(book), await begun(book)
    assert first == again
    assert await book.in_thread(HERE, THREAD) == first
    assert await book.in_thread(ELSEWHERE, THREAD) is None
    state = await book.state(HERE, first.id)
    (link,) = state.tree.path
    assert (link.text, link.authors, state.voice) == ("Somebody had lit the lamp.", (ADA,), "third person")


async def test_replies_become_one_turn_and_closing_it_twice_makes_one(book: StoryBook) -> None:
    story = await begun(book)
    assert await say(book, story, 1, "Ben came in. ((slower please))")
    assert not await say(book, story, 1, "Ben came in. ((slower please))")
    assert await say(book, story, 2, "Ada looked up.", ADA)
    assert await book.claims.unfinished() == [(HERE, story.id)]
    link = await close_turn(book, story.id, "turn-1")
    assert link is not None
    assert await close_turn(book, story.id, "turn-1") == link
    assert await book.claims.unfinished() == []
    last = (await book.state(HERE, story.id)).tree.path[-1]
    assert last.text == "Ben came in.\n\nAda looked up."
    assert last.authors == (BEN, ADA)
    assert last.notes == ("slower please",)
    assert await close_turn(book, story.id, "turn-2") is None


async def test_a_story_is_let_go_of_when_a_database_that_was_away_is_back(
    book: StoryBook, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = await begun(book)
    assert await book.claims.claim(HERE, story.id, "undo-1")

    def away(**_settings: object) -> None:
        raise StoreUnavailableError(Trouble.GONE)

    with monkeypatch.context() as patched:
        patched.setattr(store, "session", away)
        with pytest.raises(StoreUnavailableError):
            await book.claims.release(HERE, story.id, "undo-1")
    async with asyncio.timeout(30):
        while not await book.claims.claim(HERE, story.id, "undo-2"):  # noqa: ASYNC110 - a table tells nobody
            await asyncio.sleep(0.01)


async def test_chatter_alone_is_no_turn_and_steers_the_next(book: StoryBook) -> None:
    story = await begun(book)
    await say(book, story, 1, "// more rain")
    assert await book.claims.take_turn(HERE, story.id, "turn-1") is None
    assert await close_turn(book, story.id, "turn-1") is None
    await say(book, story, 2, "It rained.")
    assert await book.claims.take_turn(HERE, story.id, "turn-1") == ADA.user_id
    assert await book.claims.take_turn(HERE, story.id, "turn-2") is None, "it is taken"
    await close_turn(book, story.id, "turn-1")
    last = (await book.state(HERE, story.id)).tree.path[-1]
    assert (last.text, last.notes) == ("It rained.", ("more rain",))


async def test_who_writes_during_the_answer_joins_the_turn(book: StoryBook, store: Store) -> None:
    story = await begun(book)
    await say(book, story, 1, "Ben came in.")
    link = await close_turn(book, story.id, "turn-1")
    assert link is not None
    await keep_memory(store, link, MEMORY, None)
    assert await book.drafts.still_fits(HERE, story.id, link, join=True)
    await say(book, story, 2, "And Ada.", ADA)
    assert await book.drafts.still_fits(HERE, story.id, link, join=False)
    assert not await book.drafts.still_fits(HERE, story.id, link, join=True)
    last = (await book.state(HERE, story.id)).tree.path[-1]
    assert (last.text, last.memory) == ("Ben came in.\n\nAnd Ada.", None)


async def test_a_draft_is_kept_once_and_the_head_moves_when_it_stands(book: StoryBook) -> None:
    story = await begun(book)
    await say(book, story, 1, "Ben came in.")
    turn = await close_turn(book, story.id, "turn-1")
    assert turn is not None
    assert await book.drafts.to_post(HERE, story.id, "turn-1") == (await book.get(HERE, story.id), None)
    about = About(card="A storm breaks.", event="I threw a draft away.", label="Demonstration")
    new = NewDraft(turn, "He sat.", about, (MEMORY, None))
    assert await book.drafts.keep(HERE, story.id, "turn-1.0", new, join=True)
    assert await book.drafts.keep(HERE, story.id, "turn-1.0", NewDraft(turn, "Other words."), join=True)
    taken = await book.take_up(HERE, story.id, "turn-1", close=True)
    (draft,) = taken.drafts
    assert (taken.turn_id, draft.text, draft.about) == (turn, "He sat.", about)
    assert (await book.drafts.to_post(HERE, story.id, "turn-1"))[1] == draft
    assert (await book.take_up(HERE, story.id, "turn")).drafts == ()
    assert (await book.get(HERE, story.id)).head_id == turn
    await book.drafts.posted(HERE, story.id, draft, [501, 502])
    assert (await book.get(HERE, story.id)).head_id == draft.link_id
    kept = await book.drafts.part(HERE, draft.link_id)
    assert kept is not None
    assert (kept.text, kept.about, kept.message_ids) == ("He sat.", about, (501, 502))


async def test_memory_belongs_to_links_so_that_a_head_can_move(book: StoryBook, store: Store) -> None:
    story = await begun(book)
    await say(book, story, 1, "Ben came in.")
    turn = await close_turn(book, story.id, "turn-1")
    assert turn is not None
    await keep_memory(store, turn, MEMORY, Memo("The lamp was lit.", 4))
    state = await book.state(HERE, story.id)
    assert state.tree.memory == MEMORY
    assert state.tree.memos[0].memo == Memo("The lamp was lit.", 4)
    opening = state.tree.path[0].id
    await book.move(HERE, story.id, opening)
    assert (await book.state(HERE, story.id)).tree.memory == Memory()
    await book.move(HERE, story.id, turn)
    assert (await book.state(HERE, story.id)).tree.memory == MEMORY


async def test_what_was_changed_or_taken_out_leaves_no_memory(book: StoryBook, store: Store) -> None:
    story = await begun(book)
    await say(book, story, 1, "Ben came in.")
    await say(book, story, 2, "With a dog.", ADA)
    first = await close_turn(book, story.id, "turn-1")
    await say(book, story, 3, "It barked.")
    second = await close_turn(book, story.id, "turn-2")
    assert first is not None
    assert second is not None
    for link in (first, second):
        await keep_memory(store, link, MEMORY, None)
    assert await book.replies.reword(HERE, 2, "With a cat.") is not None
    state = await book.state(HERE, story.id)
    assert [link.text for link in state.tree.path[1:]] == ["Ben came in.\n\nWith a cat.", "It barked."]
    assert state.tree.memory == Memory()
    await keep_memory(store, second, MEMORY, None)
    await book.replies.set_aside(HERE, 1, gone=True)
    state = await book.state(HERE, story.id)
    assert state.tree.path[1].text == "With a cat."
    assert state.tree.memory == Memory()
    # What is gone does not come back by an edit that arrives late.
    assert await book.replies.reword(HERE, 1, "Back again.") is None
    assert await book.replies.reword(ELSEWHERE, 2, "From elsewhere.") is None


async def test_a_branch_shares_what_came_before_and_nothing_after(book: StoryBook) -> None:
    story = await begun(book)
    await say(book, story, 1, "Ben came in.")
    turn = await close_turn(book, story.id, "turn-1")
    assert turn is not None
    opening = (await book.state(HERE, story.id)).tree.path[0].id
    other = await book.branch(HERE, story.id, opening, thread_id=202, member_id=2, title="Another lamp")
    assert other == await book.branch(
        HERE, story.id, opening, thread_id=202, member_id=2, title="Another lamp"
    )
    await book.replies.add(HERE, other.id, Reply(9, ADA, "Nobody came."))
    await close_turn(book, other.id, "turn-9")
    texts = [[link.text for link in (await book.state(HERE, each.id)).tree.path] for each in (story, other)]
    assert texts == [
        ["Somebody had lit the lamp.", "Ben came in."],
        ["Somebody had lit the lamp.", "Nobody came."],
    ]
    with pytest.raises(NoSuchLinkError):
        await book.branch(ELSEWHERE, story.id, opening, thread_id=203, member_id=2, title="Theirs")


async def test_one_piece_of_work_moves_a_head_at_a_time(book: StoryBook) -> None:
    story = await begun(book)
    claims = await asyncio.gather(
        *(book.claims.claim(HERE, story.id, f"retry-{number}") for number in range(30))
    )
    assert sum(claims) == 1
    winner = f"retry-{claims.index(True)}"
    assert await book.claims.claim(HERE, story.id, winner)
    await book.claims.release(HERE, story.id, "somebody else")
    assert (await book.get(HERE, story.id)).working == winner
    await book.claims.release(HERE, story.id, winner)
    assert (await book.get(HERE, story.id)).working is None


async def test_who_asked_for_work_is_known_as_long_as_it_lasts(book: StoryBook) -> None:
    story = await begun(book)
    assert await book.claims.claim(HERE, story.id, "retry-1", asked_by=BEN.user_id)
    assert (await book.take_up(HERE, story.id, "retry-1")).story.working_for == BEN.user_id
    await book.claims.release(HERE, story.id, "retry-1")
    assert (await book.get(HERE, story.id)).working_for is None
    # And not beyond their deletion.
    assert await book.claims.claim(HERE, story.id, "retry-2", asked_by=BEN.user_id)
    await book.replies.forget(BEN.user_id)
    assert (await book.get(HERE, story.id)).working_for is None


async def test_an_ended_story_takes_no_turn(book: StoryBook) -> None:
    story = await begun(book)
    await book.end(HERE, story.id)
    await say(book, story, 1, "One more thing.")
    with pytest.raises(EndedError):
        await close_turn(book, story.id, "turn-1")


async def test_who_is_forgotten_is_in_no_story_any_more(book: StoryBook, store: Store) -> None:
    story = await begun(book)
    await say(book, story, 1, "Ben came in.")
    await say(book, story, 2, "With a dog.", ADA)
    turn = await close_turn(book, story.id, "turn-1")
    assert turn is not None
    await keep_memory(store, turn, MEMORY, None)
    assert [words for _, words, _ in await book.replies.written_by(BEN.user_id)] == ["Ben came in."]
    await book.replies.forget(BEN.user_id)
    await store.keys.forget_member(BEN.user_id)
    state = await book.state(HERE, story.id)
    assert state.tree.path[-1].text == "With a dog."
    assert state.tree.memory == Memory()
    assert await book.replies.written_by(BEN.user_id) == []


async def test_a_key_that_is_gone_alone_leaves_the_others_words(book: StoryBook, store: Store) -> None:
    story = await begun(book)
    await say(book, story, 1, "Ben came in.")
    await say(book, story, 2, "With a dog.", ADA)
    await close_turn(book, story.id, "turn-1")
    await store.keys.forget_member(BEN.user_id)
    assert (await book.state(HERE, story.id)).tree.path[-1].text == "With a dog."
