"""What the storyteller writes: kept before it is posted, found again afterwards, and where it stands."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import Store
from bot.store.schema import StoryLinkRow
from bot.stories.kept import Draft, NewDraft, Story
from bot.stories.rows import (
    canon_of,
    link_row,
    made_by,
    sealed_memory,
    story_row,
    story_with_links,
    use,
    waiting_in,
)
from bot.stories.shelving import draft_of, story_of
from bot.stories.tree import NoSuchLinkError


class Drafts:
    """Keeps the storyteller's links, sealed with the server's key.

    Args:
        store: The database.
        now: The moment, in UTC.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def keep(self, guild_id: int, story_id: int, work: str, draft: NewDraft, *, join: bool) -> bool:
        """Keep what the storyteller wrote before it is posted; once for each piece of work.

        Args:
            guild_id: The server.
            story_id: The story.
            work: Names the draft.
            draft: What was written.
            join: Whether what came meanwhile belongs to the turn that it answers.

        Returns:
            Whether it still answers its turn; see `still_fits`.

        Raises:
            NoSuchLinkError: There is no such turn.
        """
        key = await self._store.keys.guild(guild_id)
        async with self._store.session(guild=guild_id) as session:
            parent = await link_row(session, draft.parent_id)
            if parent is None:
                raise NoSuchLinkError("That part is not in this story any more.")
            if draft.memory is not None:
                parent.memory = sealed_memory(key, *draft.memory)
            if await made_by(session, parent.tree_id, work) is None:
                session.add(
                    StoryLinkRow(
                        guild_id=guild_id,
                        tree_id=parent.tree_id,
                        parent_id=parent.id,
                        made_by=work,
                        human=False,
                        text=key.seal(draft.text),
                        about=key.seal(json.dumps(asdict(draft.about))),
                        made_at=self._now(),
                    )
                )
            return await _still_fits(session, story_id, parent, join=join)

    async def still_fits(self, guild_id: int, story_id: int, link_id: int, *, join: bool) -> bool:
        """Tell whether what was written for a turn still answers it: nobody has changed it since.

        Args:
            guild_id: The server.
            story_id: The story.
            link_id: The turn.
            join: Whether what came meanwhile belongs to it, so that it is another one.
        """
        async with self._store.session(guild=guild_id) as session:
            return await _still_fits(session, story_id, await link_row(session, link_id), join=join)

    async def to_post(self, guild_id: int, story_id: int, work: str) -> tuple[Story, Draft | None]:
        """Give a story, and the last that a piece of work wrote for it; None where it wrote nothing.

        Raises:
            NoSuchLinkError: There is no such story.
        """
        async with self._store.session(guild=guild_id) as session:
            story, links = await story_with_links(
                session, story_id, StoryLinkRow.made_by.startswith(f"{work}.", autoescape=True)
            )
            return story_of(story), draft_of(links[-1]) if links else None

    async def part_before(self, guild_id: int, link_id: int) -> Draft | None:
        """Give the storyteller's part before one of its parts, over the turn between; None for the first."""
        async with self._store.session(guild=guild_id) as session:
            row = await link_row(session, link_id)
            for _ in range(2):
                row = await link_row(session, row.parent_id) if row is not None and row.parent_id else None
            return draft_of(row) if row is not None and not row.human else None

    async def part(self, guild_id: int, link_id: int) -> Draft | None:
        """Give a link of the storyteller by its number; None if it is not one."""
        async with self._store.session(guild=guild_id) as session:
            row = await link_row(session, link_id)
            return draft_of(row) if row is not None and not row.human else None

    async def messages_of_others(self, guild_id: int, link_id: int) -> frozenset[int]:
        """Give the messages in which the other parts of a story stand, and those of its branches."""
        async with self._store.session(guild=guild_id) as session:
            row = await link_row(session, link_id)
            if row is None:
                return frozenset()
            others = await session.scalars(
                select(StoryLinkRow.message_ids).where(
                    StoryLinkRow.tree_id == row.tree_id,
                    StoryLinkRow.id != link_id,
                    StoryLinkRow.message_ids.is_not(None),
                )
            )
            return frozenset(int(each) for ids in others if ids for each in ids.split(","))

    async def posted(self, guild_id: int, story_id: int, draft: Draft, message_ids: Sequence[int]) -> None:
        """Write down where a link stands, and move the head to it.

        Not to one without words, and not away from what people wrote last if the story was ended meanwhile.
        Were that lost in a power cut, the messages would be looked for before any is posted.
        """
        async with self._store.session(guild=guild_id, redoable=True) as session:
            row = await link_row(session, draft.link_id)
            if row is None:
                return
            row.message_ids = ",".join(str(each) for each in message_ids)
            story = await story_row(session, story_id)
            if draft.text and (story.ended_at is None or story.head_id == row.parent_id):
                story.head_id = draft.link_id


async def _still_fits(session: AsyncSession, story_id: int, turn: StoryLinkRow | None, *, join: bool) -> bool:
    if turn is None:
        return True
    waiting = await waiting_in(session, story_id) if join else ()
    if any(canon_of(row) for row in waiting):
        use(waiting, turn)
        turn.memory = None
    return turn.memory is not None
