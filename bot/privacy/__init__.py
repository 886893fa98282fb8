"""A member's data: what they are told of it, how they get it, how it goes; and what goes by itself.

Plain Python, without Discord. Who keeps something (every cog) is asked in turn; the house's own records,
which belong to no command, come last.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from bot.guilds import GuildSettings
from bot.privacy.exporting import Exporting, Parcel, TooLargeError
from bot.privacy.forgetting import Forgetting
from bot.privacy.keeping import Exported, HouseRecords, JsonFile, Keeper
from bot.privacy.notice import POLICY_VERSION, Notices, utc_now
from bot.privacy.retention import GUILD_DAYS, Retention
from bot.store import Members, Stays, Store, Traces
from bot.trace import Tracer

__all__ = [
    "GUILD_DAYS",
    "POLICY_VERSION",
    "Exported",
    "Exporting",
    "Forgetting",
    "HouseRecords",
    "JsonFile",
    "Keeper",
    "Notices",
    "Parcel",
    "Privacy",
    "Retention",
    "TooLargeError",
]


class SettingsSource(Protocol):
    """Where the decisions of servers are looked up."""

    async def of(self, guild_id: int) -> GuildSettings:
        """Give one server's."""


class Privacy:
    """Everything about members' data, put together once.

    Args:
        store: The database.
        trace_days: How long traces are kept at most; 0 keeps none.
        guild_settings: Knows which servers have chosen less.
        now: The time, in UTC.

    Attributes:
        notices: Who was told what is kept.
        forgetting: Deletes a member's data.
        exporting: Packs a member's data.
        retention: Cleans what is over.
        stays: The servers that the bot is in.
        traces: Where traces are kept.
        tracer: Keeps them.
    """

    def __init__(
        self,
        store: Store,
        *,
        trace_days: int,
        guild_settings: SettingsSource,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        members = Members(store)
        self._keepers: Callable[[], Iterable[Keeper]] = tuple
        self.trace_days = trace_days
        self._guild_settings = guild_settings
        self.traces = Traces(store)
        self.tracer = Tracer(self.traces, days=trace_days, days_in=self.days_in)
        self.stays = Stays(store)
        self.notices = Notices(members, now=now)
        house = HouseRecords(members, self.traces, self.tracer, self.notices)
        self.exporting = Exporting(self.keepers, house)
        self.forgetting = Forgetting(members, lambda: store.keys, house, self.keepers)
        self.retention = Retention(
            self.stays,
            self.traces,
            self.forgetting,
            self.keepers,
            trace_days=trace_days,
            days_in=self.days_in,
            now=now,
        )

    async def days_in(self, guild_id: int | None) -> int:
        """Give how long traces are kept in a server: as the operator set it, or less."""
        if guild_id is None:
            return self.trace_days
        return (await self._guild_settings.of(guild_id)).days_kept(self.trace_days)

    def ask(self, keepers: Callable[[], Iterable[Keeper]]) -> None:
        """Say who keeps something, once the commands are there."""
        self._keepers = keepers

    def keepers(self) -> Iterable[Keeper]:
        """Give all who keep something."""
        return self._keepers()
