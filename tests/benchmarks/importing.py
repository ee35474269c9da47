"""Import of history, every line checked, against COPY of the rows that came of it into the same tables and indexes."""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import psutil
import psycopg

from domain import canonical
from domain.entries import Imported
from infrastructure.catalogues import shipped_catalogues
from infrastructure.importing import Step
from infrastructure.importing.chunks import chunks
from infrastructure.importing.reading import ChunkReader
from infrastructure.mapper import without_collection
from infrastructure.sealing.sealing import open_sealing
from infrastructure.wiring import application
from tests.benchmarks.databases import checkpoint, fresh_database, keys_of, sealed_store
from tests.benchmarks.generate import DAYS, START, chain
from tests.benchmarks.measuring import Line, Memory, Result, Run, seconds, shown_time
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
    """A whole file into an empty ledger, what it cannot leave out, and the memory of its largest process."""
    found: list[Run] = []
    parts: list[Parts] = []
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
                _in_a_process_of_its_own(_imported, database, folder, scale.imported, memory=memory)
                phases = [float(each) for each in (folder / "phases").read_text().split()]
                if number == 0:
                    _copy_out(database, folder)
                _in_a_process_of_its_own(_read, database, folder)
            parts.append(Parts(float((folder / "read").read_text()), *phases))
            found.append(Run(sum(phases), raw if raw is not None else _copied(server, folder)))
    name = f"import of {scale.imported:,} facts"
    return [
        Result(name, "COPY of its rows, same tables and indexes", scale.imported, found, reach="0.4", speed=True),
        Limit(f"{name}: at most, by its parts", parts, [run.raw for run in found]),
        Memory(f"{name}: the largest process", "", memory.most),
    ]


@dataclass
class Phases:
    """When the phases of an import began, and the last one ended."""

    begun: dict[str, float] = field(default_factory=dict)

    def told(self, step: Step) -> None:
        """Hear how far the import is."""
        self.begun.setdefault(step.phase, time.perf_counter())

    def seconds(self) -> tuple[float, ...]:
        """How long each took."""
        return tuple(later - earlier for earlier, later in pairwise(self.begun.values()))


@dataclass(frozen=True)
class Parts:
    """What one import is made of, in seconds."""

    read_alone: float
    """Processor time of one process that reads, checks and seals every line, and stages and stores nothing."""

    reading: float
    """Reading, checking, sealing and staging, by as many processes as there are processors."""

    checking: float
    storing: float
    """Storing what is staged, with nothing read meanwhile: one transaction, and so one process of the database."""


@dataclass(frozen=True)
class Limit:
    """How quick an import could be if it did nothing but read every line, by all processors, and then store the rows.

    Staging, the checks against the ledger and all that goes between processes cost nothing here.
    """

    name: str
    parts: Sequence[Parts]
    copied: Sequence[float]

    @property
    def ratios(self) -> tuple[float, float, float]:
        """Speed at most against that of COPY."""
        found = [
            copied / (each.read_alone / _processors() + each.storing)
            for each, copied in zip(self.parts, self.copied, strict=True)
        ]
        return median(found), min(found), max(found)

    @property
    def cells(self) -> tuple[str, ...]:
        """As in HEADINGS."""
        ratio, least, most = self.ratios
        took = {
            name: shown_time(median(getattr(each, name) for each in self.parts))
            for name in ("read_alone", "reading", "checking", "storing")
        }
        return (
            self.name,
            "the same",
            "",
            f"{ratio:.3g} x the speed ({least:.3g} to {most:.3g})",
            f"read {took['read_alone']} of processor / {_processors()} + store {took['storing']}",
            f"as it went: read and stage {took['reading']}, check {took['checking']}, store {took['storing']}",
        )


@dataclass
class Peak:
    """The most memory that a process or one of its children had."""

    most: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watched(self, pid: int | None = None) -> Iterator[None]:
        """Look at them all, ever again: at that process, or this one."""
        self._over.clear()
        watching = threading.Thread(target=self._watch, args=(psutil.Process(pid),))
        watching.start()
        try:
            yield
        finally:
            self._over.set()
            watching.join()

    def _watch(self, whole: psutil.Process) -> None:
        while not self._over.wait(_LOOK):
            with suppress(psutil.NoSuchProcess):
                for process in (whole, *whole.children()):
                    self.most = max(self.most, process.memory_info().rss)


def _in_a_process_of_its_own(work: Callable[..., None], *arguments: Any, memory: Peak | None = None) -> None:
    """What the benchmarks have loaded and made is not counted to the import."""
    process = get_context("spawn").Process(target=work, args=arguments)
    process.start()
    assert process.pid is not None
    with memory.watched(process.pid) if memory is not None else nullcontext():
        process.join()
    assert process.exitcode == 0


def _write_lines(folder: Path, count: int) -> None:
    with (folder / "facts.jsonl").open("wb") as lines:
        lines.writelines(canonical.write(line) + b"\n" for line in chain(count))


def _imported(database: str, folder: Path, count: int) -> None:
    phases = Phases()
    phases.begun["reading"] = time.perf_counter()
    with sealed_store(database) as store, (folder / "facts.jsonl").open("rb") as source:
        report = application(store).importer.run(source, name="facts.jsonl", by="benchmark", progress=phases.told)
        phases.begun["end"] = time.perf_counter()
    assert report.appended == count
    (folder / "phases").write_text(" ".join(map(str, phases.seconds())))


def _read(database: str, folder: Path) -> None:
    """What a worker of an import does with every chunk before it stages it."""
    boundary = open_sealing(keys_of(database))
    reader = ChunkReader(1, shipped_catalogues(), Imported(at=START + timedelta(days=2 * DAYS), by="x"), boundary)
    with (folder / "facts.jsonl").open("rb") as source, without_collection():
        begun = time.process_time()
        for chunk in chunks(source):
            reader.read(chunk)
        took = time.process_time() - begun
    boundary.close()
    (folder / "read").write_text(str(took))


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
