"""Chatter stays out of the canon, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories import take_apart


@pytest.mark.parametrize(
    ("message", "canon", "notes"),
    [
        ("She ran.", "She ran.", ()),
        ("She ran. ((make it darker)) He waited.", "She ran.  He waited.", ("make it darker",)),
        ("((brb, dinner))", "", ("brb, dinner",)),
        ("// can we have a storm next?\nShe ran.", "She ran.", ("can we have a storm next?",)),
        ("She ran.\n\nOOC: back at nine", "She ran.", ("back at nine",)),
        ("ooc: hi", "", ("hi",)),
        ("(OOC: hi) She ran.", "She ran.", ("hi",)),
        ("((it (the dog) stays))", "", ("it (the dog) stays",)),
        ("((never closed", "", ("never closed",)),
        ("First.\n\n((aside))\n\nSecond.", "First.\n\nSecond.", ("aside",)),
    ],
)
def test_chatter_is_taken_out(message: str, canon: str, notes: tuple[str, ...]) -> None:
    said = take_apart(message)
    assert (said.canon, said.notes) == (canon, notes)


@pytest.mark.parametrize(
    "prose",
    [
        "See https://example.org // it said on the wall.",
        "Roses are red // violets are blue.",
        "f(x) = ((a",
        "She ran (fast).",
        "  He spoke of OOC clubs: none were left.  ",
        "🎉",
    ],
)
def test_prose_stays_letter_for_letter(prose: str) -> None:
    assert take_apart(prose).canon == prose


@given(st.text(alphabet="ab ()/\nOC:[]", max_size=60))
def test_any_message_is_taken_apart_and_again_changes_nothing(message: str) -> None:
    said = take_apart(message)
    assert all(note.strip() for note in said.notes)
    left = iter(message)
    assert all(character in left for character in said.canon if not character.isspace())  # nothing is added
