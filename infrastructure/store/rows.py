"""The rows that the store moves: as they are appended and as they are read."""

from collections.abc import Collection
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import cast
from uuid import UUID

from domain.personal import Part


@dataclass(frozen=True, slots=True)
class NewRow:
    """One row to append.

    `version` is exactly the next version of the stream, or None for an observation, which meets no conflict.
    `inner` are the ids of facts carried inside; like `fact` they are unique over the whole ledger.
    `body` and `personal` are given back byte for byte; `parts` say whom `personal` is about, so that it can be sealed.
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
    parts: tuple[Part, ...] = field(default=(), kw_only=True)


class RowInMaking:
    """A row whose columns are set one by one, and which then is a NewRow: a frozen one takes five times as long."""

    __slots__ = tuple(column.name for column in fields(NewRow))
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
    parts: tuple[Part, ...]

    def done(self) -> NewRow:
        """The row; nothing changes it from now on."""
        row = cast("NewRow", self)
        self.__class__ = NewRow  # type: ignore[assignment]
        return row


@dataclass(frozen=True, slots=True)
class Row(NewRow):
    """One row as stored: `position` is its final place, None as long as it is not settled.

    `personal` is what it says today, with placeholders where something was `erased`; `sealed` is what lies in the
    database and never changes.
    """

    position: int | None
    entry: int
    generation: int
    xid: int
    sealed: bytes | None = field(default=None, kw_only=True)
    erased: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append did: entry numbers in the order of the rows given; `repeated` if an earlier attempt did it."""

    facts: tuple[UUID, ...]
    entries: tuple[int, ...]
    generation: int
    xid: int
    repeated: bool = False


def as_new(row: NewRow, erased: Collection[UUID] = ()) -> tuple[object, ...]:
    """Return what was asked to be stored, to compare a row that is there with one that is offered again.

    Of facts of which something is `erased` personal fields say nothing.
    """
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
        row.personal if row.fact not in erased else None,
    )
