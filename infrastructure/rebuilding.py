"""Every location's answer to one question, with a digest to compare one ledger, or one rebuild, with another."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from domain import canonical
from infrastructure.books import Answer, Books
from infrastructure.wiring import Application
from projections.filters import EVERYTHING

Progress = Callable[[int, int], None]

_EVERYTHING_KNOWN = datetime(9998, 12, 31, tzinfo=UTC)
"""Later than whatever was recorded: positions and recorded times of several locations need not agree."""

_OF_THE_IMPORT = frozenset({"imported_at", "imported_by"})
"""What is of one ledger and not of its facts; it has no part in the digest."""


def _log(books: Books, location: str) -> Answer:
    found = books.log(location, EVERYTHING, None, _EVERYTHING_KNOWN)
    rows = [{key: value for key, value in row.items() if key not in _OF_THE_IMPORT} for row in found["log"]]
    return {**found, "log": rows}


_QUESTIONS: Mapping[str, Callable[[Books, str], object]] = {
    "seats": lambda books, location: books.seats(location, None, _EVERYTHING_KNOWN),
    "access": lambda books, location: books.access(location, None, _EVERYTHING_KNOWN),
    "roster": lambda books, location: books.roster(location, None, _EVERYTHING_KNOWN),
    "charges": lambda books, location: books.charges(location, None, _EVERYTHING_KNOWN),
    "history": lambda books, location: books.history(location, EVERYTHING, None, _EVERYTHING_KNOWN),
    "log": _log,
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


def rebuild(application: Application, projection: str, progress: Progress = lambda _done, _total: None) -> Rebuilt:
    """Answer a question for every location, as of the last settled fact, with everything known."""
    store = application.store
    last = store.sequence()
    newest = max((row.recorded_at for row in store.read_all(max(0, last - 1), last)), default=store.now())
    books = Books(store, application.catalogues, position=last, now=newest, kept=application.kept)
    digest = hashlib.sha256()
    locations = books.locations()
    for done, location in enumerate(locations):
        progress(done, len(locations))
        digest.update(canonical.write(_QUESTIONS[projection](books, location)))
    return Rebuilt(projection, len(locations), last, digest.hexdigest())
