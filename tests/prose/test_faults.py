"""Each fault is found where it is, and nowhere else."""

# ruff: noqa: E501, RUF001 -- sample prose stands on one line; typographic quotation marks are the subject.

import pytest

from bot.prose import Finding, FindingKind, Tense, study

PAST = (
    "Mara walked to the harbour. She looked at the boats. Tomas waited by the crane. He nodded and turned away. "
    "She followed him up the steps. He opened the shed. They went in. She sat down. "
)
PRESENT = (
    "Mara walks to the harbour. She looks at the boats. Tomas waits by the crane. He nods and turns away. "
    "She follows him up the steps. He opens the shed. They go in. She sits down. "
)


def found(text: str, kind: FindingKind) -> tuple[Finding, ...]:
    return tuple(finding for finding in study(text).findings if finding.kind is kind)


def subjects(text: str, kind: FindingKind) -> set[str]:
    return {finding.subject.lower() for finding in found(text, kind)}


@pytest.mark.parametrize(
    ("text", "slipped"),
    [
        (PAST + "She stops at the door. He turned round. She looked at him.", "stops"),
        (PRESENT + "She stopped at the door. He turns round. She looks at him.", "stopped"),
    ],
)
def test_a_slip_of_tense_is_found(text: str, slipped: str) -> None:
    assert subjects(text, FindingKind.TENSE_SLIP) == {slipped}


@pytest.mark.parametrize(
    "text",
    [
        PAST + "“He turns left here,” she said. Tomas shook his head.",
        PAST + "She always turns left when she is afraid. Tomas followed.",
        PAST + "The man who turns left is lost, she thought. Tomas followed.",
        PAST + "I think of that harbour still. Tomas followed her.",
        PRESENT + "She had turned left once, years ago. Tomas follows her.",
        PRESENT + "He turned left when he was a boy. She follows him.",
        "She walked. He walks.",
    ],
)
def test_what_is_no_slip_of_tense_is_left_alone(text: str) -> None:
    assert not found(text, FindingKind.TENSE_SLIP)


@pytest.mark.parametrize(
    (
        "text",
        "tense",
    ),
    [(PAST, Tense.PAST), (PRESENT, Tense.PRESENT), ("", Tense.UNSETTLED)],
)
def test_the_tense_of_the_narration(text: str, tense: Tense) -> None:
    assert study(text).tense is tense


def test_a_name_in_two_spellings_is_found() -> None:
    text = "Then Katherine left. Later Katherine wrote. He saw Katherine there. Nobody told Kathrine of it."
    (finding,) = found(text, FindingKind.NAME_SLIP)
    assert finding.subject == "Kathrine"
    assert "“Katherine” 3 times" in finding.text


def test_a_slip_is_found_where_it_only_begins_a_sentence() -> None:
    text = "So Tomas left. Later Tomas wrote. He saw Tomas there. Thomas bit into an apple."
    (finding,) = found(text, FindingKind.NAME_SLIP)
    assert finding.subject == "Thomas"


@pytest.mark.parametrize(
    "text",
    [
        "So Kate left. Then Kate wrote. He saw Kate there. Nobody but Katie knew.",
        "So Mara left. Then Mara wrote. He saw Mara there. It was Mara’s coat. All the Maras came.",
        "Then Katherine left. Later Katherine wrote to Kathrine. He saw Katherine there.",
        "So Anna left. Then Anna wrote. He saw Anna there. But Tomas stayed.",
    ],
    ids=["pet name", "possessive and plural", "two persons in one sentence", "other names"],
)
def test_other_names_are_left_alone(text: str) -> None:
    assert not found(text, FindingKind.NAME_SLIP)


def test_a_name_that_changes_midway_is_asked_about() -> None:
    first = "Then Mara pushed the door, and she looked round. The lamp was out. " * 6
    second = "But Elena found the stairs, and she went down. Water dripped there. " * 9
    (finding,) = found(first + second, FindingKind.NAME_SLIP)
    assert finding.subject == "Elena"
    assert not found(first + "\n\n* * *\n\n" + second, FindingKind.NAME_SLIP)


def test_a_set_phrase_is_found_in_the_narration_only() -> None:
    text = "His heart skipped a beat. “My heart skipped a beat,” she said. He sat down."
    (finding,) = found(text, FindingKind.CLICHE)
    assert finding.quote == "His heart skipped a beat."
    assert finding.subject == "heart skipped a beat"


@pytest.mark.parametrize("text", ["Her heart skipped lunch.", "He let out the dog.", "The bats were blind."])
def test_plain_words_are_no_set_phrase(text: str) -> None:
    assert not found(text, FindingKind.CLICHE)


def test_filter_words_are_told_of_from_the_second_on() -> None:
    one = "She saw the gate. It was shut. "
    assert not found(one, FindingKind.FILTER_WORD)
    assert subjects(one + "He heard a dog bark.", FindingKind.FILTER_WORD) == {"saw", "heard"}


def test_perception_that_is_an_act_is_no_filter() -> None:
    text = "She felt in her pocket. He saw to the horses. She heard of it late. He felt his way. “I saw the dog,” he said."
    assert not found(text, FindingKind.FILTER_WORD)


def test_an_adverb_in_a_tag_is_found() -> None:
    (finding,) = found("“Go,” she said angrily. The door shut.", FindingKind.ADVERB)
    assert finding.quote == "“Go,” she said angrily"
    assert finding.subject == "angrily"


def test_an_adverb_that_repeats_its_verb_is_found() -> None:
    assert subjects("He whispered quietly to the horse.", FindingKind.ADVERB) == {"quietly"}


@pytest.mark.parametrize(
    "text",
    [
        "“Go,” she said finally.",
        "“Go,” said Emily.",
        "He whispered urgently.",
        "The silly fly sat on the lily.",
    ],
)
def test_other_words_in_ly_are_left_alone(text: str) -> None:
    assert not found(text, FindingKind.ADVERB)


def test_leaning_on_one_adverb_is_counted() -> None:
    text = "Suddenly the light went. He ran. Suddenly a dog barked. Nobody came. The gate suddenly opened."
    (finding,) = found(text, FindingKind.ADVERB)
    assert "3 times" in finding.text
    assert len(finding.others) == 3


def test_a_passive_with_its_doer_behind_is_found() -> None:
    (finding,) = found("The letter was opened by the captain.", FindingKind.PASSIVE)
    assert "the captain" in finding.text


@pytest.mark.parametrize(
    "text",
    [
        "The letter was opened by the window.",
        "He was tired by the end.",
        "She was gone by morning.",
        "The chair was pulled by the fire and she slept.",
        "“It was opened by the captain,” he said.",
    ],
)
def test_conditions_and_places_are_no_passive(text: str) -> None:
    assert not found(text, FindingKind.PASSIVE)


def test_an_echo_is_found() -> None:
    text = (
        "The yard gleaming after rain made him squint. A gleaming car went by. There was no one in the street, and the "
        "shop had shut. Its gleaming glass threw the sun back at him."
    )
    assert subjects(text, FindingKind.ECHO) == {"gleaming"}


def test_a_verb_that_comes_back_in_every_sentence_is_an_echo() -> None:
    text = "He’s wearing a hat that does not fit. By six she is wearing it. Rain falls. A child comes in wearing boots."
    assert subjects(text, FindingKind.ECHO) == {"wearing"}


@pytest.mark.parametrize(
    "text",
    [
        "Mara left. Then Mara wrote. So Mara stayed. Nobody saw Mara again.",
        "He knocked and knocked and knocked. Nobody came.",
        "The letter lay there. He read the letter. She burned the letter.",
        "It rained. And it was the sea, and the sky, and the land, and the rest.",
        "Her boss speaks first. Nobody moves at all. At last her boss sighs deeply, and then her boss finally relents.",
        "He takes a seat. Then she takes her hat off. At last somebody takes the lamp away, and it is dark.",
        "“Now,” replied Ann. “Never,” the old man replied. “We shall see,” replied Ann. The dog slept on.",
        "She wishes she had a house. She wishes for a wide garden, and at night she wishes for rain.",
        "It held alarm and resolution. In the end, resolution won, and he laughed at it.",
        "I abhorred the very face of man. Oh, they were never abhorred, these brothers of mine!",
        "They were catching their breath. He was nearly caught. By noon whatever it was catches up with them.",
    ],
    ids=[
        "name",
        "figure",
        "the thing in question",
        "small words",
        "a person named by one word",
        "a small verb in another form",
        "tags",
        "a litany",
        "a word that the next sentence takes up",
        "a word taken back",
        "kin of one verb",
    ],
)
def test_repetition_that_nobody_hears_is_left_alone(text: str) -> None:
    assert not found(text, FindingKind.ECHO)


def test_sentences_that_begin_alike_are_found() -> None:
    text = "She took the bus to town. She bought a hat. She ate an ice by the river. She came home late that night."
    assert any(
        "4 sentences" in finding.text and "She" in finding.text for finding in found(text, FindingKind.RHYTHM)
    )


def test_sentences_of_one_length_are_found() -> None:
    text = (
        "The bus came late to town. A man got on at once. His dog lay down behind. Rain ran along the glass. "
        "Nobody said a word there. Then the lights went out. Some child began to cry."
    )
    assert any("about 5 words" in finding.text for finding in found(text, FindingKind.RHYTHM))


def test_a_very_long_sentence_is_found_and_quoted_in_part() -> None:
    text = "It rained. " * 5 + "He went " + "and went on " * 20 + "to the sea. It rained."
    (finding,) = (
        one for one in found(text, FindingKind.RHYTHM) if "words" in one.text and "He went" in one.quote
    )
    assert len(finding.quote.split()) <= 25


def test_a_text_of_one_endless_sentence_is_long_though_nothing_shorter_is_usual_in_it() -> None:
    (finding,) = found("She went " + "and went on " * 30 + "to the sea.", FindingKind.RHYTHM)
    assert "95 words" in finding.text


def test_varied_sentences_are_no_fault() -> None:
    text = "Rain. It had come over the hill while they slept, and by noon the yard was a lake. Tomas swore. Nobody minded."
    assert not found(text, FindingKind.RHYTHM)


def test_a_face_that_speaks_is_found() -> None:
    assert subjects("“I know,” she smiled. He sat down.", FindingKind.DIALOGUE) == {"smiled"}
    assert not found("“I know.” She smiled. “Yes!” She smiled at him.", FindingKind.DIALOGUE)


def test_bookish_tags_are_told_of_from_the_second_on() -> None:
    one = "“Never,” he opined. The dog slept. "
    assert not found(one, FindingKind.DIALOGUE)
    assert subjects(one + "“Now,” she retorted.", FindingKind.DIALOGUE) == {"opined", "retorted"}


def test_talk_without_a_body_is_found() -> None:
    talk = "\n\n".join(f"“That is line {number} of it.”" for number in range(9))
    assert any("9 lines" in finding.text for finding in found(talk, FindingKind.DIALOGUE))
    with_hands = talk.replace("line 4 of it.”", "line 4 of it.” He put the cup down.")
    assert not found(with_hands, FindingKind.DIALOGUE)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (
            "He went to the the door.",
            "the the",
        ),
        ("She should of gone home.", "should of"),
        ("It was free reign.", "free reign"),
    ],
)
def test_a_slip_of_the_pen_is_found(text: str, subject: str) -> None:
    assert subjects(text, FindingKind.LINT) == {subject}


@pytest.mark.parametrize(
    "text", ["He had had enough.", "She could, of course, go.", "“The the,” he stammered."]
)
def test_what_is_right_is_left_alone(text: str) -> None:
    assert not found(text, FindingKind.LINT)
