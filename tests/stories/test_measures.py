"""The tokenizer, the measures and the index."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.prose.fourgrams import grams, share, words_of
from bot.stories.measures import StoryIndex, cosine, names_of
from tests.stories.shared_texts import LOOPING, links_of, looping_links, needs_looping, needs_novels, novel

texts = st.lists(st.sampled_from("the fox ran over red hills and far".split()), max_size=30).map(" ".join)  # noqa: SIM905 - words


def test_words_are_runs_of_letters_and_digits_in_lower_case() -> None:
    assert words_of("Don't — it's 7 o'clock, Mára!") == (
        *("don", "t", "it", "s", "7", "o", "clock", "m", "ra"),
    )


def test_shares_count_distinct_runs_of_four() -> None:
    part = grams(words_of("a b c d a b c d x"))
    whole = set(grams(words_of("a b c d")))
    assert share(part, whole) == 1 / 5


def test_a_first_link_shares_nothing() -> None:
    measures = StoryIndex().measure("The fox ran over the red hills and far away from Oslo.")
    assert (measures.c4all, measures.run, measures.cosine) == (0.0, 0, 0.0)


def test_a_link_is_measured_against_every_earlier_one() -> None:
    copied = "The lamp on the quay went out at nine and nobody lit it again."
    index = StoryIndex.of([copied, "Mara counted the boats that were left."])
    measures = index.measure(copied)
    assert measures.c4all == 1.0
    assert measures.run_anywhere == len(words_of(copied))
    assert measures.run < 4


def test_a_run_does_not_go_on_from_one_link_into_the_next() -> None:
    index = StoryIndex.of(["one two three four five", "six seven eight nine ten"])
    assert index.measure("two three four five six seven eight nine").run_anywhere == 4


def test_a_link_that_says_everything_twice_repeats_half_of_itself() -> None:
    sentence = "He knew that he had to find a way to get through to them. "
    assert StoryIndex().measure(sentence * 2).seq_rep_4 > 0.4


def test_names_are_capitals_inside_a_sentence_that_the_story_does_not_know() -> None:
    assert names_of("The boy, Sylas, met Kyzax. Then Mr. Orme came. What now?") == {"sylas", "kyzax", "orme"}
    index = StoryIndex.of(["Sylas ran."])
    measures = index.measure("The boy called Sylas met old Kyzax here")
    assert measures.new_names == 250 / measures.words


def test_names_of_any_latin_alphabet_count_and_are_known_when_they_come_again() -> None:
    assert names_of("And then Zoë saw that Élodie and Søren ran.") == {"zoë", "élodie", "søren"}
    measures = StoryIndex.of(["She met Zoë and old Élodie."]).measure(
        "And Zoë saw that Élodie and Søren ran."
    )
    assert measures.new_names == 250 / measures.words


def test_every_measure_is_what_one_counts_by_hand() -> None:
    before = "Mara swept the cold floor. Then Mara wound the clock."
    link = (
        "Don't — Mara swept the cold floor again, and old Orme wound the clock, and old Orme wound the clock."
    )
    measures = StoryIndex.of([before]).measure(link)
    assert measures.words == 20  # `don` and `t` are two
    # 17 runs of four words. The last three (`and old orme wound` and on) came before: 14 are distinct.
    assert measures.seq_rep_4 == pytest.approx(3 / 17)
    # Of the 14, the first link has `mara swept the cold` and `swept the cold floor`.
    assert measures.c4all == pytest.approx(2 / 14)
    assert measures.run == measures.run_anywhere == 5  # `mara swept the cold floor`
    assert measures.new_names == 250 / 20  # Orme, once; Mara is known
    # Content: Mara 2, swept, cold, floor, wound, clock; in the link old, Orme, wound and clock 2 each, and
    # Mara, swept, cold, floor.
    assert measures.cosine == measures.likeness == pytest.approx(9 / (3 * 20**0.5))
    # Of its pairs Mara-swept, swept-cold, cold-floor, floor-old, old-Orme, Orme-wound, wound-clock and
    # clock-old, the first link has Mara-swept, swept-cold, cold-floor and wound-clock.
    assert measures.retold == 4 / 8


def test_the_cosine_counts_content_and_not_small_words() -> None:
    assert cosine(words_of("the lamp and the boat"), words_of("the fox and the hen")) == 0.0
    assert cosine(words_of("lamp boat"), words_of("the boat, a lamp")) > 0.99


@given(st.lists(texts, max_size=5), texts)
def test_the_index_measures_what_counting_all_over_again_does(before: list[str], text: str) -> None:
    measures = StoryIndex.of(before).measure(text)
    words, old = words_of(text), [words_of(one) for one in before]
    known = {gram for one in old for gram in grams(one)}
    assert measures.c4all == share(grams(words), known)
    assert measures.run == (_longest(words, old[-1]) if old else 0)
    longest = max((_longest(words, one) for one in old), default=0)
    assert max(measures.run_anywhere, 3) == max(longest, 3)


def _longest(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    best, before = 0, [0] * (len(other) + 1)
    for word in one:
        now = [0] * (len(other) + 1)
        for at, theirs in enumerate(other, 1):
            now[at] = before[at - 1] + 1 if word == theirs else 0
        best, before = max(best, *now), now
    return best


@needs_looping
def test_the_runs_that_failed_measure_as_they_were_published() -> None:
    index = StoryIndex()
    measured = []
    for text in looping_links():
        measured.append(index.measure(text))
        index.add(text)
    assert len(measured) == len(list(LOOPING.glob("link_*.txt"))) == 11
    assert [round(one.c4all, 2) for one in measured[:4]] == [0.0, 0.06, 0.13, 0.85]
    assert all(one.c4all == 1.0 for one in (measured[4], measured[5], *measured[7:]))


@needs_novels
def test_one_link_of_a_story_of_two_hundred_takes_a_few_milliseconds() -> None:
    links = links_of(novel("doriangray"), 250)
    index = StoryIndex.of(links[:200])
    seconds = []
    for link in [*links[200:220], links[7]]:  # the last is a copy, which is the most work
        # Processor time: what else the machine does is not ours.
        began = time.thread_time()
        index.measure(link)
        seconds.append(time.thread_time() - began)
    # Some 0.6 ms, and 1.5 ms for the copy; ten times as much on a machine that is busy.
    assert sorted(seconds)[len(seconds) // 2] < 0.01


def test_a_member_who_pastes_one_line_a_thousand_times_does_not_slow_the_story() -> None:
    index = StoryIndex.of(["ha ha ha! " * 3000])
    best = math.inf
    for _ in range(3):
        began = time.thread_time()
        measures = index.measure("ha " * 300)
        best = min(best, time.thread_time() - began)
        assert measures.run_anywhere >= 20
    assert best < 0.1
