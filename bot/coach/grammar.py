"""Sentences with open places: a grammar that binds a small model and knows who said what.

A 135M model writes fluent clauses and invents facts. So each sentence of its letter is bound by a grammar
that is built for the text at hand: quotations can only be the author's, a claim can only be one that was
measured,
and the model chooses among many true ways to say it. The same grammar then tells, word by word, how many
ways were
open when the model chose, so that its share of a letter is counted and not asserted.
"""
# ruff: noqa: RUF001 -- typographic quotation marks are the subject

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_TOKEN = re.compile(r"[^\s,;:.!?]+|[,;:.!?]")
_PUNCTUATION = frozenset(",;:.!?")
_LONGEST_PLAIN_CHOICE = 8


class Voice(StrEnum):
    """Whose word it is in a letter."""

    MODEL = "model"
    GIVEN = "given"
    AUTHOR = "author"


@dataclass(frozen=True)
class Text:
    """Words that stand as they are: given by us."""

    words: str


@dataclass(frozen=True)
class Quote:
    """The author's exact words, in quotation marks that the reader sees."""

    words: str

    @property
    def marked(self) -> str:
        """The words as they stand in the letter; quotation marks inside become single ones."""
        words = re.sub(r'[“"](?=\w)', "‘", " ".join(self.words.split()))
        return "“" + re.sub(r'[”“"]', "’", words) + "”"


@dataclass(frozen=True)
class Seq:
    """Parts that follow one another."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    """One of several parts, of the model's choosing."""

    options: tuple[Node, ...]


Node = Text | Quote | Seq | Choice


def seq(*parts: Node | str) -> Seq:
    """Put parts one after another; a string is given words."""
    return Seq(tuple(_node(part) for part in parts))


def choice(*options: Node | str) -> Choice:
    """Let the model choose one."""
    return Choice(tuple(_node(option) for option in options))


def words(text: str) -> Choice:
    """Let the model choose one of the words of a string; `_` stands for a space inside one option."""
    return choice(*(word.replace("_", " ") for word in text.split()))


def maybe(*parts: Node | str) -> Choice:
    """Let the model say it or leave it."""
    return choice(seq(*parts), Text(""))


def _node(part: Node | str) -> Node:
    return Text(part) if isinstance(part, str) else part


# For the server: GBNF.


def gbnf(node: Node) -> str:
    """Write the grammar as llama.cpp reads it. Each word carries the space before it."""
    writer = _Writer()
    root = writer.expression(node)
    return (
        "\n".join([f"root ::= {root}", *(f"{name} ::= {body}" for body, name in writer.rules.items())]) + "\n"
    )


class _Writer:
    """Writes each part once, however often it is used: a rule of the file is shared by many sentences."""

    def __init__(self) -> None:
        self.rules: dict[str, str] = {}  # body to name
        self._written: dict[int, str] = {}

    def expression(self, node: Node) -> str:
        if id(node) not in self._written:
            self._written[id(node)] = self._expression(node)
        return self._written[id(node)]

    def _expression(self, node: Node) -> str:
        match node:
            case Text(words=text):
                return _literal("".join(_spaced(token) for token in _tokens(text)))
            case Quote():
                return _literal(" " + node.marked)
            case Seq(parts=parts):
                return " ".join(self.expression(part) for part in parts) or '""'
            case Choice(options=options):
                return self._rule(self._choice(options))

    def _choice(self, options: tuple[Node, ...]) -> str:
        plain = [option.words for option in options if isinstance(option, Text)]
        if not len(plain) == len(options) > _LONGEST_PLAIN_CHOICE:
            return " | ".join(self.expression(option) for option in options)
        # A long list as a tree: the server follows a handful of branches instead of a hundred.
        tree: dict[str, Any] = {}
        for text in plain:
            branch = tree
            for character in "".join(_spaced(token) for token in _tokens(text)):
                branch = branch.setdefault(character, {})
            branch[""] = {}
        return self._tree(tree)

    def _tree(self, tree: dict[str, Any]) -> str:
        branches = []
        for character, below in sorted(tree.items()):
            text, rest = character, below
            while len(rest) == 1 and "" not in rest:
                ((further, rest),) = rest.items()
                text += further
            if not rest or set(rest) == {""}:
                branches.append(_literal(text))
            else:
                branches.append(f"{_literal(text)} {self._rule(self._tree(rest))}")
        return " | ".join(branches)

    def _rule(self, body: str) -> str:
        return self.rules.setdefault(body, f"r{len(self.rules)}")


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# For us: who said which word.


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
        if label.text in _PUNCTUATION:
            continue
        ways = len({one.text for one in nexts if one.text not in _PUNCTUATION})
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
    return end == len(text) or text[end] in _PUNCTUATION or text[end] == " " or token in _PUNCTUATION


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
            first, *others = _tokens(text) or [""]
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


def longest_quotation(node: Node) -> int:
    """How many characters the longest quotation has that the grammar could produce."""
    match node:
        case Quote(words=quoted):
            return len(quoted)
        case Seq(parts=parts) | Choice(options=parts):
            return max((longest_quotation(part) for part in parts), default=0)
        case _:
            return 0


def without(node: Node, used: frozenset[str]) -> Node:
    """Take used words out of the choices, unless a choice would have too few left."""
    return _Without(used).of(node)


class _Without:
    """Makes each part once, so that what was shared stays shared."""

    def __init__(self, used: frozenset[str]) -> None:
        self._used = used
        self._made: dict[int, Node] = {}

    def of(self, node: Node) -> Node:
        if id(node) not in self._made:
            self._made[id(node)] = self._of(node)
        return self._made[id(node)]

    def _of(self, node: Node) -> Node:
        match node:
            case Seq(parts=parts):
                return Seq(tuple(self.of(part) for part in parts))
            case Choice(options=options):
                fresh = tuple(
                    one for one in options if not (isinstance(one, Text) and one.words.lower() in self._used)
                )
                return Choice(
                    tuple(self.of(one) for one in (fresh if len(fresh) >= _FEWEST_LEFT else options))
                )
            case _:
                return node


_FEWEST_LEFT = 3


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _spaced(token: str) -> str:
    return token if token in _PUNCTUATION else " " + token
