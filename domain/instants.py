"""Instants in UTC with microsecond precision, and the days of a location's time zone (facts.md, section 1)."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.limits import EARLIEST_YEAR, LATEST_YEAR

RESOLUTION = timedelta(microseconds=1)
_RFC_3339 = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?(Z|z|[+-]\d{2}:\d{2})", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@lru_cache(maxsize=8192)
def read_instant(text: str) -> datetime:
    """The instant that an RFC 3339 text with an offset names, in UTC. ValueError with a sentence otherwise."""
    written = _as_written(text)
    if written is not None:
        return written
    match = _RFC_3339.fullmatch(text)
    if not match:
        raise ValueError(
            f"{text!r} is not an instant: write it like 2026-03-03T14:02:00Z, with an offset and at most six decimals"
        )
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    microsecond = int((fraction or "0").ljust(6, "0"))
    shift = timedelta()
    if offset not in "Zz":
        sign = -1 if offset[0] == "-" else 1
        hours, minutes = int(offset[1:3]), int(offset[4:6])
        if hours > 23 or minutes > 59:
            raise ValueError(f"{text!r} has an offset that does not exist")
        shift = sign * timedelta(hours=hours, minutes=minutes)
    try:
        _within_limits(int(year), text)
        naive = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), microsecond, UTC)
    except ValueError as error:
        raise ValueError(f"{text!r} does not exist: {error}") from None
    return naive - shift


def _as_written(text: str) -> datetime | None:
    """The instant, where the text is just what `write_instant` makes of it: nearly every one is."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    exact = found.tzinfo is UTC and f"{text[:-1]}+00:00" == found.isoformat()
    return found if exact and EARLIEST_YEAR <= found.year <= LATEST_YEAR else None


@lru_cache(maxsize=8192)
def read_date(text: str) -> date:
    """The date that an ISO text names (2026-03-03). ValueError with a sentence otherwise."""
    if not _DATE.fullmatch(text):
        raise ValueError(f"{text!r} is not a date: write it like 2026-03-03")
    try:
        found = date.fromisoformat(text)
        _within_limits(found.year, text)
    except ValueError as error:
        raise ValueError(f"{text!r} does not exist: {error}") from None
    return found


@lru_cache(maxsize=8192)
def write_instant(instant: datetime) -> str:
    """RFC 3339 in UTC; decimals only where the second is not whole, then six of them."""
    utc = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    return f"{utc.isoformat()[:-6]}Z"


@lru_cache(maxsize=512)
def read_time_zone(name: str) -> ZoneInfo:
    """The IANA time zone of that name. ValueError with a sentence when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone: use a name of the IANA list, such as Europe/Berlin") from None


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC.

    Where a local midnight is skipped the day starts after the gap, where it comes twice, at the first
    (facts.md, section 1).
    """
    midnight = datetime.combine(day, time(), zone)
    instant = midnight.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return instant
    # Midnight lies in a gap. The zone's change of offset is after the midnight of the later offset
    # and not after the midnight of the earlier one.
    later = midnight.replace(fold=1).utcoffset()
    assert later is not None
    before, after = (midnight.replace(tzinfo=UTC) - later), instant
    while after - before > RESOLUTION:
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == later:
            after = middle
        else:
            before = middle
    return after


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last instant before the next local midnight, in UTC: what a date in a question stands for."""
    return start_of_day(day + timedelta(days=1), zone) - RESOLUTION


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """The local day in which an instant lies."""
    return instant.astimezone(zone).date()


def _within_limits(year: int, text: str) -> None:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ValueError(f"the ledger keeps years {EARLIEST_YEAR} to {LATEST_YEAR}, not that of {text!r}")
