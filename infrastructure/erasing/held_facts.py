"""The facts in which a person acts or is acted on, each with the personal fields of this person and of nobody else."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, TypeAlias

from domain import canonical
from domain.commands import OfPerson
from domain.entries import Entry, in_parts
from domain.erasures import Person
from domain.facts import RecordDeleted, RecordEdited
from domain.ledger import lines_of
from domain.personal import Opened, joined
from infrastructure.books import Books
from infrastructure.kept.reading import PageReading
from infrastructure.mapper import read_rows
from infrastructure.store import Store
from projections.filters import Filter
from projections.paging import Page

_PAGE = 1_000
Line: TypeAlias = dict[str, Any]


class HeldFacts:
    """Finds them by the log's own lists, and shows each entry once."""

    def __init__(self, store: Store, books: Callable[[], Books]) -> None:
        self._store = store
        self._books = books

    def of(self, location: str | None, request: OfPerson, person: Person, subjects: frozenset[str]) -> Iterator[Line]:
        """The lines of the archive, in the order of the ledger."""
        said: dict[int, str] = {}
        books = self._books()
        for place, wanted in _asked(location, request, person):
            for row in _rows(books, place, wanted):
                said[row["position"]] = row["action"]
        if request.client is not None:
            assert location is not None, "clients are of a location"
            said.update(self._of_client(books, location, request.client))
        ordered = iter(sorted(said))
        while some := list(islice(ordered, _PAGE)):
            entries = PageReading(self._store, books.position).entries(some)
            for position in some:
                if position in entries:
                    yield _line(position, entries[position], subjects, said[position])

    def _of_client(self, books: Books, location: str, client: str) -> Iterator[tuple[int, str]]:
        """Positions of facts about a record. No list has them: the observations of the location are looked through."""
        entries, _ = read_rows(self._store.read_stream(f"observations:{location}", upto_position=books.position))
        positions = {
            entry.position
            for entry in entries
            for line in lines_of(entry, 0)
            if isinstance(line.fact.data, RecordEdited | RecordDeleted) and line.fact.data.entity_id == client
        }
        types = frozenset({"RecordEdited", "RecordDeleted"})
        for row in _rows(books, location, Filter(types=types)):
            if row["position"] in positions:
                yield row["position"], row["action"]


def _asked(location: str | None, request: OfPerson, person: Person) -> Iterator[tuple[str | None, Filter]]:
    if request.account is not None:
        yield None, Filter(actor=request.account)
        yield None, Filter(account=request.account)
        for place, members in person.members.items():
            for member in members:
                yield place, Filter(member=member)
    elif request.member is not None:
        yield location, Filter(member=request.member)


def _rows(books: Books, location: str | None, wanted: Filter) -> Iterator[Line]:
    before: int | None = None
    while True:
        answer = books.log(location, wanted, page=Page(_PAGE, before))
        yield from answer["log"]
        before = answer["earlier"]
        if before is None:
            return


def _line(position: int, entry: Entry, subjects: frozenset[str], sentence: str) -> Line:
    body, _, parts = in_parts(entry)
    fact = {key: value for key, value in canonical.read_written(body).items() if key != "stamp"}
    own = [Opened(part.subject, part.fields, part.personal) for part in parts if part.subject in subjects]
    personal = joined(own) if own else None
    return {
        "position": position,
        "sentence": sentence,
        "fact": fact,
        "personal": canonical.read_written(personal) if personal is not None else {},
    }
