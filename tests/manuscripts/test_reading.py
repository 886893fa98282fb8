"""What a writer's file becomes."""

# ruff: noqa: RUF001 -- typographic quotation marks and broken letters are the subject.

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.manuscripts import Format, from_paste, read_manuscript
from bot.manuscripts.cleaning import cleaned
from bot.manuscripts.decoding import decoded
from bot.manuscripts.manuscript import UnreadableManuscript
from bot.manuscripts.markdown import plain_words
from tests.manuscripts.made_files import SCENE, mojibake, word


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"]
)
async def test_text_is_read_in_the_encoding_that_it_was_saved_in(encoding: str) -> None:
    manuscript = await read_manuscript(SCENE.encode(encoding), "The_ferry.txt")
    assert manuscript.text == SCENE
    assert manuscript.title == "The ferry"
    assert manuscript.format is Format.TXT
    assert manuscript.words == len(SCENE.replace("—", " ").replace("* * *", " ").split())


async def test_a_word_document_keeps_its_words_and_its_scene_break() -> None:
    manuscript = await read_manuscript(word(), "ferry.docx")
    assert manuscript.text == SCENE
    assert manuscript.format is Format.DOCX


async def test_a_paste_is_read_too() -> None:
    manuscript = await from_paste(SCENE)
    assert (manuscript.text, manuscript.format, manuscript.title) == (SCENE, Format.PASTE, "")


def test_letters_that_were_misread_once_are_mended() -> None:
    assert decoded(mojibake(SCENE).encode()) == SCENE


def test_a_paragraph_pasted_in_an_older_encoding_is_read_beside_the_others() -> None:
    data = "“One.” It’s “two”.\n".encode() * 3 + "“Three.”\n".encode("cp1252")
    assert decoded(data) == "“One.” It’s “two”.\n" * 3 + "“Three.”\n"


def test_real_letters_are_not_mended() -> None:
    text = "Ça va, Zoë? São Paulo — naïve, Ångström, «ÂGE», façade…"
    assert decoded(text.encode()) == text


def test_what_is_lost_is_said_to_be_lost() -> None:
    with pytest.raises(UnreadableManuscript, match="already lost"):
        decoded(("It" + "\ufffd" + "s over. ").encode() * 10)


def test_invisible_characters_go_and_letters_stay() -> None:
    assert cleaned("\ufeffA\u200b \u202eca\u0301fe\u0301\x00 —\u00ad “no”\u2066\x07") == "A cáfé — “no”"


def test_a_joined_emoji_stays_whole() -> None:
    assert cleaned("A family: 👨\u200d👩\u200d👧.") == "A family: 👨\u200d👩\u200d👧."


@pytest.mark.parametrize("end", ["\r\n", "\r", "\u2028", "\x0b", "\n"])
def test_every_line_end_is_a_line_feed(end: str) -> None:
    assert cleaned(f"One.{end}{end}Two.") == "One.\n\nTwo."


def test_lines_broken_at_a_width_are_joined() -> None:
    wrapped = (
        "The rope lay coiled on the planks as if it had never held\nanything at all, and the boat was gone "
        "from the place\nwhere it had been tied up since the summer before last,\nwhich was the wet one.\n\n"
        "She picked it up and walked along the jetty to where the\nother boats were lying, and counted them, "
        "and then she\ncounted them again."
    )
    text = cleaned(wrapped)
    assert text.count("\n") == 2
    assert "never held anything at all" in text


def test_a_poem_keeps_its_lines() -> None:
    poem = "Prose before it, a line that is quite long.\n\nRow, row,\nrow your boat\n\nAfter.\n\nEnd."
    assert "Row, row,\nrow your boat" in cleaned(poem)


def test_a_paragraph_a_line_is_a_paragraph() -> None:
    assert (
        cleaned("“Go.”\n“No.”\nHe went.\n\nMorning.\nRain.")
        == "“Go.”\n\n“No.”\n\nHe went.\n\n\nMorning.\n\nRain."
    )


MARKDOWN = """---
title: "The Ferry"
draft: true
---

# One

She *never* said **so**, and _he_ knew\\* it; a snake_case_word & 3 * 4 * 5.

***

> “See [the map](https://example.org/a_(b)),” ~~he~~ she said.<!-- check -->

He counted: 1\\. boat&hellip;
"""


def test_markdown_is_the_words_that_were_written() -> None:
    title, text = plain_words(MARKDOWN)
    assert title == "The Ferry"
    assert cleaned(text) == (
        "One\n\nShe never said so, and he knew* it; a snake_case_word & 3 * 4 * 5.\n\n\n* * *\n\n\n"
        "“See the map,” she said.\n\nHe counted: 1. boat…"
    ).replace("“See the map,” she", "“See the map,” he she")


def test_a_scene_break_at_the_start_is_no_front_matter() -> None:
    assert "The rope" in plain_words("---\nThe rope lay there.\n---\nGone.")[1]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = cleaned(text)
    assert cleaned(once).split() == once.split()
    assert not any(ord(character) < 32 and character != "\n" for character in once)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab *_#>[]()`~\\<!-&;\n", max_size=200))
def test_markdown_never_fails(source: str) -> None:
    plain_words(source)


async def test_a_line_of_100_000_characters_is_read() -> None:
    line = ("Notwithstanding everything, the dog refused to come indoors yesterday. " * 1400)[:100_000]
    manuscript = await read_manuscript(line.encode(), "long.txt")
    assert manuscript.text == line.strip()
