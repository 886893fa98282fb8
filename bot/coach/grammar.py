"""Sentences with open places: a grammar that binds a small model and knows who said what.

A 135M model writes fluent clauses and invents facts. So each sentence of its letter is bound by a grammar
that is built for the text at hand: quotations can only be the author's, a claim can only be one that was
measured,
and the model chooses among many true ways to say it. The same grammar then tells, word by word, how many
ways were
open when the model chose, so that its share of a letter is counted and not asserted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

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
        return "“" + re.sub(r"[“”\"]", "'", " ".join(self.words.split())) + "”"


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
    """Let the model choose one; equal options are offered once."""
    return Choice(tuple(dict.fromkeys(_node(option) for option in options)))


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
    rules: dict[str, str] = {}
    root = _gbnf(node, rules)
    lines = [f"root ::= {root}", *(f"{name} ::= {body}" for name, body in rules.items())]
    return "\n".join(lines) + "\n"


def _gbnf(node: Node, rules: dict[str, str]) -> str:
    match node:
        case Text(words=text):
            return _literal("".join(_spaced(token) for token in _tokens(text)))
        case Quote():
            return _literal(" " + node.marked)
        case Seq(parts=parts):
            return " ".join(_gbnf(part, rules) for part in parts) or '""'
        case Choice(options=options):
            return _choice(options, rules)


def _choice(options: tuple[Node, ...], rules: dict[str, str]) -> str:
    plain = [option.words for option in options if isinstance(option, Text)]
    if len(plain) == len(options) > _LONGEST_PLAIN_CHOICE:
        # A long list as a trie: the server follows a handful of branches instead of a hundred.
        tree: dict[str, object] = {}
        for text in plain:
            branch = tree
            for character in "".join(_spaced(token) for token in _tokens(text)):
                branch = branch.setdefault(character, {})  # type: ignore[assignment]  # a tree of such trees
            branch[""] = {}
        body = _trie(tree, rules)
    else:
        body = " | ".join(_gbnf(option, rules) for option in options)
    return _rule(body, rules)


def _trie(tree: Mapping[str, object], rules: dict[str, str]) -> str:
    branches = []
    for character, below in sorted(tree.items()):
        text, rest = character, below
        while isinstance(rest, Mapping) and len(rest) == 1 and "" not in rest:
            ((further, rest),) = rest.items()
            text += further
        if not isinstance(rest, Mapping) or not rest or set(rest) == {""}:
            branches.append(_literal(text))
        else:
            branches.append(f"{_literal(text)} {_rule(_trie(rest, rules), rules)}")
    return " | ".join(branches)


def _rule(body: str, rules: dict[str, str]) -> str:
    for name, known in rules.items():
        if known == body:
            return name
    name = f"r{len(rules)}"
    rules[name] = body
    return name


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
    machine = _Machine(node)
    states = machine.closure({machine.start})
    said: list[Spoken] = []
    position = 0
    text = " ".join(text.split())
    while position < len(text):
        if text[position] == " ":
            position += 1
            continue
        nexts = {label for state in states for label in machine.edges.get(state, {})}
        fitting = [label for label in nexts if _stands_at(label.text, text, position)]
        if not fitting:
            return None
        label = max(fitting, key=lambda one: len(one.text))
        states = machine.closure(
            {to for state in states for to in machine.edges.get(state, {}).get(label, ())}
        )
        position += len(label.text)
        if label.text in _PUNCTUATION:
            continue
        ways = len({one.text for one in nexts if one.text not in _PUNCTUATION})
        if label.author:
            said.extend(Spoken(word, Voice.AUTHOR, ways) for word in label.text.split())
        else:
            voice = Voice.MODEL if ways >= open_ways else Voice.GIVEN
            said.append(Spoken(label.text, voice, ways))
    return tuple(said) if machine.end in states else None


def _stands_at(token: str, text: str, position: int) -> bool:
    if not text.startswith(token, position):
        return False
    end = position + len(token)
    return end == len(text) or text[end] in _PUNCTUATION or text[end] == " " or token in _PUNCTUATION


@dataclass(frozen=True)
class _Label:
    text: str
    author: bool = False


class _Machine:
    """The grammar as a machine over words, to be walked along an answer."""

    def __init__(self, node: Node) -> None:
        self.edges: dict[int, dict[_Label, set[int]]] = {}
        self._free: dict[int, set[int]] = {}
        self._states = 1
        self.start = 0
        self.end = self._build(node, self.start)

    def closure(self, states: Iterable[int]) -> set[int]:
        """Add every state that is reached without a word."""
        reached, waiting = set(states), list(states)
        while waiting:
            for state in self._free.get(waiting.pop(), ()):
                if state not in reached:
                    reached.add(state)
                    waiting.append(state)
        return reached

    def _new(self) -> int:
        self._states += 1
        return self._states - 1

    def _step(self, state: int, label: _Label) -> int:
        to = self._new()
        self.edges.setdefault(state, {}).setdefault(label, set()).add(to)
        return to

    def _build(self, node: Node, state: int) -> int:
        match node:
            case Text(words=text):
                for token in _tokens(text):
                    state = self._step(state, _Label(token))
                return state
            case Quote():
                return self._step(state, _Label(node.marked, author=True))
            case Seq(parts=parts):
                for part in parts:
                    state = self._build(part, state)
                return state
            case Choice(options=options):
                end = self._new()
                for option in options:
                    self._free.setdefault(self._build(option, state), set()).add(end)
                return end


def leaves(node: Node) -> Iterator[Text | Quote]:
    """Walk over every text and quotation that the grammar could produce."""
    match node:
        case Text() | Quote():
            yield node
        case Seq(parts=parts) | Choice(options=parts):
            for part in parts:
                yield from leaves(part)


def without(node: Node, used: frozenset[str]) -> Node:
    """Take used words out of the choices, unless a choice would have too few left."""
    match node:
        case Seq(parts=parts):
            return Seq(tuple(without(part, used) for part in parts))
        case Choice(options=options):
            fresh = tuple(
                option
                for option in options
                if not (isinstance(option, Text) and option.words.lower() in used)
            )
            kept = fresh if len(fresh) >= _FEWEST_LEFT else options
            return Choice(tuple(without(option, used) for option in kept))
        case _:
            return node


_FEWEST_LEFT = 3


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _spaced(token: str) -> str:
    return token if token in _PUNCTUATION else " " + token
