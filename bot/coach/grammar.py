"""Sentences with open places: a grammar that binds a small model.

A 135M model writes fluent clauses and invents facts. So each sentence of its letter is bound by a grammar
that is built for the text at hand: quotations can only be the author's, a claim can only be one that was
measured, and the model chooses among many true ways to say it. `bot.coach.voices` counts what it chose.
"""
# ruff: noqa: RUF001 -- typographic quotation marks are the subject

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r"[^\s,;:.!?]+|[,;:.!?]")
PUNCTUATION = frozenset(",;:.!?")
_LONGEST_PLAIN_CHOICE = 8


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
                return _literal("".join(_spaced(token) for token in tokens_of(text)))
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
            for character in "".join(_spaced(token) for token in tokens_of(text)):
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


def tokens_of(text: str) -> list[str]:
    """Give the words of a part and the marks after them, each by itself."""
    return _TOKEN.findall(text)


def _spaced(token: str) -> str:
    return token if token in PUNCTUATION else " " + token
