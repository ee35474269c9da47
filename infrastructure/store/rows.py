"""The rows that the store moves: as they are appended and as they are read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Cursor


@dataclass(frozen=True, slots=True)
class NewRow:
    """One row to append.

    `version` is exactly the next version of the stream, or None for an observation, which meets no conflict.
    `inner` are the ids of facts carried inside; like `fact` they are unique over the whole ledger.
    `body` and `personal` are stored and given back byte for byte.
    """

    fact: UUID
    stream: str
    version: int | None
    type: str
    location: str | None
    recorded_at: datetime
    effective_at: datetime
    inner: tuple[UUID, ...]
    command: UUID | None
    body: bytes
    personal: bytes | None


@dataclass(frozen=True, slots=True)
class Row(NewRow):
    """One row as stored: `position` is its final place, None as long as it is not settled."""

    position: int | None
    entry: int
    generation: int
    xid: int


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append did: entry numbers in the order of the rows given; `repeated` if an earlier attempt did it."""

    facts: tuple[UUID, ...]
    entries: tuple[int, ...]
    generation: int
    xid: int
    repeated: bool = False


def make_row(record: Sequence[Any]) -> Row:
    """The row of a record of the view ledger.rows."""
    fact, stream, version, kind, location, recorded, effective, inner, *rest = record
    return Row(fact, stream, version, kind, location, recorded, effective, tuple(inner or ()), *rest)


def row_factory(_cursor: Cursor[Any]) -> Callable[[Sequence[Any]], Row]:
    """Make a Row from a record of the view ledger.rows."""
    return make_row


def as_new(row: NewRow) -> tuple[object, ...]:
    """Return what was asked to be stored, to compare a row that is there with one that is offered again."""
    return (
        row.fact,
        row.stream,
        row.version,
        row.type,
        row.location,
        row.recorded_at,
        row.effective_at,
        row.inner,
        row.command,
        row.body,
        row.personal,
    )
