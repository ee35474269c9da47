"""A step chart of counts by day, as the numbers that an SVG needs: nothing is drawn by a script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HEIGHT = 120
WIDTH = 800


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: where its bar stands, and what it says."""

    x: float
    y: float
    width: float
    height: float
    changed: bool
    says: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars, the line of what was bought (points of a polyline; empty where it was unlimited), the highest count."""

    bars: tuple[Bar, ...]
    bought: str
    highest: int
    width: int = WIDTH
    height: int = HEIGHT


def chart_of(days: Sequence[Mapping[str, Any]]) -> Chart:
    """The chart of the rows of a replay."""
    highest = max([1, *(day["billable"] for day in days), *(day["available"] or 0 for day in days)])
    wide = WIDTH / len(days)
    bars, bought = [], []
    for number, day in enumerate(days):
        tall = HEIGHT * day["billable"] / highest
        says = f"{day['date']}: {day['billable']} billable, {day['free']} free"
        bars.append(
            Bar(
                round(number * wide, 2),
                round(HEIGHT - tall, 2),
                round(max(wide - 1, wide * 0.8), 2),
                round(tall, 2),
                bool(day["changes"]),
                says,
            )
        )
        if day["available"] is not None:
            y = round(HEIGHT - HEIGHT * day["available"] / highest, 2)
            bought.append(f"{round(number * wide, 2)},{y} {round((number + 1) * wide, 2)},{y}")
    return Chart(tuple(bars), " ".join(bought) if len(bought) == len(days) else "", highest)
