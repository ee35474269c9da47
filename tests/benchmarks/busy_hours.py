"""When things happen in a company: rising instants, thick on Monday mornings and where a season starts."""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random

FIRST_DAY = date(2021, 1, 1)
LAST_DAY = date(2025, 12, 31)
"""Five years that ended before any benchmark runs: nothing may be recorded in the future."""

DAYS = (LAST_DAY - FIRST_DAY).days + 1
DAY = 86_400
START = int(datetime(2021, 1, 1, tzinfo=UTC).timestamp())
END = START + DAYS * DAY

_WEEK = (1.7, 1.1, 1.0, 1.1, 1.4, 0.9, 0.25)
"""How much happens from Monday to Sunday."""

_SEASONS = {(3, 1): 3.0, (9, 1): 3.0, (12, 1): 1.8}
"""Months and days from which a season starts, and how many times more happens in its first week."""

_HOURS = (1, 1, 1, 1, 2, 6, 20, 60, 100, 110, 90, 80, 70, 80, 90, 90, 80, 60, 40, 25, 15, 8, 4, 2)
_MONDAY = (1, 1, 1, 1, 2, 10, 60, 240, 400, 240, 90, 70, 60, 60, 60, 60, 60, 40, 25, 15, 10, 6, 3, 2)
"""How much happens in each hour of a day, and of a Monday, when everybody signs in."""


def _shares(weights: list[float]) -> list[float]:
    """Running totals that begin at 0 and end at 1."""
    whole = sum(weights)
    return [0.0, *(part / whole for part in accumulate(weights))]


def _weight(day: date) -> float:
    season = next((more for start, more in _SEASONS.items() if 0 <= (day - date(day.year, *start)).days < 7), 1.0)
    return _WEEK[day.weekday()] * season


_BY_DAY = _shares([_weight(FIRST_DAY + timedelta(days=number)) for number in range(DAYS)])
_BY_HOUR = _shares([float(hour) for hour in _HOURS])
_BY_HOUR_OF_MONDAY = _shares([float(hour) for hour in _MONDAY])
_FIRST_WEEKDAY = FIRST_DAY.weekday()


class BusyHours:
    """Instants in seconds, each at or after the one before it, so many of them up to the end of the five years."""

    def __init__(self, lot: Random, first: int) -> None:
        """`first` is the second from which on something happens."""
        self._lot = lot
        day = (first - START) // DAY
        self._low = _BY_DAY[min(day + 1, DAYS - 1)]
        self._passed = 0.0
        """The share of the time that is over, before it is stretched over busy and quiet days."""

    def next(self, left: int) -> int:
        """The next instant of so many that are left, as if all had been drawn at once and sorted."""
        self._passed += (1.0 - self._passed) * (1.0 - self._lot.random() ** (1.0 / left))
        at = self._low + (1.0 - self._low) * min(self._passed, 0.999999999)
        day = bisect_right(_BY_DAY, at) - 1
        within = (at - _BY_DAY[day]) / (_BY_DAY[day + 1] - _BY_DAY[day])
        hours = _BY_HOUR_OF_MONDAY if (_FIRST_WEEKDAY + day) % 7 == 0 else _BY_HOUR
        hour = bisect_right(hours, within) - 1
        part = (within - hours[hour]) / (hours[hour + 1] - hours[hour])
        return START + day * DAY + int((hour + part) * 3_600)


@lru_cache(maxsize=DAYS * 3)
def _day_text(day: int) -> str:
    return datetime.fromtimestamp(day * DAY, UTC).strftime("%Y-%m-%dT")


def instant(second: int) -> str:
    """A whole second as the ledger writes it."""
    day, rest = divmod(second, DAY)
    hour, rest = divmod(rest, 3_600)
    minute, rest = divmod(rest, 60)
    return f"{_day_text(day)}{hour:02}:{minute:02}:{rest:02}Z"
