"""Discord's markdown as safe HTML.

What people and models write is data. The text is parsed into a small tree whose elements can only be those of
`Tag`, and everything else is escaped when the tree is written out; so no input can bring in an element, an
attribute or a script of its own.

The dialect is Discord's, which is not CommonMark: https://support.discord.com/hc/en-us/articles/210298617 and
https://docs.discord.com/developers/reference#message-formatting.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from bot.playground.page.moments import show_timestamp

MAX_DEPTH = 12
"""Marks nested deeper are shown as they were typed."""
MAX_ADDRESS = 2_048


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


class Names(Protocol):
    """Who and what stands behind the numbers in mentions, as one reader may know it; None for the unknown."""

    def user(self, user_id: int) -> str | None:
        """Give the name shown for a user."""

    def role(self, role_id: int) -> str | None:
        """Give the name of a role."""

    def channel(self, channel_id: int) -> str | None:
        """Give the name of a channel or thread."""


class NoNames:
    """Nobody is known."""

    def user(self, user_id: int) -> str | None:
        """Know no user."""

    def role(self, role_id: int) -> str | None:
        """Know no role."""

    def channel(self, channel_id: int) -> str | None:
        """Know no channel."""


def to_html(text: str, *, names: Names | None = None, now: datetime | None = None) -> str:
    """Give the text as HTML; line breaks stay as they are, so show it with `white-space: pre-wrap`.

    Args:
        text: what somebody wrote.
        names: what mentions are called; without it they are 'unknown'.
        now: the moment that relative timestamps count from; the present by default.
    """
    reader = _Reader(names or NoNames(), now or datetime.now(UTC))
    return _write(reader.blocks(text, 0))


def to_plain(text: str, *, names: Names | None = None) -> str:
    """Give the text without its marks and breaks, as a reply's one-line preview shows it."""
    reader = _Reader(names or NoNames(), datetime.now(UTC))
    return " ".join("".join(_words(reader.blocks(text, 0))).split())


def safe_link(url: str) -> str | None:
    """Give the address if a page may link to it: http or https, with a host, without anything odd in it."""
    if len(url) > MAX_ADDRESS or re.search(r"[\s\x00-\x20\x7f\"'<>`\\]", url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme.lower() in {"http", "https"} and host else None


# --- Blocks --------------------------------------------------------------------------------------

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
        self._names = names
        self._now = now

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
        return self.inline(text, depth) if text else ()

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
            return Element(_HEADINGS[len(match["level"])], self.inline(match["text"], depth + 1)), match.end()
        if match := _SUBTEXT.match(text, place):
            return Element(
                Tag.SMALL, self.inline(match["text"], depth + 1), {"class": "subtext"}
            ), match.end()
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
            items.append(_Item(len(match["indent"]), number, self.inline(match["text"], depth + 1)))
            end = match.end()
            if end >= len(text):
                break
        return _nested(items, depth), end

    # --- Inside a line ---------------------------------------------------------------------------

    def inline(self, text: str, depth: int) -> tuple[Node, ...]:
        """Read bold, links, mentions and the like."""
        if depth > MAX_DEPTH:
            return (text,)
        nodes: list[Node] = []
        plain: list[str] = []
        unclosed: set[str] = set()
        place = 0
        while place < len(text):
            special = _SPECIAL.search(text, place)
            if special is None:
                plain.append(text[place:])
                break
            plain.append(text[place : special.start()])
            place = special.start()
            found = self._inline_at(text, place, depth, unclosed)
            if found is None:
                plain.append(text[place])
                place += 1
                continue
            node, place = found
            if isinstance(node, str):
                plain.append(node)
            else:
                nodes += _joined(plain)
                plain.clear()
                nodes.append(node)
        nodes += _joined(plain)
        return tuple(nodes)

    def _inline_at(  # noqa: PLR0911 (one return a kind)
        self, text: str, place: int, depth: int, unclosed: set[str]
    ) -> tuple[Node, int] | None:
        match text[place]:
            case "\\":
                following = text[place + 1 : place + 2]
                return (following, place + 2) if following and following in _ESCAPABLE else None
            case "`":
                return _inline_code(text, place)
            case "<":
                return self._angled(text, place)
            case "[":
                return self._masked_link(text, place, depth)
            case "h" | "H":
                return _bare_link(text, place)
            case "@":
                match = _EVERYONE.match(text, place)
                return (_mention(match[0]), match.end()) if match else None
            case _:
                return self._marked(text, place, depth, unclosed)

    def _marked(self, text: str, place: int, depth: int, unclosed: set[str]) -> tuple[Node, int] | None:
        for mark, pattern, tag, attributes in _MARKS:
            if mark in unclosed or not text.startswith(mark, place):
                continue
            match = pattern.match(text, place)
            if match is None:
                # A longer mark that is not closed from here is closed from no later place either: without
                # this a text of nothing but marks would take quadratic time.
                if len(mark) > 1:
                    unclosed.add(mark)
                continue
            return Element(tag, self.inline(match["text"], depth + 1), attributes), match.end()
        return None

    def _masked_link(self, text: str, place: int, depth: int) -> tuple[Node, int] | None:
        match = _MASKED_LINK.match(text, place)
        if match is None or "://" in match["text"]:
            return None  # a name that looks like an address could lie about where it leads
        url = safe_link(match["url"] or match["angled"])
        return None if url is None else (_link(url, self.inline(match["text"], depth + 1)), match.end())

    def _angled(self, text: str, place: int) -> tuple[Node, int] | None:
        match = _ANGLED.match(text, place)
        if match is None:
            return None
        groups = match.groupdict()
        if (user := groups["user"]) is not None:
            node: Node = _mention(f"@{self._names.user(int(user)) or 'unknown-user'}")
        elif (role := groups["role"]) is not None:
            node = _mention(f"@{self._names.role(int(role)) or 'unknown-role'}")
        elif (channel := groups["channel"]) is not None:
            node = _place(int(channel), self._names.channel(int(channel)))
        elif (command := groups["command"]) is not None:
            node = _mention(f"/{command}")
        elif (emoji := groups["emoji"]) is not None:
            node = f":{emoji}:"
        elif (moment := groups["moment"]) is not None:
            shown = show_timestamp(int(moment), groups["style"] or "f", self._now)
            if shown is None:
                return None
            attributes = {"class": "moment", "datetime": shown.iso, "title": shown.full}
            node = Element(Tag.TIME, (shown.text,), attributes)
        else:
            url = safe_link(groups["url"])
            if url is None:
                return None
            node = _link(url, (url,))
        return node, match.end()


_SPECIAL = re.compile(r"[\\`<\[*_~|@]|[hH](?=[tT]{2}[pP][sS]?://)")
_ESCAPABLE = frozenset(r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~""")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")
_INLINE_CODE = re.compile(r"(?P<ticks>`{1,2})(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)", re.DOTALL)
_URL_TEXT = r"[hH][tT]{2}[pP][sS]?://[^\s<>\"'`\\]+"
_BARE_LINK = re.compile(_URL_TEXT)
_MASKED_LINK = re.compile(
    r"\[(?P<text>(?:[^\[\]\\\n]|\\.|\[[^\[\]\n]*\]){1,1000})\]\((?:<(?P<angled>[^\s<>]+)>|(?P<url>[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)?))\)"
)
_SNOWFLAKE = r"\d{1,20}"
_ANGLED = re.compile(
    rf"<(?:@!?(?P<user>{_SNOWFLAKE})|@&(?P<role>{_SNOWFLAKE})|#(?P<channel>{_SNOWFLAKE})"
    rf"|/(?P<command>[^\s:<>][^:<>\n]{{0,100}}):{_SNOWFLAKE}|a?:(?P<emoji>\w{{2,32}}):{_SNOWFLAKE}"
    rf"|t:(?P<moment>-?\d{{1,13}})(?::(?P<style>[tTdDfFsSR]))?|(?P<url>{_URL_TEXT}))>"
)
_BODY = r"(?P<text>(?:\\.|[^\\])+?)"
_EMPHASISED_BY_STAR = re.compile(
    r"\*(?=\S)(?P<text>(?:\*\*|\\.|\s+(?:\\.|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)", re.DOTALL
)
_EMPHASISED_BY_LINE = re.compile(
    r"(?<![A-Za-z0-9])_(?P<text>(?:__|\\.|[^\\_])+?)_(?![A-Za-z0-9_])", re.DOTALL
)
_MARKS: tuple[tuple[str, re.Pattern[str], Tag, Mapping[str, str]], ...] = (
    ("**", re.compile(rf"\*\*{_BODY}\*\*(?!\*)", re.DOTALL), Tag.STRONG, {}),
    ("__", re.compile(rf"__{_BODY}__(?!_)", re.DOTALL), Tag.UNDERLINE, {}),
    ("~~", re.compile(rf"~~{_BODY}~~", re.DOTALL), Tag.STRIKE, {}),
    ("||", re.compile(rf"\|\|{_BODY}\|\|", re.DOTALL), Tag.SPAN, {"class": "spoiler", "tabindex": "0"}),
    ("*", _EMPHASISED_BY_STAR, Tag.EMPHASIS, {}),
    ("_", _EMPHASISED_BY_LINE, Tag.EMPHASIS, {}),
)


def _joined(plain: list[str]) -> Iterator[Node]:
    text = "".join(plain)
    if text:
        yield text


def _mention(text: str) -> Element:
    return Element(Tag.SPAN, (text,), {"class": "mention"})


def _place(channel_id: int, name: str | None) -> Element:
    """Give the way to a channel or thread that the reader may know."""
    if name is None:
        return _mention("#unknown")
    opens = {"role": "link", "tabindex": "0", "data-act": "thread", "data-arg": str(channel_id)}
    return Element(Tag.SPAN, (f"#{name}",), {"class": "mention", **opens})


def _link(url: str, children: tuple[Node, ...]) -> Element:
    attributes = {"href": url, "title": url, "target": "_blank", "rel": "noopener noreferrer nofollow"}
    return Element(Tag.LINK, children, attributes)


def _bare_link(text: str, place: int) -> tuple[Node, int] | None:
    match = _BARE_LINK.match(text, place)
    if match is None:
        return None
    # Punctuation after an address is the sentence's, and so is a closing bracket that was not opened in it.
    address = match[0]
    while address[-1] in ".,:;!?*_~|" or (address[-1] == ")" and address.count(")") > address.count("(")):
        address = address[:-1]
    url = safe_link(address)
    return None if url is None else (_link(url, (url,)), place + len(address))


def _inline_code(text: str, place: int) -> tuple[Node, int] | None:
    if text[place - 1 : place] == "`":
        return None
    match = _INLINE_CODE.match(text, place)
    return (
        None
        if match is None
        else (Element(Tag.CODE, (match["code"].strip(" ") or match["code"],)), match.end())
    )


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


# --- Writing -------------------------------------------------------------------------------------


def _write(nodes: Iterable[Node]) -> str:
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


def _words(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        else:
            around = "" if node.tag in _WITHIN_A_LINE else " "
            yield around
            yield from _words(node.children)
            yield around


_WITHIN_A_LINE = frozenset(
    {Tag.LINK, Tag.CODE, Tag.EMPHASIS, Tag.STRIKE, Tag.SPAN, Tag.STRONG, Tag.TIME, Tag.UNDERLINE}
)
