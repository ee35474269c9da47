"""Between entries and the store's rows: a closed registry of types, no code ever chosen by what is stored."""

import gc
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol
from uuid import UUID

from domain.entries import Commanded, Entry, Quarantined, from_bytes, in_parts, stream_of
from domain.facts import FACT_TYPES, OBSERVATIONS, Correction, Fact, InvalidFactError
from domain.personal import Part
from infrastructure.store import NewRow, Row
from infrastructure.store.boundary import BROKEN
from infrastructure.store.rows import RowInMaking

_MAY_BE_PERSONAL = re.compile(
    r"(?:^|\.)(?:reason|device|{})(?:\.|$)".format(
        "|".join({name for form in FACT_TYPES.values() for name in form.personal})
    )
)


def new_row(entry: Entry, version: int | None) -> NewRow:
    """The row that stores an entry; `version` is the next of its stream, None for an observation."""
    return row_of(entry.fact, version, entry.stamp.command, in_parts(entry))


def row_of(
    fact: Fact, version: int | None, command: Commanded | None, stored: tuple[bytes, bytes | None, tuple[Part, ...]]
) -> NewRow:
    """The same of a fact whose bytes are known: body, personal fields, and these by whom they are about."""
    made = RowInMaking()
    made.fact = _uuid(fact.id)
    made.stream = stream_of(fact)
    made.version = None if fact.type in OBSERVATIONS else version
    made.type = fact.type
    made.location = fact.location
    made.recorded_at = fact.recorded_at
    made.effective_at = fact.effective_at
    made.inner = tuple(_uuid(inner) for inner in _inner(fact)) if fact.type == "Correction" else ()
    made.command = _uuid(command.id) if command is not None else None
    made.body, made.personal, made.parts = stored
    return made.done()


class Readable(Protocol):
    """What it takes of a stored row to read it."""

    @property
    def position(self) -> int | None:
        """Its final place."""

    @property
    def fact(self) -> UUID:
        """The id of its fact."""

    @property
    def type(self) -> str:
        """The type of its fact."""

    @property
    def location(self) -> str | None:
        """The location of its fact."""

    @property
    def body(self) -> bytes:
        """The canonical bytes."""

    @property
    def personal(self) -> bytes | None:
        """The personal fields, kept apart."""


def entry_of(row: Readable) -> Entry | Quarantined:
    """The entry that a row holds; what this program cannot read is quarantined, never executed, never dropped."""
    try:
        entry = from_bytes(row.body, row.personal, row.position)
    except InvalidFactError as error:
        return Quarantined(row.position, str(row.fact), row.type, _reason(row.personal, error))
    fact = entry.fact
    if _number(fact.id) != row.fact.int or fact.type != row.type or fact.location != row.location:
        return Quarantined(row.position, str(row.fact), row.type, "the row's columns are not those of its body")
    return entry


def _reason(personal: bytes | None, error: InvalidFactError) -> str:
    """Why a row cannot be read, without a word of what is personal in it: reasons are kept as they are."""
    if personal == BROKEN:
        return "its personal fields do not open: they were changed, or belong to another fact"
    if personal is not None and _MAY_BE_PERSONAL.search(error.field) is not None:
        return f"{error.field}: is not what this type of fact has there"
    return str(error)


def read_rows(rows: Iterable[Row]) -> tuple[list[Entry], list[Quarantined]]:
    """The entries of rows, in their order, and what had to be quarantined."""
    entries: list[Entry] = []
    quarantined: list[Quarantined] = []
    with without_collection():
        for row in rows:
            found = entry_of(row)
            if isinstance(found, Entry):
                entries.append(found)
            else:
                quarantined.append(found)
    return entries, quarantined


@contextmanager
def without_collection() -> Iterator[None]:
    """Python looks for cycles ever again while many objects are made, and entries have none: a third of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _inner(fact: Fact) -> Iterable[str]:
    data = fact.data
    while isinstance(data, Correction) and data.fact is not None:
        yield data.fact.id
        data = data.fact.data


def _number(fact_id: str) -> int:
    """An id as a number: the ledger writes one id in one way, and text is the slowest way to compare or to make one."""
    return int(fact_id.replace("-", ""), 16)


def _uuid(fact_id: str) -> UUID:
    return UUID(int=_number(fact_id))
