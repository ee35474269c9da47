"""A rebuild of every projection for every location, against COPY of the same rows to here."""

import psycopg

from infrastructure.kept.rebuild import remake
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
        with sealed_store(database) as store, psycopg.connect(database) as connection, memory.watched():
            times = [_measured(application(store), connection) for _ in range(runs)]
        count = COMPANIES[name].facts
        title = f"rebuild of all projections, {count:,} facts"
        reach = "at least 0.2 of its speed"
        found.append(Result(title, "COPY of the rows out, once", count, times, reach=reach, speed=True))
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
