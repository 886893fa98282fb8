"""Putting links together from their rows."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bot.store.errors import ForgottenError
from bot.store.schema import StoryLinkRow, StoryReplyRow
from bot.stories.chatter import take_apart
from bot.stories.measures import Measures
from bot.stories.memory import Memo, Memory
from bot.stories.tree import Author, Link


def links_of(links: Sequence[StoryLinkRow], replies: Sequence[StoryReplyRow]) -> Mapping[int, Link]:
    """Give the links of a tree, parents before children.

    Args:
        links: Their rows, in the order of their making.
        replies: What people wrote in them, in the order of its coming.
    """
    said: dict[int, list[StoryReplyRow]] = {}
    for reply in replies:
        if reply.link_id is not None:
            said.setdefault(reply.link_id, []).append(reply)
    found = {row.id: _human(row, said.get(row.id, [])) if row.human else _told(row) for row in links}
    return MappingProxyType(found)


def _human(row: StoryLinkRow, replies: Sequence[StoryReplyRow]) -> Link:
    """Put a turn together; who took their words back is missing in it, and the others stay."""
    texts: list[str] = []
    notes: list[str] = []
    authors: dict[int, Author] = {}
    for reply in replies:
        if reply.text is None or reply.name is None:
            continue
        try:
            parts, name = take_apart(reply.text.text()), reply.name.text()
        except ForgottenError:
            continue
        notes.extend(parts.notes)
        if parts.canon:
            texts.append(parts.canon)
            authors.setdefault(reply.member_id, Author(reply.member_id, name))
    # A turn of which nothing is left still is a turn of people.
    wrote = tuple(authors.values()) or (Author(0, ""),)
    memory, memo = _memory(row)
    return Link(
        id=row.id,
        parent_id=row.parent_id,
        text="\n\n".join(texts),
        authors=wrote,
        notes=tuple(notes),
        memory=memory,
        memo=memo,
    )


def _told(row: StoryLinkRow) -> Link:
    about = json.loads(row.about.text()) if row.about is not None else {}
    measured = about.get("measures")
    memory, memo = _memory(row)
    return Link(
        id=row.id,
        parent_id=row.parent_id,
        text=row.text.text() if row.text is not None else "",
        memory=memory,
        memo=memo,
        measures=Measures(**measured) if measured else None,
        card=about.get("card"),
    )


def _memory(row: StoryLinkRow) -> tuple[Memory | None, Memo | None]:
    if row.memory is None:
        return None, None
    kept = json.loads(row.memory.text())
    return Memory.from_json(kept["memory"]), Memo(**kept["memo"]) if kept["memo"] else None
