"""Letters wait for their owner and questions for their author, sealed and not for ever, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.store import ForgottenError, Store
from bot.store.waiting import Question, Questions, WaitingLetter, WaitingLetters

_NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
_LETTER = WaitingLetter("0" * 16, 7, 1, 2, _NOW + timedelta(days=1), "walruscanary")
_QUESTION = Question(
    id="1" * 16,
    guild_id=7,
    channel_id=8,
    member_id=1,
    author_id=2,
    message_id=9,
    interaction_id=10,
    until=_NOW,
    token="tokencanary",  # noqa: S106 - no secret, but a word to look for
    source="kettlecanary",
)


async def test_a_letter_is_kept_once_however_often_it_is_brought(store: Store) -> None:
    letters = WaitingLetters(store)
    await letters.keep(_LETTER)
    await letters.keep(replace(_LETTER, answer="another"))
    found = await letters.find(_LETTER.id)
    assert found is not None
    assert (found.owner_id, found.answer) == (1, "walruscanary")
    assert [each.id for each in await letters.of_member(1)] == [_LETTER.id]
    assert not await letters.of_member(2)


async def test_a_letter_that_was_opened_is_thrown_away_alone(store: Store) -> None:
    letters = WaitingLetters(store)
    await letters.keep(_LETTER)
    await letters.keep(replace(_LETTER, id="2" * 16))
    await letters.throw_away(_LETTER.id)
    assert [each.id for each in await letters.of_member(1)] == ["2" * 16]


async def test_a_letter_goes_after_its_time_and_no_other_does(store: Store) -> None:
    letters = WaitingLetters(store)
    await letters.keep(_LETTER)
    await letters.keep(replace(_LETTER, id="2" * 16, until=_NOW + timedelta(days=2)))
    assert await letters.throw_away_old(_NOW) == 0
    assert await letters.throw_away_old(_NOW + timedelta(days=1)) == 1
    assert await letters.find(_LETTER.id) is None
    assert await letters.find("2" * 16) is not None


async def test_a_letter_about_a_forgotten_author_s_words_cannot_be_read(store: Store) -> None:
    letters = WaitingLetters(store)
    await letters.keep(_LETTER)
    await store.keys.forget_member(2)
    with pytest.raises(ForgottenError):
        await letters.find(_LETTER.id)


async def test_a_forgotten_owner_s_letters_are_gone(store: Store) -> None:
    letters = WaitingLetters(store)
    await letters.keep(_LETTER)
    await letters.forget_member(1)
    assert await letters.find(_LETTER.id) is None


async def test_a_question_is_kept_with_its_words_until_it_is_over(store: Store) -> None:
    questions = Questions(store)
    await questions.add(_QUESTION)
    assert await questions.all() == [_QUESTION]
    await questions.stands_in(_QUESTION, 99)
    await questions.is_over(_QUESTION)
    (left,) = await questions.all()
    assert (left.asked_in, left.over, left.token, left.source) == (99, True, "", "")
    await questions.remove(_QUESTION)
    assert await questions.all() == []


async def test_forgetting_one_of_the_two_ends_their_questions_alone(store: Store) -> None:
    questions = Questions(store)
    await questions.add(_QUESTION)
    await questions.add(replace(_QUESTION, id="3" * 16, member_id=5, author_id=6))
    assert [each.id for each in await questions.forget_member(2)] == [_QUESTION.id]
    assert {each.id: each.over for each in await questions.all()} == {_QUESTION.id: True, "3" * 16: False}


def test_words_are_in_no_repr() -> None:
    assert "canary" not in repr(_LETTER) + repr(_QUESTION)
