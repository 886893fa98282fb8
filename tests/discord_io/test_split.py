"""Long texts arrive whole, in pieces that Discord takes and that read well."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.discord_io.escape import escape
from bot.discord_io.split import MESSAGE_LIMIT, split_text, units

_WORDS = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)
_MARKED = ["**bold words**", "*slanted*", "`code`", "||hidden||", "<@123456789>", "\\*", "\\_"]
_FENCES = ["```\nfence\n```", "```py\nx = 1\nfor y in z:\n    print(y)\n```"]
_CLUSTERS = ["👩\u200d👩\u200d👧\u200d👦", "e\u0301", "🇫🇷", "👍🏽"]
_ATOMS = st.sampled_from(["\n", "\n\n", " ", "Done. ", *_MARKED, *_FENCES, *_CLUSTERS]) | _WORDS
_TEXTS = st.lists(_ATOMS, max_size=60).map("".join)
_LIMITS = st.integers(min_value=40, max_value=200)


def _without_space_and_fences(text: str) -> str:
    return re.sub(r"\s+", "", re.sub(r"```(?:py\n)?", "", text))


@given(_TEXTS, _LIMITS)
def test_every_piece_fits_and_none_is_empty(text: str, limit: int) -> None:
    for piece in split_text(text, limit):
        assert 0 < units(piece) <= limit
        assert piece.strip()


@given(_TEXTS, _LIMITS)
@example("x" * 39 + "\u0301y", 40)
def test_nothing_is_lost_or_doubled(text: str, limit: int) -> None:
    pieces = split_text(text, limit)
    assert "".join(map(_without_space_and_fences, pieces)) == _without_space_and_fences(text)


@given(
    st.lists(st.sampled_from(["```py\nx = 1\n\n    y = 2\n```", "words and words.", "\n", "\n\n"])), _LIMITS
)
def test_every_piece_closes_the_fences_that_it_opens(parts: list[str], limit: int) -> None:
    for piece in split_text("\n".join(parts), limit):
        assert piece.count("```") % 2 == 0
        assert not re.search(r"```py\n\s*```", piece), "a fence with nothing in it"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=400), _LIMITS)
def test_an_escape_is_never_torn_from_what_it_escapes(text: str, limit: int) -> None:
    escaped = escape(text)
    for piece in split_text(escaped, limit):
        trailing = len(piece) - len(piece.rstrip("\\"))
        assert trailing % 2 == 0


_RUNS = ["**so very bold**", "*a slant*", "__under line__", "~~struck out~~", "||do not look||", "`a b c`"]
_RUNS += ["[a link](https://example.org/x)", "<@123456789012345678>", "<:quill:123456789>", "***all of it***"]


@given(st.lists(st.sampled_from([*_RUNS, "plain", "words."]), max_size=60).map(" ".join), _LIMITS)
def test_marked_runs_stay_whole(text: str, limit: int) -> None:
    pieces = split_text(text, limit)
    for run in _RUNS:
        assert sum(piece.count(run) for piece in pieces) == text.count(run)


@given(st.lists(st.sampled_from([*_CLUSTERS, "a"]), max_size=80), _LIMITS)
def test_a_character_keeps_its_accents_and_joiners(characters: list[str], limit: int) -> None:
    pieces = split_text("".join(characters), limit)
    for cluster in _CLUSTERS:
        assert sum(piece.count(cluster) for piece in pieces) == characters.count(cluster)


def test_a_letter_is_cut_between_its_paragraphs() -> None:
    first, second = "One. " * 300, "Two. " * 300
    assert split_text(f"{first.strip()}\n\n{second.strip()}") == [first.strip(), second.strip()]


def test_a_paragraph_that_is_too_long_is_cut_after_a_sentence() -> None:
    pieces = split_text("A sentence of some length stands here. " * 200)
    assert len(pieces) == 4
    assert all(piece.endswith("here.") for piece in pieces)


def test_a_cut_fence_is_opened_again_with_its_language() -> None:
    pieces = split_text("```py\n" + "line = 1\n" * 400 + "```")
    assert len(pieces) == 2
    assert all(piece.startswith("```py\n") and piece.endswith("\n```") for piece in pieces)


def test_emoji_count_twice_as_discord_counts_them() -> None:
    pieces = split_text("🪶" * 1500)
    assert [units(piece) for piece in pieces] == [2000, 1000]


def test_a_short_text_stays_as_it_is() -> None:
    assert split_text("Just this.") == ["Just this."]
    assert split_text("") == []
    assert split_text(" \n ") == []


def test_a_limit_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="40"):
        split_text("x", 39)


def test_a_hundred_thousand_characters_without_a_pause_are_cut_quickly() -> None:
    pieces = split_text("x" * 100_000)
    assert all(units(piece) <= MESSAGE_LIMIT for piece in pieces)
    assert sum(map(len, pieces)) == 100_000
