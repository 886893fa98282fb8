"""Where a story's buttons stand: under one message, its last part or what was said of it since."""

from typing import Final

import discord
import structlog

from bot.client import Inkcircle
from bot.discord_io.insisting import UNHEARD
from bot.discord_io.split import MESSAGE_LIMIT
from bot.stories.book import StoryBook
from bot.stories.kept import Draft, Story
from cogs.story.thread import ThreadClosedError, thread_of
from cogs.story.work_id import Task, WorkId

_log = structlog.get_logger(__name__)

_NOTHING: Final = discord.AllowedMentions.none()
# Unknown channel, unknown message.
_UNKNOWN: Final = frozenset({10003, 10008})


class StandingButtons:
    """Takes the buttons from where they stood once they stand somewhere else.

    It is no harm if they stay, such as under what was said before a restart: pressing them says that the
    story has gone on.

    Args:
        client: The client.
        book: Where stories are kept.
    """

    def __init__(self, client: Inkcircle, book: StoryBook) -> None:
        self._client = client
        self._book = book
        # By story: what was said last with buttons under it.
        self._said: dict[int, int] = {}

    def stand_under(self, story_id: int, message_id: int) -> int | None:
        """Note under which message they stand now; give the one that was noted before."""
        before = self._said.pop(story_id, None)
        self._said[story_id] = message_id
        return before

    async def after_undo(
        self, story: Story, message_id: int, *, pressed: int | None, last_part: int | None
    ) -> None:
        """Leave them under what was said of an undo alone.

        Args:
            story: The story.
            message_id: What was said.
            pressed: The message whose button was pressed; None for a command.
            last_part: The part that was the last one until then.
        """
        said = self.stand_under(story.id, message_id)
        before = pressed or said
        if before is None and last_part is not None:
            link = await self._book.drafts.part(story.guild_id, last_part)
            before = link.message_ids[-1] if link is not None and link.message_ids else None
        if before is not None:
            try:
                await self._take_off(await thread_of(self._client, story), before)
            except ThreadClosedError as error:
                _log.info("story.thread_closed", guild=story.guild_id, gone=error.gone)
            except UNHEARD as error:
                _log.info("story.buttons_stay", thread=story.thread_id, kind=type(error).__name__)

    async def after_part(self, work: WorkId, thread: discord.Thread, draft: Draft) -> None:
        """Leave them under a new part alone."""
        said = self._said.pop(work.story_id, None)
        if said is not None:
            await self._take_off(thread, said)
        link = (
            await self._book.drafts.part(work.guild_id, work.link_id)
            if work.link_id
            else await self._book.drafts.part_before(work.guild_id, draft.link_id)
        )
        if link is not None and link.message_ids and (said is None or work.task is Task.RETRY):
            note = "Another try stands further down." if work.task is Task.RETRY else ""
            await self._take_off(thread, link.message_ids[-1], note)

    async def _take_off(self, thread: discord.Thread, message_id: int, note: str = "") -> None:
        message = thread.get_partial_message(message_id)
        try:
            if note:
                content = (await message.fetch()).content
                small = f"-# {note}\n"
                if not content.startswith(small) and len(content) + len(small) <= MESSAGE_LIMIT:
                    await message.edit(content=small + content, view=None, allowed_mentions=_NOTHING)
                    return
            await message.edit(view=None, allowed_mentions=_NOTHING)
        except UNHEARD as error:
            code = getattr(error, "code", None)
            if code not in _UNKNOWN:
                _log.info("story.buttons_stay", thread=thread.id, kind=type(error).__name__, code=code)
