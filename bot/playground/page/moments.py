"""Moments in words, in the time zone of this machine: the page is read where it is served."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_STEPS = (
    (31_536_000, "year"),
    (2_592_000, "month"),
    (86_400, "day"),
    (3_600, "hour"),
    (60, "minute"),
    (1, "second"),
)
# https://docs.discord.com/developers/reference#message-formatting-timestamp-styles
# DAY stands for the day without a leading zero, which strftime cannot write everywhere.
_STYLES = {
    "t": "%H:%M",
    "T": "%H:%M:%S",
    "d": "%d/%m/%Y",
    "D": "DAY %B %Y",
    "f": "DAY %B %Y %H:%M",
    "F": "%A, DAY %B %Y %H:%M",
    "s": "%d/%m/%Y %H:%M",
    "S": "%d/%m/%Y %H:%M:%S",
}


@dataclass(frozen=True)
class ShownMoment:
    """A moment as it is shown, in full, and for machines."""

    text: str
    full: str
    iso: str


def show_timestamp(seconds: int, style: str, now: datetime) -> ShownMoment | None:
    """Give what stands for `<t:seconds:style>`, or None where no calendar goes that far."""
    try:
        moment = datetime.fromtimestamp(seconds, UTC).astimezone()
        text = relative(moment, now) if style == "R" else _formatted(moment, style)
        return ShownMoment(text, _formatted(moment, "F"), moment.isoformat())
    except (OverflowError, ValueError, OSError):
        return None


def show_posted(iso: str, now: datetime) -> ShownMoment:
    """Give what stands in a message's head: the hour alone today, else with its day."""
    moment = datetime.fromisoformat(iso).astimezone()
    today = now.astimezone().date()
    if moment.date() == today:
        text = _formatted(moment, "t")
    elif moment.date() == today - timedelta(days=1):
        text = f"Yesterday at {_formatted(moment, 't')}"
    else:
        text = _formatted(moment, "s")
    return ShownMoment(text, _formatted(moment, "F"), moment.isoformat())


def new_day(iso: str, iso_before: str) -> str:
    """Give the day of a message in words, if it is another one than that of the message before; else ''."""
    moment, before = (datetime.fromisoformat(each).astimezone() for each in (iso, iso_before))
    return "" if moment.date() == before.date() else _formatted(moment, "D")


def relative(moment: datetime, now: datetime) -> str:
    """Give a distance in time in words, such as '3 minutes ago' or 'in 2 days'."""
    seconds = round((moment - now).total_seconds())
    if seconds == 0:
        return "now"
    size, unit = next((size, unit) for size, unit in _STEPS if abs(seconds) >= size)
    count = abs(seconds) // size
    words = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"in {words}" if seconds > 0 else f"{words} ago"


def _formatted(moment: datetime, style: str) -> str:
    return moment.strftime(_STYLES[style].replace("DAY", str(moment.day)))
