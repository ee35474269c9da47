"""Entries of settled rows, for kept projections: only what it takes to read them is fetched."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from domain.entries import Entry
from infrastructure.mapper import entry_of
from infrastructure.postgres.statements import statements

_SQL = statements("kept_write")
_PAGE = 2_000


class Stored(NamedTuple):
    """A settled row, without what only the store needs."""

    position: int
    fact: UUID
    type: str
    location: str | None
    body: bytes
    personal: bytes | None


def entries_at(reader: psycopg.Connection[Any], positions: Iterable[int]) -> Sequence[Entry]:
    """The entries at some positions, in their order; those that cannot be read are left out."""
    with reader.cursor(binary=True) as cursor:
        rows = cursor.execute(_SQL["entries_at"], {"positions": list(positions)}).fetchall()
    return read_stored(rows)


def entries_of_stream(reader: psycopg.Connection[Any], stream: str, upto: int) -> Iterator[Entry]:
    """The entries of a stream up to a position, in their order; those that cannot be read are left out."""
    asked = {"stream": stream, "upto": upto, "version": 0, "batch": _PAGE}
    while True:
        with reader.cursor(binary=True) as cursor:
            rows = cursor.execute(_SQL["stream_upto"], asked).fetchall()
        yield from read_stored([row[1:] for row in rows])
        if len(rows) < _PAGE:
            return
        asked["version"] = rows[-1][0]


def read_stored(rows: Iterable[Sequence[Any]]) -> list[Entry]:
    """The entries of rows with the columns of `Stored`; those that cannot be read are left out."""
    found = (entry_of(Stored(*row)) for row in rows)
    return [entry for entry in found if isinstance(entry, Entry)]
