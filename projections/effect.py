"""What facts that are not appended yet would do to the seats of a location (rules.md, dry_run)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.entries import Entry
from domain.instants import write_instant
from domain.ledger import AsOf, Ledger
from domain.seating import Seating
from projections.difference import both_sides, differences, summary


@dataclass(frozen=True, slots=True)
class Effect:
    """The counts before and after, and the seats that change, at the instant when all of it holds."""

    location: str
    at: datetime
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    seats: Sequence[Mapping[str, Any]]


def effect(location: str, ledger: Ledger, new: Sequence[Entry], known: datetime) -> Effect:
    """The effect at the latest instant at which one of the new facts takes effect, as known at their recording."""
    at = max([known, *(entry.fact.effective_at for entry in new)])
    one = Seating(ledger.as_of(AsOf(at, known)))
    grown = Ledger([*ledger.entries, *new], ledger.catalogues, ledger.readings, ledger.quarantined)
    other = Seating(grown.as_of(AsOf(at, known)))
    counts = summary(one, other)
    changed = [both_sides(found) for found in differences(one, other)]
    return Effect(location, at, counts["before"], counts["after"], changed)


def written(found: Effect) -> dict[str, Any]:
    """An effect as JSON."""
    return {
        "location": found.location,
        "at": write_instant(found.at),
        "before": dict(found.before),
        "after": dict(found.after),
        "seats": list(found.seats),
    }
