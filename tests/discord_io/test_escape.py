"""What a person or a model wrote shows as it is, and does nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord_io.escape import escape, one_line


def _as_shown(text: str) -> str:
    """Undo backslashes as Discord does: before punctuation they vanish."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text).replace("\N{ZERO WIDTH SPACE}", "")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cf"])))
def test_the_words_are_shown_letter_for_letter(text: str) -> None:
    assert _as_shown(escape(text)) == text


@given(st.text())
def test_no_mark_is_left_without_its_backslash(text: str) -> None:
    assert not re.search(r"[*_~|`\[\]<>]", re.sub(r"\\.", "", escape(text)))


@pytest.mark.parametrize("line", ["# Heading", "- item", "-# small", "1. first", "> quoted", "+ item"])
def test_marks_at_the_start_of_a_line_are_mere_text(line: str) -> None:
    assert re.match(r"\\[#>+-]|1\\\.", escape(line))


@pytest.mark.parametrize(
    "mention", ["@everyone", "@here", "@EVERYONE", "<@1234>", "<@&12>", "<#5>", "</critique:1>"]
)
def test_no_mention_is_left(mention: str) -> None:
    assert mention not in escape(mention)


def test_unseen_marks_are_taken_out() -> None:
    assert escape("a\x00b\u202ec\u2066d") == "abcd"


def test_a_title_stays_on_one_line_and_short() -> None:
    assert one_line("My\n**scene**") == r"My \*\*scene\*\*"
    assert one_line("x" * 200) == "x" * 79 + "…"
