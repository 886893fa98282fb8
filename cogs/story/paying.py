"""Whether a turn can be paid, seen before it costs anything; if not, the thread is told until when."""

import asyncio
from collections.abc import Callable
from typing import Final
from zlib import crc32

import aiohttp
import discord
import structlog

from bot.client import Inkcircle
from bot.discord_io.escape import one_line
from bot.llm import OverBudgetError, Role
from bot.stories import NoSuchLinkError, Teller
from bot.stories.book import StoryBook
from bot.stories.claims import NextTurn
from cogs.story.thread import Poster, ThreadClosedError, thread_of

_log = structlog.get_logger(__name__)

# The budget is back at the full second.
_AFTER: Final = 1.0


class Paying:
    """Looks into the purse before a turn.

    Args:
        client: The client.
        book: Where stories are kept.
        teller: Knows what a turn takes at least.
        again: Has a story's turn answered; called when a budget is back.
    """

    def __init__(
        self, client: Inkcircle, book: StoryBook, teller: Teller, *, again: Callable[[int, int], None]
    ) -> None:
        self._client = client
        self._book = book
        self._teller = teller
        self._again = again
        self._poster = Poster(client)
        # By story: what was said last, so that it is not said under every reply; and when it is over.
        self._said: dict[int, str] = {}
        self._alarms: dict[int, asyncio.TimerHandle] = {}

    def close(self) -> None:
        """Leave the rest to the next start."""
        for alarm in self._alarms.values():
            alarm.cancel()

    async def require(self, guild_id: int, member_id: int) -> None:
        """See that a turn of a member's can be paid.

        Raises:
            OverBudgetError: It cannot; the sentence says when it can.
        """
        models, purse = self._client.models, self._client.office.purse
        for role in (Role.MEMORY, Role.STORY):
            endpoint = await models.endpoint_for(role, guild_id)
            await purse.require(guild_id, member_id, endpoint, usage=self._teller.least())

    async def may_answer(self, guild_id: int, story_id: int) -> bool:
        """Tell whether what waits can be answered; if not, the thread has been told, and it waits on."""
        # Most servers have no budgets: then there is nothing to look up.
        bounded = (await self._client.office.settings.of(guild_id)).budgets
        turn = await self._book.claims.next_turn(guild_id, story_id) if bounded else None
        if turn is not None:
            try:
                await self.require(guild_id, turn.payer.user_id)
            except OverBudgetError as error:
                await self._refuse(guild_id, story_id, turn, error)
                return False
        self._said.pop(story_id, None)
        if (alarm := self._alarms.pop(story_id, None)) is not None:
            alarm.cancel()
        return True

    async def _refuse(self, guild_id: int, story_id: int, turn: NextTurn, error: OverBudgetError) -> None:
        self._wake_up(guild_id, story_id, error)
        words = _sentence(turn, error)
        if self._said.get(story_id) == words:
            return
        self._said[story_id] = words
        try:
            thread = await thread_of(self._client, await self._book.get(guild_id, story_id))
            await self._poster.post(
                thread,
                [words],
                key=f"{crc32(words.encode()):08x}-b",
                since=turn.first_message_id,
                # An earlier process may have said so.
                look_first=True,
            )
        except (ThreadClosedError, NoSuchLinkError, discord.HTTPException, aiohttp.ClientError) as untold:
            self._said.pop(story_id, None)
            _log.warning("story.untold", guild=guild_id, kind=type(untold).__name__)

    def _wake_up(self, guild_id: int, story_id: int, error: OverBudgetError) -> None:
        """Have the turn answered when there is a budget again; after a restart it is looked at anyway."""
        if (alarm := self._alarms.pop(story_id, None)) is not None:
            alarm.cancel()
        if error.back is None:
            return
        seconds = max(0.0, (error.back - self._client.now()).total_seconds()) + _AFTER
        loop = asyncio.get_running_loop()
        self._alarms[story_id] = loop.call_later(seconds, self._again, guild_id, story_id)


def _sentence(turn: NextTurn, error: OverBudgetError) -> str:
    """Say whose budget it is, since many may read it, and that nothing is lost."""
    whose = f"{one_line(turn.payer.name, 40)}: " if error.of_member else ""
    then = "is kept, and I go on with it then" if error.back is not None else "is kept"
    others = ", or when somebody else writes on" if error.of_member else ""
    return f"-# {whose}{error.sentence} What you wrote {then}{others}."
