"""A rebuild of every projection for every location, against COPY of the same rows to here."""

import psycopg

from infrastructure.rebuilding import PROJECTIONS, rebuild
from infrastructure.store import Store
from infrastructure.wiring import Application, application
from tests.benchmarks.databases import fill, fresh_database
from tests.benchmarks.generate import chain
from tests.benchmarks.measuring import Result, side_by_side
from tests.benchmarks.scale import Scale

_ALL = b"COPY (SELECT body, personal FROM ledger.entries ORDER BY id) TO STDOUT (FORMAT binary)"


def rebuilds(server: str, scale: Scale, runs: int) -> list[Result]:
    """One line: all projections together."""
    with fresh_database(server) as database, Store(database) as store, psycopg.connect(database) as connection:
        fill(store, chain(scale.rebuilt))
        ledger = application(store)
        found = side_by_side(runs, lambda: _rebuilt(ledger), lambda: _copied(connection))
    name = f"rebuild of {len(PROJECTIONS)} projections, {scale.rebuilt:,} facts"
    return [Result(name, "COPY of the rows, once", scale.rebuilt, found)]


def _rebuilt(ledger: Application) -> None:
    for projection in PROJECTIONS:
        assert rebuild(ledger.store, ledger.catalogues, projection).locations > 0


def _copied(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    with connection.cursor().copy(_ALL) as copy:
        size = sum(len(piece) for piece in copy)
    assert size > 0
