"""Days and months of the calendar in UTC, the same for everybody on every clock."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Period(StrEnum):
    """For how long a budget lasts."""

    DAY = "day"
    MONTH = "month"

    def begins(self, now: datetime) -> datetime:
        """Give when the period began that a moment lies in."""
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight if self is Period.DAY else midnight.replace(day=1)

    def ends(self, now: datetime) -> datetime:
        """Give when the next one begins."""
        begin = self.begins(now)
        if self is Period.DAY:
            return begin + timedelta(days=1)
        # Four days after the 28th is the next month, however long this one is.
        return (begin.replace(day=28) + timedelta(days=4)).replace(day=1)

    @property
    def words(self) -> str:
        """How a sentence calls the present one."""
        return "today" if self is Period.DAY else "this month"
