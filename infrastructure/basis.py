"""What an answer rests on: a point of both times and a position; and how the moments that people name become such."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from domain import facts
from domain.instants import end_of_day, read_date, read_instant, read_time_zone, write_instant
from domain.ledger import AsOf, Ledger, left_out_of
from domain.seating import Seating

Answer: TypeAlias = dict[str, Any]
Moment: TypeAlias = datetime | date | None
"""An instant, a date (the end of that day in the location's time zone), or now."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What an answer rests on: both times, and the last position that goes in."""

    at: AsOf
    position: int

    def written(self) -> Answer:
        """The basis as every answer carries it."""
        return {"on": write_instant(self.at.on), "known": write_instant(self.at.known), "position": self.position}


@dataclass(frozen=True, slots=True)
class Listed:
    """A location's billing list at a basis, and the positions of what cannot be read."""

    seating: Seating
    basis: Basis
    unread: Sequence[int | None]


def read_moment(text: str) -> Moment:
    """The instant or date that a text names. ValueError with a sentence otherwise."""
    return read_date(text) if len(text) == len("2026-03-03") else read_instant(text)


def resolve(moment: Moment, now: datetime, zone: ZoneInfo) -> datetime:
    """The instant that a moment stands for in a time zone."""
    if moment is None:
        return now
    return moment if isinstance(moment, datetime) else end_of_day(moment, zone)


def zone_of(ledger: Ledger) -> ZoneInfo:
    """The time zone that the location was opened with, as everything known says; UTC for what has no place."""
    opened = [line for line in ledger.lines if isinstance(line.fact.data, facts.LocationOpened)]
    if len(opened) > 1:
        left_out = left_out_of(ledger.lines)
        opened = [line for line in opened if line.fact.id not in left_out] or opened
    if not opened:
        return ZoneInfo("UTC")
    data = max(opened, key=lambda line: line.order).fact.data
    assert isinstance(data, facts.LocationOpened)
    return read_time_zone(data.time_zone)
