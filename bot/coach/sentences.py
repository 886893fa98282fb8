"""The sentences that a small model may say, read from `sentences.txt` (its notation is explained there)."""

import re
from collections.abc import Mapping
from pathlib import Path

from bot.coach.grammar import Choice, Node, Seq, Text

_RULE = re.compile(r"^([a-z0-9 _]+):\s*(.*)$")
_PART = re.compile(r"[()|]|\?(?=[\s)|]|$)|\$[a-z0-9_]+(?: [a-z]+)*|[^\s()|$]+")


class Sentences:
    """The rules of a file of sentences.

    Args:
        path: The file; None for the one that comes with the coach.
    """

    def __init__(self, path: Path | None = None) -> None:
        source = (path or Path(__file__).with_name("sentences.txt")).read_text(encoding="utf-8")
        self._rules = {name: _PART.findall(rule) for name, rule in _rules_of(source).items()}

    def __contains__(self, name: str) -> bool:
        return name in self._rules

    def node(self, name: str, slots: Mapping[str, Node | None]) -> Node | None:
        """Build a sentence's grammar.

        Args:
            name: The rule.
            slots: What this text hands in; None for what it does not have.

        Returns:
            The grammar, or None where the sentence needs something that this text does not have.

        Raises:
            KeyError: There is no such rule.
        """
        return _Builder(self._rules, slots).rule(name)


def _rules_of(source: str) -> dict[str, str]:
    rules: dict[str, str] = {}
    name = ""
    for line in source.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line.startswith(" "):
            rules[name] += " " + line.strip()
        elif match := _RULE.match(line):
            name = match[1]
            rules[name] = match[2]
    return rules


class _Builder:
    """Reads one rule and the rules that it names. A slot that is not there takes its option with it."""

    def __init__(self, rules: Mapping[str, list[str]], slots: Mapping[str, Node | None]) -> None:
        self._rules = rules
        self._slots = slots
        self._known: dict[str, Node | None] = {}

    def rule(self, name: str) -> Node | None:
        if name in self._slots:
            return self._slots[name]
        if name not in self._rules:
            return None if name in _SLOTS else self._unknown(name)
        if name not in self._known:
            node, rest = self._options(self._rules[name])
            if rest:
                raise ValueError(f"The sentence “{name}” has a bracket too many.")
            self._known[name] = node
        return self._known[name]

    def _options(self, parts: list[str]) -> tuple[Node | None, list[str]]:
        options: list[Node] = []
        while True:
            option, parts = self._sequence(parts)
            if option is not None:
                options.append(option)
            if not parts or parts[0] != "|":
                break
            parts = parts[1:]
        return (options[0] if len(options) == 1 else Choice(tuple(options)) if options else None), parts

    def _sequence(self, parts: list[str]) -> tuple[Node | None, list[str]]:
        nodes: list[Node] = []
        whole = True
        while parts and parts[0] not in {"|", ")"}:
            node, parts = self._part(parts)
            if parts and parts[0] == "?":
                parts = parts[1:]
                node = Choice((node, Text(""))) if node is not None else Text("")
            if node is None:
                whole = False
            else:
                nodes.append(node)
        if not whole:
            return None, parts
        return _joined(nodes), parts

    def _part(self, parts: list[str]) -> tuple[Node | None, list[str]]:
        first, rest = parts[0], parts[1:]
        if first == "(":
            node, rest = self._options(rest)
            if not rest or rest[0] != ")":
                raise ValueError("A bracket is not closed in the sentences.")
            return node, rest[1:]
        if first.startswith("$"):
            return self._named(first[1:], rest)
        return Text(first), rest

    def _named(self, name: str, rest: list[str]) -> tuple[Node | None, list[str]]:
        """A name may have several words; take the longest that is a rule or a slot, and leave the others."""
        words = name.split()
        for count in range(len(words), 0, -1):
            candidate = " ".join(words[:count])
            if candidate in self._rules or candidate in self._slots or candidate in _SLOTS:
                return self.rule(candidate), [*words[count:], *rest]
        return self._unknown(name), rest

    def _unknown(self, name: str) -> Node | None:
        raise KeyError(name)


_SLOTS = frozenset(
    {
        "quote",
        "word",
        "own",
        "things1",
        "things2",
        "things3",
        "deed",
        "deeds",
        "things_do",
        "reason",
        "said",
        "named",
    }
)


def _joined(nodes: list[Node]) -> Node:
    """Put neighbouring given words together."""
    joined: list[Node] = []
    for node in nodes:
        last = joined[-1] if joined else None
        if isinstance(node, Text) and isinstance(last, Text):
            joined[-1] = Text(f"{last.words} {node.words}".strip())
        else:
            joined.append(node)
    return joined[0] if len(joined) == 1 else Seq(tuple(joined))
