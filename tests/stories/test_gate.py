# ruff: noqa: E501, RUF001 -- texts stand as they are written
"""The gate: what is rejected, why, and what must not be."""

import pytest

from bot.stories import Kind, StoryIndex, check, judge_link, judge_summary
from bot.stories.bounds import bounds_for
from bot.stories.gate import Shown
from tests.stories.shared_texts import links_of, looping_links, needs_looping, needs_novels, novel

OPENING = (
    "The ferry had stopped running in March, and by June nobody in Skerrow spoke of the mainland any more. Mara Venn "
    "kept the harbour office open all the same. She swept the floor at eight, wound the clock, and wrote the weather "
    "into the book in her father's square hand, though there was no one left to read it."
)
NEXT = (
    "On the ninth a boat came in without a sail. It drifted past the light, turned once, and laid itself against the "
    "stones as gently as a cow at a gate. There was a dog in it, and a child's red boot, and a crate with the seal "
    "of the Tollhouse burned into the lid. Ewan got there first. “Don't,” said Mara, but he had his knife under "
    "the nails already, and the lid came up with a shriek that sent the gulls off the roof."
)


def kinds(text: str, *before: str, shown: Shown | None = None, english: bool = True) -> set[Kind]:
    verdict = judge_link(text, StoryIndex.of(before or (OPENING,)), shown or Shown(), english=english)
    return {fault.kind for fault in verdict.faults}


@needs_looping
def test_the_story_that_got_stuck_is_stopped_at_its_second_link() -> None:
    checked = check((str(place), text) for place, text in enumerate(looping_links()))
    assert [one.verdict.taken for one in checked] == [True, True, *[False] * 9]
    assert all(one.verdict.reasons for one in checked[2:])


@needs_novels
def test_human_prose_passes_but_for_verse_that_repeats() -> None:
    """Three novels in stories of forty links: everything that is out is named here, with why."""
    out: dict[str, set[Kind]] = {}
    count = 0
    for name in ("aliceinwonderland", "doriangray", "frankenstein"):
        links = links_of(novel(name), 250)
        count += len(links)
        for first in range(0, len(links), 40):
            for one in check(
                (f"{name} {first + at}", text) for at, text in enumerate(links[first : first + 40])
            ):
                if not one.verdict.taken:
                    out[one.file] = {fault.kind for fault in one.verdict.faults}
    assert count == 731
    assert out == {
        # The Lobster Quadrille: verses with a refrain.
        "aliceinwonderland 87": {Kind.REPEATS, Kind.COPIES_STORY},
        # Stanzas by Gautier, in French, at its end.
        "doriangray 237": {Kind.LANGUAGE},
    }


def test_bounds_are_those_that_are_published() -> None:
    assert [(bounds.c4all, bounds.seq_rep_4, bounds.run) for bounds in map(bounds_for, (120, 119, 60))] == [
        (0.15, 0.12, 20),
        (0.25, 0.20, 15),
        (0.25, 0.20, 15),
    ]
    assert bounds_for(59).run == 15
    assert bounds_for(59).c4all > 1


def test_honest_prose_is_taken() -> None:
    assert kinds(NEXT) == set()


def test_a_copy_of_the_story_is_rejected_with_its_figures() -> None:
    verdict = judge_link(OPENING, StoryIndex.of([OPENING, NEXT]))
    assert not verdict.taken
    assert any("100% of its four-word runs stand in earlier links" in reason for reason in verdict.reasons)
    assert any("words in a row" in reason for reason in verdict.reasons)


def test_a_short_link_may_share_much_but_no_long_run() -> None:
    assert kinds("She swept the floor at eight, and the clock stopped.") == set()
    copied = "She swept the floor at eight, wound the clock, and wrote the weather into the book in her hand."
    assert Kind.COPIES_STORY in kinds(copied)


def test_a_link_may_take_up_the_turn_but_not_retell_it() -> None:
    shown = Shown(turn=NEXT)
    assert Kind.COPIES_TURN in kinds(NEXT + " Then it was quiet in the harbour again.", shown=shown)
    answer = "“Don't,” said Mara again, and this time he heard her. The dog looked from one to the other."
    assert kinds(answer, shown=shown) == set()


def test_a_run_of_the_prompt_is_rejected() -> None:
    order = "Something changes in every link: a decision, a discovery, a cost, an arrival, a refusal. People want things."
    assert Kind.COPIES_PROMPT in kinds(f"{NEXT} {order}", shown=Shown(blocks=(order,)))


def test_retelling_the_memory_is_no_link() -> None:
    memory = "Mara keeps the office open. A boat without a sail brings a dog, a red boot and a sealed crate ashore. "
    memory += "Ewan breaks the crate open against her word, and the gulls leave the roof in one cloud over the quay. "
    told = (
        memory
        + "Nobody knows what will come of this, but the harbour and its people wait for what the crate holds."
    )
    assert Kind.COPIES_PROMPT in kinds(told, shown=Shown(memory=memory))


@pytest.mark.parametrize(
    "text",
    [
        "“Come here,” said Ewan, and sat down.",
        "Ewan whispered it twice to the dog.",
        "Ewan Orme softly said: “No.”",
    ],
)
def test_a_member_alone_speaks_for_their_character(text: str) -> None:
    assert kinds(text, shown=Shown(claimed=("Ewan Orme",))) == {Kind.CLAIMED}
    assert kinds(text, shown=Shown(claimed=("Mara",))) == set()


def test_others_may_speak_of_and_to_a_claimed_character() -> None:
    text = "“Ewan said so,” said Mara, and asked Ewan. A man called Ewan had gone to the window; the dog lay at his feet."
    assert kinds(text, shown=Shown(claimed=("Ewan",))) == set()


@pytest.mark.parametrize(
    "leak",
    [
        "NEXT PARAGRAPH: He ran.",
        "Sure! Here is the continuation of the story: He ran.",
        "Here's the next link:\nHe ran.",
        "<|im_start|>assistant He ran.",
        "[[TURN]] He ran. [[/TURN]]",
        "Summary: He ran.\nHe ran on.",
        "## Chapter 2\nHe ran.",
        "assistant: He ran.",
        "As an AI language model, I find that he ran.",
        'He ran.\n{"summary": "He ran."}',
        "He ran. Let me know if you would like more.",
        "**Event card:** He ran.",
    ],
)
def test_scaffolding_is_rejected(leak: str) -> None:
    assert Kind.LEAK in kinds(
        leak + " The road was long, and wet, and he had lost his left boot in the ford."
    )


@pytest.mark.parametrize(
    "ending",
    [
        "THE END",
        "The End.",
        "And they all lived happily ever after.",
        "And so the story of Mara Venn came to an end.",
        "Thus ends our tale.",
        "To be continued…",
        "Epilogue\n\nTen years later the ferry ran again.",
        "The moral of the story is that clocks must be wound.",
    ],
)
def test_an_ending_is_rejected(ending: str) -> None:
    assert Kind.ENDING in kinds(f"{NEXT}\n\n{ending}")


@pytest.mark.parametrize(
    "prose",
    [
        "At the end of the quay stood a lamp, and under it a man read aloud from a story that nobody knew.",
        "“I'm sorry, but I can't help you with that,” said Ewan, and put the knife away. The dog yawned.",
        "I cannot go on, I thought, and went on. The stones were wet, and the tide had turned behind me.",
        "“Of course! Here is the key,” she said. It was warm from her hand, and heavier than it looked.",
        "He had reached the end of the road. “Continue,” said the guard. The assistant wrote it all down.",
        "She had a system: first the door, then the window, then the drawer with the letters from the north.",
    ],
)
def test_a_story_may_speak_of_ends_and_requests(prose: str) -> None:
    assert kinds(prose) == set()


@pytest.mark.parametrize(
    "refusal",
    [
        "I'm sorry, but I can't continue this story as it goes against the content policy.",
        "I cannot assist with that request.",
        "I am unable to write this scene, since the content is not appropriate.",
    ],
)
def test_a_refusal_is_no_story(refusal: str) -> None:
    assert Kind.REFUSAL in kinds(refusal)


def test_another_language_is_rejected_also_where_it_begins_in_the_middle() -> None:
    german = (
        "Dann ging sie langsam die Treppe hinunter und öffnete die Tür, hinter der niemand mehr auf sie wartete. Der "
        "Regen hatte aufgehört, aber das Wasser stand noch immer auf den Steinen, und sie wusste nicht, wohin."
    )
    assert Kind.LANGUAGE in kinds(german)
    assert Kind.LANGUAGE in kinds(f"{NEXT}\n\n{german}")
    assert Kind.LANGUAGE in kinds("他慢慢地走下楼梯 " * 15)
    assert (
        kinds(
            "他慢慢地走下楼梯，推开了那扇没有人等他的门。雨已经停了。",
            "从前有一艘船，再也没有回来。",
            english=False,
        )
        == set()
    )
    assert kinds(german, "Es war einmal ein Schiff, das nie zurückkam.", english=False) == set()
    assert Kind.LANGUAGE in kinds(NEXT, "Es war einmal ein Schiff, das nie zurückkam.", english=False)


@pytest.mark.parametrize("nothing", ["", " \n", "…", "Yes.", "🎉"])
def test_nothing_is_no_link(nothing: str) -> None:
    assert Kind.EMPTY in kinds(nothing)


class TestSummaries:
    def test_one_in_own_words_is_taken(self) -> None:
        summary = "Mara keeps Skerrow's empty harbour office. A boat drifts in with a dog and a sealed crate, and Ewan opens it."
        assert judge_summary(summary, before="", new=[OPENING, NEXT], own_prose=[NEXT]) == ()

    def test_one_as_long_as_its_input_is_none(self) -> None:
        (fault, *_) = judge_summary(f"{OPENING} {NEXT}", before="", new=[OPENING, NEXT])
        assert fault.kind is Kind.TOO_LONG

    def test_a_copy_of_most_of_it_is_none(self) -> None:
        words = f"{OPENING} {NEXT}".split()
        copied = " ".join(words[: int(len(words) * 0.7)])
        assert Kind.TOO_LONG in {
            fault.kind for fault in judge_summary(copied, before="", new=[OPENING, NEXT])
        }

    def test_it_may_keep_the_last_summary(self) -> None:
        before = "Mara keeps the office of a harbour that no ferry visits."
        now = f"{before} A boat brings a dog and a crate."
        assert judge_summary(now, before=before, new=[NEXT], own_prose=[NEXT]) == ()

    def test_it_holds_no_passage_of_the_storytellers_own_prose(self) -> None:
        copied = "Mara waits. It drifted past the light, turned once, and laid itself against the stones as gently as a cow at a gate."
        faults = judge_summary(copied, before="", new=[OPENING, NEXT], own_prose=[NEXT])
        assert {fault.kind for fault in faults} == {Kind.COPIES_STORY}
        assert judge_summary(copied, before="", new=[OPENING, NEXT]) == ()

    def test_no_leak_and_no_refusal_becomes_memory(self) -> None:
        for bad in (
            "I cannot help with this request about the story.",
            "Summary: Mara waits for a ferry that is gone.",
        ):
            assert judge_summary(bad, before="", new=[OPENING, NEXT])
