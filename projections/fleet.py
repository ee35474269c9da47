"""The billing counts of many locations at a date, each under its own terms or all under one generation (rules.md)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from domain.facts.billing import TermsName
from domain.seating import Seating, seats_of
from domain.subscription import Period

Answer: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tally:
    """What it takes to count a location under every generation: a twin of the seats, without the people."""

    seats: int
    on_schedule: int
    paid: int
    """Off the schedule, with an effective paid right."""

    interacting: int
    """Off the schedule, administrator or creating and taking payment."""

    free_owner: bool
    """Whether the one owner that is free is among those who interact."""

    def billable(self, terms: TermsName) -> int:
        """The billable seats under a generation."""
        match terms:
            case "service_providers":
                return self.on_schedule
            case "client_interaction":
                return self.on_schedule + self.interacting - self.free_owner
            case "access_rights":
                return self.on_schedule + self.paid


def row_of_tally(location: str, chain: str | None, period: Period | None, terms: TermsName, tally: Tally) -> Answer:
    """A location's row from a tally; `terms` is the generation that it is judged by."""
    return _row(location, chain, period, terms, (tally.billable(terms), tally.seats))


def row_of_seating(location: str, seating: Seating, terms: TermsName | None) -> Answer:
    """A location's row from its billing list; judged by another generation than its own if `terms` names one."""
    place, judged = seating.team.place, terms if terms is not None else seating.terms
    seats = seats_of(seating.team, seating.cut, judged)
    billable = sum(seat.verdict.billable for seat in seats)
    chain = place.chain if place is not None else None
    return _row(location, chain, seating.period, judged, (billable, len(seats)))


def totals(rows: Sequence[Answer]) -> Answer:
    """The sums over all rows."""
    return {
        "locations": len(rows),
        **{name: _sum(row[name] for row in rows) for name in ("billable", "free", "over")},
    }


def _row(location: str, chain: str | None, period: Period | None, terms: TermsName, counts: tuple[int, int]) -> Answer:
    billable, seats = counts
    available = 0 if period is None else period.available
    return {
        "location": location,
        "chain": chain,
        "subscription": period.subscription if period is not None else None,
        "terms": terms,
        "available": available,
        "billable": billable,
        "free": seats - billable,
        "over": 0 if available is None else max(0, billable - available),
    }


def _sum(numbers: Iterable[int]) -> int:
    return sum(numbers)
