"""Discord's markdown within a line: bold, links, mentions and the like."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from bot.playground.page.markdown_tree import Element, Node, Tag
from bot.playground.page.moments import show_timestamp

MAX_DEPTH = 12
"""Marks nested deeper are shown as they were typed."""
_MAX_ADDRESS = 2_048


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


def safe_link(url: str) -> str | None:
    """Give the address if a page may link to it: http or https, with a host, without anything odd in it."""
    if len(url) > _MAX_ADDRESS or re.search(r"[\s\x00-\x20\x7f\"'<>`\\]", url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme.lower() in {"http", "https"} and host else None


class InlineReader:
    """Turns what stands within a line into nodes; remembers nothing of it.

    Args:
        names: What mentions are called.
        now: The moment that relative timestamps count from.
    """

    def __init__(self, names: Names, now: datetime) -> None:
        self._names = names
        self._now = now

    def read(self, text: str, depth: int) -> tuple[Node, ...]:
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
            found = self._read_at(text, place, depth, unclosed)
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

    def _read_at(  # noqa: PLR0911 (one return a kind)
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
            return Element(tag, self.read(match["text"], depth + 1), attributes), match.end()
        return None

    def _masked_link(self, text: str, place: int, depth: int) -> tuple[Node, int] | None:
        match = _MASKED_LINK.match(text, place)
        if match is None or "://" in match["text"]:
            return None  # a name that looks like an address could lie about where it leads
        url = safe_link(match["url"] or match["angled"])
        return None if url is None else (_link(url, self.read(match["text"], depth + 1)), match.end())

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
