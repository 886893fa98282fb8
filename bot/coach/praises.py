"""The sentences of a small model's letter, as grammars: true whichever way the model goes through them.

Every place where the model chooses holds words that fit all of their neighbours, and claims nothing beyond
the finding behind the sentence. What is measured (a count, a tense, a word of the text) is given; how it
works upon a
reader, what to call it and what to do about it is the model's to say. `grammar.spoken` counts which is
which.
"""
# ruff: noqa: RUF001 -- typographic quotation marks are the subject

import re
from collections.abc import Sequence

from bot.coach.grammar import Choice, Node, Quote, choice, maybe, seq, words
from bot.coach.things import Thing
from bot.prose import Finding, FindingKind

_READER = words("me us readers the_reader your_reader a_reader any_reader every_reader")
_READERS_OWN = words("my our the_reader's a_reader's your_reader's every_reader's any_reader's")
_SCENE = words(
    "the_scene the_moment the_page the_story the_place the_passage your_scene your_story your_world this_page"
)
_OF_SCENE = words("scene moment story passage page place setting world")
_LINE = words("line sentence phrase passage moment image detail part")
_GOOD = words(
    "clear sharp vivid strong solid plain bold fresh precise firm lasting real living simple "
    "striking compelling "
    "concrete memorable rich confident careful sure quiet lovely good fine"
)
_GOOD_AND = choice(_GOOD, seq(_GOOD, ",", _GOOD), seq(_GOOD, "and", _GOOD))
_ALIVE = words(
    "real vivid clear alive believable solid concrete present immediate close sharp memorable fresh tangible "
    "convincing visible lively strong richer warmer"
)
_PICTURE = words("picture image moment detail glimpse view sense impression scene line")
_LOVE = words("like love admire enjoy value trust remember treasure appreciate praise cherish prefer respect")
_WHY = words("because since for as")

_HOLD = seq(
    words("holds keeps catches earns wins gains rewards repays grabs deserves captures"),
    _READERS_OWN,
    words("attention interest curiosity trust eye focus patience imagination"),
)
_DRAW = seq(words("draws pulls brings takes leads invites carries lures welcomes"), _READER, "into", _SCENE)
_STAY = seq(
    words("stays lingers remains lives rests"),
    "with",
    _READER,
    maybe(words("after beyond past"), _SCENE),
)
_MAKE = seq(
    words("makes keeps renders"), _SCENE, maybe(words("feel seem look")), _ALIVE, maybe("and", _ALIVE)
)
_FEEL = seq(words("feels sounds seems rings reads_as is"), _ALIVE, maybe("and", _ALIVE))


_GIVE = seq(
    words("gives offers hands brings lends shows grants"),
    _READER,
    "a",
    _GOOD_AND,
    _PICTURE,
    maybe(words("of from for in"), _SCENE),
)
# Each with the words by which one sees that the letter has said it already.
_DEEDS: dict[str, Node] = {
    r"attention|interest|curiosity|trust|\beye\b|focus|patience": _HOLD,
    r"\binto\b": _DRAW,
    r"\bwith (?:me|us|readers|\w+ reader)\b": _STAY,
    r"\b(?:feel|look|seem)\b|\b(?:makes|keeps|renders) ": _MAKE,
    r"picture|image|glimpse|impression": _GIVE,
}


def _deed(own: Sequence[Thing], said: str) -> Node:
    """What a good line does, but nothing that the letter said before."""
    deeds: list[Node] = [deed for mark, deed in _DEEDS.items() if not re.search(mark, said)]
    if own:
        deeds.append(
            seq(
                words("lets helps makes"),
                _READER,
                words("see picture imagine notice find touch"),
                _one_of(own),
                maybe("and", words("remember follow trust feel enjoy enter"), _SCENE),
            )
        )
    return choice(*deeds) if deeds else _GIVE


def _deeds(own: Sequence[Thing], said: str) -> Node:
    return seq(_deed(own, said), maybe("and", _deed((), said)))


def _one_of(things: Sequence[Thing]) -> Choice:
    return choice(*(thing.words for thing in things))


def opening_praise(finding: Finding, own: Sequence[Thing], said: str = "") -> Node:
    """The first sentence: what the reader likes, quoted, and why."""
    quote = Quote(short_quote(finding.quote))
    return choice(
        seq("I", _LOVE, quote, ",", _WHY, _it(), _reason(finding, own, said), "."),
        seq(words("Your The This"), _LINE, quote, _reason(finding, own, said), "."),
    )


def closing_praise(finding: Finding, own: Sequence[Thing], said: str) -> Node:
    """The last sentence: what to keep, quoted, and why."""
    return seq(
        words("Keep Protect Guard Trust Save Treasure Preserve Remember Cherish"),
        Quote(short_quote(finding.quote)),
        maybe(words("exactly just always gladly"), "as it is"),
        ",",
        _WHY,
        _it(),
        _reason(finding, own, said),
        ".",
    )


def _it() -> Node:
    return choice("it", seq(words("this your the that"), _LINE))


def things_praise(things: Sequence[Thing], said: str) -> Node:
    """A sentence on what can be seen: three of the author's own things, of the model's choosing."""
    third = len(things) // 3
    first, second, last = (
        _one_of(things[:third]),
        _one_of(things[third : 2 * third]),
        _one_of(things[2 * third :]),
    )
    effects = {
        r"\b(?:makes|keeps) ": seq(
            words("make keep"), _SCENE, maybe(words("feel seem look")), _ALIVE, maybe("and", _ALIVE)
        ),
        "texture|ground": seq(
            words("give lend bring add offer"),
            choice(words("the your this"), seq(words("my the_reader's a_reader's"), "picture of the")),
            _OF_SCENE,
            "a",
            _GOOD_AND,
            words("texture shape body life ground sense feel surface"),
        ),
        "attention|interest|curiosity": seq(
            words("hold keep catch earn win reward"),
            _READERS_OWN,
            words("attention interest curiosity trust eye focus imagination"),
        ),
        r"\binto\b": seq(words("draw pull bring take lead invite carry"), _READER, "into", _SCENE),
    }
    fresh = [effect for mark, effect in effects.items() if not re.search(mark, said)]
    return seq(
        "You",
        words("let make help"),
        _READER,
        words("see picture notice remember imagine follow find touch enjoy"),
        first,
        ",",
        second,
        "and",
        last,
        ",",
        "and they",
        choice(*fresh),
        ".",
    )


def _reason(finding: Finding, own: Sequence[Thing], said: str) -> Node:
    match finding.kind:
        case FindingKind.STRENGTH_CONTRAST:
            return seq(
                words("stops lands rests breaks halts turns pauses"),
                maybe(words("short hard cleanly firmly suddenly well quickly")),
                "after the",
                words("long longer slow slower full"),
                words("sentence line one movement"),
                "before it",
                maybe("and", _deed(own, said)),
            )
        case FindingKind.STRENGTH_OPENING:
            return seq(
                words("opens starts begins introduces"),
                words("the_scene the_story the_page your_scene your_story"),
                maybe(words("well directly simply clearly firmly quickly")),
                "and",
                _deed(own, said),
            )
        case FindingKind.STRENGTH_VERB:
            return seq(
                words("trusts uses rests_on turns_on moves_with lives_on"),
                "the verb",
                Quote(finding.subject),
                "and",
                _deed(own, said),
            )
        case FindingKind.STRENGTH_DIALOGUE:
            return seq(
                words("lets helps makes"),
                _READER,
                words("hear follow trust believe"),
                words("the_voice the_talk the_people the_speaker the_exchange"),
                maybe("and", _deed((), said)),
            )
        case _:
            return _deeds(own, said)


def short_quote(quote: str) -> str:
    """Take the author's words as a quotation inside a sentence: no mark at the end that would end ours."""
    return quote.strip().strip('"“”').rstrip(".,;:—–- ").strip('"“”')
