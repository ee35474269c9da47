"""Imports many rows at once: staged in constant memory, checked as a set, stored all or none."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Self
from uuid import UUID

import psycopg

from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections, Tries, connection_lost
from infrastructure.store.errors import FactExists, LedgerUnavailable, OutcomeUnknown, OutOfOrder, StoreError
from infrastructure.store.rows import NewRow
from infrastructure.store.states import State

_SQL = statements("import")
_RENEW = statements("append")["renew_generation"]
_CHUNK = 5_000
# An append came in between: a unique index was broken, or the two waited for each other.
_CROSSED = (State.UNIQUE_VIOLATION, State.DEADLOCK)
# The types of the columns, as in the statement `stage`.
_COLUMNS = ("int4", "int8", "uuid", "text", "bool", "text", "text", "timestamptz", "timestamptz", "uuid[]", "uuid")
_BYTES = ("bytea", "bytea")


@dataclass(frozen=True, slots=True)
class Existing:
    """A staged line with an id that the ledger knows; `body` is None if the id is that of a fact carried inside."""

    line: int
    fact: UUID
    body: bytes | None
    personal: bytes | None


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An id that several staged lines have; `same` if all are the fact itself with the same bytes."""

    fact: UUID
    lines: tuple[int, ...]
    same: bool


@dataclass(frozen=True, slots=True)
class Late:
    """A staged line recorded before what the ledger, or an earlier line, has of its location (or stream)."""

    line: int
    fact: UUID
    recorded_at: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Import:
    """An import that was begun; the entries it stored have its `generation` and `xid`, both None if unfinished."""

    id: int
    file_name: str
    by: str
    started_at: datetime
    finished_at: datetime | None
    facts: int | None
    generation: int | None
    xid: int | None


class Importing:
    """The side of the store for imports of history."""

    def __init__(self, connections: Connections) -> None:
        self.connections = connections

    @contextmanager
    def importing(self, file_name: str, by: str) -> Iterator["ImportSession"]:
        """Begin an import; what is not finished at the end of the block leaves nothing but a line in `imports()`."""
        with (
            self.connections.take(own=True) as work,
            self.connections.take(own=True) as look,
        ):
            session = ImportSession(self.connections, work, look).begin(file_name, by)
            try:
                yield session
            finally:
                session.forget()

    def imports(self) -> list[Import]:
        """Return all imports that were ever begun, in the order of their beginning."""
        return [Import(*record) for record in self.connections.read(_SQL["imports"])]


class ImportSession:
    """One import, in steps: add lines, look at what is wrong with them, drop lines, finish."""

    def __init__(self, connections: Connections, work: psycopg.Connection[Any], look: psycopg.Connection[Any]) -> None:
        self.connections = connections
        self._work = work
        self._look = look
        self._analyzed = False
        self.id = 0
        self.staged = 0

    def begin(self, file_name: str, by: str) -> Self:
        """Note that the import begins, and clear away what killed ones left behind."""
        for connection in (self._work, self._look):
            connection.execute(_SQL["settings"])
        self._work.execute(_SQL["clean_up"])
        record = self._work.execute(_SQL["begin"], (file_name, by)).fetchone()
        assert record is not None
        self.id = record[0]
        self._work.execute(_SQL["stay_alive"], (self.id,))
        return self

    def add(self, rows: Iterable[tuple[int, NewRow]]) -> int:
        """Stage rows, each with its line number, and return how many are staged now.

        A row's `version` is 0 for the next version of its stream, or None for an observation. Line numbers come once.
        Each chunk is a short transaction, so that an import of hours does not hold back anybody's final positions.
        """
        remaining = iter(rows)
        while chunk := list(islice(remaining, _CHUNK)):
            with self._work.cursor() as cursor, cursor.copy(_SQL["stage"]) as copy:
                copy.set_types((*_COLUMNS, *_BYTES))
                for line, row in chunk:
                    copy.write_row(_staged(self.id, line, row))
            self.staged += len(chunk)
            self._analyzed = False
        return self.staged

    def existing(self) -> Iterator[Existing]:
        """Iterate over the lines with ids that are in the ledger, to compare their contents; by line."""
        return (Existing(*record) for record in self._found("existing"))

    def duplicates(self) -> Iterator[Duplicate]:
        """Iterate over the ids that come more than once in the import, by their first line."""
        return (Duplicate(fact, tuple(lines), same) for fact, lines, same in self._found("duplicates"))

    def out_of_order(self) -> Iterator[Late]:
        """Iterate over the lines recorded too early; if these are dropped, the others are in order. By line."""
        return (Late(*record) for record in self._found("out_of_order"))

    def drop(self, lines: Iterable[int]) -> int:
        """Take lines out again and return how many are staged now. It may be called while iterating over findings."""
        remaining = iter(lines)
        while chunk := list(islice(remaining, _CHUNK)):
            self.staged -= self._work.execute(_SQL["drop"], (self.id, chunk)).rowcount
        return self.staged

    def finish(self) -> int:
        """Store everything that is staged, in one transaction, and return how many rows that were.

        Raises FactExists or OutOfOrder, with nothing stored, if lines are left that should have been dropped;
        StoreError if the database restarted and has lost staged rows: import again.
        """
        tries = Tries(self.connections.patience)
        unknown = careful = False
        while True:
            try:
                with self._again() if unknown else _borrowed(self._work) as connection:
                    record = connection.execute(_SQL["finish"], (self.id, self.staged, careful)).fetchone()
                    assert record is not None
                    return int(record[0])
            except psycopg.Error as error:
                if connection_lost(error):
                    unknown = True
                elif error.sqlstate == State.NO_GENERATION:
                    self.connections.read(_RENEW)
                    continue
                elif error.sqlstate in _CROSSED and not careful:
                    careful = True
                    continue
                else:
                    raise _refusal(error) from error
                if not tries.another():
                    raise OutcomeUnknown(
                        f"The connection was lost while import {self.id} was being stored. Import the file again: "
                        "what is stored already is left out then."
                    ) from error

    def forget(self) -> None:
        """Remove what is staged; if the connection is gone the next import does it."""
        with suppress(psycopg.OperationalError):
            self._work.execute(_SQL["forget"], (self.id,))

    def _found(self, name: str) -> Iterator[tuple[Any, ...]]:
        """Read through a cursor on the server: a reading transaction holds back nobody's final positions."""
        if not self._analyzed:
            self._work.execute(_SQL["analyze"])
            self._analyzed = True
        with self._look.transaction(), self._look.cursor(name, binary=True) as cursor:
            cursor.itersize = _CHUNK
            yield from cursor.execute(_SQL[name], {"import": self.id})

    @contextmanager
    def _again(self) -> Iterator[psycopg.Connection[Any]]:
        with self.connections.take(own=True) as connection:
            connection.execute(_SQL["settings"])
            yield connection


@contextmanager
def _borrowed(connection: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    yield connection


def _staged(number: int, line: int, row: NewRow) -> tuple[Any, ...]:
    if row.recorded_at.tzinfo is None or row.effective_at.tzinfo is None:
        raise ValueError(f"The times in line {line} have no offset; give every time with its offset.")
    return (
        number,
        line,
        row.fact,
        row.stream,
        row.version is not None,
        row.type,
        row.location,
        row.recorded_at,
        row.effective_at,
        list(row.inner) or None,
        row.command,
        row.body,
        row.personal,
    )


def _refusal(error: psycopg.Error) -> Exception:
    detail = error.diag.message_detail or ""
    match error.sqlstate:
        case State.IDS_IN_USE:
            return FactExists(UUID(fact) for fact in detail.split(","))
        case State.OUT_OF_ORDER:
            return OutOfOrder(detail)
        case State.STAGED_ROWS_LOST:
            return StoreError("The database restarted and has lost staged rows. Nothing is stored; import again.")
        case State.LOCK_NOT_AVAILABLE:
            return LedgerUnavailable("Other imports kept these streams locked. Nothing is stored; import again.")
        case _:
            return error
