"""From rows to what they stand for."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bot.store.errors import ForgottenError
from bot.store.schema import StoryLinkRow, StoryReplyRow, StoryRow
from bot.stories.aims import Aim
from bot.stories.chatter import take_apart
from bot.stories.kept import About, Draft, Story
from bot.stories.measures import Measures
from bot.stories.memory import Memo, Memory
from bot.stories.tree import Author, Link


def story_of(row: StoryRow) -> Story:
    """Give a story without its words."""
    return Story(
        id=row.id,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        thread_id=row.thread_id,
        started_by=row.started_by,
        title=row.title.text(),
        head_id=row.head_id,
        working=row.working,
        working_for=row.working_for,
        ended=row.ended_at is not None,
    )


def draft_of(row: StoryLinkRow) -> Draft:
    """Give a link of the storyteller's."""
    ids = tuple(int(each) for each in (row.message_ids or "").split(",") if each)
    return Draft(row.id, _text(row), _about(row), ids, row.made_at)


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
    about = _about(row)
    memory, memo = _memory(row)
    return Link(
        id=row.id,
        parent_id=row.parent_id,
        text=_text(row),
        memory=memory,
        memo=memo,
        measures=about.measures,
        card=about.card,
    )


def _text(row: StoryLinkRow) -> str:
    return row.text.text() if row.text is not None else ""


def _about(row: StoryLinkRow) -> About:
    kept = json.loads(row.about.text()) if row.about is not None else {}
    measured = kept.get("measures")
    return About(
        card=kept.get("card"),
        measures=Measures(**measured) if measured else None,
        event=kept.get("event", ""),
        label=kept.get("label"),
        aim=Aim(kept.get("aim", Aim.LINK)),
        behind_an_end=kept.get("behind_an_end", False),
    )


def _memory(row: StoryLinkRow) -> tuple[Memory | None, Memo | None]:
    if row.memory is None:
        return None, None
    kept = json.loads(row.memory.text())
    return Memory.from_json(kept["memory"]), Memo(**kept["memo"]) if kept["memo"] else None
