# ruff: noqa: RUF001 -- typographic quotation marks are the subject
from hypothesis import given
from hypothesis import strategies as st

from bot.coach.quotations import Source, quoted_in

STORY = (
    "The kettle had boiled dry — nobody saw it.\n\n"
    "“Don’t,” said Nan, and she pulled the wet\ngloves off, one finger at a time…"
)


def test_marks_dashes_case_and_white_space_do_not_matter() -> None:
    source = Source(STORY)
    for words in (
        "the kettle had boiled dry - nobody saw it",
        "Don't,\" said Nan",
        "she pulled the wet gloves off, one finger at a time...",
        "‘Don’t,’ said Nan",
    ):
        assert source.has(words), words


def test_other_words_are_not_the_authors() -> None:
    source = Source(STORY)
    for words in ("the pot had boiled dry", "ettle had boiled", "gloves of", "", "…"):
        assert not source.has(words), words


def test_an_ellipsis_stands_for_words_left_out() -> None:
    assert Source(STORY).has("The kettle … nobody saw it")
    assert not Source(STORY).has("The kettle … everybody saw it")


def test_a_near_quotation_gives_the_authors_words() -> None:
    source = Source(STORY)
    assert source.nearest("she pulled her wet gloves off, one finger at a time") == (
        "she pulled the wet gloves off, one finger at a time"
    )
    assert source.nearest("the cat sat on the mat and slept") is None
    assert source.nearest("wet glove") is None


def test_every_sort_of_quotation_mark_is_seen() -> None:
    letter = "“one a” and \"two b\" and ‘three don’t c’ and 'four isn't d' but the writers' room isn't."
    assert [one.words for one in quoted_in(letter)] == ["one a", "two b", "three don’t c", "four isn't d"]


def test_a_rewrite_is_told_from_a_quotation() -> None:
    (one,) = quoted_in("You might cut it (rewrite: “The cold bit.”).")
    assert one.rewrite
    (other,) = quoted_in("I like “The cold bit.”")
    assert not other.rewrite
    assert not other.suggested
    (third,) = quoted_in("Perhaps try “The cold bit.”")
    assert third.suggested


@given(st.text(max_size=300), st.integers(0, 300), st.integers(1, 60))
def test_whatever_was_cut_out_at_word_borders_is_found(text: str, start: int, size: int) -> None:
    words = text.split()
    if not words:
        return
    start %= len(words)
    quotation = " ".join(words[start : start + size])
    found = Source(text).find(quotation)
    if any(character.isalnum() for character in quotation):
        assert found is not None
        assert text[found[0] : found[1]].strip()


@given(st.text(max_size=200), st.text(max_size=60))
def test_what_is_found_stands_there(text: str, words: str) -> None:
    source = Source(text)
    found = source.find(words)
    if found is not None:
        assert source.find(text[found[0] : found[1]]) is not None
    nearest = source.nearest(words)
    if nearest is not None:
        assert source.has(nearest)


@given(st.text(max_size=400))
def test_any_text_can_be_searched_for_quotation_marks(text: str) -> None:
    for one in quoted_in(text):
        assert text[one.start : one.end] == one.words
