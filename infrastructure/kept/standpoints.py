"""From where a page looks at the facts of each location: its time zone, both times, what its record is made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from domain.entries import Entry
from domain.facts import OBSERVATIONS
from domain.instants import read_time_zone
from domain.ledger import Ledger, Line, lines_of
from infrastructure.basis import resolve, zone_of
from infrastructure.kept import log_keys as keys
from infrastructure.kept.about import corrected_ids
from infrastructure.kept.asked import Asked
from infrastructure.kept.reading import PageReading
from infrastructure.kept.surroundings import Part, surround
from projections.corrected import corrected_by

_ALWAYS = datetime.max.replace(tzinfo=UTC)
_OPENINGS = keys.kinds_of({"LocationOpened"})
_OPENING_TYPES = frozenset({"LocationOpened", "Correction"})


@dataclass(frozen=True, slots=True)
class Standpoint:
    """How one location is looked at; without a place it is what belongs to none."""

    place: str | None
    zone: ZoneInfo
    known: datetime
    on: datetime | None
    opened: bool
    """Whether it was opened, and not by mistake."""

    def shows(self, line: Line) -> bool:
        """Whether a line of the record is in it at both times."""
        return line.known_at <= self.known and (self.on is None or line.fact.effective_at <= self.on)


class Standpoints:
    """Looked up when a location first comes up, many at once."""

    def __init__(self, reading: PageReading, asked: Asked) -> None:
        self._reading = reading
        self._asked = asked
        self._found: dict[str | None, Standpoint] = {None: self._standpoint(None, ZoneInfo("UTC"), opened=True)}

    def __getitem__(self, place: str | None) -> Standpoint:
        """That of a location that was learned."""
        return self._found[place]

    def learn(self, places: Iterable[str | None]) -> None:
        """Look up the locations that did not come up before."""
        new = [place for place in dict.fromkeys(places) if place is not None and place not in self._found]
        if not new:
            return
        asked = {"locations": new, "upto": self._reading.position}
        for place, zone, opened in self._reading.rows("kept_places", asked):
            told = read_time_zone(zone) if zone is not None else ZoneInfo("UTC")
            self._found[place] = self._standpoint(place, told, opened=opened)
        untold = [place for place in new if place not in self._found]
        if untold:
            self._learn_from_facts(untold)

    def _learn_from_facts(self, new: Sequence[str]) -> None:
        """Look up locations of which no more is kept than lists of lines."""
        openings = self._openings(new)
        own = {place: Part(partial(self.belongs, place), _ALWAYS) for place in new}
        all_openings = Part(_opens, _ALWAYS)
        for place, entries in openings.items():
            own[place].add(entries)
            all_openings.add(entries)
        surround(self._reading, [*own.values(), all_openings])
        record = all_openings.record({}, None)
        opened = {
            line.fact.location
            for line in record.lines
            if line.fact.type == "LocationOpened" and line.fact.id not in record.left_out
        }
        for place, part in own.items():
            zone = zone_of(Ledger([entry for _, entry in sorted(part.entries.items())], {}))
            self._found[place] = self._standpoint(place, zone, opened=place in opened)

    def belongs(self, place: str | None, entry: Entry) -> bool:
        """Whether an entry is of the record of a location."""
        return entry.fact.location == place and (self._asked.observed or entry.fact.type not in OBSERVATIONS)

    def openings(self, place: str) -> tuple[Entry, ...]:
        """The entries that say that a location opened."""
        return self._openings([place])[place]

    def part(self, place: str | None) -> Part:
        """An empty part of the record of a location."""
        return Part(partial(self.belongs, place), self[place].known)

    def asked_for(self, entries: Iterable[Entry]) -> list[Line]:
        """The lines of entries that are shown and that the filter asks for."""
        lines = [line for entry in entries for line in lines_of(entry, 0)]
        self.learn(line.fact.location for line in lines)
        corrected = self._corrected(lines)
        return [line for line in lines if self._asks(line, corrected)]

    def _asks(self, line: Line, corrected: Mapping[str, Line]) -> bool:
        stand, location = self[line.fact.location], self._asked.location
        if not stand.opened if location is None else stand.place != location:
            return False
        if not self.belongs(stand.place, line.entry) or not stand.shows(line):
            return False
        about = corrected_by(line, corrected)
        if about is not None and not (self.belongs(stand.place, about.entry) and stand.shows(about)):
            about = None
        return self._asked.wanted.matches(line, about)

    def _corrected(self, lines: Iterable[Line]) -> Mapping[str, Line]:
        """What lines correct, if the filter has to know."""
        if not self._asked.wanted.asks_whom:
            return {}
        wanted = corrected_ids(lines)
        if not wanted:
            return {}
        places = self._reading.positions_of(wanted, ())
        entries = self._reading.entries(position for found in places.values() for position in found)
        return {line.fact.id: line for entry in entries.values() for line in lines_of(entry, 0)}

    def _openings(self, places: Iterable[str]) -> dict[str, tuple[Entry, ...]]:
        """By location, the entries that say it opened."""
        found: dict[str, tuple[Entry, ...]] = dict.fromkeys(places, ())
        listed = [keys.location_key(place) ^ keys.MASKS[kind] for place in found for kind in _OPENINGS]
        asked = {"keys": listed, "end": keys.place_of(self._reading.position + 1)}
        positions = (keys.position_of(place) for (place,) in self._reading.rows("listed_places", asked))
        for _, entry in sorted(self._reading.entries(positions).items()):
            location = entry.fact.location
            if location in found:
                found[location] += (entry,)
        return found

    def _standpoint(self, place: str | None, zone: ZoneInfo, *, opened: bool) -> Standpoint:
        asked = self._asked
        on = resolve(asked.on, asked.now, zone) if asked.on is not None else None
        return Standpoint(place, zone, resolve(asked.known, asked.now, zone), on, opened)


def _opens(entry: Entry) -> bool:
    return entry.fact.type in _OPENING_TYPES
