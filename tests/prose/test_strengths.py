"""Praise is given only for what is there."""

import pytest

from bot.prose import Finding, FindingKind, study

TURNS = (
    "“Where were you last night?”",
    "“Out.” He shut the drawer.",
    "“With whom, Tomas?”",
    "“Nobody you know.”",
    "“Try me.”",
)


def praised(text: str, kind: FindingKind) -> tuple[Finding, ...]:
    return tuple(finding for finding in study(text).strengths if finding.kind is kind)


def test_concrete_things_are_praised_by_name() -> None:
    (finding,) = praised(
        "A dented kettle rattled beside a chipped saucer. It rained.", FindingKind.STRENGTH_DETAIL
    )
    assert "the kettle" in finding.text
    assert "the saucer" in finding.text


def test_a_word_with_another_meaning_is_no_thing() -> None:
    text = "They rose to leave and watched the birds fly over as he turned to match her step at last."
    assert not praised(text, FindingKind.STRENGTH_DETAIL)


def test_a_set_phrase_is_never_praised() -> None:
    text = "His heart skipped a beat beside the kettle and the chipped saucer. It rained."
    assert not study(text).strengths


def test_an_exact_verb_is_praised() -> None:
    (finding,) = praised("He hauled the net over the side. It rained.", FindingKind.STRENGTH_VERB)
    assert finding.subject == "hauled"


def test_a_short_sentence_after_a_long_one_is_praised() -> None:
    text = (
        "Tomas carried the last of the boxes down to the end of the jetty, where the tide had left the planks black and "  # noqa: E501 -- sample prose on one line
        "slick with weed. Nobody followed."
    )
    (finding,) = praised(text, FindingKind.STRENGTH_CONTRAST)
    assert finding.quote == "Nobody followed."


@pytest.mark.parametrize("short", ["He was sad.", "Suddenly it stopped.", "He started to run."])
def test_a_flat_short_sentence_is_not_praised(short: str) -> None:
    text = "Tomas carried the last of the boxes down to the end of the jetty, where the tide had left the planks black and wet. "  # noqa: E501 -- sample prose on one line
    assert not praised(text + short, FindingKind.STRENGTH_CONTRAST)


def test_dialogue_that_runs_without_tags_is_praised() -> None:
    text = "\n\n".join(TURNS)
    assert praised(text, FindingKind.STRENGTH_DIALOGUE)


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        ("A tin kettle rattled on the stove beside the ladder.", True),
        ("“Where were you last night?” He sat down.", True),
        ("It was a Tuesday, and the kettle was on the stove.", False),
        ("The alarm clock dropped off the shelf beside the kettle.", False),
    ],
)
def test_an_opening_is_praised_where_it_opens_on_something(opening: str, expected: bool) -> None:  # noqa: FBT001 -- a table
    assert bool(praised(opening + " The rest came later.", FindingKind.STRENGTH_OPENING)) is expected


def test_faults_come_before_strengths_and_the_weightiest_first() -> None:
    text = "He hauled the net over the side. “Go,” she said angrily. His heart skipped a beat. It rained."
    result = study(text)
    assert [finding.praise for finding in result.findings] == sorted(
        finding.praise for finding in result.findings
    )
    assert [fault.weight for fault in result.faults] == sorted(
        (fault.weight for fault in result.faults), reverse=True
    )
