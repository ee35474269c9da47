"""A rebuild of every projection for every location, against COPY of the same rows to here.

And what no rebuild can leave out: every row read, opened and understood once, with nothing told of it and nothing kept.
"""

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from os import cpu_count

import psycopg

from domain.entries import Entry
from infrastructure.kept.rebuild import remake
from infrastructure.mapper import entry_of
from infrastructure.wiring import Application, application
from tests.benchmarks.company import COMPANIES
from tests.benchmarks.databases import sealed_store
from tests.benchmarks.importing import Peak
from tests.benchmarks.measuring import Line, Memory, Result, Run, seconds
from tests.benchmarks.scale import Scale

_ALL = b"COPY (SELECT body, personal FROM ledger.entries) TO STDOUT (FORMAT binary)"


def rebuilds(_server: str, scale: Scale, runs: int) -> list[Line]:
    """For each company: all projections together, and the memory of the largest process at work."""
    found: list[Line] = []
    for name, database in scale.ledgers.items():
        memory = Peak()
        with sealed_store(database) as store, psycopg.connect(database) as connection:
            with memory.watched():
                times = [_measured(application(store), connection) for _ in range(runs)]
            read = partial(_read, database, store.last_position())
            least = [Run(seconds(read), run.raw) for run in times]
        count = COMPANIES[name].facts
        title = f"rebuild of all projections, {count:,} facts"
        reach = "at least 0.2 of its speed"
        found.append(Result(title, "COPY of the rows out, once", count, times, reach=reach, speed=True))
        found.append(Result(f"{title}: reading alone", "the same COPY", count, least, speed=True))
        found.append(Memory(f"{title}: its largest process", "at most 300 MB", memory.most))
    return found


def _measured(ledger: Application, connection: psycopg.Connection[tuple[object, ...]]) -> Run:
    return Run(seconds(lambda: _rebuilt(ledger)), seconds(lambda: _copied(connection)))


def _rebuilt(ledger: Application) -> None:
    made = remake(ledger.store, ledger.catalogues)
    assert made.position == ledger.store.last_position()


def _copied(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    with connection.cursor().copy(_ALL) as copy:
        size = sum(len(piece) for piece in copy)
    assert size > 0


def _read(database: str, last: int) -> None:
    """Every row, in as many processes as there are processors."""
    processes = cpu_count() or 1
    bounds = [last * number // processes for number in range(processes + 1)]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        assert sum(pool.map(_read_part, [database] * processes, *zip(*pairwise(bounds), strict=True))) == last


def _read_part(database: str, after: int, upto: int) -> int:
    with sealed_store(database, connections=1) as store:
        return sum(isinstance(entry_of(row), Entry) for row in store.read_all(after, upto))
