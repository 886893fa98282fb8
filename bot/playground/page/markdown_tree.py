"""What markdown is read into, and how that is written out: as HTML, or as words alone."""

import html
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Tag(StrEnum):
    """Every element that can come out."""

    LINK = "a"
    QUOTE = "blockquote"
    CODE = "code"
    EMPHASIS = "em"
    HEADING_1 = "h1"
    HEADING_2 = "h2"
    HEADING_3 = "h3"
    ITEM = "li"
    ORDERED = "ol"
    FENCE = "pre"
    STRIKE = "s"
    SMALL = "small"
    SPAN = "span"
    STRONG = "strong"
    TIME = "time"
    UNDERLINE = "u"
    BULLETS = "ul"


@dataclass(frozen=True)
class Element:
    """An element with its children; attributes are ours, never the text's own."""

    tag: Tag
    children: "tuple[Node, ...]" = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


Node = Element | str


def write(nodes: Iterable[Node]) -> str:
    """Give nodes as HTML; all that is not an element of ours is escaped."""
    return "".join(_written(nodes))


def _written(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield html.escape(node)
        else:
            attributes = "".join(f' {name}="{html.escape(value)}"' for name, value in node.attributes.items())
            yield f"<{node.tag}{attributes}>"
            yield from _written(node.children)
            yield f"</{node.tag}>"


def words_of(nodes: Iterable[Node]) -> Iterator[str]:
    """Give the words of nodes, with a space around what does not stand within a line."""
    for node in nodes:
        if isinstance(node, str):
            yield node
        else:
            around = "" if node.tag in _WITHIN_A_LINE else " "
            yield around
            yield from words_of(node.children)
            yield around


_WITHIN_A_LINE = frozenset(
    {Tag.LINK, Tag.CODE, Tag.EMPHASIS, Tag.STRIKE, Tag.SPAN, Tag.STRONG, Tag.TIME, Tag.UNDERLINE}
)
