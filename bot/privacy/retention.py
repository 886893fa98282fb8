"""What goes by itself when its time is over: old traces, and the data of servers that removed the bot."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.privacy.forgetting import Forgetting
from bot.privacy.keeping import Keeper
from bot.privacy.notice import utc_now
from bot.store import Stays, Traces
from bot.trace import DaysIn

_log = structlog.get_logger(__name__)

# A server that removes the bot by mistake, or for an afternoon, loses nothing.
GUILD_DAYS: Final = 30
DAY_SECONDS: Final = 24 * 60 * 60.0


class Retention:
    """Cleans at the start and daily.

    Args:
        stays: The servers.
        traces: The traces.
        trace_days: How long they are kept where no server has a say; 0 deletes all that there are.
        days_in: Gives how long in a server.
        forgetting: Wishes that were cut off are fulfilled at the same time.
        keepers: Gives the cogs, as they are loaded.
        now: The time, in UTC.
    """

    def __init__(
        self,
        stays: Stays,
        traces: Traces,
        forgetting: Forgetting,
        keepers: Callable[[], Iterable[Keeper]],
        *,
        trace_days: int,
        days_in: DaysIn,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._stays = stays
        self._traces = traces
        self._forgetting = forgetting
        self._keepers = keepers
        self._trace_days = trace_days
        self._days_in = days_in
        self._now = now

    async def left(self, guild_id: int) -> None:
        """Note that the bot was removed from a server; its data goes after `GUILD_DAYS`."""
        now = self._now()
        await self._stays.left(guild_id, at=now, delete_at=now + timedelta(days=GUILD_DAYS))
        _log.info("retention.left", guild=guild_id, days=GUILD_DAYS)

    async def clean(self) -> None:
        """Do everything that is due. What fails is logged and tried again the next day."""
        await self._try("wishes", self._forgetting.fulfil_all)
        await self._try("traces", self._expire_traces)
        await self._try("guilds", self._delete_guilds)

    async def _expire_traces(self) -> None:
        gone = 0
        for guild_id in await self._traces.guilds():
            days = self._trace_days if guild_id is None else await self._days_in(guild_id)
            gone += await self._traces.expire(self._now() - timedelta(days=days), guild_id=guild_id)
        if gone:
            _log.info("retention.traces_deleted", count=gone)

    async def _delete_guilds(self) -> None:
        for guild_id in await self._stays.due(self._now()):
            for keeper in self._keepers():
                await keeper.forget_guild(guild_id)
            await self._stays.delete(guild_id)
            _log.info("retention.guild_deleted", guild=guild_id)

    @staticmethod
    async def _try(what: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception:  # noqa: BLE001 - one kind must not keep the others from being cleaned
            _log.exception("retention.failed", what=what)
