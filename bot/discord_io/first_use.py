"""The one notice before a member's first use: what happens to their words, and a button to go on.

What they asked for waits in memory while they read; pressing Continue does it, without their asking again. A
member who has continued is known by a set in memory, and nothing is sent or looked up for them.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

import aiohttp
import discord
import structlog

from bot.discord_io.access import Access, Feature
from bot.discord_io.buttons import LastingButton, view_of

_log = structlog.get_logger(__name__)

_NOTHING: Final = discord.AllowedMentions.none()
# An interaction's token lives for 15 minutes: as long as the notice can be taken away again.
_MINUTES: Final = 15
_MOST: Final = 1000
# Reading about the bot or about one's data, and getting or deleting it, asks for nothing first.
_OPEN: Final = frozenset({Feature.ABOUT, Feature.PRIVACY, Feature.OWN})

CarryOn = Callable[[discord.Interaction[Any]], Awaitable[None]]


class Notices(Protocol):
    """Who has continued; `bot.privacy.Notices` is one."""

    async def has_continued(self, member_id: int) -> bool:
        """Tell whether a member has."""

    async def note_continued(self, member_id: int) -> None:
        """Write down that they have."""


@dataclass(slots=True)
class _Waiting:
    """What a member asked for, while they read the notice."""

    asked_by: discord.Interaction[Any]
    carry_on: CarryOn
    until: float


class FirstUse:
    """Stands before everything that takes a member's words.

    Args:
        notices: Who has continued.
        words: Gives the notice, for the server of an interaction.
        clock: Seconds that only grow.

    Attributes:
        on_continued: Each is told the id of a member who went on, wherever they did.
    """

    def __init__(
        self,
        notices: Notices,
        words: Callable[[discord.Interaction[Any]], Awaitable[str]],
        clock: Callable[[], float],
    ) -> None:
        self._notices = notices
        self._words = words
        self._clock = clock
        self._waiting: dict[str, _Waiting] = {}
        self.on_continued: list[Callable[[int], None]] = []

    def __len__(self) -> int:
        return len(self._waiting)

    async def lets_pass(
        self, interaction: discord.Interaction[Any], access: Access | None, carry_on: CarryOn
    ) -> bool:
        """Tell whether a member may go on at once; else they were shown the notice.

        Args:
            interaction: Not answered yet.
            access: What the thing that they use declares.
            carry_on: Does what they asked for, as the answer to the interaction that it is given.
        """
        if access is not None and access.feature in _OPEN:
            return True
        if await self.has_continued(interaction.user.id):
            return True
        waiting_id = self._keep(_Waiting(interaction, carry_on, self._clock() + _MINUTES * 60))
        button = ContinueButton(waiting=waiting_id, member=interaction.user.id)
        await interaction.response.send_message(
            await self._words(interaction), view=view_of(button), ephemeral=True, allowed_mentions=_NOTHING
        )
        return False

    async def has_continued(self, member_id: int) -> bool:
        """Tell whether a member has gone on before, for what asks them in its own way."""
        return await self._notices.has_continued(member_id)

    async def note_continued(self, member_id: int) -> None:
        """Write down that a member goes on, and tell those who wait for it."""
        await self._notices.note_continued(member_id)
        for tell in self.on_continued:
            tell(member_id)

    async def carry_on(self, pressed: discord.Interaction[Any], waiting_id: str) -> None:
        """Write the Continue down, and do what the member had asked for."""
        await self.note_continued(pressed.user.id)
        waiting = self._waiting.pop(waiting_id, None)
        if waiting is None or waiting.until <= self._clock():
            await pressed.response.edit_message(
                content="Thank you. That was a while ago, so please ask me again: I go on at once now.",
                view=None,
                allowed_mentions=_NOTHING,
            )
            return
        # Both at once: the member waits for what they asked for, and the notice has done its work.
        going = asyncio.create_task(_take_away(waiting.asked_by), name="notice-goes")
        try:
            await waiting.carry_on(pressed)
        finally:
            await going

    def forget(self, member_id: int) -> None:
        """Drop what waits for a member."""
        for waiting_id in [key for key, each in self._waiting.items() if each.asked_by.user.id == member_id]:
            del self._waiting[waiting_id]

    def _keep(self, waiting: _Waiting) -> str:
        now = self._clock()
        for waiting_id in [key for key, each in self._waiting.items() if each.until <= now]:
            del self._waiting[waiting_id]
        while len(self._waiting) >= _MOST:
            del self._waiting[next(iter(self._waiting))]
        waiting_id = secrets.token_hex(8)
        self._waiting[waiting_id] = waiting
        return waiting_id


async def _take_away(asked_by: discord.Interaction[Any]) -> None:
    try:
        await asked_by.delete_original_response()
    except discord.HTTPException as error:
        # The member was quicker and dismissed it, or the token is over.
        _log.info("notice.stays", status=error.status, code=error.code)
    except (aiohttp.ClientError, OSError) as error:
        _log.info("notice.stays", kind=type(error).__name__)


class HasFirstUse(Protocol):
    """A client that asks who is new to it."""

    first_use: FirstUse


class ContinueButton(LastingButton, template=r"ink:continue:(?P<waiting>[0-9a-f]{16}):(?P<member>\d+)"):
    """A member's going on. It answers after a restart too, when what they asked for is not known any more."""

    access = Access(Feature.PRIVACY)
    label = "Continue"
    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Go on."""
        client = cast("HasFirstUse", interaction.client)
        await client.first_use.carry_on(interaction, self.parts["waiting"])
