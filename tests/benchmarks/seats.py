"""The billing list of one location, folded from its facts, against reading their bytes and against a stored answer."""

import psycopg

from domain import canonical
from infrastructure.store import Store
from infrastructure.wiring import Application, application
from tests.benchmarks.databases import fill, fresh_database
from tests.benchmarks.generate import big_location
from tests.benchmarks.measuring import Result, side_by_side
from tests.benchmarks.scale import Scale

_LOCATION = "loc-0000"
_STREAM = """
SELECT e.body, e.personal FROM ledger.entries AS e JOIN ledger.positions AS p ON p.entry = e.id
WHERE e.stream = ANY(%s) ORDER BY p.position
"""


def seats(server: str, scale: Scale, runs: int) -> list[Result]:
    """Two lines for each number of facts."""
    return [result for count in scale.seats for result in _measured(server, count, runs)]


def _measured(server: str, count: int, runs: int) -> list[Result]:
    name = f"seats, {count:,} facts"
    with fresh_database(server) as database, Store(database) as store, psycopg.connect(database) as connection:
        fill(store, big_location(count))
        ledger = application(store)
        answer = _asked(ledger)
        connection.execute("INSERT INTO bare.answers VALUES (%s, %s)", (_LOCATION, answer))
        connection.commit()
        connection.autocommit = True
        reading = side_by_side(runs, lambda: _asked(ledger), lambda: _read(connection, count))
        stored = side_by_side(runs, lambda: _asked(ledger), lambda: _looked_up(connection, answer))
    return [
        Result(name, "reading the same rows", count, reading),
        Result(name, "a stored answer", count, stored),
    ]


def _asked(ledger: Application) -> bytes:
    """The answer as it goes out, its basis aside."""
    answer = ledger.books().seats(_LOCATION)
    assert answer["seats"]
    return canonical.write(answer)


def _read(connection: psycopg.Connection[tuple[object, ...]], count: int) -> None:
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(_STREAM, (["terms", f"location:{_LOCATION}"],)).fetchall()
    assert len(rows) == count


def _looked_up(connection: psycopg.Connection[tuple[object, ...]], answer: bytes) -> None:
    with connection.cursor(binary=True) as cursor:
        found = cursor.execute("SELECT answer FROM bare.answers WHERE location = %s", (_LOCATION,)).fetchone()
    assert found == (answer,)
