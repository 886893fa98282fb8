"""Cutting stories into training examples."""

import json

from hypothesis import given
from hypothesis import strategies as st

from bot.corpus.examples import Examples, Form, LeftOut, to_jsonl
from bot.corpus.passages import LEAST_WORDS, MOST_WORDS, Pair, pairs, passages

_WORDS = st.lists(
    st.sampled_from(["the", "lamp", "was", "lit", "and", "nobody", "knew", "who", "had", "done", "it"]),
    min_size=1,
)
_PARAGRAPHS = st.lists(_WORDS.map(" ".join), min_size=1, max_size=60)


@given(_PARAGRAPHS)
def test_no_paragraph_is_lost_doubled_or_cut(paragraphs: list[str]) -> None:
    cut = passages("\n\n".join(paragraphs))
    assert "\n\n".join(cut) == "\n\n".join(paragraphs)
    for passage in cut[:-1]:
        longest = max(len(paragraph.split()) for paragraph in passage.split("\n\n"))
        assert LEAST_WORDS <= len(passage.split()) <= max(MOST_WORDS, LEAST_WORDS + longest)


def prose(first: int, words: int = 150) -> str:
    return " ".join(f"word{number}" for number in range(first, first + words))


def test_each_passage_is_paired_with_the_next() -> None:
    parts = [prose(0, 300), prose(1000, 300), prose(2000, 300)]
    assert pairs("\n\n".join(parts)) == [Pair(parts[0], parts[1]), Pair(parts[1], parts[2])]
    assert pairs(parts[0]) == []


def test_a_pair_that_copies_its_beginning_teaches_nothing() -> None:
    text = "\n\n".join([prose(0, 300), prose(0, 300), prose(1000, 300)])
    fit, left_out = Examples(Form.CHAT).of(text)
    assert [pair.after for pair in fit] == [prose(1000, 300)]
    assert (left_out.copied, left_out.marked) == (1, 0)


def test_a_text_with_a_trainers_marks_stays_out() -> None:
    for mark in (" END", "NEXT PARAGRAPH:", "<|im_start|>", "[INST]"):
        text = "\n\n".join([prose(0, 300), prose(1000, 150) + mark + " " + prose(3000, 150)])
        fit, left_out = Examples(Form.COMPLETION).of(text)
        assert fit == []
        assert left_out.marked == 1


def test_what_is_written_is_one_line_of_json_each() -> None:
    pair = Pair('He said:\n"Go."\u2028Not\u2029at\x85once.', "She went.")
    for form in Form:
        (line,) = to_jsonl([pair], form)
        assert line.endswith("\n")
        assert line.splitlines() == [line[:-1]]
        written = json.loads(line)
        assert pair.before in (written["messages"][1]["content"] if form is Form.CHAT else written["prompt"])


def test_an_answer_that_begins_with_the_stop_token_would_be_over_at_once() -> None:
    text = "\n\n".join([prose(0, 300), f"ENDLESS {prose(1000, 300)}"])
    assert Examples(Form.COMPLETION).of(text) == ([], LeftOut(marked=1))


def test_the_marks_of_one_form_do_no_harm_in_the_other() -> None:
    text = "\n\n".join([prose(0, 300), f"{prose(1000, 300)} THE END"])
    fit, left_out = Examples(Form.CHAT).of(text)
    assert (len(fit), left_out) == (1, LeftOut())
    fit, left_out = Examples(Form.COMPLETION).of(text)
    assert (fit, left_out) == ([], LeftOut(marked=1))


def test_what_was_taught_once_is_not_taught_again() -> None:
    examples = Examples(Form.CHAT)
    first = "\n\n".join([prose(0, 300), prose(1000, 300)])
    assert len(examples.of(first)[0]) == 1
    # Another version of it: every tenth word is another one, and so some two fifths of the 4-grams.
    version = " ".join(
        "other" if number % 10 == 0 else word for number, word in enumerate(prose(1000, 300).split())
    )
    assert examples.of("\n\n".join([prose(5000, 300), version])) == ([], LeftOut(repeated=1))
    assert len(examples.of("\n\n".join([prose(0, 300), prose(9000, 300)]))[0]) == 1
