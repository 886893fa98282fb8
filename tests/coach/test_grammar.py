# ruff: noqa: RUF001 -- typographic quotation marks are the subject
from bot.coach.grammar import Quote, choice, gbnf, maybe, seq, without, words
from bot.coach.voices import Voice, spoken

SENTENCE = seq(
    "I",
    words("like love admire trust"),
    Quote("the dog, it did not bark."),
    ",",
    words("because since"),
    "it",
    choice(seq("holds", words("my our the_reader's your a_reader's"), "ear"), "stays"),
    maybe("with", words("me us")),
    ".",
)


def test_each_word_is_told_apart() -> None:
    said = spoken(
        SENTENCE, " I love “the dog, it did not bark.”, because it holds the reader's ear.", open_ways=4
    )
    assert said is not None
    assert [(word.word, word.voice, word.ways) for word in said] == [
        ("I", Voice.GIVEN, 1),
        ("love", Voice.MODEL, 4),
        *[(word, Voice.AUTHOR, 1) for word in ["“the", "dog,", "it", "did", "not", "bark.”"]],
        ("because", Voice.GIVEN, 2),
        ("it", Voice.GIVEN, 1),
        ("holds", Voice.GIVEN, 2),
        ("the", Voice.MODEL, 5),
        ("reader's", Voice.GIVEN, 1),
        ("ear", Voice.GIVEN, 1),
    ]


def test_what_the_grammar_does_not_give_is_not_counted() -> None:
    assert spoken(SENTENCE, "I hate “the dog, it did not bark.”, because it stays.", open_ways=4) is None
    assert spoken(SENTENCE, "I like “the dog, it did not bark.”, because it", open_ways=4) is None


def test_a_sentence_of_ours_is_not_the_models_however_many_there_are() -> None:
    ours = choice(
        *(f"{first} is a whole sentence that we wrote" for first in ["This", "That", "It", "Here", "Yours"])
    )
    said = spoken(ours, "Here is a whole sentence that we wrote", open_ways=4)
    assert said is not None
    assert [word.word for word in said if word.voice is Voice.MODEL] == ["Here"]


def test_the_server_reads_spaces_and_marks_where_they_belong() -> None:
    grammar = gbnf(seq("I", words("like love"), Quote('say "no"'), "."))
    assert grammar == 'root ::= " I" r0 " “say ‘no’”" "."\nr0 ::= " like" | " love"\n'


def test_a_long_choice_becomes_a_tree() -> None:
    grammar = gbnf(words("cut cup cap dog door dot doe zebra yak"))
    assert '" "' in grammar
    assert grammar.count('"zebra"') + grammar.count("zebra") >= 1


def test_used_words_are_taken_out_while_enough_are_left() -> None:
    node = words("clear sharp vivid plain")
    assert without(node, frozenset({"clear"})) == words("sharp vivid plain")
    assert without(node, frozenset({"clear", "sharp"})) == node
