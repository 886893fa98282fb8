"""Bringing what was written into a story's thread, once, however often it has to be tried."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final, TypeVar

import discord
import structlog
from discord.utils import time_snowflake

from bot.client import Inkcircle
from bot.discord_io.escape import escape, one_line
from bot.discord_io.insisting import UNHEARD
from bot.discord_io.split import split_text
from bot.stories.aims import Aim
from bot.stories.book import StoryBook
from bot.stories.kept import Draft, Story, Taken
from cogs.story.buttons import last_part
from cogs.story.thread import Poster, ThreadClosedError, make_thread, opening_card, pages_of, thread_of
from cogs.story.work_id import WorkId

_log = structlog.get_logger(__name__)

ResultT = TypeVar("ResultT")

_LOOK_BACK: Final = timedelta(minutes=1)
# Between the attempts to post, in seconds; after the last one it is given up.
_PAUSES: Final = (1.0, 4.0, 15.0, 60.0, 180.0)
# Between those to open a thread: others wait for the seat, and a member for their thread.
_PAUSES_TO_OPEN: Final = (1.0, 4.0, 15.0)


class Bringing:
    """Posts the beginning and the parts of stories, and moves the heads to them.

    Args:
        client: The client.
        book: Where stories are kept.
    """

    def __init__(self, client: Inkcircle, book: StoryBook) -> None:
        self._client = client
        self._book = book
        self._poster = Poster(client)

    async def open_thread(self, work: WorkId, taken: Taken, *, look_first: bool) -> Story:
        """Make the thread of a new story, with how it works and its beginning.

        Args:
            work: What it is made for.
            taken: The story.
            look_first: Whether an earlier process may have posted some of it.

        Raises:
            ThreadClosedError: The channel or the thread is gone, or closed to us.
        """

        async def attempt(tries: int) -> Story:
            return await self._open(work, taken, look_first=look_first or tries > 0)

        return await _patiently(attempt, _PAUSES_TO_OPEN)

    async def _open(self, work: WorkId, taken: Taken, *, look_first: bool) -> Story:
        since = -taken.story.thread_id

        async def has_story(thread_id: int) -> bool:
            return await self._book.in_thread(work.guild_id, thread_id) is not None

        thread = await make_thread(
            self._client, taken.story, since, look_first=look_first, has_story=has_story
        )
        (link,) = taken.state.tree.path
        name = one_line(link.authors[0].name, 40)
        reads_all = self._client.intents.message_content
        await self._poster.post(
            thread,
            [
                opening_card(taken.story.title, reads_all=reads_all),
                *split_text(f"**The beginning, by {name}**\n\n{escape(link.text)}"),
            ],
            key=f"{work.token}-open",
            since=since,
            look_first=look_first,
        )
        return await self._book.settle(work.guild_id, work.story_id, thread.id)

    async def bring(self, work: WorkId, *, look_first: bool) -> tuple[discord.Thread, Draft] | None:
        """Bring the answer into the thread, once, and move the head to it.

        Args:
            work: What the answer was written for.
            look_first: Whether an earlier process may have posted some of it.

        Returns:
            The thread and the answer; None if there is no answer, or no thread that would have it.
        """
        try:
            story, draft = await self._book.drafts.to_post(work.guild_id, work.story_id, str(work))
            if draft is None:
                return None
            if story.ended and not draft.message_ids:
                # Nobody wants a part that comes behind the end.
                _log.info("story.ended_meanwhile", guild=work.guild_id)
                return None
            thread, ids = await self._post(work, story, draft, look_first=look_first)
        except ThreadClosedError as error:
            _log.info("story.thread_closed", guild=work.guild_id, gone=error.gone)
            if error.gone:
                await self._book.end(work.guild_id, work.story_id)
            return None
        await self._client.store.patiently(
            lambda: self._book.drafts.posted(work.guild_id, story.id, draft, ids)
        )
        if draft.text and draft.about.aim is Aim.EPILOGUE:
            await self._client.store.patiently(lambda: self._book.end(work.guild_id, story.id))
        return thread, draft

    async def _post(
        self, work: WorkId, story: Story, draft: Draft, *, look_first: bool
    ) -> tuple[discord.Thread, Sequence[int]]:
        async def attempt(tries: int) -> tuple[discord.Thread, Sequence[int]]:
            thread = await thread_of(self._client, story)
            if draft.message_ids:
                return thread, draft.message_ids
            look = look_first or tries > 0
            others = await self._book.drafts.messages_of_others(work.guild_id, draft.link_id) if look else ()
            return thread, await self._poster.post(
                thread,
                pages_of(draft),
                key=work.token,
                since=time_snowflake(draft.made_at - _LOOK_BACK),
                view=(lambda: last_part(story.id, draft.link_id, draft.about)) if draft.text else None,
                look_first=look,
                others=others,
            )

        return await _patiently(attempt, _PAUSES)


async def _patiently(attempt: Callable[[int], Awaitable[ResultT]], pauses: Sequence[float]) -> ResultT:
    """Make an attempt, told how many were made before it, until Discord takes one or patience is over."""
    tries = 0
    while True:
        try:
            return await attempt(tries)
        except UNHEARD as error:
            if tries == len(pauses):
                raise
            _log.info("story.tried_again", kind=type(error).__name__, code=getattr(error, "code", None))
            await asyncio.sleep(pauses[tries])
            tries += 1
