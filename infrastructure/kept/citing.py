"""Facts of a location shown whole, by their ids, from as little of its record as it takes for the same words."""

from collections.abc import Iterable, Mapping

from domain.catalogue import Catalogue
from domain.entries import TERMS, Entry, stream_of
from domain.facts import OBSERVATIONS
from domain.ledger import Line, Record
from infrastructure.basis import Answer
from infrastructure.kept import log_keys as keys
from infrastructure.kept.asked import Asked
from infrastructure.kept.kept_names import kept_names
from infrastructure.kept.naming import Look, name, spoken_of
from infrastructure.kept.reading import PageReading
from infrastructure.kept.standpoints import Standpoints
from infrastructure.kept.surroundings import Part, surround
from infrastructure.store import Store
from projections.citation import Citation
from projections.names import Names
from projections.sentences import Sentences

_CATALOGUES = [keys.location_key(None) ^ keys.MASKS[kind] for kind in keys.kinds_of({"CataloguePublished"})]


class KeptCitation(Citation):
    """Facts of one location and of the terms, each worded once. Tangled where only the whole record can tell."""

    def __init__(self, store: Store, catalogues: Mapping[int, Catalogue], asked: Asked) -> None:
        """`asked` says the location, the position, and when it was known."""
        assert asked.location is not None
        self._reading = PageReading(store, asked.position)
        self._catalogues = catalogues
        self._location = asked.location
        self._stands = Standpoints(self._reading, asked)
        self._stands.learn([asked.location])
        self._stand = self._stands[asked.location]
        self._worded: dict[str, Answer] = {}

    def of_id(self, name: str) -> Answer:
        """The fact of that id, plain or inside a correction."""
        if name not in self._worded:
            self.read([name])
        return self._worded[name]

    def __call__(self, line: Line) -> Answer:
        """The fact of a line."""
        return self.of_id(line.fact.id)

    def read(self, names: Iterable[str]) -> None:
        """Word many facts at once: it takes as long as one."""
        wanted = {name for name in names if name not in self._worded}
        if not wanted:
            return
        part = Part(self._belongs, self._stand.known)
        places = self._reading.positions_of(wanted, ())
        part.add(self._reading.entries(position for found in places.values() for position in found).values())
        part.add(self._published())
        surround(self._reading, [part])
        called = self._names(part)
        record = self._whole(part)
        whole = Citation(record, Sentences(called or Names(record), record, self._stand.zone))
        self._worded.update((line.fact.id, whole(line)) for line in record.lines if line.fact.id in wanted)

    def _names(self, part: Part) -> Names | None:
        """What everybody who is spoken of is called, where that is kept; else what says so is put into the part."""
        people = spoken_of(part.lines(), self._location)
        look = Look(self._stand.known, None)
        said = kept_names(self._reading, people, {self._location: look})
        if self._location not in said:
            part.add(self._stands.openings(self._location))
            name(self._reading, {self._location: part}, {self._location: look}, people, lambda _: self._whole(part))
            return None
        return Names.of(self._location, said[self._location])

    def _whole(self, part: Part) -> Record:
        return part.record(self._catalogues, None)

    def _belongs(self, entry: Entry) -> bool:
        fact = entry.fact
        if fact.location is None:
            return stream_of(fact) == TERMS
        return fact.location == self._location and fact.type not in OBSERVATIONS

    def _published(self) -> Iterable[Entry]:
        """What says which version of the rights was published: it calls them by their names."""
        asked = {"keys": _CATALOGUES, "end": keys.place_of(self._reading.position + 1)}
        places = self._reading.rows("listed_places", asked)
        return self._reading.entries(keys.position_of(place) for (place,) in places).values()
