"""The small parts of the storyteller: memory, recall, cards, lengths, blocks and scissors."""
# ruff: noqa: E501 -- texts stand as they are written

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.llm import estimate_tokens
from bot.stories import Author, Character, Link, Measures, Memo, Memory, StoryIndex, StoryState, StoryTree
from bot.stories.blocks import LARGE, SMALL, Room, blocks_of
from bot.stories.cards import CardKind, choose, due, stalled
from bot.stories.gate import Shown
from bot.stories.memory import MOST_CAST, MOST_THREADS, Recalled, recall, shortened
from bot.stories.noticing import people_in, voice_of
from bot.stories.shelf import Shelf
from bot.stories.state import usual_words
from bot.stories.trimming import tidy, trim
from tests.stories.telling import LINK, OPENING, OTHER, TURN

ANNA = Author(1, "Anna")
NEW = Measures(150, 0.0, 0.0, 0, 0, 0.1, 2.0)
STALE = replace(NEW, new_names=0.0)


def human(number: int, text: str = TURN) -> Link:
    return Link(id=number, parent_id=number - 1 or None, text=text, authors=(ANNA,))


def own(
    number: int, *, card: str | None = None, measures: Measures = NEW, memory: Memory | None = None
) -> Link:
    return Link(
        id=number, parent_id=number - 1 or None, text=LINK, card=card, measures=measures, memory=memory
    )


class TestMemory:
    def test_who_is_seen_comes_first_and_keeps_what_is_known(self) -> None:
        memory = Memory(cast=(Character("Mara", "keeps the office"), Character("Ewan", "has a knife")))
        met = memory.meeting([Character("ewan", ""), Character("Orme", "new in town")])
        assert met.cast == (
            Character("Ewan", "has a knife"),
            Character("Orme", "new in town"),
            Character("Mara", "keeps the office"),
        )

    def test_a_thread_is_closed_by_its_own_words_and_never_opened_twice(self) -> None:
        memory = Memory(threads=("Who sent the crate?",)).turning(
            ["Who sent the crate to Skerrow?", "Where is the ferry?"], []
        )
        assert memory.threads == ("Who sent the crate?", "Where is the ferry?")
        assert memory.turning([], ["who sent the sealed crate"]).threads == ("Where is the ferry?",)

    def test_it_stays_small_whatever_a_model_says(self) -> None:
        memory = Memory()
        for number in range(100):
            memory = memory.meeting([Character(f"Name{number} " * 30, "note " * 100)])
            memory = memory.turning([f"open{number} question{number} " * 30], [])
        assert len(memory.cast) == MOST_CAST
        assert len(memory.threads) == MOST_THREADS
        assert len(str(memory.to_json())) < 4000

    def test_an_old_memo_that_speaks_of_now_goes_before_new_ones_that_do_not(self) -> None:
        memos = [
            Recalled(1, Memo("The Tollhouse seals its crates with wax.", 2)),
            *(Recalled(number, Memo(f"Rain fell on day {number}.", 3)) for number in range(10, 30)),
        ]
        chosen = recall(memos, "Mara broke the Tollhouse seal.", now=30)
        assert len(chosen) == 3
        assert chosen[0].place == 1
        assert [one.place for one in chosen] == sorted(one.place for one in chosen)

    def test_a_memo_is_cut_to_its_words(self) -> None:
        assert shortened("one two, three four", 2) == "one two …"
        assert shortened("one two", 2) == "one two"


class TestCards:
    def test_every_third_link_gets_one(self) -> None:
        assert not due([human(1)])
        assert not due([human(1), own(2)])
        assert due([human(1), own(2), human(3), own(4)])
        assert not due([human(1), own(2), human(3), own(4), human(5), own(6, card="A bell rings.")])

    def test_a_story_stalls_without_new_names_or_with_the_same_matter_or_with_idle_threads(self) -> None:
        assert stalled([own(at, measures=STALE) for at in range(1, 5)])
        assert not stalled([own(at) for at in range(1, 5)])
        assert not stalled([own(at, measures=STALE) for at in range(1, 4)])
        alike = replace(NEW, cosine=0.6)
        assert stalled([own(1), own(2, measures=alike), own(3), own(4, measures=alike)])
        idle = Memory(threads=("Who sent it?",))
        assert stalled([own(at, memory=idle) for at in range(1, 5)])
        assert not stalled([own(1, memory=idle), own(2), own(3), own(4, memory=Memory(threads=("Where?",)))])

    def test_kinds_take_turns_and_need_somebody_to_be_about(self) -> None:
        path = [human(1, "Ewan ran.")]
        memory = Memory(cast=(Character("Ewan"), Character("Mara Venn")), threads=("Who sent it?",))
        cards = [choose(memory, path, seed=0, attempt=attempt) for attempt in range(5)]
        assert {card.kind for card in cards} == set(CardKind)
        assert {card.subject for card in cards if card.kind is CardKind.ABSENT} == {"Mara Venn"}
        assert choose(memory, path, seed=0) == choose(memory, path, seed=0)
        lonely = {choose(Memory(), path, seed=0, attempt=attempt).kind for attempt in range(9)}
        assert lonely == {CardKind.ELSEWHERE, CardKind.COST, CardKind.PLACE}


class TestLengths:
    def test_links_are_as_long_as_the_members_own_turns(self) -> None:
        turns = [human(at, "word " * words) for at, words in enumerate((20, 90, 400), 1)]
        assert usual_words(turns) == 90
        assert usual_words([human(1, "🎉")]) == 150
        assert usual_words([human(1, "Yes.")]) == 60
        assert usual_words([human(1, "word " * 5000)]) == 300
        assert StoryState(link_words=80).wanted_words == 80


def story(*texts: str) -> StoryState:
    tree = StoryTree()
    for number, text in enumerate(texts, 1):
        authors = () if text in {LINK, OTHER} else (ANNA,)
        tree = tree.add(Link(id=number, parent_id=tree.head, text=text, authors=authors))
    return StoryState(tree=tree)


class TestBlocks:
    def test_a_sentence_that_stands_in_the_last_pages_stands_nowhere_else(self) -> None:
        sentence = "She swept the floor at eight, wound the clock, and wrote the weather into the book in her father's square hand, though there was no one left to read it."
        memory = Memory(summary=f"{sentence} Ewan has a knife.")
        blocks = blocks_of(story(OPENING, TURN), memory, LARGE)
        assert sentence in blocks.recent
        assert blocks.summary == "Ewan has a knife."

    def test_own_prose_is_cut_where_it_was_copied(self) -> None:
        state = story(OPENING, LINK, TURN)
        whole, cut = (blocks_of(state, Memory(), LARGE, cut_prose=one).recent for one in (False, True))
        assert LINK in whole
        assert LINK not in cut
        assert OPENING in cut

    @given(st.text(max_size=300), st.text(max_size=300), st.sampled_from([LARGE, SMALL]))
    def test_every_block_keeps_to_its_room(self, turn: str, summary: str, room: Room) -> None:
        state = story(OPENING * 3, LINK, OTHER, f"{turn} " * 40)
        blocks = blocks_of(state, Memory(summary=f"{summary} " * 20), room)
        assert estimate_tokens(blocks.turn) <= room.turn * 1.05 + 12
        assert estimate_tokens(blocks.summary) <= room.summary * 1.05 + 12
        assert estimate_tokens(blocks.recent) <= room.recent * 1.05 + 12

    def test_who_is_not_here_is_told_apart(self) -> None:
        memory = Memory(cast=(Character("Ewan", "shut the ledger"), Character("Orme")))
        blocks = blocks_of(story(OPENING, TURN), memory, LARGE)
        assert blocks.present == ("Ewan: shut the ledger",)
        assert blocks.away == ("Orme",)


class TestScissors:
    def test_an_answer_is_tidied(self) -> None:
        assert tidy("He ran. END\nNEXT PARAGRAPH: he", cut=False, most_words=100) == "He ran."
        assert (
            tidy("He ran.\n\n\n\nThen he fell. And th", cut=True, most_words=100)
            == "He ran.\n\nThen he fell."
        )
        assert tidy("One two three. Four five six.", cut=False, most_words=4) == "One two three."
        assert tidy("He ran. THE END", cut=False, most_words=100) == "He ran. THE END"

    def test_what_is_copied_ends_or_is_said_twice_is_cut_out(self) -> None:
        copied = OPENING.split(". ")[0] + "."
        text = f"{copied} The dog sat down in the rain. The dog sat down in the rain. A dog sat.\n\nEwan counted forty crowns. THE END"
        left = trim(text, StoryIndex.of([OPENING]), Shown())
        assert left == "The dog sat down in the rain.\n\nEwan counted forty crowns."


async def test_an_index_is_gone_on_with_and_never_wrong() -> None:
    shelf = Shelf()
    links = [
        Link(id=at, parent_id=None, text=f"{at} {OPENING} number {at} of the links") for at in range(1, 9)
    ]
    async with shelf.index(links[:6]) as first:
        pass
    async with shelf.index(links[:8]) as second:
        assert second is first
        assert second.links == 8
    # After an undo the index holds too much; another one is made.
    async with shelf.index(links[:7]) as third:
        assert third is not second
        assert third.links == 7
        assert third.measure(links[6].text).run == len(links[6].text.split()) + 1  # father's is two words


class TestNoticing:
    def test_who_acts_is_told_from_where_they_are(self) -> None:
        assert people_in([OPENING, LINK, "Then Ewan ran to the Tollhouse in Skerrow."]) == ("Mara", "Ewan")

    def test_a_surname_stands_with_its_name_or_behind_it(self) -> None:
        assert people_in([OPENING]) == ("Mara Venn",)
        assert people_in(["So Mara Venn ran, and Mara fell. Old Orme laughed. Then Orme cried."]) == (
            "Mara",
            "Orme",
        )

    def test_person_and_tense_are_those_of_the_narration(self) -> None:
        assert voice_of(LINK) == "the third person and the past tense"
        assert voice_of(
            "I stand in my kitchen. “He was here,” I say. The kettle is cold, and the window is open."
        ) == ("the first person and the present tense")
