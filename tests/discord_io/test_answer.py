"""An answer fits into one message, and what does not is in the attached file, whole."""

from hypothesis import given
from hypothesis import strategies as st

from bot.discord_io.answer import ALL_EMBEDS_LIMIT, EMBED_LIMIT, MOST_EMBEDS, Answer, lay_out
from bot.discord_io.split import MESSAGE_LIMIT, units

_words = st.text(st.sampled_from("abc défg 😀.\n*_"), min_size=1).filter(str.strip)


def test_a_short_text_is_a_plain_message() -> None:
    assert lay_out("**A letter**", ["Dear Mara,", "Notes"], "-# hint") == Answer(
        "**A letter**\n\nDear Mara,\n\nNotes\n\n-# hint"
    )


def test_a_long_one_has_an_embed_for_each_part() -> None:
    letter, notes = "word " * 700, "note " * 50
    answer = lay_out("**A letter**", [letter, notes], "-# hint")
    assert answer.content == "**A letter**\n-# hint"
    assert [text.split() for text in answer.embeds] == [letter.split(), notes.split()]
    assert answer.file is None


def test_what_is_too_long_even_so_comes_as_a_file_that_has_all_of_it() -> None:
    letter = " ".join(f"word{number}" for number in range(1500))
    answer = lay_out("**A letter**", [letter, "notes"])
    assert "the attached file has all of it" in answer.content
    assert answer.file == f"**A letter**\n\n{letter}\n\nnotes"
    assert letter.startswith(answer.embeds[0])
    assert [file.filename for file in answer.made_files()] == ["letter.md"]


@given(st.lists(_words.map(lambda text: text * 40), min_size=1, max_size=14))
def test_it_always_fits(body: list[str]) -> None:
    answer = lay_out("**A letter**", body, "-# hint")
    assert 0 < units(answer.content) <= MESSAGE_LIMIT
    assert all(0 < units(text) <= EMBED_LIMIT for text in answer.embeds)
    assert sum(map(units, answer.embeds)) <= ALL_EMBEDS_LIMIT
    assert len(answer.embeds) <= MOST_EMBEDS
    if answer.file is None and answer.embeds:
        assert "".join("".join(answer.embeds).split()) == "".join("".join(body).split())


@given(st.builds(Answer, _words, st.lists(_words).map(tuple), st.none() | _words))
def test_it_can_be_kept(answer: Answer) -> None:
    assert Answer.from_json(answer.to_json()) == answer


def test_its_words_are_in_no_repr() -> None:
    assert "canary" not in repr(Answer("canary", ("canary",), "canary"))
