"""The kept projections as the books ask them: the team of a location at a point, without a fold of its past."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from domain.catalogue import Catalogue
from domain.entries import TERMS, Entry
from domain.instants import read_instant, read_time_zone
from domain.ledger import AsOf, Cut, Ledger, Line, lines_of
from domain.readings import Readings
from domain.team import Team
from infrastructure.kept.cells import cells_at, cells_of_time
from infrastructure.kept.entries import read_stored
from infrastructure.kept.fleet import Fleet
from infrastructure.kept.form import made_in, made_with
from infrastructure.kept.veiled import Veiled
from infrastructure.mapper import read_rows
from infrastructure.postgres.statements import statements
from infrastructure.store import Store
from projections.names import Names
from projections.parts import member_key, team_of_parts, user_key
from projections.sayings import DISMISSALS, LEFT_OUT, NAMED
from projections.strands import PLACE_KEY
from projections.written_parts import Slugs

_SQL = statements("kept_read")
_UTC = ZoneInfo("UTC")

_ZONES = 1 << 16
"""Locations whose time zone is remembered."""

_BATCH = 10_000
"""Rows that are given positions at once when books are opened; more are a matter of their own."""


class Opening(NamedTuple):
    """What books are opened with, seen at one moment and in one question."""

    last: int
    """The last position."""

    now: datetime
    """The database's clock, read after it."""

    kept_to: int
    """Up to which position everything is kept; 0 when what is there was made by another version."""

    to_be_kept_again: bool
    """Whether somebody was erased since: the tables are not used until they are brought forward."""


@dataclass(frozen=True, slots=True)
class Place:
    """A location of which everything up to a position is kept."""

    location: str
    position: int
    kept_to: int
    """The position up to which everything was kept when it was looked up; later rows do not matter to it."""

    zone: ZoneInfo
    unread: Sequence[int]
    """Positions of rows that this program cannot read, those of the terms included."""

    prefix: tuple[datetime, int] | None
    """An instant with the position up to which the location's own facts were known by then."""

    parts: tuple[AsOf, Sequence[tuple[str, str]]] | None = None
    """A point with the parts of the location that hold there."""


class Kept:
    """Reads the tables; safe to share between threads. What is kept up to a position never changes."""

    def __init__(self, store: Store, catalogues: Mapping[int, Catalogue]) -> None:
        self._store = store
        self._boundary = store.connections.boundary
        self._catalogues = catalogues
        self._made_with = made_with(catalogues)
        self._slugs = Slugs.of(catalogues)
        self._made_of_before = ""
        self._lock = threading.Lock()
        self._zones: dict[str, ZoneInfo] = {}
        self._zone_before = _UTC
        self._terms: list[Entry] = []
        self._terms_version = 0
        self._terms_epoch = 0

    def position(self) -> int:
        """Up to which position everything is kept; 0 when what is there was made by another version."""
        position, made = self._store.connections.read(_SQL["state"])[0]
        return int(position) if made == self._made_now() else 0

    def opening(self, batch: int = _BATCH) -> Opening:
        """What books are opened with; whatever can have a position has one then."""
        last, more, now, kept_to, made = self._store.connections.read(_SQL["opening"], {"batch": batch})[0]
        if more:
            last, now = self._store.sequence(), self._store.now()
        # Whoever reads what is kept asks the epoch itself; here it is asked only where the one of before does not fit.
        fits = self._made_of_before == made or self._made_now() == made
        return Opening(last, now, kept_to if fits else 0, not fits and made.partition(" ")[0] == self._made_with)

    def zone_before(self, location: str) -> ZoneInfo:
        """The time zone that the location had when it was last looked up; for one that never was, that of another.

        What a date stands for is known only with the place: asked for by this zone it nearly always comes with it.
        """
        return self._zones.get(location, self._zone_before)

    def place(self, location: str, position: int, at: AsOf | None = None) -> Place | None:
        """What is kept of a location; None where that does not reach to the position, or is not the whole truth.

        With a point it is looked up in the same question what was known by then and held at it.
        """
        asked = {
            "location": location,
            "position": position,
            "terms": TERMS,
            "stream": f"location:{location}",
            "known": at and at.known,
            "on": at and at.on,
            "cells": cells_of_time(at.on) if at is not None else [],
        }
        found = self._store.connections.read(_SQL["location"], asked)[0]
        kept_to, made, first, irregular, zone, terms, unread, last, parts = found
        epoch = self._epoch()
        made_now = made == made_in(self._made_with, epoch)
        somewhere = location != "" and first is not None and first <= position  # what has no place is kept as ''
        if kept_to < position or not made_now or not somewhere or irregular:
            return None
        self._read_terms(terms or 0, epoch)
        prefix, held = ((at.known, last), (at, parts)) if at is not None else (None, None)
        told = read_time_zone(zone) if zone is not None else _UTC
        self._note_zone(location, told)
        return Place(location, position, kept_to, told, unread, prefix, held)

    def team(self, place: Place, at: AsOf) -> Team:
        """The team of a location at a point."""
        if place.parts is not None and place.parts[0] == at:
            rows = place.parts[1]
        else:
            known = self.prefix(place, at.known)
            cells = cells_at(at.on, known, place.kept_to)
            asked = {"location": place.location, "on": at.on, "position": known, "cells": cells}
            rows = self._store.connections.read(_SQL["parts"], asked)
        return team_of_parts(Veiled(self._boundary, place.location).read_parts(rows, self._slugs))

    def prefix(self, place: Place, known: datetime) -> int:
        """The position up to which a location's own facts were known by then; 0 where none was."""
        if place.prefix is not None and place.prefix[0] == known:
            return place.prefix[1]
        found = self._store.connections.read(_SQL["prefix"], {"location": place.location, "known": known})
        return min(found[0][0], place.position) if found else 0

    def cut(self, place: Place, at: AsOf, readings: Readings) -> Cut:
        """What holds for every location at a point: terms and catalogues, and no fact of the location's own."""
        return self.cut_at(place.position, at, readings=readings)

    def cut_at(self, position: int, at: AsOf, *, readings: Readings) -> Cut:
        """What holds for every location at a point, up to a position."""
        entries = [entry for entry in self._terms if (entry.position or 0) <= position]
        return Ledger(entries, self._catalogues, readings).as_of(at)

    def fleet(self, position: int) -> Fleet | None:
        """All locations; None where what is kept does not reach to the position."""
        kept_to, made, terms = self._store.connections.read(_SQL["fleet"], {"terms": TERMS})[0]
        epoch = self._epoch()
        if kept_to < position or made != made_in(self._made_with, epoch):
            return None
        self._read_terms(terms or 0, epoch)
        return Fleet(self._store, self._slugs, position, kept_to)

    def lines_of_the_place(self, place: Place, at: AsOf) -> tuple[Line, ...]:
        """The facts about the location itself, its subscription and its charges that hold at a point, as they fold."""
        asked = {"location": place.location, "key": PLACE_KEY, "position": self.prefix(place, at.known)}
        rows = self._store.connections.read(_SQL["strand"], asked)
        left_out = self.left_out(place, at.known)
        every = (line for entry in read_stored(rows, self._boundary) for line in lines_of(entry, 0))
        held = [line for line in every if line.fact.effective_at <= at.on and line.fact.id not in left_out]
        return tuple(sorted(held, key=lambda line: line.order))

    def facts_about(self, place: Place, people: Iterable[str], readings: Readings) -> Ledger:
        """What holds for every location, and all facts of this one that can bear on some members and accounts."""
        asked: dict[str, Any] = {"location": place.location, "position": place.position, "keys": [PLACE_KEY]}
        names, woven = set(people), set[str]()
        while not names <= woven:
            woven |= names
            asked["keys"] = [PLACE_KEY, *map(member_key, woven), *map(user_key, woven)]
            names = {key[2:] for (key,) in self._store.connections.read(_SQL["woven"], asked)} - {""}
        entries = read_stored(self._store.connections.read(_SQL["strands"], asked), self._boundary)
        entries += [entry for entry in self._terms if (entry.position or 0) <= place.position]
        return Ledger(sorted(entries, key=lambda entry: entry.position or 0), self._catalogues, readings)

    def names(self, place: Place, known: datetime) -> Names:
        """What people and the location were called, as known by then."""
        said = self._sayings(place, NAMED, known)
        return Names.of(place.location, Veiled(self._boundary, place.location).read_all_said(said.items()))

    def left_out(self, place: Place, known: datetime) -> Mapping[str, str]:
        """Ids of facts that did not count, as known by then, each with the id of the fact that took it out."""
        return self._sayings(place, LEFT_OUT, known)

    def dismissals(self, place: Place, known: datetime) -> Mapping[str, Sequence[datetime]]:
        """By member when each dismissal takes effect, as known by then, earliest first."""
        said = self._sayings(place, DISMISSALS, known)
        return {member: [read_instant(text) for text in texts.split()] for member, texts in said.items()}

    def nowhere_is_irregular(self) -> bool:
        """Whether facts without a place name others in ways that are not kept."""
        return bool(self._store.connections.read(_SQL["nowhere"])[0][0])

    def _note_zone(self, location: str, zone: ZoneInfo) -> None:
        if len(self._zones) >= _ZONES:
            self._zones.clear()
        self._zones[location] = self._zone_before = zone

    def _made_now(self) -> str:
        return made_in(self._made_with, self._epoch())

    def _epoch(self) -> int:
        """The epoch as it is now."""
        epoch = self._boundary.epoch()
        self._made_of_before = made_in(self._made_with, epoch)
        return epoch

    def _sayings(self, place: Place, kind: str, known: datetime) -> Mapping[str, str]:
        asked = {"location": place.location, "kind": kind, "position": self.prefix(place, known)}
        return dict(self._store.connections.read(_SQL["sayings"], asked))

    def _read_terms(self, version: int, epoch: int) -> None:
        """Terms and catalogues are few and told once: they stay at hand, in order, until somebody is erased."""
        if version <= self._terms_version and epoch == self._terms_epoch:
            return
        with self._lock:
            known, after = (self._terms, self._terms_version) if epoch == self._terms_epoch else ([], 0)
            rows = list(self._store.read_stream(TERMS, after_version=after))
            entries, _ = read_rows(rows)
            self._terms = [*known, *entries]
            self._terms_version = max((row.version or 0 for row in rows), default=after)
            self._terms_epoch = epoch
