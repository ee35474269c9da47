"""Brings the kept projections forward: batch by batch, each with the new position in one transaction."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.catalogue import Catalogue
from domain.entries import TERMS, Entry, Quarantined
from domain.facts import OBSERVATIONS
from domain.rows import Observed, read_observed
from infrastructure.kept.entries import Stored
from infrastructure.kept.form import made_in, made_with
from infrastructure.kept.growing import Growing
from infrastructure.kept.kept_again import KeptAgain
from infrastructure.kept.log_lines import LogKeeper
from infrastructure.kept.rows import Clerk, KeptTablesDifferError, Rows, add_unread
from infrastructure.kept.teams import Teams, placeless
from infrastructure.mapper import entry_of, without_collection
from infrastructure.postgres.statements import statements
from infrastructure.store import Store
from infrastructure.store.boundary import Boundary
from infrastructure.store.connections import LedgerConnection
from projections.weights import Scales
from projections.written_parts import Slugs

_SQL = statements("kept_write")
_FACT, _LOCATION, _PERSONAL = 1, 3, 5
_PAGE = 2_000
"""Rows of one page, as in the statement."""

BATCH = 1_000
"""Rows of one transaction: it is short, for a writing transaction holds back everybody's final positions."""

Progress = Callable[[int, int], None]


class KeptOutdatedError(Exception):
    """The kept projections were made by another version of this program; `accessledger rebuild` makes them anew."""


@dataclass(frozen=True)
class Batch:
    """Settled rows that follow each other, read."""

    upto: int
    entries: Sequence[Entry]
    """Those that were read whole: all that decide, and the observations that only the careful reading takes."""

    lines: Sequence[Entry | tuple[int, Observed]]
    """The same with all other observations, each with its position, in order."""

    unread: Sequence[tuple[Quarantined, str, str | None]]
    """What cannot be read, each with its stream and location."""


class Projector:
    """One at a time brings the tables forward; any number may try."""

    def __init__(self, store: Store, catalogues: Mapping[int, Catalogue]) -> None:
        self._store = store
        self._made_with = made_with(catalogues)
        clerk = Clerk(Slugs.of(catalogues), Scales(catalogues), store.connections.boundary)
        self._growing = Growing(clerk)
        self._again = KeptAgain(Teams(clerk), self._made_with)
        self._stepping = threading.Lock()
        self._log = LogKeeper()

    def bring_forward(
        self, upto: int | None = None, *, wait: bool = False, progress: Progress = lambda _done, _total: None
    ) -> int:
        """Tell the tables what is settled up to a position, by default the last one; the position they stand at.

        If another process is at it, return at once, or `wait` for it. Nothing is told twice, whenever this is killed.
        KeptOutdatedError when the tables are of another version.
        """
        last = self._store.sequence() if upto is None else upto
        with self._store.connections.take(own=True) as connection:
            connection.execute(_SQL["settings"])
            connection.execute(_SQL["path_kept"])
            with alone(connection, wait=wait) as won:
                if not won:
                    return self._stands_at(connection)[0]
                position = self._begun(connection)[0]
                while position < last:
                    position = self._step(connection, last)
                    progress(position, last)
                return position

    def step_on(self, connection: LedgerConnection, last: int) -> int:
        """Bring the tables on a connection's path forward to a position; whoever calls sees to being alone."""
        position = self._begun(connection)[0]
        while position < last:
            position = self._step(connection, last)
        return position

    def _stands_at(self, connection: LedgerConnection) -> tuple[int, str]:
        position, made = connection.execute(_SQL["state"]).fetchone() or (0, "")
        return int(position), str(made)

    def _begun(self, connection: LedgerConnection) -> tuple[int, int]:
        """Where the tables stand, and in which epoch; what rests on those who were erased since is kept again."""
        epoch = connection.boundary.epoch()
        position, made = self._stands_at(connection)
        now = made_in(self._made_with, epoch)
        if position == 0 and made != now:
            connection.execute(_SQL["begin_state"], {"made_with": now})
        elif made != now:
            digest, _, before = made.partition(" ")
            if digest != self._made_with:
                raise KeptOutdatedError(
                    "The kept projections were made by another version of this program; run `accessledger rebuild`."
                )
            self._growing.forget()
            self._again.keep(connection, position, int(before), epoch)
        return position, epoch

    def _step(self, connection: LedgerConnection, last: int) -> int:
        # Who brings forward is alone in the database; what is remembered of the batch before has to be so here as well.
        with self._stepping, without_collection():
            after, epoch = self._begun(connection)
            batch = read_batch(connection, after, last, BATCH)
            try:
                rows = self._prepared(connection, batch, after)
                lines = self._log.prepare(connection, batch.lines)
                if connection.boundary.epoch() != epoch:
                    return after  # who is erased now may be in what was read before
                with connection.transaction():
                    rows.write(connection)
                    self._log.write(connection, lines)
                    if connection.execute(_SQL["forward"], {"after": after, "upto": batch.upto}).rowcount != 1:
                        raise KeptOutdatedError("The kept projections were put in another place meanwhile; try again.")
            except KeptTablesDifferError:
                if connection.boundary.epoch() != epoch:
                    # Somebody was erased between two looks: before the first there was a name, at the second none.
                    self._growing.forget()
                    return after
                # Nobody is to be answered from tables that are not what was written.
                connection.execute(_SQL["mistrust"])
                raise
            self._growing.written(batch.upto)
            return batch.upto

    def _prepared(self, reader: LedgerConnection, batch: Batch, after: int) -> Rows:
        """What a batch changes; nothing is written yet."""
        every = Rows()
        add_unread(every, batch.unread)
        by_location: dict[str, list[Entry]] = {}
        for entry in batch.entries:
            if entry.fact.location is not None and entry.fact.type not in OBSERVATIONS:
                by_location.setdefault(entry.fact.location, []).append(entry)
        every.join(self._growing.grown(reader, by_location, after, batch.upto))
        placeless(reader, every, batch.entries, batch.upto)
        return every


def read_batch(reader: LedgerConnection, after: int, last: int, size: int) -> Batch:
    """The next rows, at most so many. A fact of the terms comes alone: it may bear on any location."""
    rows = _rows(reader, after, last, size)
    if not rows:
        return Batch(last, (), (), ())
    ends = next((place for place, row in enumerate(rows) if row[-1] == TERMS), len(rows))
    if ends == len(rows):
        return _read(reader.boundary, rows, last if len(rows) < size else rows[-1][0])
    rows = rows[: max(1, ends)]
    return _read(reader.boundary, rows, rows[-1][0])


def read_range(
    reader: LedgerConnection,
    after: int,
    upto: int,
    *,
    whole: bool = False,
    elsewhere: Callable[[str, str | None], bool] = lambda _stream, _location: False,
) -> Batch:
    """All rows after a position up to another; also observations are read `whole` where that is asked for.

    Rows of a stream and a location that are read `elsewhere` are left out.
    """
    rows: list[tuple[Any, ...]] = []
    while some := _rows(reader, rows[-1][0] if rows else after, upto, _PAGE):
        rows += some
        if len(some) < _PAGE:
            break
    rows = [row for row in rows if not elsewhere(row[-1], row[_LOCATION])]
    return _read(reader.boundary, rows, upto, whole=whole)


def _rows(reader: LedgerConnection, after: int, upto: int, size: int) -> list[tuple[Any, ...]]:
    with reader.cursor(binary=True) as cursor:
        return cursor.execute(_SQL["next_rows"], {"after": after, "upto": upto, "batch": size}).fetchall()


def _read(boundary: Boundary, rows: Sequence[tuple[Any, ...]], upto: int, *, whole: bool = False) -> Batch:
    entries: list[Entry] = []
    lines: list[Entry | tuple[int, Observed]] = []
    unread: list[tuple[Quarantined, str, str | None]] = []
    plain = boundary.open([(row[_FACT], row[_PERSONAL]) for row in rows])
    for (position, fact, kind, location, body, _, stream), (personal, _) in zip(rows, plain, strict=True):
        if kind in OBSERVATIONS and not whole:
            seen = read_observed(body, personal)
            if seen is not None and seen.id == fact and seen.type == kind and seen.location == location:
                lines.append((position, seen))
                continue
        found = entry_of(Stored(position, UUID(fact), kind, location, body, personal))
        if isinstance(found, Entry):
            entries.append(found)
            lines.append(found)
        else:
            unread.append((found, stream, location))
    return Batch(upto, entries, lines, unread)


@contextmanager
def alone(connection: LedgerConnection, *, wait: bool) -> Iterator[bool]:
    """Hold the lock of whoever brings the tables forward; whether it was to be had."""
    won = True
    if wait:
        connection.execute(_SQL["wait_forward"])
    else:
        (won,) = connection.execute(_SQL["try_forward"]).fetchone() or (False,)
    try:
        yield won
    finally:
        if won and not connection.closed:
            connection.execute(_SQL["leave_forward"])
