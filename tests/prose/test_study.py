"""What holds for every study, whatever the text."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.prose import Study, study, study_off_loop

# ruff: noqa: RUF001 -- typographic quotation marks are the subject.

WORDS = st.sampled_from(
    [
        "She",
        "he",
        "Mara",
        "Tomas",
        "said",
        "walked",
        "walks",
        "“Go,”",
        "'No!'",
        '"Stop?"',
        "suddenly",
        "the",
        "door.",
        "very",
        "heard",
        "a",
        "saw",
        "…",
        "—",
        "Mr.",
        "Katherine",
        "Kathrine",
        "heart",
        "skipped",
        "a",
        "beat",
        "was",
        "taken",
        "by",
        "\n",
        "\n\n",
        "“",
        "”",
        "‘",
        "’",
        "felt",
        "quickly,",
        "opened",
    ]
)
PROSE = st.lists(WORDS, max_size=200).map(" ".join)


def check(text: str) -> Study:
    result = study(text)
    for finding in result.findings:
        assert text[finding.start : finding.end] == finding.quote
        assert finding.quote.strip()
        assert len(finding.quote.split()) <= 25
        assert "\n" not in finding.quote
        assert finding.text[-1] in ".?:!”"
        assert 0 <= finding.weight <= 1
        for place in finding.others:
            assert 0 <= place.start < place.end <= len(text)
    for span in (*result.paragraphs, *result.sentences, *result.dialogue):
        assert 0 <= span.start < span.end <= len(text)
    assert len(result.sentences) == len(result.sentence_lengths)
    assert 0 <= result.dialogue_share <= 1
    return result


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_can_be_studied(text: str) -> None:
    check(text)


@settings(max_examples=200, deadline=None)
@given(PROSE)
def test_quotations_stand_in_anything_like_prose(text: str) -> None:
    check(text)


async def test_the_study_off_the_loop_is_the_same_study() -> None:
    text = (
        "Mara let out a breath she didn't know she was holding. “Go,” she said angrily.\n\nThe kettle sang.\n"
        * 3
    )
    assert await study_off_loop(text) == study(text)
