"""Discord's markdown as safe HTML.

What people and models write is data. The text is parsed into a small tree whose elements can only be those of
`Tag`, and everything else is escaped when the tree is written out; so no input can bring in an element, an
attribute or a script of its own. Here is what begins a line; `markdown_inline` reads what stands within one.

The dialect is Discord's, which is not CommonMark: https://support.discord.com/hc/en-us/articles/210298617 and
https://docs.discord.com/developers/reference#message-formatting.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.playground.page.markdown_inline import MAX_DEPTH, InlineReader, Names, NoNames
from bot.playground.page.markdown_tree import Element, Node, Tag, words_of, write


def to_html(text: str, *, names: Names | None = None, now: datetime | None = None) -> str:
    """Give the text as HTML; line breaks stay as they are, so show it with `white-space: pre-wrap`.

    Args:
        text: what somebody wrote.
        names: what mentions are called; without it they are 'unknown'.
        now: the moment that relative timestamps count from; the present by default.
    """
    reader = _Reader(names or NoNames(), now or datetime.now(UTC))
    return write(reader.blocks(text, 0))


def to_plain(text: str, *, names: Names | None = None) -> str:
    """Give the text without its marks and breaks, as a reply's one-line preview shows it."""
    reader = _Reader(names or NoNames(), datetime.now(UTC))
    return " ".join("".join(words_of(reader.blocks(text, 0))).split())


_FENCE = re.compile(r"```(?:(?P<language>[A-Za-z0-9_+\-.#]+)\n)?\n*(?P<code>[^\n](?:.*?))\n*```", re.DOTALL)
_HEADING = re.compile(r"(?P<level>#{1,3}) +(?P<text>[^\n]*\S)[^\n\S]*")
_SUBTEXT = re.compile(r"-# +(?P<text>[^\n]*\S)[^\n\S]*")
_QUOTED = re.compile(r"> (?P<text>[^\n]*)|>(?=\n|$)")
_QUOTED_REST = re.compile(r">>> (?P<text>.*)", re.DOTALL)
_ITEM = re.compile(r"(?P<indent> {0,20})(?:[-*]|(?P<number>\d{1,9})\.) +(?P<text>[^\n]*\S)[^\n\S]*")
_HEADINGS = {1: Tag.HEADING_1, 2: Tag.HEADING_2, 3: Tag.HEADING_3}


@dataclass
class _Item:
    indent: int
    number: int | None
    content: tuple[Node, ...]


class _Reader:
    """Turns text into nodes; one for each text, since it remembers nothing else."""

    def __init__(self, names: Names, now: datetime) -> None:
        self._inline = InlineReader(names, now)

    def blocks(self, text: str, depth: int) -> tuple[Node, ...]:
        """Read what can stand at the start of a line, and the paragraphs between."""
        if depth > MAX_DEPTH:
            return (text,)
        nodes: list[Node] = []
        place = paragraph = 0
        while place < len(text):
            found = self._block(text, place, depth)
            if found is None:
                place, fence = self._next_line_or_fence(text, place)
                if fence is None:
                    continue
                found = _code_block(fence), fence.end()
            node, end = found
            start = place
            nodes += self._paragraph(text[paragraph:start], depth, before_block=True)
            nodes.append(node)
            # The break that ends a block belongs to the block.
            place = paragraph = end + 1 if text[end : end + 1] == "\n" else end
        nodes += self._paragraph(text[paragraph:], depth, before_block=False)
        return tuple(nodes)

    def _paragraph(self, text: str, depth: int, *, before_block: bool) -> tuple[Node, ...]:
        if before_block and text.endswith("\n"):
            text = text[:-1]
        return self._inline.read(text, depth) if text else ()

    def _next_line_or_fence(self, text: str, place: int) -> tuple[int, re.Match[str] | None]:
        """Go on to the next line, or to a code fence that begins before it."""
        newline = text.find("\n", place)
        line_end = len(text) if newline < 0 else newline
        opening = text.find("```", place, line_end + 3)
        while 0 <= opening < line_end:
            fence = _FENCE.match(text, opening)
            if fence is None:
                break
            if not text[:opening].endswith("\\"):
                return opening, fence
            opening = text.find("```", opening + 1, line_end + 3)
        return line_end + 1, None

    def _block(self, text: str, place: int, depth: int) -> tuple[Element, int] | None:  # noqa: PLR0911 (one a kind)
        if text[place : place + 1] not in "#->* 0123456789":
            return None
        if match := _QUOTED_REST.match(text, place):
            return Element(Tag.QUOTE, self.blocks(match["text"], depth + 1)), match.end()
        if _QUOTED.match(text, place):
            return self._quote(text, place, depth)
        if match := _HEADING.match(text, place):
            words = self._inline.read(match["text"], depth + 1)
            return Element(_HEADINGS[len(match["level"])], words), match.end()
        if match := _SUBTEXT.match(text, place):
            words = self._inline.read(match["text"], depth + 1)
            return Element(Tag.SMALL, words, {"class": "subtext"}), match.end()
        if _ITEM.match(text, place):
            return self._list(text, place, depth)
        return None

    def _quote(self, text: str, place: int, depth: int) -> tuple[Element, int]:
        lines: list[str] = []
        end = place
        while match := _QUOTED.match(text, end if not lines else end + 1):
            lines.append(match["text"] or "")
            end = match.end()
            if end >= len(text):
                break
        return Element(Tag.QUOTE, self.blocks("\n".join(lines), depth + 1)), end

    def _list(self, text: str, place: int, depth: int) -> tuple[Element, int]:
        items: list[_Item] = []
        end = place
        while match := _ITEM.match(text, end if not items else end + 1):
            number = None if match["number"] is None else int(match["number"])
            # Bullets after numbers are a list of their own.
            if (
                items
                and len(match["indent"]) <= items[0].indent
                and (number is None) != (items[0].number is None)
            ):
                break
            items.append(_Item(len(match["indent"]), number, self._inline.read(match["text"], depth + 1)))
            end = match.end()
            if end >= len(text):
                break
        return _nested(items, depth), end


def _code_block(fence: re.Match[str]) -> Element:
    return Element(Tag.FENCE, (Element(Tag.CODE, (fence["code"],)),))


def _nested(items: list[_Item], depth: int) -> Element:
    """Build a list, with the items that are indented further in lists of their own."""
    base = items[0].indent
    entries: list[Node] = []
    place = 0
    while place < len(items):
        item = items[place]
        inner = place + 1
        while inner < len(items) and items[inner].indent > base:
            inner += 1
        content = item.content
        if inner > place + 1 and depth < MAX_DEPTH:
            content = (*content, _nested(items[place + 1 : inner], depth + 1))
            place = inner
        else:
            place += 1
        entries.append(Element(Tag.ITEM, content))
    first = items[0].number
    if first is None:
        return Element(Tag.BULLETS, tuple(entries))
    return Element(Tag.ORDERED, tuple(entries), {"start": str(first)})
