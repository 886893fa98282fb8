"""What models leave in their answers that is no story, and what only looks like it."""

import time

import pytest

from bot.prose.text import Text
from bot.stories.leaks import ending_in, leak_in, refuses
from bot.stories.trimming import tidy
from tests.stories.shared_texts import needs_novels, novel

PROSE = "He ran down to the ford, and the dog ran behind him with the red boot in its teeth."


@pytest.mark.parametrize(
    "leak",
    [
        # What the demonstration model wrote once.
        "The story continues, which has two new sentences, each in the past tense.",
        # The cue and the stop word that older models were trained on, in their other forms.
        f"NEXT PARAGRAPH: {PROSE}",
        f"{PROSE} NEXT PARAGRAPH {PROSE}",
        f"{PROSE} END The dog barked at the water.",
        f"{PROSE} [END] The dog barked.",
        f"{PROSE} <END>",
        f"{PROSE}\n\nEND OF SCENE\n\nThe dog barked.",
        # Marks and tags.
        f"{PROSE}\n</story>",
        f"<story>\n{PROSE}",
        f"{PROSE} <eos>",
        f"{PROSE} <end_of_turn>",
        f"{PROSE} <|endoftext|>",
        f"<|start_header_id|>assistant<|end_header_id|> {PROSE}",
        f"The next part. <think>He must run.</think> {PROSE}",
        f"```\n{PROSE}\n```",
        f"[TURN]\n{PROSE}",
        f"[Scene: the ford]\n{PROSE}",
        f"{PROSE}\n\n[Continue in the next link]",
        f"* {PROSE}\n* The dog barked.\n* The water rose.",
        f"1. {PROSE}\n2. The dog barked.",
        # Labels and roles.
        f"Response: {PROSE}",
        f"Output:\n{PROSE}",
        f"Title: The Ford\n\n{PROSE}",
        f"Story: {PROSE}",
        f"Link 3: {PROSE}",
        f"Scene 2: {PROSE}",
        f"Paragraph 2\n\n{PROSE}",
        f"**Assistant:** {PROSE}",
        f"User: go on\nAssistant: {PROSE}",
        f"ChatGPT: {PROSE}",
        # Our own prompts.
        f"{PROSE} (not here, and does not know what happens here)",
        f"This happens in your link: {PROSE}",
        f"{PROSE}\n\n(Word count: 120)",
        f"{PROSE}\n\n~120 words",
        # Talk about the writing.
        f"Sure! Here is the continuation: {PROSE}",
        f"Sure, here's what happens next:\n\n{PROSE}",
        f"Of course! Here's what happens next.\n\n{PROSE}",
        f"Certainly. The story continues:\n{PROSE}",
        f"Continuing from where we left off, {PROSE}",
        f"I'd be happy to continue the story!\n\n{PROSE}",
        f"Great! Let's continue.\n\n{PROSE}",
        f"Okay, here goes:\n\n{PROSE}",
        f"The user wants me to continue the story. {PROSE}",
        f"We need to write the next link. {PROSE}",
        f"Okay, so I need to write the next part of the story. {PROSE}",
        f"As an AI, I cannot feel. {PROSE}",
        f"As a responsible AI, I will keep it tame. {PROSE}",
        f"I'm just an AI. {PROSE}",
        f"My rules say I may not copy a sentence that I was shown. {PROSE}",
        f"{PROSE}\n\n(I kept the tone of the opening and left the ending open.)",
        f"{PROSE}\n\n---\n\nWhat happens next is up to you!",
        f"{PROSE}\n\nWhat would you like to happen next?",
        f"{PROSE}\n\nFeel free to continue from here.",
        f"{PROSE}\n\nYour turn!",
        # A refusal behind a beginning.
        f"{PROSE}\n\nI'm sorry, but I can't continue this story as it violates the content policy.",
    ],
)
def test_scaffolding_is_seen(leak: str) -> None:
    assert leak_in(tidy(leak, cut=False, most_words=300)) is not None


@pytest.mark.parametrize(
    "ending",
    [
        f"{PROSE} The end of the story.",
        f"{PROSE}\n\n*The End*",
        f"{PROSE} And that, dear reader, is how the tale ended.",
        f"{PROSE} The story was over.",
        f"{PROSE} And with that, their journey was over.",
    ],
)
def test_an_ending_in_other_words_is_seen(ending: str) -> None:
    assert ending_in(ending) is not None


@pytest.mark.parametrize(
    "refusal",
    [
        "I apologize, but I can't continue this story.",
        "My apologies, but I cannot write that.",
        "Unfortunately, I'm unable to continue this story.",
        "I'm afraid I can't help with that.",
        "I must respectfully decline to continue this request.",
        "It is not appropriate to continue this story.",
        "I do not feel comfortable continuing this story.",
        "[Content removed]",
    ],
)
def test_a_refusal_in_other_words_is_seen(refusal: str) -> None:
    assert refuses(refusal)


@pytest.mark.parametrize(
    "prose",
    [
        "“I am an AI,” said the ship. “I was one before you were born.” Nobody on the bridge laughed.",
        "“As a language model I was a failure,” the robot said, and put the tray down between them.",
        "“Would you like to continue?” asked the dealer. The old man turned his last card over.",
        "“Certainly, I will come,” said Ewan. He was already looking for his boots.",
        "“What do you think happens next?” Mara whispered. The curtain moved.",
        "“It is your turn.” He pushed the dice across the table, and smiled without his eyes.",
        "- You came back.\n- I said that I would.\n- You say a great many things.",
        "They walked all night.\n\n* * *\n\nIn the morning there was snow.",
        "He read the notice: THE WEEK'S END MARKET, with a hand that pointed north.",
        "At the WEEKEND. No. END WAS NIGH, it said, in letters as tall as a man.",
        "Next morning: rain. The day after: rain, and a letter from the Tollhouse.",
        "Of course, I knew the river. Everybody knew it who had been a child here.",
        "Continuing the search was her idea. He carried the lamp and kept his mouth shut.",
        "“I'm sorry, but I can't help you with this story,” said the editor. She had heard that before.",
        "He had a story to finish and two hours until the post. The story was about a dog that could count.",
        "It was over. The dog lay down, and Mara let go of the rope.",
        "x < y, he wrote on the wall, and > in the other hand, and sat down to think about it.",
        "Here she was again. Here was the door, and here, under her hand, the cold round knob of it.",
    ],
)
def test_prose_that_only_looks_like_it_is_left_alone(prose: str) -> None:
    text = tidy(prose, cut=False, most_words=300)
    assert text == prose
    assert leak_in(text) is None
    assert ending_in(text) is None
    assert not refuses(text)


@needs_novels
@pytest.mark.parametrize("name", ["aliceinwonderland", "doriangray", "frankenstein"])
def test_no_sentence_of_a_novel_is_taken_for_a_leak_an_end_or_a_refusal(name: str) -> None:
    """Any paragraph may be where a link begins or ends; so each is tried as one."""
    text = novel(name)
    assert leak_in(text) is None
    paragraphs = [part.strip() for part in text.split("\n\n") if part.strip()]
    found = [part for part in paragraphs if leak_in(part) or ending_in(part) or refuses(part)]
    assert found in ([], ["THE END"])


@pytest.mark.parametrize(
    "name",
    [
        "Chapter 3",
        "**Chapter 3: The Ford**",
        "## Chapter Three",
        "SCENE II",
        "**The Ford**",
        "### Response:",
        "**Paragraph 2**",
    ],
)
def test_a_heading_over_a_draft_is_dropped(name: str) -> None:
    assert tidy(f"{name}\n\n{PROSE}", cut=False, most_words=300) == PROSE


def test_a_heading_is_kept_where_it_is_a_sentence_or_all_there_is() -> None:
    for prose in ("Part of her knew.\n\nThe rest did not.", "Chapter 3", "*No.*\n\nHe said it again."):
        assert tidy(prose, cut=False, most_words=300) == prose


class TestBrokenCharacters:
    def test_halves_that_came_one_by_one_are_joined(self) -> None:
        assert (
            tidy("She drew a \ud83d\udc15 on the wall.", cut=False, most_words=300)
            == "She drew a 🐕 on the wall."
        )

    def test_what_is_broken_is_dropped_and_the_rest_stays(self) -> None:
        broken = "Ma\ufffdra ran\ud800. Zoë\udfff fol\ue000lowed\uffff; é and 👩‍👧 stay."
        assert tidy(broken, cut=False, most_words=300) == "Mara ran. Zoë followed; é and 👩‍👧 stay."

    def test_a_heap_of_marks_on_one_letter_is_flattened(self) -> None:
        assert len(tidy("He" + "\u0301" * 500 + " ran.", cut=False, most_words=300)) < 20

    def test_all_that_comes_out_can_be_stored(self) -> None:
        tidy("".join(map(chr, range(0x2FFFF))), cut=False, most_words=300).encode("utf-8")


def test_every_sentence_of_a_leak_can_be_cut_alone() -> None:
    text = f"{PROSE} As an AI, I cannot feel. The dog barked."
    sentences = [text[one.start : one.end] for one in Text(text).sentences]
    assert [leak_in(sentence) is None for sentence in sentences] == [True, False, True]


@pytest.mark.parametrize(
    "nasty",
    ["\n" * 20_000, " \t" * 10_000, "* a\n" * 5_000, "“" * 20_000, " END" * 5_000, "(the tone of " * 2_000],
)
def test_it_takes_no_longer_than_reading(nasty: str) -> None:
    began = time.process_time()
    tidy(nasty, cut=True, most_words=10**6)
    leak_in(nasty)
    ending_in(nasty)
    refuses(nasty)
    assert time.process_time() - began < 1.0  # some 0.1 s; 26 s before white space was read once
