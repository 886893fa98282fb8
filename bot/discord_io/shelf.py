"""Letters that came after their interaction had ended, and wait to be opened.

Discord lets nobody edit a private message once its token's 15 minutes are over. The letter then waits here,
in memory only and not for long, and a message with an Open button says so.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, cast

import discord
import structlog
from discord import ui

from bot.discord_io.access import Access, Feature
from bot.discord_io.views import SafeDynamicItem
from bot.errors import UserError

_log = structlog.get_logger(__name__)

_DAY: Final = 24 * 60 * 60.0
_CAPACITY: Final = 200
_NOTHING: Final = discord.AllowedMentions.none()
_NOT_THE_OWNER: Final = "This letter is for somebody else: only they can open it."


@dataclass(frozen=True, slots=True)
class WaitingLetter:
    """A letter that waits.

    Attributes:
        owner_id: The only member who may open it.
        pages: Its messages. (Out of `repr`, so that no log can show them.)
        until: When it is thrown away, by the shelf's clock.
    """

    owner_id: int
    pages: tuple[str, ...] = field(repr=False)
    until: float


class Shelf:
    """Keeps waiting letters, limited in number and time."""

    def __init__(
        self, clock: Callable[[], float], *, capacity: int = _CAPACITY, seconds: float = _DAY
    ) -> None:
        self._clock = clock
        self._capacity = capacity
        self._seconds = seconds
        self._letters: dict[str, WaitingLetter] = {}

    def __len__(self) -> int:
        self._throw_away_old()
        return len(self._letters)

    def keep(self, owner_id: int, pages: tuple[str, ...]) -> str:
        """Keep a letter and give its id; the oldest goes if the shelf is full."""
        self._throw_away_old()
        while len(self._letters) >= self._capacity:
            del self._letters[next(iter(self._letters))]
            _log.warning("shelf.full", capacity=self._capacity)
        letter_id = secrets.token_hex(8)
        self._letters[letter_id] = WaitingLetter(owner_id, pages, self._clock() + self._seconds)
        return letter_id

    def pages_of(self, letter_id: str, reader_id: int) -> tuple[str, ...]:
        """Give a letter to its owner.

        Raises:
            UserError: It is somebody else's, or not there any more.
        """
        self._throw_away_old()
        letter = self._letters.get(letter_id)
        if letter is None:
            raise UserError(
                "This letter is gone: I keep unopened letters for a day, and only until I am restarted. "
                "Please ask for a new one with /critique."
            )
        if letter.owner_id != reader_id:
            raise UserError(_NOT_THE_OWNER)
        return letter.pages

    def throw_away(self, letter_id: str) -> None:
        """Forget a letter."""
        self._letters.pop(letter_id, None)

    def _throw_away_old(self) -> None:
        now = self._clock()
        for letter_id in [key for key, letter in self._letters.items() if letter.until <= now]:
            del self._letters[letter_id]


class HasShelf(Protocol):
    """A client with a shelf."""

    shelf: Shelf


class OpenButton(
    SafeDynamicItem["ui.Button[ui.View]"], template=r"ink:open:(?P<letter>[0-9a-f]{16}):(?P<owner>\d+)"
):
    """Opens a waiting letter, privately, for its owner alone; answers after a restart as well."""

    access = Access(Feature.OWN)
    not_yours = _NOT_THE_OWNER

    def __init__(self, letter_id: str, owner_id: int) -> None:
        super().__init__(
            ui.Button(
                label="Open",
                style=discord.ButtonStyle.primary,
                custom_id=f"ink:open:{letter_id}:{owner_id}",
            )
        )
        self.letter_id = letter_id
        self.owner_id = owner_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> "OpenButton":
        """Build the button out of what its `custom_id` says."""
        return cls(match["letter"], int(match["owner"]))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the letter; once shown it is forgotten, and the message that announced it goes."""
        shelf = cast("HasShelf", interaction.client).shelf
        first, *rest = shelf.pages_of(self.letter_id, interaction.user.id)
        await interaction.response.send_message(
            first, ephemeral=True, allowed_mentions=_NOTHING, suppress_embeds=True
        )
        for page in rest:
            await interaction.followup.send(
                page, ephemeral=True, allowed_mentions=_NOTHING, suppress_embeds=True
            )
        shelf.throw_away(self.letter_id)
        if interaction.message is not None:
            try:
                await interaction.message.delete()
            except discord.HTTPException as error:
                # Somebody was quicker, or the channel is closed to us: the letter was read all the same.
                _log.info("shelf.announcement_stays", status=error.status, code=error.code)
