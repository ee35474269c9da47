"""Import of history, every line checked, against COPY of the rows that came of it into the same tables and indexes."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil
import psycopg

from domain import canonical
from infrastructure.wiring import application
from tests.benchmarks.databases import checkpoint, fresh_database, sealed_store
from tests.benchmarks.generate import DAYS, START, chain
from tests.benchmarks.measuring import Line, Memory, Result, Run, seconds
from tests.benchmarks.scale import Scale

_TABLES = {
    "entries": "id, generation, xid, fact, stream, version, type, location, recorded_at, effective_at, carries, "
    "command, body, personal",
    "facts": "fact, entry",
}
_ORDER = {"entries": "id", "facts": "entry"}
_TOLD = (START, START + timedelta(days=DAYS))
_PIECE = 1 << 18
_LOOK = 0.2


def importing(server: str, scale: Scale, runs: int) -> list[Line]:
    """Two lines: a whole file into an empty ledger, and the memory of the largest process that took part."""
    found: list[Run] = []
    memory = Peak()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _in_a_process_of_its_own(_write_lines, folder, scale.imported)
        for number in range(runs):
            raw = None
            if number % 2:  # each goes first every other time, but the rows come of the first import
                raw = _copied(server, folder)
            with fresh_database(server) as database:
                checkpoint(database)
                with memory.watched():
                    ours = seconds(partial(_imported, database, folder, scale.imported))
                if number == 0:
                    _copy_out(database, folder)
            found.append(Run(ours, raw if raw is not None else _copied(server, folder)))
    name = f"import of {scale.imported:,} facts"
    return [
        Result(name, "COPY of its rows, same tables and indexes", scale.imported, found, reach="0.4", speed=True),
        Memory(f"{name}: the largest process", "", memory.most),
    ]


@dataclass
class Peak:
    """The most memory that this process or one of its children had."""

    most: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at them all, ever again."""
        self._over.clear()
        watching = threading.Thread(target=self._watch)
        watching.start()
        try:
            yield
        finally:
            self._over.set()
            watching.join()

    def _watch(self) -> None:
        this = psutil.Process()
        while not self._over.wait(_LOOK):
            for process in (this, *this.children()):
                try:
                    self.most = max(self.most, process.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue


def _in_a_process_of_its_own(work: Callable[..., None], *arguments: Any) -> None:
    """What takes much memory must not be counted to the import."""
    process = get_context("spawn").Process(target=work, args=arguments)
    process.start()
    process.join()
    assert process.exitcode == 0


def _write_lines(folder: Path, count: int) -> None:
    with (folder / "facts.jsonl").open("wb") as lines:
        lines.writelines(canonical.write(line) + b"\n" for line in chain(count))


def _imported(database: str, folder: Path, count: int) -> None:
    with sealed_store(database) as store, (folder / "facts.jsonl").open("rb") as source:
        report = application(store).importer.run(source, name="facts.jsonl", by="benchmark")
    assert report.appended == count


def _copy_out(database: str, folder: Path) -> None:
    """The rows as COPY writes them, so that the raw side has nothing to convert."""
    for table, columns in _TABLES.items():
        rows_of = f"SELECT {columns} FROM ledger.{table} ORDER BY {_ORDER[table]}"
        statement = f"COPY ({rows_of}) TO STDOUT (FORMAT binary)"
        with (
            (folder / table).open("wb") as rows,
            psycopg.connect(database) as connection,
            connection.cursor().copy(statement.encode()) as copy,
        ):
            rows.writelines(bytes(piece) for piece in copy)


def _copied(server: str, folder: Path) -> float:
    """Seconds of COPY into the ledger's own tables, in a database where nobody has written yet."""
    with fresh_database(server) as database:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("SELECT ledger.make_partitions(ARRAY[%s::timestamptz, %s])", _TOLD)
        checkpoint(database)
        return seconds(lambda: _copied_in(database, folder))


def _copied_in(database: str, folder: Path) -> None:
    with psycopg.connect(database) as connection:
        for table, columns in _TABLES.items():
            statement = f"COPY ledger.{table} ({columns}) FROM STDIN (FORMAT binary)"
            with (folder / table).open("rb") as rows, connection.cursor().copy(statement.encode()) as copy:
                while piece := rows.read(_PIECE):
                    copy.write(piece)
