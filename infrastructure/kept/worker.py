"""A worker of a rebuild: a process that is told its shares of the ledger line by line, and fills the tables with them.

It is started as `python -m infrastructure.kept.worker`, reads JSON lines from standard input, answers each with a line
on standard output, and ends when its input does, in the midst of a share too: no worker outlives who started it.
"""

import gc
import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from queue import SimpleQueue
from typing import Any, TextIO

from domain.catalogue import Catalogue
from domain.entries import Entry, Quarantined
from domain.rows import Observed
from infrastructure.catalogues import shipped_catalogues
from infrastructure.kept.log_lines import LogKeeper
from infrastructure.kept.projector import read_range
from infrastructure.kept.rows import Clerk, Rows, add_unread
from infrastructure.kept.teams import Hearer, Teams
from infrastructure.postgres.statements import statements
from infrastructure.sealing.sealing import open_sealing
from infrastructure.store import StoreError
from infrastructure.store.boundary import UNSEALED, Keys
from infrastructure.store.connections import LedgerConnection, connect_to
from projections.weights import Scales
from projections.written_parts import Slugs

_SQL = statements("kept_write")
_REBUILD = statements("kept_rebuild")


class Worker:
    """Fills the tables on its connection's path. Its shares meet nobody else's: a location, or a range of positions."""

    def __init__(self, connection: LedgerConnection, catalogues: Mapping[int, Catalogue]) -> None:
        self._connection = connection
        self._teams = Teams(Clerk(Slugs.of(catalogues), Scales(catalogues), connection.boundary))
        self._log = LogKeeper()

    def do(self, share: Mapping[str, Any]) -> None:
        """Fill in one share."""
        if "location" in share:
            self._location(share["location"], share["upto"])
        else:
            self._range(share["after"], share["upto"])

    def _location(self, location: str, upto: int) -> None:
        """The rows of a location, and the log lines of what decides it: so that it is read once for both."""
        epoch = self._connection.boundary.epoch()
        hearer = Hearer(partial(self._hear, location), partial(self._unread, location))
        for rows in self._teams.whole(self._connection, location, upto, hearer):
            if self._connection.boundary.epoch() != epoch:
                raise StoreError("Somebody was erased at this moment")
            with self._connection.transaction():
                rows.write(self._connection)

    def _hear(self, location: str, entries: Sequence[Entry]) -> None:
        self._write_lines([entry for entry in entries if entry.fact.location == location], Rows())

    def _unread(self, location: str, row: Quarantined, of: str | None) -> None:
        if of == location:
            rows = Rows()
            add_unread(rows, [(row, _stream(location), of)])
            self._write_lines([], rows)

    def _range(self, after: int, upto: int) -> None:
        """The log lines of everything else: what decides a location lies in its stream, and was heard with it."""
        batch = read_range(self._connection, after, upto, elsewhere=_of_its_location)
        rows = Rows()
        add_unread(rows, batch.unread)
        self._write_lines(batch.lines, rows)

    def _write_lines(self, lines: Sequence[Entry | tuple[int, Observed]], rows: Rows) -> None:
        prepared = self._log.prepare(self._connection, lines)
        prepared.spans.clear()  # they are told from all lines at the end: two workers have lines of one block
        with self._connection.transaction():
            rows.write(self._connection)
            self._log.write(self._connection, prepared)


def _stream(location: str) -> str:
    return f"location:{location}"


def _of_its_location(stream: str, location: str | None) -> bool:
    return location is not None and stream == _stream(location)


class Lines:
    """The lines of the input, as they come. The process ends with them, whatever it is doing then."""

    def __init__(self, source: TextIO) -> None:
        self._source = source
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._come = 0
        self._done = 0
        threading.Thread(target=self._listen, name="lines", daemon=True).start()

    def _listen(self) -> None:
        for line in self._source:
            self._come += 1
            self._lines.put(line)
        if self._done < self._come:  # who gave it is gone and takes no answer: the next rebuild need not wait for it
            os._exit(1)
        self._lines.put(None)

    def __iter__(self) -> Iterator[str]:
        while (line := self._lines.get()) is not None:
            yield line

    def done(self) -> None:
        """One more of them is done with."""
        self._done += 1


def run(source: TextIO, answers: TextIO) -> None:
    """Work until the input ends. The first line says where the database is, the keys, and which tables."""
    gc.freeze()
    gc.disable()  # what is made is thrown away without cycles, and looking for them takes a third of the time
    begun = json.loads(source.readline())
    boundary = open_sealing(Keys(*begun["keys"]), connections=1) if begun["keys"] is not None else UNSEALED
    with connect_to(begun["database"], boundary) as connection:
        connection.execute(_SQL["settings"])
        connection.execute(_REBUILD["at_work"])
        if connection.execute(_REBUILD["tables_beside"]).fetchone() != (begun["tables"],):
            return  # who began this was killed before this process was there, and others are at it
        connection.execute(_SQL["path_next"])
        worker = Worker(connection, shipped_catalogues())
        lines = Lines(source)
        for line in lines:
            worker.do(json.loads(line))
            gc.collect(0)
            lines.done()
            answers.write("{}\n")
            answers.flush()


if __name__ == "__main__":
    run(sys.stdin, sys.stdout)
