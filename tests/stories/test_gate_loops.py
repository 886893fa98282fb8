# ruff: noqa: E501 -- texts stand as they are written
"""Stories that go round in ways of their own: what the gate must see beside a word-for-word copy."""

import pytest

from bot.stories import Kind, StoryIndex, check, judge_link
from bot.stories.bounds import bounds_for
from bot.stories.gate import Shown
from tests.stories.shared_texts import links_of, needs_novels, novel

HARBOUR = (
    "Mara carried the lantern down to the quay before it was light. The tide had left the mud bare, and the "
    "three boats lay on their sides like cattle asleep. She counted them twice, as her father had taught her, and wrote "
    "the number into the book with a pencil that was almost too short to hold. Nobody came. At seven the baker "
    "opened his shutters and called good morning across the water, and she lifted her hand to him without turning round. "
    "The crate was still where Ewan had left it, with the lid beside it and the salt spilled over the stones, and the dog "
    "lay next to it with its chin upon its paws. It looked at her as if she were late. She sat down on the cold bollard "
    "and began to read the names aloud, one after another, to hear whether any of them would answer."
)
# The same again: about a word in four is another, and no four words in a row are left.
RETOLD = (
    "Mara brought the lantern out to the quay before it grew light. The ebb had left its mud bare, while those "
    "three boats rested on their flanks like cattle in sleep. She counted all twice, the way her father once taught her, then put "
    "the number down in her book using a pencil nearly too short to grip. No one came. At seven that baker "
    "opened both shutters and shouted good morning over the water, so she raised her hand for him but never turned round. "
    "The crate stood still where old Ewan had dropped it, with its lid next to it and salt strewn over wet stones, while the dog "
    "stretched beside it, its chin on both paws. It watched her as though she came late. She settled on the chilly bollard, "
    "then began reading those names aloud, one by one after another, and listened whether any one would answer."
)
ALMS = (
    "Nobody had told the bishop about the bells. He arrived on a Thursday in a hired cart, wearing two coats, and "
    "asked for soup. They gave him what there was. While he ate, the sexton's daughter went through his luggage with the "
    "calm of a customs officer: eleven candles, a map of somewhere with no sea in it, a pair of dancing shoes and a "
    "pistol wrapped in a stole. She put everything back except the pistol. When the first bell rang, the old man's spoon "
    "stopped halfway. It was a cracked sound, low and patient, and it came from a tower that had burned in his "
    "grandmother's time. He finished the soup. Then he asked very politely whether there was a cellar in the house, and "
    "how many people in this village were able to keep a secret until Easter."
)
REFRAIN = "And still the sea went on breathing in the dark, as it always had."


def kinds(text: str, *before: str, shown: Shown | None = None) -> set[Kind]:
    return {fault.kind for fault in judge_link(text, StoryIndex.of(before), shown or Shown()).faults}


def reasons(text: str, *before: str) -> str:
    return " ".join(judge_link(text, StoryIndex.of(before)).reasons)


def test_a_retelling_in_other_words_is_a_copy_though_hardly_a_run_of_four_is_left() -> None:
    measures = StoryIndex.of([HARBOUR]).measure(RETOLD)
    assert measures.c4all < 0.15
    assert measures.run_anywhere < 20
    assert kinds(RETOLD, HARBOUR) == {Kind.COPIES_STORY}
    assert "tells an earlier link again in other words" in reasons(RETOLD, HARBOUR)


def test_a_retelling_is_seen_behind_any_number_of_other_links() -> None:
    assert kinds(RETOLD, HARBOUR, *links_of(ALMS * 3, 120)) == {Kind.COPIES_STORY}


def test_two_paragraphs_that_take_turns_are_copies_in_their_own_words_and_in_others() -> None:
    checked = check((str(at), text) for at, text in enumerate([HARBOUR, ALMS, HARBOUR, ALMS, RETOLD, ALMS]))
    assert [one.verdict.taken for one in checked] == [True, True, False, False, False, False]


def test_the_same_scene_with_other_names_is_a_copy() -> None:
    swapped = HARBOUR.replace("Mara", "Ilse").replace("Ewan", "Orme").replace("baker", "chandler")
    assert kinds(swapped, HARBOUR) == {Kind.COPIES_STORY}


def test_the_same_words_in_another_order_are_a_copy() -> None:
    sentences = HARBOUR.split(". ")
    shuffled = ". ".join(part for sentence in reversed(sentences) for part in reversed(sentence.split(", ")))
    words = [" ".join(reversed(part.split())) for part in shuffled.split(". ")]
    turned = ". ".join(words)
    assert StoryIndex.of([HARBOUR]).measure(turned).c4all < 0.02
    assert "Its words are those of an earlier link" in reasons(turned, HARBOUR)


def test_two_scenes_of_the_same_people_and_place_are_two_scenes() -> None:
    again = (
        "By noon the whole of Skerrow knew about the crate. Mara had locked the office and hung the key round her neck, "
        "and Ewan sat on the step outside and sharpened his knife in a way that was meant to be heard. “You might let a man "
        "look,” he said through the door. She turned a page of the ledger. Her father had drawn a small fish beside some of "
        "the sums, and beside others nothing. The dog scratched itself, thought, and scratched again. There was a step "
        "on the quay that neither of them knew, quick and even, like somebody walking to be paid, and Ewan stopped "
        "sharpening. “Who is that?” said Mara, and nobody answered her, and the handle of the door began to turn."
    )
    assert kinds(again, HARBOUR, ALMS) == set()


def test_a_refrain_at_the_end_of_every_link_is_seen() -> None:
    measures = StoryIndex.of([f"{HARBOUR} {REFRAIN}"]).measure(f"{ALMS} {REFRAIN}")
    assert measures.run_anywhere < 20
    assert kinds(f"{ALMS} {REFRAIN}", f"{HARBOUR} {REFRAIN}") == {Kind.COPIES_STORY}
    assert "ends with the same 12 words" in reasons(f"{ALMS} {REFRAIN}", f"{HARBOUR} {REFRAIN}")
    assert "begins with the same 12 words" in reasons(f"{REFRAIN} {ALMS}", f"{REFRAIN} {HARBOUR}")


def test_a_repeated_last_paragraph_alone_is_seen() -> None:
    paragraph = HARBOUR[HARBOUR.index("It looked at her") :]
    assert kinds(f"{ALMS}\n\n{paragraph}", HARBOUR) == {Kind.COPIES_STORY}


@pytest.mark.parametrize(
    "line",
    [
        "She looked out at the sea and did not say anything for a while.",
        "Ewan nodded slowly, and waited.",
    ],
)
def test_a_short_link_that_says_what_was_said_is_no_link(line: str) -> None:
    assert kinds(line, HARBOUR, line) == {Kind.COPIES_STORY}
    assert kinds(line, HARBOUR) == set()


def test_a_short_link_that_says_one_thing_over_and_over_is_no_link() -> None:
    assert kinds("I had to do it. " * 8, HARBOUR) == {Kind.REPEATS}


def test_a_list_without_an_end_is_no_story_though_nothing_in_it_repeats() -> None:
    things = [
        f"the {colour} {thing}"
        for colour in ("red", "grey", "tin", "wet")
        for thing in ("boots", "nets", "oars", "pails", "hooks", "lamps", "ropes", "sacks")
    ]
    endless = "In the crate there were " + ", ".join(things) + ","
    assert kinds(endless, HARBOUR) == {Kind.REPEATS}
    short = (
        "In the crate there were "
        + ", ".join(things[:12])
        + ", and nothing else that she could put a name to."
    )
    assert kinds(short, HARBOUR) == set()


def test_the_writers_turn_is_not_said_again_however_short_the_link() -> None:
    turn = "Ewan shut the ledger and looked for the dog. It stood at the very edge of the quay with its ears laid flat."
    for text in (turn, f"{turn} Then it jumped.", f"{turn.split('. ')[1]} Then it jumped after the gulls."):
        assert Kind.COPIES_TURN in kinds(text, HARBOUR, shown=Shown(turn=turn))
    answer = (
        "It stood at the very edge, and did not jump. “Here,” said Mara, and it came to her along the wall."
    )
    assert kinds(answer, HARBOUR, shown=Shown(turn=turn)) == set()


def test_a_story_in_another_language_is_checked_in_that_language() -> None:
    ship = (
        "Es war einmal ein Schiff, das nie zurückkam. Die Leute am Hafen hatten aufgehört, davon zu reden, und die Kinder "
        "spielten dort, wo früher die Netze hingen."
    )
    boat = (
        "Am neunten Tag trieb ein Boot ohne Segel herein. Darin saß ein Hund, und neben ihm stand eine Kiste, auf deren "
        "Deckel ein fremdes Siegel eingebrannt war."
    )
    checked = check((str(at), text) for at, text in enumerate([ship, boat, HARBOUR]))
    assert [one.verdict.taken for one in checked] == [True, True, False]
    assert checked[2].verdict.reasons == ("It switches to English.",)


@needs_novels
def test_shorter_links_of_the_novel_that_repeats_most_pass_but_for_its_verse() -> None:
    links = links_of(novel("aliceinwonderland"), 120)
    checked = [
        one
        for first in range(0, len(links), 40)
        for one in check((str(first + at), text) for at, text in enumerate(links[first : first + 40]))
    ]
    assert len(checked) == 228
    # The Lobster Quadrille.
    assert [one.file for one in checked if not one.verdict.taken] == ["180", "181"]
    # How far the bounds against retelling stand from the most that a person wrote.
    measures = [one.verdict.measures for one in checked]
    assert max(one.retold for one in measures) < 0.8 * bounds_for(120).retold + 0.001
    assert max(one.likeness for one in measures) < 0.9 * bounds_for(120).likeness
    assert not any(one.same_beginning or one.same_end for one in measures)
