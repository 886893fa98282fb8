"""Answering one interaction over minutes: at once, then in stages, then with the whole text.

Everything happens in one private message: it acknowledges, shows the stages, and becomes the answer. When the
interaction's token is over, which nothing can renew, the answer waits on the `Shelf` and its reader is told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import aiohttp
import discord
import structlog
from discord import ui

from bot.discord_io import incidents
from bot.discord_io.escape import one_line
from bot.discord_io.permissions import to_write_in
from bot.discord_io.shelf import OpenButton, Shelf

_log = structlog.get_logger(__name__)

ResultT = TypeVar("ResultT")

_NOTHING: Final = discord.AllowedMentions.none()
# https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages
TOKEN_SECONDS: Final = 15 * 60.0
# A few messages must still fit before the token is over.
_MARGIN: Final = 20.0
# Discord lets a webhook be used five times in two seconds; stages are read by people, who need longer.
_BETWEEN_STAGES: Final = 1.0
_UNKNOWN_MESSAGE: Final = 10008
_UNKNOWN_MEMBER: Final = 10007
# Unknown webhook, invalid webhook token, unknown interaction: what Discord says once a token is over.
_TOKEN_OVER: Final = frozenset({10015, 50027, 10062})


class Reply:
    """One interaction's answer. Begin it with `Reply.begin`, end it with `finish` or `fail`.

    Args:
        interaction: Not answered yet.
        shelf: Where the answer waits if it comes too late.
        clock: Seconds that only grow.
        deleted: Called when it turns out that the answer's message was deleted.
    """

    def __init__(
        self,
        interaction: discord.Interaction[Any],
        *,
        shelf: Shelf,
        clock: Callable[[], float],
        deleted: Callable[[], None] | None = None,
    ) -> None:
        self._interaction = interaction
        self._shelf = shelf
        self._clock = clock
        self._deleted = deleted
        self._token_over_at = clock() + TOKEN_SECONDS - _MARGIN
        self._edits = asyncio.Lock()
        self._ended = False
        self._stage: str | None = None
        self._stages: asyncio.Task[None] | None = None

    @classmethod
    async def begin(
        cls,
        interaction: discord.Interaction[Any],
        first_stage: str,
        *,
        shelf: Shelf,
        clock: Callable[[], float],
        deleted: Callable[[], None] | None = None,
    ) -> "Reply":
        """Acknowledge, in the same request in which the first stage is shown; errors will be shown here."""
        reply = cls(interaction, shelf=shelf, clock=clock, deleted=deleted)
        await _acknowledge(interaction, first_stage)
        incidents.answers_with(interaction, reply)
        return reply

    @property
    def reader(self) -> discord.User | discord.Member:
        """Whom this answers."""
        return self._interaction.user

    @property
    def token_is_over(self) -> bool:
        """Whether Discord will not let the message be edited any more."""
        return self._clock() >= self._token_over_at

    def show(self, stage: str) -> None:
        """Show a stage soon. It never holds up the work, and only the latest of several in a row is shown."""
        if self._ended or self.token_is_over:
            return
        self._stage = stage
        if self._stages is None or self._stages.done():
            self._stages = asyncio.create_task(self._show_stages(), name="reply-stages")

    async def finish(self, pages: Sequence[str]) -> None:
        """Turn the message into the answer: its first page there, the others below.

        Args:
            pages: Each within Discord's limit for a message.
        """
        await self._end(tuple(pages), "your letter is ready")

    async def fail(self, sentence: str) -> None:
        """Turn the message into a sentence that says why there is no answer; nothing if it was answered."""
        await self._end((sentence,), "I have to tell you something about your pages")

    async def _end(self, pages: tuple[str, ...], news: str) -> None:
        async with self._edits:
            if self._ended:
                return
            if self.token_is_over or not await self._show(pages):
                await self._come_late(pages, news)
            self._ended = True

    async def _show_stages(self) -> None:
        while self._stage is not None:
            # First a pause: a stage that is over at once would only be in the way of other members' answers.
            await asyncio.sleep(_BETWEEN_STAGES)
            async with self._edits:
                stage, self._stage = self._stage, None
                if self._ended or stage is None:
                    return
                try:
                    await self._interaction.edit_original_response(content=stage, allowed_mentions=_NOTHING)
                except discord.HTTPException as error:
                    _log.info(
                        "reply.stage_unshown",
                        interaction=self._interaction.id,
                        status=error.status,
                        code=error.code,
                    )
                    if error.code == _UNKNOWN_MESSAGE:
                        self._was_deleted()
                        return
                except Exception as error:  # noqa: BLE001 - no work fails for want of a stage; the log has why
                    _log.info(
                        "reply.stage_unshown", interaction=self._interaction.id, kind=type(error).__name__
                    )
                    return

    def _was_deleted(self) -> None:
        self._ended = True
        if self._deleted is not None:
            self._deleted()

    async def _show(self, pages: Sequence[str]) -> bool:
        """Show the answer; False if it cannot be brought this way, most often since the token is over."""
        first, *rest = pages
        try:
            await _once_more_if_cut(
                lambda: self._interaction.edit_original_response(
                    content=first, view=None, allowed_mentions=_NOTHING
                )
            )
            for page in rest:
                await self._interaction.followup.send(
                    page, ephemeral=True, allowed_mentions=_NOTHING, suppress_embeds=True, wait=True
                )
        except discord.HTTPException as error:
            ids = {"interaction": self._interaction.id, "status": error.status, "code": error.code}
            if error.code in _TOKEN_OVER or isinstance(error, discord.DiscordServerError):
                # A fault of Discord's own was tried five times: a message of the bot's may fare better.
                _log.info("reply.not_taken", **ids)
                return False
            if error.code == _UNKNOWN_MESSAGE:
                _log.info("reply.message_deleted", **ids)
                self._was_deleted()
                return True
            raise
        return True

    async def _come_late(self, pages: tuple[str, ...], news: str) -> None:
        """Keep the answer for its reader, and say that it waits: in a direct message, else in the channel."""
        interaction = self._interaction
        if not await still_there(interaction):
            _log.info("reply.reader_left", interaction=interaction.id, member=self.reader.id)
            return
        letter_id = self._shelf.keep(self.reader.id, pages)
        view = ui.View(timeout=None)
        view.add_item(OpenButton(letter_id, self.reader.id))
        places: list[tuple[discord.abc.Messageable, str]] = [(self.reader, f"{news[0].upper()}{news[1:]}.")]
        channel = interaction.channel
        if isinstance(channel, discord.abc.Messageable) and _may_write(interaction):
            name = one_line(self.reader.display_name, 40)
            places.append((channel, f"{name}, {news}. Only you can open this."))
        for place, words in places:
            try:
                await place.send(words, view=view, silent=True, allowed_mentions=_NOTHING)
            except discord.HTTPException as error:
                _log.info(
                    "reply.announcement_refused",
                    interaction=interaction.id,
                    status=error.status,
                    code=error.code,
                )
            else:
                _log.info("reply.late", interaction=interaction.id, member=self.reader.id)
                return
        self._shelf.throw_away(letter_id)
        _log.warning("reply.lost", interaction=interaction.id, member=self.reader.id)


async def _acknowledge(interaction: discord.Interaction[Any], first_stage: str) -> None:
    try:
        await _once_more_if_cut(
            lambda: interaction.response.send_message(first_stage, ephemeral=True, allowed_mentions=_NOTHING)
        )
    except discord.HTTPException as error:
        if error.code != incidents.ALREADY_ACKNOWLEDGED:
            raise
        # The first attempt had arrived, only its answer was cut off.
        _log.info("reply.acknowledged_before", interaction=interaction.id)


async def _once_more_if_cut(request: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """Send a request again if its connection was closed under it, as idle ones are at any moment.

    discord.py does that for other requests of its own, but not for the answers to interactions. Only for
    requests that may arrive twice.
    """
    try:
        return await request()
    except aiohttp.ClientConnectionError as error:
        _log.info("reply.connection_cut", kind=type(error).__name__)
        return await request()


def _may_write(interaction: discord.Interaction[Any]) -> bool:
    granted = interaction.app_permissions
    return all(getattr(granted, permission) for permission in to_write_in(interaction.channel))


async def still_there(interaction: discord.Interaction[Any]) -> bool:
    """Ask Discord whether the one who asked is still a member of the server."""
    if interaction.guild is None:
        return True
    try:
        await interaction.guild.fetch_member(interaction.user.id)
    except discord.NotFound as error:
        if error.code == _UNKNOWN_MEMBER:
            return False
        raise
    return True
