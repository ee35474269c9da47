"""The billing list at random points of both times, against the same answer stored whole and against a whole fold."""

import time
from collections.abc import Callable, Sequence
from functools import partial

import psycopg

from domain import canonical
from domain.entries import TERMS
from domain.instants import read_instant
from domain.ledger import AsOf, Ledger
from domain.seating import Seating
from infrastructure.books import Answer, Books
from infrastructure.mapper import read_rows
from infrastructure.wiring import Application, application
from projections.seats import seats as folded_seats
from tests.benchmarks.company import COMPANIES
from tests.benchmarks.databases import sealed_store
from tests.benchmarks.measuring import Calls, Line, Result, Run, in_turns, percentile, seconds
from tests.benchmarks.points import Point, points
from tests.benchmarks.scale import Scale

_ANSWERS = """
DROP TABLE IF EXISTS public.stored_answers;
CREATE TABLE public.stored_answers (location text, point int, answer bytea NOT NULL, PRIMARY KEY (location, point))
"""
_STORED = b"SELECT answer FROM public.stored_answers WHERE location = %s AND point = %s"


def seats(_server: str, scale: Scale, runs: int) -> list[Line]:
    """For each company: a location of 50 people, and one of 200 with far more facts."""
    found: list[Line] = []
    fifties: dict[str, Calls] = {}
    for name, database in scale.ledgers.items():
        facts = f"{COMPANIES[name].facts:,} facts"
        with sealed_store(database) as store, psycopg.connect(database, autocommit=True) as connection:
            ledger = application(store)
            fifty = [f"fifty-{number}" for number in range(COMPANIES[name].fifty)]
            fifties[name] = _random(ledger, connection, fifty, scale, f"seats, 50 people, {facts}", 5)
            found.append(fifties[name])
            title = f"seats, 200 people, {COMPANIES[name].big_decided:,} facts that decide, {facts}"
            found.append(_random(ledger, connection, ["big-0"], scale, title, 20))
            found.append(_folded(ledger, "big-0", runs, title))
    names = list(fifties)
    if len(names) > 1:
        found.append(
            Calls(
                fifties[names[-1]].name,
                fifties[names[0]].name,
                "p99 at most 1.2 times",
                fifties[names[-1]].ours,
                fifties[names[0]].ours,
            )
        )
    return found


def _random(
    ledger: Application,
    connection: psycopg.Connection[tuple[object, ...]],
    places: Sequence[str],
    scale: Scale,
    title: str,
    reach: int,
) -> Calls:
    """Single calls at random points; each in turn with reading the same answer, stored whole, by its key."""
    books = ledger.books()
    connection.execute(_ANSWERS)
    pairs: list[tuple[Callable[[], object], Callable[[], object]]] = []
    for number, point in enumerate(points(scale.points)):
        place = places[number % len(places)]
        answer = canonical.write(books.seats(place, point.on, point.known))
        connection.execute("INSERT INTO public.stored_answers VALUES (%s, %s, %s)", (place, number, answer))
        pairs.append((partial(_asked, books, place, point), partial(_looked_up, connection, place, number)))
    in_turns(pairs[:20])
    own, other = in_turns(pairs)
    return Calls(title, "a stored answer by its key", f"p99 at most {reach} ms", own, other)


def _asked(books: Books, place: str, point: Point) -> Answer:
    return books.seats(place, point.on, point.known)


def _looked_up(connection: psycopg.Connection[tuple[object, ...]], place: str, number: int) -> object:
    with connection.cursor(binary=True) as cursor:
        row = cursor.execute(_STORED, (place, number)).fetchone()
    assert row is not None
    return canonical.read(bytes(row[0]))  # type: ignore[call-overload] # a column of bytes


def _folded(ledger: Application, place: str, runs: int, title: str) -> Result:
    """The same answer by reading and folding every fact of the location."""
    books = ledger.books()
    found = []
    for point in points(runs, seed=2):
        kept = books.seats(place, point.on, point.known)
        at = AsOf(read_instant(kept["on"]), read_instant(kept["known"]))
        begun = time.perf_counter()
        fresh = _fold(ledger, place, books.position, at)
        other = time.perf_counter() - begun
        assert {**kept, **fresh} == kept, f"another answer than a fresh fold at {at}"
        asked = [seconds(partial(_asked, books, place, point)) for _ in range(5)]
        found.append(Run(percentile(asked, 50), other))
    return Result(title, "reading and folding them all", 1, found, speed=True)


def _fold(ledger: Application, place: str, position: int, at: AsOf) -> Answer:
    entries, _ = read_rows(ledger.store.read_streams([TERMS, f"location:{place}"], position))
    return folded_seats(Seating(Ledger(entries, ledger.catalogues).as_of(at)))
