"""Whose word it is in an answer that a grammar bound: counted word by word, and not asserted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.coach.grammar import PUNCTUATION, Choice, Node, Quote, Seq, Text, tokens_of


class Voice(StrEnum):
    """Whose word it is in a letter."""

    MODEL = "model"
    GIVEN = "given"
    AUTHOR = "author"


@dataclass(frozen=True)
class Spoken:
    """One word of an answer.

    Attributes:
        word: As it stands, without the punctuation after it.
        voice: The author's inside a quotation; else the model's where it had `open_ways` or more words to
        choose
            from; else given by us.
        ways: How many different words the grammar allowed at this place.
    """

    word: str
    voice: Voice
    ways: int


def spoken(node: Node, text: str, *, open_ways: int) -> tuple[Spoken, ...] | None:
    """Tell for every word of an answer whose it is.

    Args:
        node: The grammar that bound the answer.
        text: The answer.
        open_ways: From how many different words at its place on a word counts as the model's.

    Returns:
        The words in order (punctuation is nobody's), or None where the grammar does not produce the text.
    """
    ways_on: list[_Rest] = [(node, None)]
    said: list[Spoken] = []
    position = 0
    text = " ".join(text.split())
    while position < len(text):
        if text[position] == " ":
            position += 1
            continue
        nexts: dict[_Label, list[_Rest]] = {}
        for rest in ways_on:
            _next_words(rest, nexts)
        fitting = [label for label in nexts if _stands_at(label.text, text, position)]
        if not fitting:
            return None
        label = max(fitting, key=lambda one: len(one.text))
        ways_on = nexts[label]
        position += len(label.text)
        if label.text in PUNCTUATION:
            continue
        ways = len({one.text for one in nexts if one.text not in PUNCTUATION})
        if label.author:
            said.extend(Spoken(word, Voice.AUTHOR, ways) for word in label.text.split())
        else:
            voice = Voice.MODEL if ways >= open_ways else Voice.GIVEN
            said.append(Spoken(label.text, voice, ways))
    return tuple(said) if any(_may_end(rest) for rest in ways_on) else None


def _stands_at(token: str, text: str, position: int) -> bool:
    if not text.startswith(token, position):
        return False
    end = position + len(token)
    return end == len(text) or text[end] in PUNCTUATION or text[end] == " " or token in PUNCTUATION


@dataclass(frozen=True)
class _Label:
    text: str
    author: bool = False


_Rest = tuple[Node, "_Rest"] | None
"""What is still to be said: a part, and what comes after it."""


def _next_words(rest: _Rest, found: dict[_Label, list[_Rest]]) -> None:
    """Collect every word that may come next, each with what comes after it; only as far as the next word."""
    if rest is None:
        return
    node, after = rest
    match node:
        case Text(words=text):
            first, *others = tokens_of(text) or [""]
            if not first:
                _next_words(after, found)
            else:
                found.setdefault(_Label(first), []).append(
                    (Text(" ".join(others)), after) if others else after
                )
        case Quote():
            found.setdefault(_Label(node.marked, author=True), []).append(after)
        case Seq(parts=parts):
            for part in reversed(parts):
                after = (part, after)
            _next_words(after, found)
        case Choice(options=options):
            for option in options:
                _next_words((option, after), found)


def _may_end(rest: _Rest) -> bool:
    if rest is None:
        return True
    node, after = rest
    match node:
        case Text(words=text):
            return not text.strip() and _may_end(after)
        case Quote():
            return False
        case Seq(parts=parts):
            for part in reversed(parts):
                after = (part, after)
            return _may_end(after)
        case Choice(options=options):
            return any(_may_end((option, after)) for option in options)
