"""The praising sentences of a small model's letter, built for a line that was found good."""
# ruff: noqa: RUF001 -- typographic quotation marks are the subject

import re
from collections.abc import Mapping, Sequence

from bot.coach.grammar import Choice, Node, Quote, Seq, Text
from bot.coach.sentences import Sentences
from bot.coach.things import Thing
from bot.prose import Finding, FindingKind

# What a line does, and the words by which one sees that the letter has said so already.
_DEEDS = {
    "deed hold": r"attention|interest|curiosity|trust\b|\beye\b|focus|patience|imagination",
    "deed draw": r"\b(?:into|inside|toward)\b",
    "deed stay": r"\b(?:stays|lingers|remains|rests|travels)\b",
    "deed make": r"\b(?:makes?|keeps?|renders) (?:the|your|this) ",
    "deed give": r"picture|image of|glimpse|\bview|\bsense\b|impression",
}
# What a line lets one hear or smell, by a word of it that can mean little else.
_SENSES = {
    "deed hear": r"\b(?:hiss(?:ed|es)|bang(?:ed|s)|rattl(?:ed|es)|creak(?:ed|s)|click(?:ed|s)|clatter(?:ed|s)"
    r"|clank(?:ed|s)|thud(?:ded|s)|bark(?:ed|s)?|whistl(?:ed|es)|howl(?:ed|s)|scream(?:ed|s)|humm?(?:ed|s)"
    r"|buzz(?:ed|es)|rang|ring the bell|knock(?:ed|s)|slapped|noise|the horn)\b",
    "deed smell": r"\b(?:smell(?:ed|s|t)?|stank|stinks|reeked|reeks) of\b",
}
_THINGS_DO = {
    "things make": r"\b(?:makes?|keeps?|renders) (?:the|your|this) ",
    "things give": r"texture",
    "things hold": _DEEDS["deed hold"],
    "things draw": _DEEDS["deed draw"],
}
_REASONS = {
    FindingKind.STRENGTH_CONTRAST: "reason contrast",
    FindingKind.STRENGTH_OPENING: "reason opening",
    FindingKind.STRENGTH_VERB: "reason verb",
    FindingKind.STRENGTH_DIALOGUE: "reason dialogue",
}
_TWO, _THREE = 2, 3
_ENOUGH_FOR_THREE = 6
_MARKS = '“”"'


class Praises:
    """Builds grammars for praise.

    Args:
        sentences: The sentences that may be said.
    """

    def __init__(self, sentences: Sentences) -> None:
        self._sentences = sentences

    def of_line(self, rule: str, finding: Finding, own: Sequence[Thing], said: str) -> Node | None:
        """Praise one of the author's lines, quoted, and say why.

        Args:
            rule: `praise first` or `praise last`.
            finding: The line, and what was found good in it.
            own: The things that it names.
            said: The letter so far, which is not to be said again.
        """
        slots: dict[str, Node | None] = {"quote": Quote(short_quote(finding.quote))}
        if finding.subject:
            slots["word"] = Quote(finding.subject)
        if own:
            slots["own"] = one_of(own)
        else:
            slots["picture"] = None  # where nothing can be seen, there is no picture
        named = self._sentences.node("line" if own else "plain line", slots)
        if named is not None:
            slots["named"] = named
        deeds = self._deeds(slots, said)
        felt = self._felt(finding.quote, slots, said) or deeds
        slots["deed"] = Choice(tuple(felt.values()))
        slots["deeds"] = _two_of(felt, deeds)
        reason = self._sentences.node(_REASONS.get(finding.kind, "reason"), slots)
        if reason is None:
            return None
        return self._sentences.node(rule, slots | {"reason": reason})

    def _felt(self, quote: str, slots: Mapping[str, Node | None], said: str) -> dict[str, Node]:
        """Which sense the line reaches, where one of its words says so: no other line can be praised so."""
        felt = [name for name, word in _SENSES.items() if re.search(word, quote) and name[5:] not in said]
        nodes = {name: self._sentences.node(name, slots) for name in felt}
        return {name: node for name, node in nodes.items() if node is not None}

    def _deeds(self, slots: Mapping[str, Node | None], said: str) -> dict[str, Node]:
        """What the line does for a reader, but nothing that the letter has said before."""
        fresh = [name for name, mark in _DEEDS.items() if not re.search(mark, said)] or list(_DEEDS)
        nodes = {name: self._sentences.node(name, slots) for name in (*fresh, "deed own")}
        return {name: node for name, node in nodes.items() if node is not None}

    def of_things(self, things: Sequence[Thing], said: str) -> Node | None:
        """Praise two or three things of the scene, of the model's choosing, in their order."""
        parts = _THREE if len(things) >= _ENOUGH_FOR_THREE else _TWO
        size = len(things) // parts
        if not size:
            return None
        shown = [things[part * size : (part + 1) * size] for part in range(parts)]
        slots: dict[str, Node] = {"things1": one_of(shown[0])}
        for number, group in enumerate(shown[1:], start=2):
            # `the kettle, gloves and lamp`: one article for all.
            slots[f"things{number}"] = Choice(
                tuple(Text(thing.words.removeprefix("the ")) for thing in group)
            )
        return self._effect("praise things" if parts == _THREE else "praise two things", slots, said)

    def of_talk(self, said: str) -> Node | None:
        """Praise a scene that is carried by what its people say."""
        return self._effect("praise talk", {}, said)

    def _effect(self, rule: str, slots: Mapping[str, Node], said: str) -> Node | None:
        fresh = [name for name, mark in _THINGS_DO.items() if not re.search(mark, said)]
        effects = [node for name in fresh if (node := self._sentences.node(name, slots)) is not None]
        return self._sentences.node(rule, {**slots, "things_do": Choice(tuple(effects))})


def _two_of(first: Mapping[str, Node], second: Mapping[str, Node]) -> Choice:
    """Let the model say one of the first, alone or with one of the second that is not the same."""
    options: list[Node] = []
    for name, deed in first.items():
        others = tuple(other for other_name, other in second.items() if name != other_name != "deed own")
        options.append(
            Seq((deed, Choice((Text(""), Seq((Text("and"), Choice(others))))))) if others else deed
        )
    return Choice(tuple(options))


def one_of(things: Sequence[Thing]) -> Choice:
    """Let the model choose a thing."""
    return Choice(tuple(Text(thing.words) for thing in things))


def short_quote(quote: str) -> str:
    """Take the author's words as a quotation inside a sentence: no mark at the end that would end ours."""
    words = quote.strip().rstrip(".,;:—–- ")
    inner = words.strip(_MARKS)
    # Speech as a whole loses its marks; a tag's line (“Go,” he said) keeps those that it holds.
    if not set(_MARKS) & set(inner):
        words = inner.rstrip(".,;:—–- ")
    return words
