"""Seals what was stored before there were seals: once, in one transaction, and then writes the tables anew."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from domain.entries import Entry
from domain.personal import Part
from infrastructure.kept.entries import Stored
from infrastructure.mapper import entry_of, new_row
from infrastructure.postgres.statements import statements
from infrastructure.store import NewRow, Store, StoreError
from infrastructure.store.arrays import byteas, numbers
from infrastructure.store.connections import LedgerConnection

_SQL = statements("sealing")
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
Progress = Callable[[int, int], None]


class TreesStandError(StoreError):
    """Trees have grown over rows in plain text: their leaves would not be those of the rows any more."""

    def __init__(self) -> None:
        super().__init__(
            "The evidence has begun over rows in plain text, so these can not be sealed in their place any more. "
            "Dump the facts, import them into a new ledger, and keep the old one shut away."
        )


def seal_what_is_plain(store: Store, progress: Progress = lambda _done, _total: None) -> int:
    """Seal every row that lies there in plain text, and return how many those were.

    All or nothing; nobody can append or read meanwhile. TreesStandError when the evidence has begun.
    """
    done = 0
    with store.connections.take(own=True) as connection:
        with connection.transaction():
            connection.execute(_SQL["settings"])
            connection.execute(_SQL["alone"])
            ((total,),) = connection.execute(_SQL["plain"]).fetchall()
            if not total:
                return 0
            if connection.execute(_SQL["trees"]).fetchone() == (True,):
                raise TreesStandError
            connection.execute(_SQL["guard_off"])
            for table in ("entries", "retired"):
                after = -1
                while some := _plain(connection, table, after):
                    after = some[-1][0]
                    sealed = connection.boundary.seal([_row(record) for record in some])
                    asked = {"ids": numbers([record[0] for record in some]), "sealed": byteas(sealed)}
                    connection.execute(_SQL[f"seal_{table}"], asked)
                    done += len(some)
                    progress(done, total)
            connection.execute(_SQL["guard_on"])
        connection.execute(_SQL["write_anew"])
    return done


def _plain(connection: LedgerConnection, table: str, after: int) -> Sequence[tuple[Any, ...]]:
    with connection.cursor(binary=True) as cursor:
        return cursor.execute(_SQL[table], {"after": after}).fetchall()


def _row(record: Sequence[Any]) -> NewRow:
    """The row with its parts. What cannot be read is sealed as one part, of its location's records."""
    position, fact, kind, location, body, personal = record
    found = entry_of(Stored(position, fact, kind, location, body, personal))
    if isinstance(found, Entry):
        row = new_row(found, None)
        if row.personal == personal:
            return row
    else:
        row = NewRow(fact, "", None, kind, location, _NO_TIME, _NO_TIME, (), None, body, personal)
    return replace(row, personal=personal, parts=(Part(f"records:{location or ''}", (), personal),))
