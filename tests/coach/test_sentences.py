"""Whichever way a model goes through the sentences, what comes out is counted and holds against the text."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.coach.grammar import Choice, Node, Quote, Seq, Text
from bot.coach.praises import Praises, short_quote
from bot.coach.quotations import Source, quoted_in
from bot.coach.sentences import Sentences
from bot.coach.things import things_in
from bot.coach.voices import Voice, spoken
from bot.coach.worries import Worries
from bot.prose import Finding, FindingKind, study

SCENES = sorted((Path(__file__).resolve().parents[1] / "samples" / "scenes").glob("*.md"))


def walk(node: Node, dice: Random) -> str:
    """Go through a grammar as a model might."""
    match node:
        case Text(words=words):
            return words
        case Quote():
            return node.marked
        case Seq(parts=parts):
            return " ".join(filter(None, (walk(part, dice) for part in parts)))
        case Choice(options=options):
            return walk(dice.choice(options), dice)


def sentence(node: Node, seed: int) -> str:
    return walk(node, Random(seed)).replace(" ,", ",").replace(" .", ".").replace(" :", ":")  # noqa: S311  # a test's dice


def file_of(tmp_path: Path, rules: str) -> Path:
    path = tmp_path / "sentences.txt"
    path.write_text(rules, encoding="utf-8")
    return path


def test_rules_slots_and_what_may_be_left_out(tmp_path: Path) -> None:
    sentences = Sentences(
        file_of(tmp_path, "# a note\nend: now | later\nstart: Cut $word (at once)?\n  $end .\n")
    )
    node = sentences.node("start", {"word": Quote("very")})
    assert node is not None
    assert {sentence(node, seed) for seed in range(40)} == {
        "Cut “very” at once now.",
        "Cut “very” at once later.",
        "Cut “very” now.",
        "Cut “very” later.",
    }


def test_an_option_that_needs_what_is_not_there_is_not_offered(tmp_path: Path) -> None:
    sentences = Sentences(file_of(tmp_path, "a: I see $own | I see nothing\nb: I see $own\n"))
    node = sentences.node("a", {})
    assert node is not None
    assert sentence(node, 1) == "I see nothing"
    assert sentences.node("b", {}) is None


def test_an_unknown_name_is_an_error_and_not_a_silence(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        Sentences(file_of(tmp_path, "a: I $see it\n")).node("a", {})


@given(st.sampled_from(SCENES), st.integers(0, 2**32))
def test_every_worry_about_every_scene_can_be_told_and_quotes_only_the_author(scene: Path, seed: int) -> None:
    text = scene.read_text(encoding="utf-8").strip()
    found, source, worries = study(text), Source(text), Worries(Sentences())
    things = things_in(text, found.dialogue)
    told = [worries.of(text, fault, found, things) for fault in found.faults]
    for worry in (*told, worries.of_longest_sentence(text, found, things)):
        if worry is None:
            continue
        for node in (worry.observation, worry.suggestion):
            words = sentence(node, seed)
            said = spoken(node, words, open_ways=4)
            assert said is not None, words
            for one in quoted_in(words):
                assert source.has(one.words) or one.words == "said", words


@given(st.sampled_from(SCENES), st.integers(0, 2**32))
def test_every_praise_of_every_line_can_be_told_and_names_only_what_is_there(scene: Path, seed: int) -> None:
    text = scene.read_text(encoding="utf-8").strip()
    found, source, praises = study(text), Source(text), Praises(Sentences())
    for strength in found.strengths:
        if strength.kind is FindingKind.STRENGTH_RHYTHM:
            continue
        for rule in ("praise first", "praise last"):
            node = praises.of_line(rule, strength, things_in(strength.quote), "")
            assert node is not None
            words = sentence(node, seed)
            said = spoken(node, words, open_ways=4)
            assert said is not None, words
            assert any(one.voice is Voice.MODEL for one in said)
            assert all(source.has(one.words) for one in quoted_in(words))
    node = praises.of_things(things_in(text, found.dialogue), "")
    if node is not None:  # a scene may have no things
        assert spoken(node, sentence(node, seed), open_ways=4) is not None


def test_a_quotation_ends_without_a_mark_of_its_own() -> None:
    assert short_quote("“Go,” ") == "Go"
    assert short_quote("He went home.") == "He went home"
    assert short_quote("“Go,” he said.") == "“Go,” he said"


def test_things_are_those_that_can_be_seen() -> None:
    text = (
        "The kettle was hot. A dog was like a stone. The wet gloves lay by the very end of the day. "
        "“The fox!” If a horse came, he would."
    )
    spoken_of = (text.index("“"), text.index("”") + 1)
    assert [thing.words for thing in things_in(text, [spoken_of])] == [
        "the kettle",
        "the dog",
        "the wet gloves",
    ]


def test_what_is_there_no_more_is_no_thing_to_name() -> None:
    text = (
        "The rain had stopped. The horses were gone. It was not a log. The gate stood open. The flags hung."
    )
    assert [thing.words for thing in things_in(text)] == ["the gate", "the flags"]
    gone = "She saw the fish tank. It is gone. It outlived the orchard. The pebble lay there."
    assert [thing.words for thing in things_in(gone)] == ["the pebble"]


@pytest.mark.parametrize(
    ("line", "sense"),
    [
        ("She set the kettle in the sink, where it hissed.", " hear "),
        ("The cellar smelled of potatoes and wet sacks.", " smell "),
    ],
)
def test_a_line_that_reaches_a_sense_is_praised_for_it_and_no_other_line(line: str, sense: str) -> None:
    praises = Praises(Sentences())
    plain = "She set the kettle in the sink and went out."
    for quote, reaches in ((line, True), (plain, False)):
        strength = Finding(FindingKind.STRENGTH_DETAIL, quote, 0, len(quote), "", subject="kettle")
        node = praises.of_line("praise last", strength, things_in(quote), "")
        assert node is not None
        assert all((sense in sentence(node, seed)) is reaches for seed in range(40))
