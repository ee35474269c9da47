"""Appends from a process of their own, alone and while a rebuild, an export and a follower run beside them."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from multiprocessing.context import SpawnProcess
from multiprocessing.queues import Queue
from uuid import uuid4

from domain.entries import Entry, Stamp
from domain.facts import read_fact
from infrastructure.kept.rebuild import RebuildRunningError, remake
from infrastructure.mapper import new_row
from infrastructure.store import NewRow, Store
from infrastructure.wiring import application
from tests.benchmarks.busy_hours import instant
from tests.benchmarks.companies import cloned
from tests.benchmarks.company import COMPANIES
from tests.benchmarks.databases import sealed_store
from tests.benchmarks.measuring import Calls, Line
from tests.benchmarks.people import Json
from tests.benchmarks.scale import Scale

WRITERS = 8
_PAUSE = 0.02
"""Between two appends of a writer: 8 writers come to at most 400 a second, far from what the store can take."""

_SPAWN = multiprocessing.get_context("spawn")


def ingest(_server: str, scale: Scale, runs: int) -> list[Line]:
    """Every append of all runs, alone and beside, in turns; and beside processes that do nothing but take the cores."""
    alone: list[float] = []
    beside: list[float] = []
    limit: list[float] = []
    cores = os.cpu_count() or 1
    name, original = next(iter(scale.ledgers.items()))
    with cloned(original) as database:
        for _ in range(runs):
            alone += _written(database, scale.paced)
            with _at_work(database, (rebuilding, exporting, following)):
                beside += _written(database, scale.paced)
            with _at_work(database, [counting] * cores):
                limit += _written(database, scale.paced)
    title = f"appends, {WRITERS} writers, beside a rebuild, an export and a follower, {COMPANIES[name].facts:,} facts"
    return [
        Calls(title, "the same alone", "p99 at most 2 times", beside, alone),
        Calls(f"{title}: at best, beside {cores} processes that only count", "the same alone", "", limit, alone),
    ]


def _written(database: str, seconds: float) -> list[float]:
    """Seconds of each append of another process that writes for so long."""
    found: Queue[list[float]] = _SPAWN.Queue()
    writer = _SPAWN.Process(target=write, args=(database, seconds, found))
    writer.start()
    singles = found.get(timeout=seconds * 20 + 120)
    writer.join()
    assert singles
    return singles


def write(database: str, seconds: float, found: "Queue[list[float]]") -> None:
    """Some writers, each in a location of its own, that append one fact after the other."""
    with sealed_store(database, connections=WRITERS + 1) as store, ThreadPoolExecutor(WRITERS) as pool:
        end = time.monotonic() + seconds
        written = pool.map(lambda rows: _append_until(store, rows, end), [_rows() for _ in range(WRITERS)])
        found.put([single for singles in written for single in singles])


def _append_until(store: Store, rows: Iterator[NewRow], end: float) -> list[float]:
    singles: list[float] = []
    while time.monotonic() < end or not singles:
        row = next(rows)
        begun = time.perf_counter()
        store.gather([row])
        singles.append(time.perf_counter() - begun)
        time.sleep(_PAUSE)
    return singles


def _rows() -> Iterator[NewRow]:
    """The facts of a new location: a member on and off the schedule, now and then somebody who signs in."""
    location = f"ingest-{uuid4()}"
    version = count(1)
    opened: Json = {"name": "Salon", "time_zone": "Europe/Berlin"}
    yield _row(location, "LocationOpened", opened, next(version))
    yield _row(location, "TeamMemberAdded", {"member": "sana", "name": "Sana"}, next(version))
    while True:
        for kind in ("AddedToSchedule", "RemovedFromSchedule"):
            yield _row(location, kind, {"member": "sana"}, next(version))
            yield _row(location, "SignedIn", {"account": "acc-olga"}, None)


def _row(location: str, kind: str, data: Json, version: int | None) -> NewRow:
    at = instant(int(datetime.now(UTC).timestamp()))
    name = str(uuid4())
    line = {
        "id": name,
        "type": kind,
        "location": location,
        "recorded_at": at,
        "effective_at": at,
        "actor": {"kind": "person", "id": "acc-olga"},
        "device": {"id": "dev-1", "ip": "198.51.100.7"},
        "change": name,
        "data": data,
    }
    return new_row(Entry(read_fact(line), Stamp()), version)


@contextmanager
def _at_work(database: str, works: Sequence[Callable[[str], None]]) -> Iterator[None]:
    """Each work in a process of its own, over and over, until the block ends."""
    processes: list[SpawnProcess] = [_SPAWN.Process(target=work, args=(database,), daemon=True) for work in works]
    for process in processes:
        process.start()
    try:
        time.sleep(1.0)
        assert all(process.is_alive() for process in processes), "the work beside ended by itself"
        yield
        assert all(process.is_alive() for process in processes), "the work beside ended by itself"
    finally:
        for process in processes:
            process.kill()
            process.join()


def counting(_database: str) -> None:
    """Take a core for oneself, and touch nothing that anybody else has."""
    for _ in count():
        pass


def rebuilding(database: str) -> None:
    """Make all projections anew, and again."""
    with sealed_store(database) as store:
        catalogues = application(store).catalogues
        while True:
            try:
                remake(store, catalogues)
            except RebuildRunningError:  # the database has not noticed yet that the one before was killed
                time.sleep(0.1)


def exporting(database: str) -> None:
    """Read every row, and again."""
    with sealed_store(database) as store:
        while True:
            for _ in store.read_all():
                pass


def following(database: str) -> None:
    """Read what is new, as soon as it has its position."""
    with sealed_store(database) as store:
        last = store.sequence()
        while True:
            for row in store.read_all(last, store.sequence()):
                assert row.position is not None
                last = row.position
            time.sleep(0.05)
