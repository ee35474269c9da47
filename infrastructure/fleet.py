"""The counts of all locations at a date: looked up in one question where they are kept, folded one by one elsewhere."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from domain.facts.billing import TermsName
from domain.ledger import AsOf, Cut
from domain.seating import Seating, newest_terms
from infrastructure.basis import Answer
from infrastructure.kept.fleet import Counted, Fleet
from projections.fleet import row_of_seating, row_of_tally
from projections.weights import bit_of

Point = Callable[[ZoneInfo], AsOf]
"""The point of both times that a question stands for in a time zone."""


def kept_rows(fleet: Fleet, point: Point, cut: Callable[[AsOf], Cut], terms: TermsName | None) -> list[Answer]:
    """The rows of all locations that are kept, in order of their ids."""
    zones, _ = fleet.zones()
    cuts: dict[AsOf, Cut] = {}
    points: dict[str, tuple[AsOf, int]] = {}
    for location, zone in zones.items():
        at = point(zone)
        if at not in cuts:
            cuts[at] = cut(at)
        points[location] = (at, bit_of(cuts[at].catalogue.version))
    counted = fleet.counted(points)
    return [
        _row(location, counted[location], points[location][0], cuts[points[location][0]], terms)
        for location in sorted(points)
    ]


def _row(location: str, found: Counted, at: AsOf, cut: Cut, terms: TermsName | None) -> Answer:
    period = found.subscriptions.at(at.on)
    own = period.terms if period is not None else newest_terms(cut)
    return row_of_tally(location, found.chain, period, terms if terms is not None else own, found.tally)


def folded_rows(locations: Sequence[str], seating: Callable[[str], Seating], terms: TermsName | None) -> list[Answer]:
    """The rows of locations that are folded one by one."""
    return [row_of_seating(location, seating(location), terms) for location in locations]
