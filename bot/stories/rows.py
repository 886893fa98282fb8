"""The rows of stories, within a session that is open."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import DataKey, ForgottenError, Sealed
from bot.store.schema import StoryLinkRow, StoryReplyRow, StoryRow
from bot.stories.chatter import take_apart
from bot.stories.kept import ReplyState
from bot.stories.memory import Memo, Memory
from bot.stories.tree import NoSuchLinkError


def use(waiting: Sequence[StoryReplyRow], link: StoryLinkRow) -> None:
    """Make replies part of a link."""
    for row in waiting:
        row.link_id = link.id
        row.state = ReplyState.USED.value


def words_of(row: StoryReplyRow) -> str | None:
    """Give what somebody wrote; None where it was taken back, also if only their key is gone so far."""
    try:
        return row.text.text() if row.text is not None else None
    except ForgottenError:
        return None


def canon_of(row: StoryReplyRow) -> str:
    """Give the part of a reply that is story."""
    return take_apart(words_of(row) or "").canon


async def story_row(session: AsyncSession, story_id: int) -> StoryRow:
    """Find a story.

    Raises:
        NoSuchLinkError: It is not there, or not of this server.
    """
    row: StoryRow | None = await session.scalar(select(StoryRow).where(StoryRow.id == story_id))
    if row is None:
        raise NoSuchLinkError("There is no such story here.")
    return row


async def link_row(session: AsyncSession, link_id: int) -> StoryLinkRow | None:
    """Find a link."""
    row: StoryLinkRow | None = await session.scalar(select(StoryLinkRow).where(StoryLinkRow.id == link_id))
    return row


async def links_in(session: AsyncSession, story: StoryRow) -> Sequence[StoryLinkRow]:
    """Give the links of a story's tree, parents before children."""
    rows = await session.scalars(
        select(StoryLinkRow).where(StoryLinkRow.tree_id == story.tree_id).order_by(StoryLinkRow.id)
    )
    return rows.all()


async def story_with_links(
    session: AsyncSession, story_id: int, *which: ColumnElement[bool]
) -> tuple[StoryRow, list[StoryLinkRow]]:
    """Give a story and the links of its tree, parents before children; in one look, as each costs a turn.

    Args:
        session: The session.
        story_id: The story.
        which: What holds of the links that are wanted.

    Raises:
        NoSuchLinkError: The story is not there, or not of this server.
    """
    in_tree = and_(StoryLinkRow.tree_id == StoryRow.tree_id, *which)
    found = await session.execute(
        select(StoryRow, StoryLinkRow)
        .outerjoin(StoryLinkRow, in_tree)
        .where(StoryRow.id == story_id)
        .order_by(StoryLinkRow.id)
    )
    rows = found.all()
    if not rows:
        raise NoSuchLinkError("There is no such story here.")
    # A tree may have none of those that are wanted.
    links: list[StoryLinkRow | None] = [link for _, link in rows]
    return rows[0][0], [link for link in links if link is not None]


async def replies_in(session: AsyncSession, story: StoryRow) -> Sequence[StoryReplyRow]:
    """Give the replies that are in the links of a story's tree, in the order in which they were written."""
    rows = await session.scalars(
        select(StoryReplyRow)
        .where(
            StoryReplyRow.link_id == StoryLinkRow.id,
            StoryLinkRow.tree_id == story.tree_id,
            StoryReplyRow.state == ReplyState.USED.value,
        )
        .order_by(StoryReplyRow.message_id)
    )
    return rows.all()


def sealed_memory(key: DataKey, memory: Memory, memo: Memo | None) -> Sealed:
    """Give the memory after a link as it is kept."""
    content = {"memory": memory.to_json(), "memo": asdict(memo) if memo is not None else None}
    return key.seal(json.dumps(content))


async def reply_row(session: AsyncSession, message_id: int) -> StoryReplyRow | None:
    """Find what came as a message."""
    row: StoryReplyRow | None = await session.scalar(
        select(StoryReplyRow).where(StoryReplyRow.message_id == message_id)
    )
    return row


async def made_by(session: AsyncSession, tree_id: int, work: str) -> StoryLinkRow | None:
    """Find the link that a piece of work made in a tree."""
    row: StoryLinkRow | None = await session.scalar(
        select(StoryLinkRow).where(StoryLinkRow.tree_id == tree_id, StoryLinkRow.made_by == work)
    )
    return row


async def waiting_in(session: AsyncSession, story_id: int) -> Sequence[StoryReplyRow]:
    """Give the replies that are in no link yet, in the order in which they were written."""
    rows = await session.scalars(
        select(StoryReplyRow)
        .where(StoryReplyRow.story_id == story_id, StoryReplyRow.state == ReplyState.WAITING.value)
        .order_by(StoryReplyRow.message_id)
    )
    return rows.all()


async def forget_memory_from(session: AsyncSession, story: StoryRow, link_id: int) -> None:
    """Drop the memory of a link and of all behind it: it knew words that have changed."""
    stale = {link_id}
    for row in await links_in(session, story):
        if row.id == link_id or row.parent_id in stale:
            stale.add(row.id)
            row.memory = None
