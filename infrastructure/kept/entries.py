"""Entries of settled rows, for kept projections: only what it takes to read them is fetched."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from domain.entries import Entry, Quarantined
from infrastructure.mapper import entry_of
from infrastructure.postgres.statements import statements
from infrastructure.store.boundary import Boundary
from infrastructure.store.connections import LedgerConnection

_SQL = statements("kept_write")
_PAGE = 2_000
_FACT, _PERSONAL = 1, 5

Unread: TypeAlias = Callable[[Quarantined, str | None], None]


class Stored(NamedTuple):
    """A settled row, without what only the store needs."""

    position: int
    fact: UUID
    type: str
    location: str | None
    body: bytes
    personal: bytes | None


def entries_at(reader: LedgerConnection, positions: Iterable[int]) -> Sequence[Entry]:
    """The entries at some positions, in their order; those that cannot be read are left out."""
    with reader.cursor(binary=True) as cursor:
        rows = cursor.execute(_SQL["entries_at"], {"positions": list(positions)}).fetchall()
    return read_stored(rows, reader.boundary)


def pages_of_stream(
    reader: LedgerConnection, stream: str, upto: int, unread: Unread = lambda _row, _location: None
) -> Iterator[Sequence[Entry]]:
    """The entries of a stream up to a position, in their order, some at a time.

    Those that cannot be read are left out; `unread` is told of each, with the location of its row.
    """
    asked = {"stream": stream, "upto": upto, "version": 0, "batch": _PAGE}
    while True:
        with reader.cursor(binary=True) as cursor:
            rows = cursor.execute(_SQL["stream_upto"], asked).fetchall()
        page: list[Entry] = []
        for stored in opened([row[1:] for row in rows], reader.boundary):
            found = entry_of(stored)
            if isinstance(found, Entry):
                page.append(found)
            else:
                unread(found, stored.location)
        yield page
        if len(rows) < _PAGE:
            return
        asked["version"] = rows[-1][0]


def read_stored(rows: Sequence[Sequence[Any]], boundary: Boundary) -> list[Entry]:
    """The entries of rows with the columns of `Stored`, opened together; those that cannot be read are left out."""
    found = (entry_of(stored) for stored in opened(rows, boundary))
    return [entry for entry in found if isinstance(entry, Entry)]


def opened(rows: Sequence[Sequence[Any]], boundary: Boundary) -> Iterator[Stored]:
    """Rows whose columns begin with those of `Stored`, as they are read."""
    plain = boundary.open([(row[_FACT], row[_PERSONAL]) for row in rows])
    for row, (personal, _) in zip(rows, plain, strict=True):
        position, fact, kind, location, body = row[:_PERSONAL]
        yield Stored(position, fact, kind, location, body, personal)
