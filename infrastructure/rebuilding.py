"""Projections rebuilt from the facts, location by location, with a digest to compare one rebuild with another."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from domain import canonical
from domain.catalogue import Catalogue
from infrastructure.books import Books
from infrastructure.store import Store
from projections.filters import EVERYTHING

Progress = Callable[[int, int], None]

_QUESTIONS: Mapping[str, Callable[[Books, str], object]] = {
    "seats": lambda books, location: books.seats(location),
    "access": lambda books, location: books.access(location),
    "roster": lambda books, location: books.roster(location),
    "charges": lambda books, location: books.charges(location),
    "history": lambda books, location: books.history(location, EVERYTHING),
    "log": lambda books, location: books.log(location, EVERYTHING),
}
PROJECTIONS = tuple(_QUESTIONS)
"""Every projection by the name of its question."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """One projection folded anew for every location. The same facts give the same digest, anywhere."""

    projection: str
    locations: int
    position: int
    sha256: str


def rebuild(
    store: Store,
    catalogues: Mapping[int, Catalogue],
    projection: str,
    progress: Progress = lambda _done, _total: None,
) -> Rebuilt:
    """Fold a projection from the facts, for every location, at the moment of the last settled fact."""
    last = store.sequence()
    newest = max((row.recorded_at for row in store.read_all(max(0, last - 1), last)), default=store.now())
    books = Books(store, catalogues, position=last, now=newest)
    digest = hashlib.sha256()
    locations = books.locations()
    for done, location in enumerate(locations):
        progress(done, len(locations))
        digest.update(canonical.write(_QUESTIONS[projection](books, location)))
    return Rebuilt(projection, len(locations), last, digest.hexdigest())
