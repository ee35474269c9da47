"""Tells lines as the projections do, from as little of their records as it takes for the same words."""

from collections.abc import Callable, Iterable, Mapping

from domain.catalogue import Catalogue
from domain.ledger import Line, Record
from infrastructure.kept.kept_names import kept_names
from infrastructure.kept.naming import Look, name, spoken_of
from infrastructure.kept.reading import PageReading
from infrastructure.kept.standpoints import Standpoints
from infrastructure.kept.surroundings import Part, surround
from projections.names import Names
from projections.origins import Row
from projections.sentences import Sentences


class Telling:
    """The records of a page, each a part of that of its location."""

    def __init__(self, reading: PageReading, stands: Standpoints, catalogues: Mapping[int, Catalogue]) -> None:
        self._reading = reading
        self._stands = stands
        self._catalogues = catalogues

    def rows(self, lines: Iterable[Line], tell: Callable[[list[Line], Record, Sentences], list[Row]]) -> list[Row]:
        """What `tell` makes of the lines of each location, in no order between locations."""
        wanted: dict[str | None, set[str]] = {}
        parts: dict[str | None, Part] = {}
        for line in lines:
            place = line.fact.location
            wanted.setdefault(place, set()).add(line.fact.id)
            parts.setdefault(place, self._stands.part(place)).add([line.entry])
        surround(self._reading, parts.values())
        names = self._names(parts)
        rows: list[Row] = []
        for place, part in parts.items():
            record = self._record(part, place)
            told = [line for line in record.lines if line.fact.id in wanted[place]]
            called = names.get(place) if place is not None else None
            called = Names(record) if called is None else called
            rows += tell(told, record, Sentences(called, record, self._stands[place].zone))
        return rows

    def _names(self, parts: Mapping[str | None, Part]) -> Mapping[str, Names]:
        """What everybody who is spoken of is called, where that is kept; elsewhere what says so is put into the part.

        What belongs to no place names nobody.
        """
        located = {place: part for place, part in parts.items() if place is not None}
        people = {who for part in located.values() for who in spoken_of(part.lines())}
        looks = {place: Look(part.known, self._stands[place].on) for place, part in located.items()}
        said = kept_names(self._reading, people, looks) if looks else {}
        untold = located.keys() - said.keys()
        for place in untold:
            located[place].add(self._stands.openings(place))
        wanted = [who for who in people if who.location in untold]
        name(self._reading, located, looks, wanted, lambda place: self._record(located[place], place))
        return {place: Names.of(place, registers) for place, registers in said.items()}

    def _record(self, part: Part, place: str | None) -> Record:
        return part.record(self._catalogues, self._stands[place].on)
