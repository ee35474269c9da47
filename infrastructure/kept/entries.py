"""Entries of settled rows, for kept projections: only what it takes to read them is fetched."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from domain.entries import Entry
from infrastructure.mapper import entry_of
from infrastructure.postgres.statements import statements

_SQL = statements("kept_write")


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
    return _read(reader, "entries_at", {"positions": list(positions)})


def entries_of_stream(reader: psycopg.Connection[Any], stream: str, upto: int) -> Sequence[Entry]:
    """The entries of a stream up to a position, in their order; those that cannot be read are left out."""
    return _read(reader, "stream_upto", {"stream": stream, "upto": upto})


def _read(reader: psycopg.Connection[Any], name: str, asked: Mapping[str, object]) -> Sequence[Entry]:
    with reader.cursor(binary=True) as cursor:
        rows = cursor.execute(_SQL[name], asked).fetchall()
    found = (entry_of(Stored(*row)) for row in rows)
    return [entry for entry in found if isinstance(entry, Entry)]
