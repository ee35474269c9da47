"""Random points of both times, as people ask: any instant, the end of a day, now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from infrastructure.books import Moment
from tests.benchmarks.busy_hours import END, START


@dataclass(frozen=True, slots=True)
class Point:
    """When it held, and when it was known."""

    on: Moment
    known: Moment


def points(count: int, seed: int = 1) -> list[Point]:
    """So many points, evenly over five years on both axes; a third of the times are dates, a tenth is now."""
    lot = Random(f"points {seed}")
    moments = _moments(lot)
    return [Point(next(moments), next(moments)) for _ in range(count)]


def dates(count: int, seed: int = 1) -> list[Moment]:
    """So many days, any of the five years."""
    lot = Random(f"dates {seed}")
    return [datetime.fromtimestamp(lot.randrange(START, END), UTC).date() for _ in range(count)]


def _moments(lot: Random) -> Iterator[Moment]:
    while True:
        drawn = lot.random()
        at = datetime.fromtimestamp(lot.randrange(START, END), UTC)
        yield None if drawn < 0.1 else at.date() if drawn < 0.43 else at
