"""One fact whole, for a caller who may see it; and what lies around it: its change, its cause, what undid it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain import canonical
from domain.entries import Entry
from domain.facts import FACT_TYPES, OBSERVATIONS, Fact
from domain.facts.writing import written
from domain.ledger import lines_of
from infrastructure.books import Books, NotFoundError
from infrastructure.door.asking import Asking
from infrastructure.door.caller import Caller
from infrastructure.door.permissions import Sight, Topic
from infrastructure.door.room import Notes, ReadingRoom
from infrastructure.kept.neighbours import next_position, positions_of_change
from infrastructure.kept.reading import PageReading
from infrastructure.mapper import entry_of
from infrastructure.wiring import Application
from projections.filters import Filter
from projections.origins import Row
from projections.paging import Page

MOST_OF_CHANGE = 50
"""Facts of a change that are shown beside one of them."""

_ALL = frozenset(FACT_TYPES)
_FOR_ALL = frozenset({"CataloguePublished", "TermsPublished"})
"""What belongs to no location and is the ground of every bill."""


@dataclass
class FactSeen:
    """A fact as the log tells it, and the others around it, each as a row of the log."""

    row: Row
    json: str
    """The fact in the one written form."""

    sight: Sight
    basis: Row
    change: list[Row] = field(default_factory=list)
    cause: Row | None = None
    caused: list[Row] = field(default_factory=list)
    undone_by: list[Row] = field(default_factory=list)
    before: Row | None = None
    after: Row | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which its place reads times."""
        return ZoneInfo(self.sight.zone)


class FactsSeen:
    """Looks facts up by their ids; NotFoundError for those that the caller may not know of, too."""

    def __init__(self, ledger: Application, room: ReadingRoom, notes: Notes) -> None:
        self._ledger = ledger
        self._room = room
        self._notes = notes

    def fact(self, caller: Caller, location: str, name: str, asking: Asking) -> FactSeen:
        """A fact of a location, or one that holds for all of them, as known at a point."""
        sight = self._room.sight(caller, location)
        looking = _Looking(self._ledger, self._room.books(asking), location, sight, asking)
        found = looking.by_id(name)
        if found is None:
            raise NotFoundError(f"There is no fact {name} in {location} that you may see.")
        entry, fact, row = found
        json = canonical.write(written(fact)).decode()
        seen = FactSeen(row, json, sight, looking.basis)
        self._notes.viewed(caller, location, {"question": "fact", "fact": fact.id})
        looking.surround(seen, entry, fact)
        return seen


class _Looking:
    """Looks around in one location from one basis."""

    def __init__(self, ledger: Application, books: Books, location: str, sight: Sight, asking: Asking) -> None:
        self._store = ledger.store
        self._books = books
        self._location = location
        self._asking = asking
        self._types = _ALL if sight.types is None else sight.types
        if Topic.SEATS in sight.topics:
            self._types |= _ALL - OBSERVATIONS
        self._reading = PageReading(ledger.store, books.position)
        self.basis: Row = {}

    def by_id(self, name: str) -> tuple[Entry, Fact, Row] | None:
        """The entry, the fact and its row; None when it is not there, or not in sight."""
        stored = [row for row in self._store.find([UUID(name)]) if row.position is not None]
        for place in stored:
            entry = entry_of(place)
            if not isinstance(entry, Entry) or place.position is None or place.position > self._books.position:
                continue
            fact = next((line.fact for line in lines_of(entry, 0) if line.fact.id == name), None)
            row = next((each for each in self._at(place.position, entry) if each["id"] == name), None)
            if fact is not None and row is not None:
                return entry, fact, row
        return None

    def surround(self, seen: FactSeen, entry: Entry, fact: Fact) -> None:
        """Add what lies around a fact."""
        upto = self._books.position
        positions = positions_of_change(self._store, entry.fact, upto, MOST_OF_CHANGE)
        around = [row for row in self._rows(positions) if row["id"] != fact.id]
        seen.change = [row for row in around if row["change"] == fact.change and row["caused_by"] != fact.id]
        seen.caused = [row for row in around if row["caused_by"] == fact.id]
        if fact.caused_by is not None:
            cause = self.by_id(fact.caused_by)
            seen.cause = cause[2] if cause is not None else None
        undoing = self._reading.positions_of((), [fact.id]).get(fact.id, set())
        seen.undone_by = [row for row in self._rows(sorted(undoing)) if row["carried_by"] is None]
        self._follow(seen, entry, fact)

    def _follow(self, seen: FactSeen, entry: Entry, fact: Fact) -> None:
        """What came before and after, about the same person."""
        whom = next(((key, who) for key in ("member", "account") if (who := getattr(fact.data, key, None))), None)
        if whom is None or fact.location is None or entry.position is None:
            return
        key, who = whom
        asked = Filter(member=who, types=self._types) if key == "member" else Filter(account=who, types=self._types)
        before = self._books.log(self._location, asked, known=self._asking.known, page=Page(1, entry.position))["log"]
        seen.before = before[-1] if before else None
        place = next_position(self._store, self._location, whom, entry.position, self._books.position)
        after = self._rows([place]) if place is not None else []
        seen.after = after[0] if after else None

    def _rows(self, positions: Iterable[int]) -> list[Row]:
        """The rows at some positions that are in sight."""
        entries = self._reading.entries(positions)
        return [row for position, entry in sorted(entries.items()) for row in self._at(position, entry)]

    def _at(self, position: int, entry: Entry) -> list[Row]:
        """The rows of the entry at a position: as a page of the log that begins there."""
        location = entry.fact.location
        if location != self._location and not (location is None and entry.fact.type in _FOR_ALL):
            return []
        wanted, page = Filter(types=self._types), Page(1, position + 1)
        answer: dict[str, Any] = self._books.log(location, wanted, known=self._asking.known, page=page)
        self.basis = {key: answer[key] for key in ("known", "position")}
        return [row for row in answer["log"] if row["position"] == position]
