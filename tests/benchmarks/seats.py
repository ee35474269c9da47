"""The billing list at random points of both times, against the same answer stored whole and against a whole fold."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import TypeAlias

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
from tests.benchmarks.databases import checkpoint, sealed_store
from tests.benchmarks.measuring import Calls, Line, Result, Run, in_turns, percentile, seconds
from tests.benchmarks.points import Point, points
from tests.benchmarks.scale import Scale

_ANSWERS = """
DROP TABLE IF EXISTS public.stored_answers;
CREATE TABLE public.stored_answers (location text, point int, answer bytea NOT NULL, PRIMARY KEY (location, point))
"""
_BY_KEY = "a stored answer by its key"
Pairs: TypeAlias = Sequence[tuple[Callable[[], object], Callable[[], object]]]
"""A question, and what it is measured against."""

_STORED = b"SELECT answer FROM public.stored_answers WHERE location = %s AND point = %s"


def seats(_server: str, scale: Scale, runs: int) -> list[Line]:
    """For each company: a location of 50 people, and one of 200 with far more facts; the companies in turns."""
    names = list(scale.ledgers)
    facts = {name: f"{COMPANIES[name].facts:,} facts" for name in names}
    with ExitStack() as stack:
        ledgers = {
            name: application(stack.enter_context(sealed_store(database))) for name, database in scale.ledgers.items()
        }
        stored = {
            name: stack.enter_context(psycopg.connect(database, autocommit=True))
            for name, database in scale.ledgers.items()
        }
        fifty, big = dict[str, Pairs](), dict[str, Pairs]()
        for name, ledger in ledgers.items():
            stored[name].execute(_ANSWERS)
            places = [f"fifty-{number}" for number in range(COMPANIES[name].fifty)]
            fifty[name] = _pairs(ledger, stored[name], places, scale)
            big[name] = _pairs(ledger, stored[name], ["big-0"], scale)
            checkpoint(scale.ledgers[name])
        fifties, bigs = _asked_in_turns(fifty, runs), _asked_in_turns(big, runs)
        found: list[Line] = []
        for name, ledger in ledgers.items():
            title = f"seats, 200 people, {COMPANIES[name].big_decided:,} facts that decide, {facts[name]}"
            found += [
                Calls(f"seats, 50 people, {facts[name]}", _BY_KEY, "p99 at most 5 ms", *fifties[name]),
                Calls(title, _BY_KEY, "p99 at most 20 ms", *bigs[name]),
                _folded(ledger, "big-0", runs, title),
            ]
    if len(names) > 1:
        first, last = names[0], names[-1]
        one, other = f"seats, 50 people, {facts[last]}", f"seats, 50 people, {facts[first]}"
        found.append(Calls(one, other, "p99 at most 1.2 times", fifties[last][0], fifties[first][0]))
    return found


def _pairs(
    ledger: Application, connection: psycopg.Connection[tuple[object, ...]], places: Sequence[str], scale: Scale
) -> Pairs:
    """Questions at random points; each with reading the same answer, stored whole, by its key."""
    books = ledger.books()
    pairs: list[tuple[Callable[[], object], Callable[[], object]]] = []
    for number, point in enumerate(points(scale.points)):
        place = places[number % len(places)]
        answer = canonical.write(books.seats(place, point.on, point.known))
        connection.execute("INSERT INTO public.stored_answers VALUES (%s, %s, %s)", (place, number, answer))
        pairs.append((partial(_asked, books, place, point), partial(_looked_up, connection, place, number)))
    return pairs


def _asked_in_turns(pairs: Mapping[str, Pairs], runs: int) -> Mapping[str, tuple[list[float], list[float]]]:
    """Seconds of each single call of all runs, ours and theirs: one company after the other at each point."""
    woven = [pair for together in zip(*pairs.values(), strict=True) for pair in together]
    in_turns(woven[:20])
    found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in pairs}
    for _ in range(runs):
        own, other = in_turns(woven)
        for place, of_company in enumerate(found.values()):
            of_company[0].extend(own[place :: len(pairs)])
            of_company[1].extend(other[place :: len(pairs)])
    return found


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
