"""How many rows of a log there are over time, as the numbers that an SVG and a table need."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from infrastructure.web.log_query import Pairs, between

WIDTH, HEIGHT = 800, 100
_DAYS = 62
_WEEK = 7
_WEEKS = 62


@dataclass(frozen=True, slots=True)
class Bar:
    """Some days: how many rows there are of them, where the bar stands, and the query that asks for them."""

    first: date
    last: date
    count: int
    x: float
    y: float
    width: float
    height: float
    query: str

    @property
    def says(self) -> str:
        """The days in words."""
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class Histogram:
    """The bars from the first row to the last, without gaps."""

    bars: tuple[Bar, ...]
    unit: str
    highest: int
    width: int = WIDTH
    height: int = HEIGHT


def histogram_of(instants: Iterable[datetime], zone: ZoneInfo, pairs: Pairs) -> Histogram | None:
    """The histogram of instants by the days of a zone: by day, by week or by four weeks; None where there are none."""
    days = Counter(instant.astimezone(zone).date() for instant in instants)
    if not days:
        return None
    first, last = min(days), max(days)
    span = (last - first).days + 1
    step = 1 if span <= _DAYS else _WEEK if span <= _WEEK * _WEEKS else 4 * _WEEK
    # Weeks begin on Mondays; single days need no beginning.
    first -= timedelta(days=first.weekday() if step > 1 else 0)
    number = (last - first).days // step + 1
    counts = [0] * number
    for day, count in days.items():
        counts[(day - first).days // step] += count
    highest, wide = max(counts), WIDTH / number
    bars = []
    for place, count in enumerate(counts):
        begin = first + timedelta(days=place * step)
        end = begin + timedelta(days=step - 1)
        tall = HEIGHT * count / highest
        query = between(pairs, str(begin), str(end))
        box = (round(place * wide, 2), round(HEIGHT - tall, 2), round(wide * 0.85, 2), round(tall, 2))
        bars.append(Bar(begin, end, count, *box, query))
    return Histogram(tuple(bars), {1: "day", _WEEK: "week"}.get(step, "four weeks"), highest)
