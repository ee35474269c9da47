"""What was billed, and the seats it rested on: as known when it was charged, and as known at the cut (answers.md)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from domain.facts import SeatsCharged
from domain.instants import write_instant
from domain.ledger import AsOf, Cut, Line
from domain.seating import Seating

Answer: TypeAlias = dict[str, Any]


Seats: TypeAlias = Callable[[AsOf], Seating]
"""The billing list of the location at any point of both times."""


def charges(cut: Cut, seats: Seats) -> list[Answer]:
    """Every charge at the cut, in the order in which they hold."""
    counts = _Counts(seats)
    return [_row(line, line.fact.data, counts, cut) for line in cut.lines if isinstance(line.fact.data, SeatsCharged)]


@dataclass(frozen=True)
class _Counts:
    """Billable and free seats at points of both times, each counted once."""

    seating: Seats
    found: dict[AsOf, tuple[int, int]] = field(default_factory=dict)

    def at(self, on: datetime, known: datetime) -> tuple[int, int]:
        """How many seats were billable, and how many free."""
        at = AsOf(on=on, known=known)
        if at not in self.found:
            seats = self.seating(at).seats
            billable = sum(seat.verdict.billable for seat in seats)
            self.found[at] = (billable, len(seats) - billable)
        return self.found[at]


def _row(line: Line, data: SeatsCharged, counts: _Counts, cut: Cut) -> Answer:
    return {
        "fact": line.fact.id,
        "position": line.entry.position,
        "charge": data.charge,
        "subscription": data.subscription,
        "recorded_at": write_instant(line.known_at),
        "effective_at": write_instant(line.fact.effective_at),
        "billed": {"billable": data.billable, "free": data.free, "amount": data.amount, "currency": data.currency},
        "as_known_then": _counted(line, data, counts, line.known_at),
        "as_known_now": _counted(line, data, counts, cut.at.known),
    }


def _counted(line: Line, data: SeatsCharged, counts: _Counts, known: datetime) -> Answer:
    billable, free = counts.at(line.fact.effective_at, known)
    return {
        "known": write_instant(known),
        "billable": billable,
        "free": free,
        "agrees": (billable, free) == (data.billable, data.free),
    }
