"""The critical sentences of a small model's letter: for each fault, what it does and what to try."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.coach.grammar import Node, Quote, Seq, choice, maybe, seq, words
from bot.coach.praises import short_quote
from bot.coach.things import Thing
from bot.prose import Finding, FindingKind, Study

_READER = words("me us readers the_reader your_reader a_reader any_reader every_reader")
_SCENE = words("the_scene the_moment the_page the_story the_passage your_scene your_story this_moment")
_LOSS = words("dulls blunts weakens softens slows cools lowers flattens thins dims")
_LOST = words("force weight edge life energy power tension colour sharpness urgency strength")
_BETTER = words("stronger sharper bolder plainer firmer fresher simpler braver clearer livelier")
_STILL = words("Still, However, Yet, Here, Now, But")


@dataclass(frozen=True)
class Worry:
    """A fault told in two sentences: what it does to a reader, and what to try."""

    finding: Finding
    observation: Seq
    suggestion: Seq


def _lead() -> Node:
    return choice(
        seq(words("Still However Yet Elsewhere Sometimes Here"), ","),
        seq(
            words("My One"),
            words("small first main honest gentle serious"),
            words("worry concern doubt problem question snag"),
            ":",
        ),
    )


def _effect() -> Node:
    """What a weak place does, after `and` or `so`."""
    return choice(
        seq(words("it that this"), _LOSS, _SCENE),
        seq(_SCENE, words("loses misses lacks"), words("some much its a_little"), _LOST),
        seq(
            words("it that this"),
            words("keeps holds leaves pushes"),
            _READER,
            words("outside beyond behind away_from"),
            _SCENE,
        ),
    )


def _so() -> Node:
    return words("and so because while")


def worry_of(finding: Finding, things: Sequence[Thing]) -> Worry | None:
    """Write the two grammars for a fault, or give None for one that a small model cannot speak of truly."""
    build = _BUILDERS.get(finding.kind)
    return build(finding, things) if build else None


def _filter_word(finding: Finding, _things: Sequence[Thing]) -> Worry:
    word, line = Quote(finding.subject), Quote(short_quote(finding.quote))
    return Worry(
        finding,
        seq(
            _lead(),
            "the",
            words("word verb words phrase"),
            word,
            "in",
            line,
            words("puts sets places leaves builds keeps draws"),
            "a",
            words("wall veil pane screen filter distance step gap layer barrier"),
            "between",
            _READER,
            "and",
            _SCENE,
            maybe(",", words("and so"), _effect()),
            ".",
        ),
        seq(
            words("Cut Drop Delete Remove Strike Lose Omit Skip"),
            word,
            "and",
            choice(
                seq(
                    words("show give hand offer"),
                    _READER,
                    "the",
                    words("thing sight moment detail sensation experience"),
                    "itself",
                    maybe(words("directly plainly simply first")),
                ),
                seq(
                    "let",
                    _SCENE,
                    words("speak stand arrive breathe happen unfold"),
                    maybe(words("directly plainly simply freely alone")),
                ),
                seq("bring", _READER, words("closer nearer straight"), "to", _SCENE),
            ),
            ".",
        ),
    )


def _adverb(finding: Finding, _things: Sequence[Thing]) -> Worry:
    word, line = Quote(finding.subject), Quote(short_quote(finding.quote))
    return Worry(
        finding,
        seq(
            _lead(),
            "the adverb",
            word,
            "in",
            line,
            choice(
                seq(
                    words("tells gives hands offers shows"),
                    _READER,
                    "what the",
                    words("verb action line sentence words"),
                    words("could should might can"),
                    words("show carry say express reveal"),
                ),
                seq(_LOSS, "the", words("verb action line sentence phrase words"), maybe("beside it")),
                seq(
                    words("explains repeats decorates replaces covers"),
                    "what",
                    words("the_verb the_action the_line the_scene the_moment"),
                    words("could should might can"),
                    words("show carry say express reveal"),
                ),
            ),
            maybe(",", words("and so"), _effect()),
            ".",
        ),
        seq(
            words("Cut Drop Delete Remove Strike Lose Omit Skip"),
            word,
            words("and or"),
            words("find choose try pick use write seek test"),
            "a",
            _BETTER,
            choice(
                seq("verb", words("instead there alone")),
                seq(
                    "verb that",
                    words("carries shows holds keeps gives"),
                    "the",
                    words("feeling meaning action movement tone force mood speed"),
                ),
            ),
            ".",
        ),
    )


def _cliche(finding: Finding, things: Sequence[Thing]) -> Worry:
    phrase = Quote(short_quote(finding.subject or finding.quote))
    anchors = [thing.words for thing in things]
    return Worry(
        finding,
        seq(
            _lead(),
            "the",
            words("phrase expression image words"),
            phrase,
            words("sounds feels reads seems rings"),
            words("familiar worn tired borrowed old used stale ready-made common"),
            maybe("and", words("familiar worn tired borrowed old used stale ready-made common")),
            ",",
            words("and so"),
            _effect(),
            ".",
        ),
        seq(
            words("Replace Swap Change Trade Exchange"),
            "it for a",
            words("fresh new plain small strange sharp quiet simple strong clear"),
            words("image picture detail comparison line phrase"),
            choice(
                seq(
                    words("from out_of"),
                    words("your this the"),
                    words("own_world scene story place moment setting"),
                ),
                seq(
                    "that",
                    words("belongs lives fits sits stands"),
                    words("beside with near"),
                    choice(*anchors[:12]),
                )
                if anchors
                else "of your own",
                seq("that only you", words("could can would"), words("write see choose find imagine make")),
            ),
            ".",
        ),
    )


def _echo(finding: Finding, _things: Sequence[Thing]) -> Worry:
    word, line = Quote(finding.subject), Quote(short_quote(finding.quote))
    return Worry(
        finding,
        seq(
            _lead(),
            "you",
            words("use repeat write say choose take"),
            word,
            words("again_and_again repeatedly often several_times more_than_once many_times"),
            words("near around close_to about"),
            line,
            ",",
            words("and so"),
            choice(
                seq(
                    "the",
                    words("word echo repetition sound return"),
                    choice(_LOSS, words("tires drums grows")),
                    _SCENE,
                ),
                seq(
                    "the",
                    words("word echo repetition sound"),
                    words("loses misses"),
                    words("some much its a_little"),
                    _LOST,
                ),
                seq(
                    "my",
                    words("ear eye attention mind"),
                    words("hears catches notices follows"),
                    "the",
                    words("word echo sound repetition pattern"),
                    "instead of",
                    _SCENE,
                ),
            ),
            ".",
        ),
        seq(
            words("Keep Leave Choose Save Hold"),
            "the",
            words("best strongest first last clearest sharpest"),
            word,
            "and",
            words("cut change replace vary rework drop remove rewrite"),
            "the",
            words("others rest weaker_ones repeated_ones remaining_ones"),
            ".",
        ),
    )


def _passive(finding: Finding, _things: Sequence[Thing]) -> Worry:
    word, line = Quote(finding.subject), Quote(short_quote(finding.quote))
    return Worry(
        finding,
        seq(
            _lead(),
            "the passive",
            word,
            "in",
            line,
            choice(
                seq(
                    words("hides covers buries conceals removes blurs delays"),
                    "the",
                    words("person hand actor figure character one"),
                    "who",
                    words("acts moves decides works"),
                ),
                seq(_LOSS, "the", words("action movement line sentence moment")),
            ),
            ",",
            words("and so"),
            _effect(),
            ".",
        ),
        seq(
            words("Name Show Give Find Choose Put"),
            "the",
            words("person hand figure character actor one"),
            words("first clearly plainly directly"),
            "and let",
            words("them that_person that_character that_figure"),
            words("act move work do_it speak begin"),
            words("on_the_page in_the_sentence in_the_scene in_plain_sight"),
            ".",
        ),
    )


def _long_sentence(finding: Finding, _things: Sequence[Thing]) -> Worry:
    first = Quote(" ".join(short_quote(finding.quote).split()[:8]))
    return Worry(
        finding,
        seq(
            _lead(),
            "the",
            words("long winding crowded heavy breathless"),
            "sentence that",
            words("begins starts opens"),
            "with",
            first,
            words("makes lets has sees"),
            _READER,
            words("carry hold follow juggle keep"),
            words("too_much many_things a_lot so_much"),
            words("at_once together in_one_breath without_a_rest"),
            maybe(",", words("and so"), _effect()),
            ".",
        ),
        _divide(),
    )


def _divide() -> Seq:
    return seq(
        words("Cut Break Split Divide Turn"),
        "it into",
        words("two three two_or_three shorter smaller"),
        words("sentences lines parts pieces"),
        "and",
        choice(
            seq(
                "let",
                words("one the_last the_first the_shortest"),
                words("land stand end rest fall"),
                "on the",
                words("best strongest clearest sharpest hardest"),
                words("image word detail picture moment"),
            ),
            seq(
                "give",
                _READER,
                "a",
                words("place moment chance second"),
                words("to"),
                words("breathe rest pause see listen think"),
            ),
        ),
        ".",
    )


def _even_rhythm(finding: Finding, _things: Sequence[Thing]) -> Worry:
    first = Quote(" ".join(short_quote(finding.quote).split()[:8]))
    return Worry(
        finding,
        seq(
            _lead(),
            words("from around near after"),
            first,
            words("on onward"),
            "your sentences",
            choice(
                seq(
                    words("begin start open"),
                    words("the_same_way alike with_the_same_word"),
                    words("again_and_again several_times repeatedly often"),
                )
                if finding.subject
                else seq(
                    words("have keep share hold"),
                    words("nearly almost much"),
                    "the same",
                    words("length size beat shape"),
                ),
            ),
            ",",
            words("and so"),
            choice(
                seq(
                    "the",
                    words("rhythm beat music sound movement pace voice"),
                    words("goes grows turns feels becomes"),
                    words("flat even heavy dull stiff sleepy mechanical"),
                ),
                _effect(),
            ),
            ".",
        ),
        seq(
            choice(
                seq(
                    words("Begin Start Open"),
                    "one",
                    words("of_them sentence line"),
                    "with a",
                    words("place thing sound movement detail gesture"),
                ),
                seq(
                    words("Break Cut Shorten Join Stretch"),
                    "one",
                    words("of_them sentence line"),
                    words("sharply boldly completely freely"),
                ),
            )
            if finding.subject
            else seq(
                words("Break Cut Shorten Join Stretch Lengthen"),
                "one",
                words("of_them sentence line"),
                maybe(words("sharply boldly freely")),
            ),
            "and",
            words("listen hear notice feel see test"),
            "how",
            _SCENE,
            words("changes moves wakes breathes lifts answers"),
            ".",
        ),
    )


def _rhythm(finding: Finding, things: Sequence[Thing]) -> Worry:
    if (
        len(finding.quote.split()) >= _LONG
        or "hold too much" in finding.text
        or "words, and I lost" in finding.text
    ):
        return _long_sentence(finding, things)
    return _even_rhythm(finding, things)


_LONG = 36


def _tense_slip(finding: Finding, _things: Sequence[Thing]) -> Worry:
    word, line = Quote(finding.subject), Quote(short_quote(finding.quote))
    return Worry(
        finding,
        seq(
            _lead(),
            "the",
            words("verb word tense_of"),
            word,
            "in",
            line,
            words("slips moves shifts changes jumps turns drifts breaks"),
            "out of the tense of",
            _SCENE,
            ",",
            words("and so"),
            choice(
                seq(
                    _READER.options[3],
                    words("stumbles stops pauses wonders hesitates looks_up"),
                    maybe(words("briefly there suddenly")),
                ),
                _effect(),
            ),
            ".",
        ),
        seq(
            words("Choose Pick Decide_on Take Keep"),
            "one tense and",
            words("hold keep follow carry use"),
            "it",
            words("through throughout across in all_through"),
            words("the_scene the_page the_story your_scene the_passage"),
            ".",
        ),
    )


def _name_slip(finding: Finding, _things: Sequence[Thing]) -> Worry:
    word, line = Quote(finding.subject), Quote(short_quote(finding.quote))
    return Worry(
        finding,
        seq(
            _lead(),
            "the name",
            word,
            "in",
            line,
            words("looks seems reads feels"),
            words("different changed unlike_the_others new"),
            ",",
            words("and so"),
            "the reader",
            words("stumbles stops pauses wonders hesitates looks_up"),
            maybe(words("briefly there suddenly")),
            ".",
        ),
        seq(
            words("Choose Pick Take Keep"),
            "one",
            words("spelling form name version"),
            "and",
            words("use keep hold follow write"),
            "it",
            words("through throughout across in all_through"),
            words("the_scene the_page the_story your_scene the_passage"),
            ".",
        ),
    )


_BUILDERS = {
    FindingKind.FILTER_WORD: _filter_word,
    FindingKind.ADVERB: _adverb,
    FindingKind.CLICHE: _cliche,
    FindingKind.ECHO: _echo,
    FindingKind.PASSIVE: _passive,
    FindingKind.RHYTHM: _rhythm,
    FindingKind.TENSE_SLIP: _tense_slip,
    FindingKind.NAME_SLIP: _name_slip,
}


_NOTABLE = 16
_FIRST_WORDS = 6


def longest_sentence(text: str, study: Study) -> Worry | None:
    """For a page without a measured fault: its longest sentence, as the place to look at again."""
    lengths = list(study.sentence_lengths)
    if not lengths or max(lengths) < _NOTABLE:
        return None
    start, end = study.sentences[lengths.index(max(lengths))]
    quote = text[start:end]
    first = Quote(" ".join(short_quote(quote).split()[:_FIRST_WORDS]))
    finding = Finding(FindingKind.RHYTHM, quote, start, end, "")
    return Worry(
        finding,
        seq(
            _lead(),
            "the longest",
            words("sentence line one stretch"),
            ",",
            words("which the_one_that"),
            words("begins starts opens"),
            "with",
            first,
            ",",
            words("makes lets has sees"),
            _READER,
            words("carry hold follow juggle keep"),
            words("many_things several_things a_lot much"),
            words("at_once together in_one_breath without_a_rest"),
            ".",
        ),
        seq(
            words("Read Try Speak Say Test Hear"),
            "it",
            words("aloud slowly once_more again out_loud"),
            ",",
            "and",
            words("cut divide break pause split shorten rest"),
            "it",
            words("where wherever at_the_point_where"),
            words("your my the a_reader's"),
            words("breath ear voice attention tongue eye"),
            words("stops fails stumbles tires pauses wanders"),
            ".",
        ),
    )
