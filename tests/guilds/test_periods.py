"""Days and months are those of the calendar in UTC."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from bot.guilds.periods import Period


def test_a_day_and_a_month_end_where_the_calendar_says() -> None:
    now = datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC)
    assert Period.DAY.begins(now) == datetime(2028, 2, 29, tzinfo=UTC)
    assert Period.DAY.ends(now) == Period.MONTH.ends(now) == datetime(2028, 3, 1, tzinfo=UTC)
    assert Period.MONTH.begins(now) == datetime(2028, 2, 1, tzinfo=UTC)
    assert Period.MONTH.ends(datetime(2026, 12, 31, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)


def test_it_is_the_same_day_on_every_clock() -> None:
    there = datetime(2026, 11, 22, 1, 0, tzinfo=timezone(timedelta(hours=3)))
    assert Period.DAY.begins(there) == datetime(2026, 11, 21, tzinfo=UTC)


_MOMENTS = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(_MOMENTS, st.sampled_from(Period))
def test_a_period_holds_its_moments_and_the_next_begins_where_it_ends(now: datetime, period: Period) -> None:
    begin, end = period.begins(now), period.ends(now)
    assert begin <= now < end
    assert period.begins(end) == end
    assert period.begins(end - timedelta(microseconds=1)) == begin
