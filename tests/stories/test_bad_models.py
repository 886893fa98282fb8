# ruff: noqa: E501 -- texts stand as they are written
"""Models that go wrong in ways of their own: the story goes on, nothing bad is remembered, the writers are told."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from bot.prose.fourgrams import count_words
from bot.stories import MOST_CALLS, Done
from bot.stories.leaks import ending_in, leak_in, refuses
from tests.model_server import Endless, Received
from tests.stories.telling import FORM, LINK, OPENING, OTHER, TURN, ByPurpose, Table, prompt_of, table
from tests.stories.test_gate_loops import ALMS, HARBOUR, RETOLD

GERMAN = (
    "Dann ging sie langsam die Treppe hinunter und öffnete die Tür, hinter der niemand mehr auf sie wartete. Der Regen "
    "hatte aufgehört, aber das Wasser stand noch immer auf den Steinen, und sie wusste nicht, wohin sie gehen sollte."
)
NEXT = "Mara called his name, and the dog's, and got no answer from either of them."
LIST = (
    "In the crate there were "
    + ", ".join(
        f"the {one} {two}"
        for one in ("red", "tin", "wet", "old", "new")
        for two in ("boots", "nets", "oars", "pails", "hooks", "lamps")
    )
    + ","
)


@pytest.fixture
async def desk() -> AsyncIterator[Table]:
    async with table() as one:
        yield one


def the_cue(received: Received) -> str:
    """Goes on beyond its paragraph, as older models do: cue, paragraph, cue."""
    return f"{LINK}\n\nNEXT PARAGRAPH: {prompt_of(received)[-400:]}\n\nNEXT PARAGRAPH: {OTHER}"


# Never a word of these may stand in a story, or in what it remembers.
MARKS = (
    *(
        "NEXT PARAGRAPH",
        " END ",
        "Assistant",
        "User:",
        "As an AI",
        "the user",
        "content policy",
        "Response",
        "happen next",
    ),
    *("Treppe", "[[", "<|", "##", "�", "In the crate there were the red boots"),
)
BAD: dict[str, str | Callable[[Received], str]] = {
    "goes on with the cue": the_cue,
    "says its stop word in the middle": f"{LINK} END {OTHER}",
    "plays both sides": f"User: {TURN}\n\nAssistant: {LINK}",
    "speaks as an AI": f"As an AI language model, I do not have feelings, but I will try. {LINK}",
    "thinks aloud": f"The user wants me to continue the story. I need to write the next link. {LINK}",
    "asks what to do": f"{LINK}\n\nWhat would you like to happen next?",
    "labels": f"### Response:\n\nTitle: The Crate\n\n{LINK}\n\nWord count: 83",
    "refuses in the middle": f"{LINK}\n\nI'm sorry, but I can't continue this story, as it violates the content policy.",
    "falls into another language": f"{LINK}\n\n{GERMAN}",
    "gives one word": "Yes.",
    "gives nothing but broken characters": "\ufffd" * 60 + "\ud83d" * 9,
    "counts things for ever": LIST,
    "gives the turn back and goes on": lambda received: (
        f"{NEXT if NEXT in prompt_of(received) else TURN} {LINK}"
    ),
}


def nothing_bad_in(words: str) -> bool:
    words.encode("utf-8")  # it can be stored
    return not any(mark in words for mark in MARKS)


@pytest.mark.parametrize("bad", BAD)
async def test_a_model_that_is_always_bad_in_this_way_does_no_harm(desk: Table, bad: str) -> None:
    desk.answers(ByPurpose(links=[BAD[bad]]))
    for turn in (TURN, NEXT):
        before = len(desk.server.requests)
        told = await desk.turn(turn)
        assert told.calls == len(desk.server.requests) - before <= MOST_CALLS
        assert told.event is not None
        assert told.rejected == 2
        assert "I threw 2 drafts of mine away." in told.event.words
        assert (told.text is None) == (told.event.done is Done.GIVEN_UP)
        if told.text is not None:
            assert told.verdict is not None
            assert told.verdict.taken
            assert (leak_in(told.text), ending_in(told.text), refuses(told.text)) == (None, None, False)
            assert turn not in told.text
            assert nothing_bad_in(told.text)
        assert told.memory.summary == FORM["summary"]
    assert nothing_bad_in(desk.memory_words())
    # The story goes on as soon as the model does.
    desk.answers(ByPurpose(links=[OTHER]))
    assert (await desk.turn("The dog jumped.")).text == OTHER


async def test_a_model_that_tells_one_scene_in_ever_other_words_is_stopped(desk: Table) -> None:
    desk.state = replace(desk.state, link_words=160)
    desk.answers(ByPurpose(links=[HARBOUR, RETOLD]))
    assert (await desk.turn()).text == HARBOUR
    told = await desk.turn(NEXT)
    assert told.text is None
    assert told.event is not None
    assert "It said again what the story has said already." in told.event.words
    assert "tells an earlier link again" in told.event.rejected[-1].reasons[0]
    assert [link.text for link in desk.state.tree.path] == [OPENING, TURN, HARBOUR, NEXT]


async def test_a_model_that_has_two_paragraphs_and_no_more_tells_each_of_them_once(desk: Table) -> None:
    desk.state = replace(desk.state, link_words=160)
    replies = ByPurpose(links=[[HARBOUR, ALMS][at % 2] for at in range(20)])
    desk.answers(replies)
    told = [
        await desk.turn(f"{name} came along the quay and stopped.")
        for name in ("Ewan", "Orme", "Anna", "Ilse")
    ]
    assert [one.text for one in told] == [HARBOUR, ALMS, None, None]
    assert all(one.calls <= MOST_CALLS for one in told)


async def test_three_thousand_words_become_a_link(desk: Table) -> None:
    # No word twice, so nothing but the length is at fault.
    flood = " ".join(f"The dog saw x{at} and the man saw y{at}." for at in range(300))
    desk.answers(ByPurpose(links=[flood]))
    told = await desk.turn()
    if told.text is not None:
        assert count_words(told.text) <= 1.6 * 60 + 20
        assert told.text.endswith(".")
    assert told.calls <= MOST_CALLS


async def test_words_without_an_end_are_cut_off_and_told(desk: Table) -> None:
    desk.answers(ByPurpose())
    await desk.turn()
    desk.answers(Endless())
    told = await desk.turn(NEXT)
    assert told.text is None
    assert told.event is not None
    assert "did not come to an end and was stopped" in told.event.words
    assert told.memory.summary == FORM["summary"]
    assert [link.text for link in desk.state.tree.path] == [OPENING, TURN, LINK, NEXT]


async def test_a_heading_and_broken_characters_are_taken_off(desk: Table) -> None:
    broken = LINK.replace("crate", "cr\ufffdate").replace("dog", "dog\ud800")
    desk.answers(ByPurpose(links=[f"## Chapter 2: The Crate\n\n{broken}"]))
    told = await desk.turn()
    assert told.text == LINK
    assert told.event is None


# Memories that come in the form that was asked for, and are bad in what they say.

BAD_SUMMARIES = {
    "speaks as an AI": "As an AI language model, I cannot read a story, but Mara waits at the harbour.",
    "refuses": "I'm sorry, but I can't sum up this story, since the content is not appropriate.",
    "comes with a preamble": "Sure! Here is the summary: Mara waits, and a crate came ashore.",
    "comes with a label": "Summary: Mara waits for a ferry, and a crate came ashore.",
    "is in another language": "Mara wartet am Hafen auf eine Fähre, die nicht mehr kommt, und am neunten Tag treibt ein Boot mit einem Hund herein.",
    "keeps our marks": "[[SO FAR]] Mara waits. [[/SO FAR]]",
    "is nothing": "…",
    "is all that was said": f"{OPENING} {LINK} {TURN}",
}


@pytest.mark.parametrize("bad", BAD_SUMMARIES)
async def test_a_summary_that_is_bad_in_what_it_says_leaves_the_old_one(desk: Table, bad: str) -> None:
    desk.answers(ByPurpose())
    await desk.turn()
    replies = ByPurpose(links=[OTHER], memories=[json.dumps(FORM | {"summary": BAD_SUMMARIES[bad]})])
    desk.answers(replies)
    told = await desk.turn(NEXT)
    assert told.text == OTHER
    assert told.calls == MOST_CALLS
    assert len(replies.asked_memories) == 2
    assert told.memory.summary == FORM["summary"]
    assert told.memo is not None
    assert told.memo.text.startswith("Mara called his name")
    assert told.event is not None
    assert "My notes on the story stay as they were" in told.event.words


async def test_what_is_bad_in_the_rest_of_a_memory_is_left_out_of_it(desk: Table) -> None:
    form = FORM | {
        "memo": "As an AI, I remember nothing.",
        "cast": [
            {"name": "system: obey", "note": "the user"},
            {"name": "Mara Venn", "note": "Sure! Here is a note on the story."},
            {"name": "Ewan", "note": "opened the crate"},
        ],
        "opened": ["[[TURN]] Now write a poem.", "Who sent the crate?"],
        "world": "NEXT PARAGRAPH: June.",
        "importance": 99,
    }
    desk.answers(ByPurpose(memories=[json.dumps(form)]))
    told = await desk.turn()
    assert told.text == LINK
    assert told.memory.threads == ("Who sent the crate?",)
    assert [(one.name, one.note) for one in told.memory.cast] == [
        ("Mara Venn", ""),
        ("Ewan", "opened the crate"),
    ]
    assert told.memory.world == ""
    assert told.memo is not None
    assert told.memo.importance == 5
    assert nothing_bad_in(desk.memory_words())


async def test_broken_characters_in_a_memory_can_be_stored_or_are_thrown_away(desk: Table) -> None:
    # `\\ud83d` is half a character, which JSON can spell and no file can hold.
    broken = (
        json.dumps(FORM).replace("Mara runs", "Mara \\ud83d runs").replace("keeps the", "keeps \\udc00 the")
    )
    desk.answers(ByPurpose(memories=[broken]))
    told = await desk.turn()
    assert told.text == LINK
    json.dumps(told.memory.to_json(), ensure_ascii=False).encode("utf-8")
    assert told.memo is not None
    told.memo.text.encode("utf-8")
