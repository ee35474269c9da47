"""The books: questions in, answers out. They are opened at a point of both times and a position, and have no other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from operator import itemgetter
from zoneinfo import ZoneInfo

from domain import facts
from domain.catalogue import Catalogue
from domain.entries import TERMS
from domain.evolution import team_of
from domain.facts.billing import TermsName
from domain.instants import write_instant
from domain.ledger import AsOf, Ledger
from domain.readings import READINGS, Readings
from domain.seating import Seating
from infrastructure.basis import Answer, Basis, Listed, Moment, read_moment, resolve, zone_of
from infrastructure.fleet import folded_rows, kept_rows
from infrastructure.folded_log import FoldedLog
from infrastructure.kept.asked import Asked
from infrastructure.kept.citing import KeptCitation
from infrastructure.kept.kept import Kept, Place
from infrastructure.kept.log_answers import KeptLog
from infrastructure.kept.seen import kept_seen
from infrastructure.kept.surroundings import Tangled
from infrastructure.mapper import read_rows, without_collection
from infrastructure.retention.coverage import SIGN_INS, covered
from infrastructure.store import Store
from infrastructure.two_lists import kept_lists, last_known, side_by_side
from projections.access import access
from projections.charges import charges
from projections.citation import Citation
from projections.difference import TooNarrow, differences
from projections.explanation import explanation, find_seat, former_explanation, rests_on
from projections.filters import EVERYTHING, Filter
from projections.fleet import totals
from projections.names import Names
from projections.paging import Page
from projections.roster import roster, seen_in
from projections.seats import seats
from projections.sentences import Sentences

__all__ = ["Answer", "Books", "Moment", "NotFoundError", "NotSettledError", "read_moment"]


class NotFoundError(Exception):
    """The ledger knows no such location or seat; look at what it is called."""


class NotSettledError(Exception):
    """The ledger has not come to that position yet; ask for one that it has."""


class Books:
    """The ledger up to one position. Every question takes both times; nothing else can change its answer."""

    def __init__(
        self,
        store: Store,
        catalogues: Mapping[int, Catalogue],
        *,
        position: int | None = None,
        settled: int | None = None,
        now: datetime | None = None,
        readings: Readings = READINGS,
        kept: Kept | None = None,
    ) -> None:
        """Open the books at a position, by default the last settled one. `now` is what a missing time stands for.

        `settled` is a position to which the ledger is known to have come. With `kept` projections answers are looked up
        where they are kept up to that position, and folded elsewhere: the same bytes.

        NotSettledError when the ledger has not come to that position.
        """
        if settled is None:
            settled = store.last_position() if position is not None else store.sequence()
        if position is not None and position > settled and position > (settled := store.sequence()):
            raise NotSettledError(f"The ledger is settled up to position {settled}, not {position}; ask for that.")
        self._store = store
        self._catalogues = catalogues
        self._readings = readings
        self._kept = kept
        self._now = now if now is not None else store.now()
        self.position = settled if position is None else position

    def locations(self) -> Sequence[str]:
        """Every location that has been opened by this position, in order of its id."""
        opened = self._store.read_all(0, self.position, types=["LocationOpened", "Correction"])
        entries, _ = read_rows(opened)
        record = Ledger(entries, self._catalogues).record(datetime.max.replace(tzinfo=UTC))
        return sorted(
            {
                line.fact.location
                for line in record.lines
                if isinstance(line.fact.data, facts.LocationOpened)
                and line.fact.location is not None
                and line.fact.id not in record.left_out
            }
        )

    def seats(self, location: str, on: Moment = None, known: Moment = None) -> Answer:
        """Who was a billable seat, by which rule, because of which fact (answers.md, `seats`)."""
        with without_collection():
            asked = self._at(location, on, known)
            answer = seats(asked.seating)
        answer["notes"] += [{"code": "quarantined", "positions": list(asked.unread)}] if asked.unread else []
        return {"location": location, **asked.basis.written(), **answer}

    def difference(self, location: str, one: tuple[Moment, Moment], other: tuple[Moment, Moment]) -> Answer:
        """Two billing lists of a location, each (on, known), and the facts that make each difference."""
        place = self._place(location)
        if self._kept is not None and place is not None:
            bases = (self._basis(place.zone, *one), self._basis(place.zone, *other))
            lists = kept_lists(self._kept, place, bases[0].at, bases[1].at, self._readings)
            with suppress(TooNarrow):
                found = differences(*lists, whole=False)
                return side_by_side(location, bases, lists, found, self.citation(location, last_known(bases)))
        ledger, before = self._asked(location, *one)
        bases = (before, self._basis(zone_of(ledger), *other))
        lists = (Seating(ledger.as_of(bases[0].at)), Seating(ledger.as_of(bases[1].at)))
        cite = self._citation(ledger, last_known(bases))
        return side_by_side(location, bases, lists, differences(*lists), cite)

    def explanation(self, location: str, seat_id: str, on: Moment = None, known: Moment = None) -> Answer:
        """Why a seat is billable or not, rule by rule. NotFoundError when there is no such seat at that point."""
        asked = self._at(location, on, known)
        seating, basis = asked.seating, asked.basis
        seat = find_seat(seating, seat_id)
        cite = self.citation(location, basis.at.known)
        if seat is not None:
            cite.read(rests_on(seating, seat))
            return {"location": location, **basis.written(), **explanation(seating, seat, cite.of_id)}
        gone = former_explanation(seating, seat_id, cite.of_id)
        if gone is None:
            raise NotFoundError(
                f"There is no seat {seat_id} in {location} on {write_instant(basis.at.on)}, "
                f"as known on {write_instant(basis.at.known)}; `seats` and its former rows list who there is."
            )
        return {"location": location, **basis.written(), **gone}

    def access(self, location: str, on: Moment = None, known: Moment = None, *, account: str | None = None) -> Answer:
        """Who held which role, rights and scopes."""
        with without_collection():
            asked = self._at(location, on, known)
            found = access(asked.seating)
        if account is not None:
            found = {**found, "users": [user for user in found["users"] if user["account"] == account]}
        return {"location": location, **asked.basis.written(), **found}

    def roster(self, location: str, on: Moment = None, known: Moment = None) -> Answer:
        """Everybody of a location, gone or not, with the last sign-in and the second step."""
        place = self._place(location, on, known)
        if self._kept is not None and place is not None:
            basis = self._basis(place.zone, on, known)
            team = self._kept.team(place, basis.at)
            seen = kept_seen(self._store, self._kept, place, team, basis.at)
            if seen is not None:
                answer = {"location": location, **basis.written(), **roster(team, seen)}
                return covered(self._store, answer, SIGN_INS)
        ledger, basis = self._asked(location, on, known)
        team = Seating(ledger.as_of(basis.at)).team
        streams = [f"observations:{location}"]
        for account in team.users:
            streams += [f"account:{account}", f"observations:{account}"]
        whole = self._ledger([TERMS, f"location:{location}", *streams])
        cut = whole.as_of(basis.at)
        people = roster(team_of(line.fact for line in cut.lines), seen_in(cut, whole.record(basis.at.known)))
        return covered(self._store, {"location": location, **basis.written(), **people}, SIGN_INS)

    def charges(self, location: str, on: Moment = None, known: Moment = None) -> Answer:
        """What was billed, and the seats it rested on, as known then and as known at the basis."""
        kept, place = self._kept, self._place(location)
        if kept is None or place is None:
            ledger, basis = self._asked(location, on, known)
            cut, seating = ledger.as_of(basis.at), lambda at: Seating(ledger.as_of(at))
        else:
            basis = self._basis(place.zone, on, known)
            lines = kept.lines_of_the_place(place, basis.at)
            cut, seating = replace(kept.cut(place, basis.at, self._readings), lines=lines), self._looked_up(place)
        return {"location": location, **basis.written(), "charges": charges(cut, seating)}

    def fleet(
        self, on: Moment = None, known: Moment = None, *, terms: TermsName | None = None, chain: str | None = None
    ) -> Answer:
        """The counts of every location, or of a chain's as it was then: each by its own terms, or all by one."""

        def point(zone: ZoneInfo) -> AsOf:
            return self._basis(zone, on, known).at

        kept = self._kept.fleet(self.position) if self._kept is not None and self._readings == READINGS else None
        if kept is not None and self._kept is not None:
            cut = partial(self._kept.cut_at, self.position, readings=self._readings)
            irregular = kept.zones()[1]
            folded = [location for location in self.locations() if location in irregular] if irregular else []
            rows = kept_rows(kept, point, cut, terms)
        else:
            folded, rows = list(self.locations()), []
        rows += folded_rows(folded, lambda location: self._at(location, on, known).seating, terms)
        rows = sorted((row for row in rows if chain is None or row["chain"] == chain), key=itemgetter("location"))
        utc = self._basis(ZoneInfo("UTC"), on, known).written()
        return {**utc, "judged_by": terms, "totals": totals(rows), "locations": rows}

    def history(
        self,
        location: str | None,
        wanted: Filter,
        on: Moment = None,
        known: Moment = None,
        *,
        page: Page | None = None,
    ) -> Answer:
        """Who changed what, when, from which device: one row a change; all of them, or a page."""
        return self._told(Asked(location, wanted, self.position, self._now, on, known, page, observed=False))

    def log(
        self,
        location: str | None,
        wanted: Filter,
        on: Moment = None,
        known: Moment = None,
        *,
        page: Page | None = None,
    ) -> Answer:
        """The security log: one row a fact, observations and refused attempts included; all of them, or a page."""
        return self._told(Asked(location, wanted, self.position, self._now, on, known, page))

    def _told(self, asked: Asked) -> Answer:
        """From what is kept where that is quicker and the whole truth, else by a fold: the same bytes."""
        tellers: list[KeptLog | FoldedLog] = [FoldedLog(self._store, self._catalogues, self.locations)]
        if self._kept is not None and asked.narrow and self._kept.position() >= self.position:
            tellers.append(KeptLog(self._store, self._catalogues))
        while True:
            with suppress(Tangled):
                answer = tellers.pop().answer(asked)
                break
        if answer is None:
            raise NotFoundError(f"There is no location {asked.location} in this ledger.")
        return covered(self._store, answer) if asked.observed else answer

    def seating(self, location: str, on: Moment = None, known: Moment = None) -> Seating:
        """What every answer about a location is made of, at a point."""
        return self._at(location, on, known).seating

    def zone(self, location: str) -> ZoneInfo:
        """The time zone of a location, to show instants in. NotFoundError when there is no such location."""
        place = self._place(location)
        return place.zone if place is not None else zone_of(self._asked(location, None, None)[0])

    def citation(self, location: str, known: Moment = None) -> Citation:
        """How to show the facts of a location whole, as far as they are known."""
        if self._place(location) is not None:
            with suppress(Tangled):
                return KeptCitation(
                    self._store, self._catalogues, Asked(location, EVERYTHING, self.position, self._now, None, known)
                )
        ledger, basis = self._asked(location, None, known)
        return self._citation(ledger, basis.at.known)

    def _at(self, location: str, on: Moment, known: Moment) -> Listed:
        """The billing list at a point: looked up where it is kept, else folded."""
        place = self._place(location, on, known)
        if self._kept is None or place is None:
            ledger, basis = self._asked(location, on, known)
            return Listed(Seating(ledger.as_of(basis.at)), basis, [row.position for row in ledger.quarantined])
        basis = self._basis(place.zone, on, known)
        return Listed(self._looked_up(place)(basis.at), basis, place.unread)

    def _looked_up(self, place: Place) -> Callable[[AsOf], Seating]:
        """The billing lists of a location that is kept."""
        kept = self._kept
        assert kept is not None
        return lambda at: Seating(kept.cut(place, at, self._readings), kept.team(place, at))

    def _place(self, location: str, *point: Moment) -> Place | None:
        kept = self._kept
        at = self._basis(kept.zone_before(location), *point).at if kept is not None and point else None
        return kept.place(location, self.position, at) if kept is not None else None

    def _asked(self, location: str, on: Moment, known: Moment) -> "tuple[Ledger, Basis]":
        own = f"location:{location}"
        rows = list(self._store.read_streams([TERMS, own], self.position))
        if all(row.stream != own for row in rows):
            raise NotFoundError(f"There is no location {location} in this ledger.")
        entries, unread = read_rows(rows)
        ledger = Ledger(entries, self._catalogues, self._readings, unread)
        return ledger, self._basis(zone_of(ledger), on, known)

    def _basis(self, zone: ZoneInfo, on: Moment, known: Moment) -> Basis:
        return Basis(AsOf(resolve(on, self._now, zone), resolve(known, self._now, zone)), self.position)

    def _ledger(self, streams: Iterable[str]) -> Ledger:
        entries, unread = read_rows(self._store.read_streams(streams, self.position))
        return Ledger(entries, self._catalogues, self._readings, unread)

    def _citation(self, ledger: Ledger, known: datetime) -> Citation:
        record = ledger.record(known)
        return Citation(record, Sentences(Names(record), record, zone_of(ledger)))
