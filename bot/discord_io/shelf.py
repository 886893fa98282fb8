"""Letters that came after their interaction had ended, and wait to be opened.

Discord lets nobody edit a private message once its token's 15 minutes are over. The letter then waits in the
database, sealed and not for long, and a message with an Open button says so.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, cast

import discord
import structlog

from bot.discord_io.access import Access, Feature
from bot.discord_io.answer import Answer
from bot.discord_io.buttons import LastingButton, view_of
from bot.discord_io.escape import one_line
from bot.discord_io.looking import find_own, has_button, member_of
from bot.errors import UserError
from bot.store.waiting import WaitingLetter, WaitingLetters

_log = structlog.get_logger(__name__)

_KEPT: Final = timedelta(days=1)
_HOUR: Final = 3600.0
_NOTHING: Final = discord.AllowedMentions.none()


@dataclass(frozen=True, slots=True)
class Letter:
    """Which answer waits, and for whom.

    Attributes:
        id: 16 hexadecimal characters, the same however often it is brought.
        guild_id: Where it was asked for.
        channel_id: In which channel.
        owner_id: The only member who may open it.
        author_id: Whose words it is about.
        since: A snowflake from before it was announced for the first time.
    """

    id: str
    guild_id: int
    channel_id: int
    owner_id: int
    author_id: int
    since: int


class Shelf:
    """Keeps waiting letters, and tells their readers.

    Args:
        client: The client that is logged in.
        letters: Where they are kept.
        now: The moment.
    """

    def __init__(self, client: discord.Client, letters: WaitingLetters, now: Callable[[], datetime]) -> None:
        self._client = client
        self._letters = letters
        self._now = now
        self._tidying: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Throw away what has waited too long, now and then every hour."""
        if self._tidying is None:
            self._tidying = asyncio.create_task(self._tidy(), name="shelf-tidying")

    def close(self) -> None:
        """Leave the letters to the next start."""
        if self._tidying is not None:
            self._tidying.cancel()
            self._tidying = None

    async def come_late(self, letter: Letter, answer: Answer, news: str) -> None:
        """Keep an answer for its reader, and say once that it waits: in a direct message, or in the channel.

        Raises:
            discord.HTTPException: Discord did not say whether the reader is still there.
        """
        reader = await member_of(self._client, letter.guild_id, letter.owner_id)
        if reader is None:
            _log.info("shelf.reader_left", letter=letter.id, member=letter.owner_id)
            return
        kept = WaitingLetter(
            letter.id,
            letter.guild_id,
            letter.owner_id,
            letter.author_id,
            self._now() + _KEPT,
            answer.to_json(),
        )
        await self._letters.keep(kept)
        if await self._announce(letter, reader, news):
            _log.info("shelf.late", letter=letter.id, member=letter.owner_id)
            return
        await self._letters.throw_away(letter.id)
        _log.warning("shelf.lost", letter=letter.id, member=letter.owner_id)

    async def open(self, letter_id: str, reader_id: int) -> Answer:
        """Give a letter to its owner.

        Raises:
            UserError: It is somebody else's, or not there any more.
        """
        letter = await self._letters.find(letter_id)
        if letter is None or letter.until <= self._now():
            raise UserError(
                "This letter is gone: I keep unopened letters for a day. Please ask for a new one with "
                "/critique."
            )
        if letter.owner_id != reader_id:
            raise UserError(OpenButton.not_yours)
        return Answer.from_json(letter.answer)

    async def throw_away(self, letter_id: str) -> None:
        """Forget a letter."""
        await self._letters.throw_away(letter_id)

    async def _announce(self, letter: Letter, reader: discord.Member, news: str) -> bool:
        button = OpenButton(letter=letter.id, owner=letter.owner_id)
        name = one_line(reader.display_name, 40)
        words = {True: f"{news[0].upper()}{news[1:]}.", False: f"{name}, {news}. Only you can open this."}
        for directly in (True, False):
            try:
                channel = await (self._direct(reader) if directly else self._channel(letter))
                found = await find_own(
                    self._client,
                    channel,
                    letter.since,
                    lambda each: has_button(each, button.item.custom_id),
                )
                if found is None:
                    await channel.send(
                        words[directly],
                        view=view_of(button),
                        nonce=letter.id,
                        silent=True,
                        allowed_mentions=_NOTHING,
                    )
            except (discord.Forbidden, discord.NotFound, discord.ClientException) as error:
                _log.info("shelf.announcement_refused", letter=letter.id, code=getattr(error, "code", None))
            else:
                return True
        return False

    async def _direct(self, reader: discord.Member) -> discord.abc.Messageable:
        return reader.dm_channel or await reader.create_dm()

    async def _channel(self, letter: Letter) -> discord.abc.Messageable:
        channel = await self._client.fetch_channel(letter.channel_id)
        if not isinstance(channel, discord.abc.Messageable):
            raise discord.ClientException("nobody can write in this kind of channel")
        return channel

    async def _tidy(self) -> None:
        while True:
            try:
                gone = await self._letters.throw_away_old(self._now())
                if gone:
                    _log.info("shelf.thrown_away", letters=gone)
            except Exception as error:  # noqa: BLE001 - it is tried again in an hour
                _log.warning("shelf.untidy", kind=type(error).__name__)
            await asyncio.sleep(_HOUR)


class HasShelf(Protocol):
    """A client with a shelf."""

    shelf: Shelf


class OpenButton(LastingButton, template=r"ink:open:(?P<letter>[0-9a-f]{16}):(?P<owner>\d+)"):
    """Opens a waiting letter, privately, for its owner alone; answers after a restart as well."""

    access = Access(Feature.OWN)
    not_yours = "This letter is for somebody else: only they can open it."
    label = "Open"
    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the letter; once shown it is forgotten, and the message that announced it goes."""
        shelf = cast("HasShelf", interaction.client).shelf
        answer = await shelf.open(self.parts["letter"], interaction.user.id)
        await interaction.response.send_message(
            answer.content,
            embeds=answer.made_embeds(),
            files=answer.made_files(),
            ephemeral=True,
            allowed_mentions=_NOTHING,
        )
        await shelf.throw_away(self.parts["letter"])
        if interaction.message is not None:
            try:
                await interaction.message.delete()
            except discord.HTTPException as error:
                # Somebody was quicker, or the channel is closed to us: the letter was read all the same.
                _log.info("shelf.announcement_stays", status=error.status, code=error.code)
