"""A text is taken apart as a reader of fiction would."""

# ruff: noqa: RUF001 -- typographic quotation marks are the subject.

import time

import pytest

from bot.prose import study
from bot.prose.text import Text


def sentences(text: str) -> list[str]:
    return [text[sentence.start : sentence.end] for sentence in Text(text).sentences]


@pytest.mark.parametrize(
    "parts",
    [
        ["“Where?” she asked.", "He shrugged."],
        ["“Where?” Mara asked.", "“Out!” he shouted."],
        ["Mr. Hale left.", "Dr. J. R. Moss stayed."],
        ["“Stop!”", "The dog stopped."],
        ["He waited… and waited.", "Nothing…", "Then rain."],
        ["“I went.", "He came.”", "It rained."],
        ["'Where?' she said.", "'Out.'"],
        ["It was I.", "He knew."],
        ["She said no—flatly—and left.", "He swore."],
        ["“Never,” said Tomas.", "“Not once?”"],
    ],
)
def test_sentences_end_where_they_end(parts: list[str]) -> None:
    assert sentences(" ".join(parts)) == parts


@pytest.mark.parametrize(
    ("text", "speech"),
    [
        ("“Go,” he said. “Now.”", ["“Go,”", "“Now.”"]),
        ('"Go," he said. "Now."', ['"Go,"', '"Now."']),
        ("‘Go,’ he said. ‘It’s the dogs’ yard.’", ["‘Go,’", "‘It’s the dogs’ yard.’"]),
        ("'Go,' he said. 'It's late.'", ["'Go,'", "'It's late.'"]),
        ("“One paragraph,\n\n“and another.” He left.", ["“One paragraph,", "“and another.”"]),
        ("He said it was the dogs’ yard, ’twas all.", []),
    ],
)
def test_speech_is_found_in_any_quotation_marks(text: str, speech: list[str]) -> None:
    assert [text[span.start : span.end] for span in Text(text).dialogue] == speech


def test_the_share_of_dialogue_is_counted_in_words() -> None:
    assert study("“One two three.” Four five six.").dialogue_share == pytest.approx(0.5)


@pytest.mark.parametrize(
    "text",
    [
        "She said that it was late and he went on " * 2400,
        "“" * 50_000 + "a" * 50_000,
        "Aa. " * 25_000,
        "a-" * 50_000,
        "He saw the " * 9_000,
        "'A " * 33_000,
        ("The ferry came in late. “No,” she said softly, and he turned the key.\n\n" * 1500),
    ],
    ids=["one line", "quotes", "sentences", "hyphens", "filters", "single quotes", "20,000 words"],
)
def test_the_time_grows_with_the_length_only(text: str) -> None:
    started = time.process_time()
    study(text)
    assert time.process_time() - started < 10


def test_the_lines_of_a_play_are_spoken() -> None:
    lines = [
        "Tom: I want it.",
        "Mrs. Hale (quietly): Why?",
        "Tom: It is mine.",
        "Mrs. Hale (quietly): No.",
        "He goes.",
    ]
    page = Text("\n".join(lines))
    assert [page.text[start:end] for start, end in page.dialogue] == [
        "I want it.",
        "Why?",
        "It is mine.",
        "No.",
    ]
    assert not Text("Note: it rained.\nHe went in.\nLater: it stopped.\nHe came out.").dialogue
