"""Days and moments as people write them: 3 March 2026, 3 March 2026 14:02."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day(found: date) -> str:
    """A date, the same in every locale."""
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"


def moment(instant: datetime, zone: ZoneInfo) -> str:
    """An instant on the clocks of a zone, to the minute."""
    local = instant.astimezone(zone)
    return f"{day(local)} {local.hour:02d}:{local.minute:02d}"
