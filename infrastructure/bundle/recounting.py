"""The answers of a bundle once more, from its facts alone: every day at both clocks, differences, charges, reasons.

A plain fold over cuts, in an order that goes over each fact once as long as nothing comes in between. It is the form
of the answers that the books give (answers.md), read a second time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from domain import facts
from domain.catalogue import Catalogue
from domain.entries import Entry, Quarantined
from domain.evolution import team_of
from domain.instants import end_of_day, read_time_zone, write_instant
from domain.ledger import AsOf, Cut, Ledger, Line, left_out_of
from domain.seating import Seating
from domain.team import Team
from infrastructure.bundle.reading import Asked
from projections.charges import charges
from projections.citation import Citation
from projections.difference import both_sides, differences, summary
from projections.explanation import explanation, find_seat, former_explanation
from projections.names import Names
from projections.seats import seats
from projections.sentences import Sentences

Answer: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the question, as its bill was known at its own end and as it is known now."""

    date: date
    then: Seating
    now: Seating


class Recount:
    """The answers to one question, from the facts of one location and the terms."""

    def __init__(
        self,
        asked: Asked,
        entries: Sequence[Entry],
        unread: Sequence[Quarantined],
        catalogues: Mapping[int, Catalogue],
        basis: tuple[datetime, int],
    ) -> None:
        """`basis` is the moment at which it was asked, and the last position that goes in."""
        self._asked = asked
        self._ledger = Ledger(entries, catalogues)
        self._unread = [row.position for row in unread]
        self._now = asked.known if asked.known is not None else basis[0]
        self._position = basis[1]

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone that the location was opened with; UTC where nobody says."""
        opened = [line for line in self._ledger.lines if isinstance(line.fact.data, facts.LocationOpened)]
        left_out = left_out_of(self._ledger.lines) if len(opened) > 1 else {}
        standing = [line for line in opened if line.fact.id not in left_out] or opened
        data = max(standing, key=_order).fact.data if standing else None
        return read_time_zone(data.time_zone) if isinstance(data, facts.LocationOpened) else ZoneInfo("UTC")

    @cached_property
    def days(self) -> tuple[Day, ...]:
        """Every day with both billing lists."""
        dates = [self._asked.first + timedelta(days=number) for number in range(self._asked.days)]
        ends = [end_of_day(each, self.zone) for each in dates]
        then, now = _Folding(), _Folding()
        last = self._ledger.as_of(AsOf(ends[-1], self._now))
        return tuple(
            Day(each, then.seating(self._ledger.as_of(AsOf(end, end))), now.seating(_upto(last, end)))
            for each, end in zip(dates, ends, strict=True)
        )

    def terms_used(self) -> list[str]:
        """The generations of the terms that any of the lists was judged by."""
        return sorted({side.terms for day in self.days for side in (day.then, day.now)})

    def catalogues_used(self) -> list[int]:
        """The versions of the rights catalogue in force on any of the days."""
        return sorted({side.cut.catalogue.version for day in self.days for side in (day.then, day.now)})

    def answers(self) -> Answer:
        """The whole of answers.json."""
        place = self.days[-1].now.team.place
        return {
            "name": place.name if place is not None else self._asked.location,
            "days": [self._day(day) for day in self.days],
            "differences": list(self._differences()),
            "charges": self._charges(),
        }

    def _day(self, day: Day) -> Answer:
        row = {"date": day.date.isoformat(), "then": self._seats(day.then), "now": self._seats(day.now)}
        if self._asked.seat is None:
            return row
        explained = {"then": self._explained(day.then), "now": self._explained(day.now)}
        return {**row, "explained": explained}

    def _seats(self, seating: Seating) -> Answer:
        answer = seats(seating)
        answer["notes"] += [{"code": "quarantined", "positions": self._unread}] if self._unread else []
        return {"location": self._asked.location, **self._basis(seating), **answer}

    def _explained(self, seating: Seating) -> Answer | None:
        """Why the seat in question is billable or not; None where there is none of that name."""
        name = self._asked.seat
        assert name is not None
        seat, cite = find_seat(seating, name), self._citation(seating.cut.at.known)
        if seat is not None:
            found: Answer | None = explanation(seating, seat, cite.of_id)
        else:
            found = former_explanation(seating, name, cite.of_id)
        return {"location": self._asked.location, **self._basis(seating), **found} if found is not None else None

    def _differences(self) -> Iterator[Answer]:
        """Days on which both clocks disagree, those together that disagree alike; the facts make the first of them."""
        for together in alike(self.days):
            one, other = together[0].then, together[0].now
            cite = self._citation(max(one.cut.at.known, other.cut.at.known))
            rows = [
                {**both_sides(each), "facts": [cite.of_id(name) for name in each.facts], "smallest": each.smallest}
                for each in differences(one, other)
            ]
            yield {
                "from": together[0].date.isoformat(),
                "to": together[-1].date.isoformat(),
                "difference": {
                    "location": self._asked.location,
                    "one": self._basis(one),
                    "other": self._basis(other),
                    "position": self._position,
                    "counts": summary(one, other),
                    "differences": rows,
                },
            }

    def _charges(self) -> list[Answer]:
        """What was billed on these days."""
        last, first = self.days[-1].now.cut, self.days[0].date
        rows = charges(last, lambda at: Seating(self._ledger.as_of(at)))
        begins = write_instant(end_of_day(first - timedelta(days=1), self.zone))
        return [row for row in rows if _sortable(row["effective_at"]) > _sortable(begins)]

    def _basis(self, seating: Seating) -> Answer:
        at = seating.cut.at
        return {"on": write_instant(at.on), "known": write_instant(at.known), "position": self._position}

    def _citation(self, known: datetime) -> Citation:
        record = self._ledger.record(known)
        return Citation(record, Sentences(Names(record), record, self.zone))


class _Folding:
    """Folds one cut after the other; where one begins with the last one's lines, its fold goes on from there."""

    def __init__(self) -> None:
        self._lines: tuple[Line, ...] = ()
        self._team = Team()

    def seating(self, cut: Cut) -> Seating:
        """The billing list at a cut."""
        known = len(self._lines)
        goes_on = cut.lines[:known] == self._lines
        start, rest = (self._team, cut.lines[known:]) if goes_on else (Team(), cut.lines)
        self._lines, self._team = cut.lines, team_of((line.fact for line in rest), start)
        return Seating(cut, self._team)


def alike(days: Sequence[Day]) -> Iterator[list[Day]]:
    """Days in a row that differ between both clocks in the same way."""
    together: list[Day] = []
    before: object = None
    for day in days:
        told = (_told(day.then), _told(day.now))
        differs = told[0] != told[1]
        if together and (not differs or told != before):
            yield together
            together = []
        if differs:
            together.append(day)
        before = told
    if together:
        yield together


def _told(seating: Seating) -> list[object]:
    """What of a list is the same as long as nobody's verdict changes."""
    return [
        (seat.id, seat.verdict.billable, [(reason.code, reason.right) for reason in seat.verdict.reasons])
        for seat in seating.seats
    ]


def _upto(cut: Cut, on: datetime) -> Cut:
    """A shorter cut of the same knowledge."""
    lines = tuple(line for line in cut.lines if line.fact.effective_at <= on)
    return Cut(AsOf(on, cut.at.known), lines, cut.catalogues, cut.readings, cut.left_out)


def _order(line: Line) -> tuple[datetime, int]:
    return line.order


def _sortable(instant: str) -> str:
    return instant if "." in instant else f"{instant[:-1]}.000000Z"
