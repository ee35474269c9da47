"""Imports many rows at once: staged in constant memory, checked as a set, stored all or none."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

import psycopg

from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections
from infrastructure.store.rows import NewRow
from infrastructure.store.staging import (
    Lines,
    StagedChunk,
    copy_in,
    find_chunk,
    packed,
    replace_chunk,
    stage_chunk,
)
from infrastructure.store.storing import Storing

_SQL = statements("import")
_CHUNK = 5_000
_LOST = (
    "An import of {} was interrupted, and nothing is left of what it staged, as after a crash of the database; "
    "this one begins anew."
)
_CHANGED = "{} is not what it was when its import was interrupted; this import begins anew."


@dataclass(frozen=True, slots=True)
class Existing:
    """A staged line with an id that the ledger knows; `body` is None if the id is that of a fact carried inside."""

    line: int
    fact: UUID
    body: bytes | None
    personal: bytes | None
    erased: bool = False
    """Whether some of `personal` is erased."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An id that several staged lines have; `same` if all are the fact itself with the same body.

    Whether their personal fields are the same too is for the reader to compare: no two are sealed alike.
    """

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


@dataclass(frozen=True, slots=True)
class Source:
    """What is imported: the moment that its stamps name, and how many bytes it has, or None if it is read only once.

    An import of a source of so many bytes that is killed, or ended by anything but a refusal, is kept, and the next one
    of the same name, person and size goes on from what it staged.
    """

    at: datetime
    bytes: int | None = None


class Importing:
    """The side of the store for imports of history."""

    def __init__(self, connections: Connections) -> None:
        self.connections = connections

    @contextmanager
    def importing(self, file_name: str, by: str, source: Source | None = None) -> Iterator["ImportSession"]:
        """Begin an import, or go on with one; what is not finished leaves no more than `Source` says."""
        with (
            self.connections.take(own=True) as work,
            self.connections.take(own=True) as look,
        ):
            session = ImportSession(self.connections, work, look)
            session.begin(file_name, by, source)
            kept = source is not None and source.bytes is not None
            try:
                yield session
                kept = False
            finally:
                if kept:
                    session.let_go()
                else:
                    session.forget()

    def imports(self) -> list[Import]:
        """Return all imports that were ever begun, in the order of their beginning."""
        return [Import(*record) for record in self.connections.read(_SQL["imports"])]


class ImportSession:
    """One import, in steps: add lines or chunks, look at what is wrong with them, leave lines out, finish."""

    def __init__(self, connections: Connections, work: psycopg.Connection[Any], look: psycopg.Connection[Any]) -> None:
        self.connections = connections
        self._work = work
        self._look = look
        self._analyzed = False
        self._in_order = True
        self.id = 0
        self.staged = 0
        self.stamped_at: datetime | None = None
        self.goes_on = False
        """Whether there are chunks of an import that was killed."""
        self.remark: str | None = None
        """Why nothing is left of one that was."""

    def begin(self, file_name: str, by: str, source: Source | None) -> None:
        """Go on with an import of this source that was killed, or note that one begins; clear away all other killed."""
        for connection in (self._work, self._look):
            connection.execute(_SQL["settings"])
        if source is not None and source.bytes is not None:
            self._take_over(file_name, by, source.bytes)
        self._work.execute(_SQL["forget_killed"], (self.id,))
        if self.goes_on:
            self._work.execute(_SQL["take_all_in_again"], (self.id,))
        else:
            at, size = (source.at, source.bytes) if source is not None else (None, None)
            self._begin(file_name, by, at, size)

    def begin_anew(self, file_name: str, by: str, source: Source) -> None:
        """Give up what was staged by the import that was to go on: its file has changed."""
        self.forget()
        self.goes_on, self.staged, self.remark = False, 0, _CHANGED.format(file_name)
        self._begin(file_name, by, source.at, source.bytes)

    def chunk(self, number: int) -> StagedChunk | None:
        """Return a chunk that is staged, if the import goes on with one."""
        return find_chunk(self._work, self.id, number) if self.goes_on else None

    def stage(self, lines: Lines, chunk: StagedChunk, rows: bytes, *, again: bool = False) -> StagedChunk:
        """Stage a chunk of packed rows in a short transaction; `again` in the place of what was staged of it.

        Who stages chunks sees to it that each location's lines are in order among themselves.
        """
        if again:
            replace_chunk(self._work, self.id, lines, chunk, rows)
            return chunk
        return stage_chunk(self._work, self.id, lines, chunk, rows)

    def add(self, rows: Iterable[tuple[int, NewRow]]) -> int:
        """Stage rows, each with its line number, and return how many are staged now.

        A row's `version` is 0 for the next version of its stream, or None for an observation. Line numbers come once.
        Each few thousand are a short transaction, so that an import of hours holds back nobody's final positions.
        """
        remaining = iter(rows)
        while some := list(islice(remaining, _CHUNK)):
            copy_in(self._work, packed(self.id, some, self.connections.boundary))
            self._in_order = False
            self.count(len(some))
        return self.staged

    def count(self, rows: int) -> None:
        """Take note of rows that were staged."""
        self.staged += rows
        self._analyzed = False

    def existing(self) -> Iterator[Existing]:
        """Iterate over the lines with ids that are in the ledger, to compare their contents; by line."""
        remaining = iter(self._found("existing"))
        while some := list(islice(remaining, _CHUNK)):
            plain = self.connections.boundary.open([(fact, personal) for _, fact, _, personal in some])
            for (line, fact, body, _), (personal, erased) in zip(some, plain, strict=True):
                yield Existing(line, fact, body, personal, erased)

    def duplicates(self) -> Iterator[Duplicate]:
        """Iterate over the ids that come more than once in the import, by their first line."""
        return (Duplicate(fact, tuple(lines), same) for fact, lines, same in self._found("duplicates"))

    def out_of_order(self) -> Iterator[Late]:
        """Iterate over the lines recorded too early; if these are left out, the others are in order. By line."""
        name = "before_the_ledger" if self._in_order else "out_of_order"
        return (Late(*record) for record in self._found(name))

    def drop(self, lines: Iterable[int]) -> int:
        """Leave lines out and return how many remain. It may be called while iterating over findings."""
        remaining = iter(lines)
        while chunk := list(islice(remaining, _CHUNK)):
            self.staged -= self._work.execute(_SQL["leave_out"], (self.id, chunk)).rowcount
        return self.staged

    def finish(self, told: Callable[[int], None] = lambda _stored: None) -> int:
        """Store everything that is staged and not left out, in one transaction, and return how many rows that were.

        `told` is told how many are stored so far; they count when all are. Raises FactExists or OutOfOrder, with
        nothing stored, if lines are left that should have been dropped; StoreError if the database restarted and has
        lost staged rows: import again.
        """
        return Storing(self.connections, self._work, self.id, self.staged).run(told)

    def forget(self) -> None:
        """Remove what is staged; if the connection is gone the next import does it."""
        with suppress(psycopg.OperationalError):
            self._work.execute(_SQL["forget"], (self.id,))

    def let_go(self) -> None:
        """Let another go on with this import at once: the server notices the end of a connection a little later."""
        with suppress(psycopg.Error):
            self._work.execute(_SQL["let_go"], (self.id,))

    def _take_over(self, file_name: str, by: str, size: int) -> None:
        for number, stamped_at, length, staged in self._work.execute(_SQL["killed"], (file_name, by)).fetchall():
            ((ours,),) = self._work.execute(_SQL["take_over"], (number,)).fetchall()
            if not ours:
                continue
            if staged and length == size:
                self.id, self.stamped_at, self.goes_on = number, stamped_at, True
                return
            self.remark = (_CHANGED if staged else _LOST).format(file_name)
            self._work.execute(_SQL["forget"], (number,))

    def _begin(self, file_name: str, by: str, at: datetime | None, size: int | None) -> None:
        record = self._work.execute(_SQL["begin"], (file_name, by, at, size)).fetchone()
        assert record is not None
        self.id, self.stamped_at = record[0], at
        self._work.execute(_SQL["stay_alive"], (self.id,))

    def _found(self, name: str) -> Iterator[tuple[Any, ...]]:
        """Read through a cursor on the server: a reading transaction holds back nobody's final positions."""
        if not self._analyzed:
            self._work.execute(_SQL["analyze"])
            self._analyzed = True
        with self._look.transaction(), self._look.cursor(name, binary=True) as cursor:
            cursor.itersize = _CHUNK
            yield from cursor.execute(_SQL[name], {"import": self.id})
