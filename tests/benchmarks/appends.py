"""Durable single appends of many threads and of several processes, against the library's recorder and plain inserts."""

import gc
import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from multiprocessing.synchronize import Barrier
from typing import Any
from uuid import uuid4

import psycopg
from eventsourcing.persistence import ApplicationRecorder, StoredEvent
from eventsourcing.postgres import PostgresFactory
from eventsourcing.utils import Environment
from psycopg.conninfo import conninfo_to_dict

from infrastructure.store import NewRow, Sequencer, Store
from tests.benchmarks.databases import checkpoint, fresh_database, sealed_store
from tests.benchmarks.measuring import Calls, Line, Result, Run, in_turns
from tests.benchmarks.scale import Scale

THREADS = {32: "at least 15 x", 256: "at least 20 x"}
PROCESSES, WRITERS = 4, 8
COMMITS = 1_500
"""Commits a second beside which the lag of final positions is measured."""

_BODY = (b'{"actor":{"id":"acc-olga","kind":"person"},"change":"save-17","device":{"id":"dev-1"},"data":' * 4)[:350]
_LIBRARY_SHARE = 8
"""The library is given an eighth of the events, and its time is taken eight times: it is that much slower."""

_ENTRY = """
INSERT INTO ledger.entries (generation, fact, stream, version, type, location, recorded_at, effective_at, body)
VALUES (1, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
"""
_FACT = "INSERT INTO ledger.facts (fact, entry) VALUES (%s, %s)"
_SETTLED = b"SELECT 1 FROM ledger.positions WHERE entry = %s"


def appends(server: str, scale: Scale, runs: int) -> list[Line]:
    """Many threads, several processes, one writer alone, and what the sequencer costs and how far behind it is."""
    with fresh_database(server) as database, sealed_store(database) as store:
        store.gather(_stream("first", 1)[0])
        return [
            *(_against_the_library(database, store, threads, scale.told, runs) for threads in THREADS),
            _processes(database, max(scale.told // 2, PROCESSES * WRITERS * 2), runs),
            _alone(database, store, min(scale.told, 2_000)),
            _sequenced(database, store, scale.told, runs),
            _lag(store, scale.paced),
        ]


def _stream(name: str, length: int) -> list[list[NewRow]]:
    """Single appends to a stream of one's own."""
    now = datetime.now(UTC)
    return [
        [
            NewRow(
                fact=uuid4(),
                stream=f"location:{name}",
                version=version,
                type="RightsEdited",
                location=name,
                recorded_at=now + timedelta(microseconds=version),
                effective_at=now,
                inner=(),
                command=None,
                body=_BODY,
                personal=None,
            )
        ]
        for version in range(1, length + 1)
    ]


def new_streams(count: int, length: int) -> list[list[list[NewRow]]]:
    return [_stream(uuid4().hex, length) for _ in range(count)]


def _against_the_library(database: str, store: Store, threads: int, items: int, runs: int) -> Result:
    each = max(items // threads, 2)
    less = max(each // _LIBRARY_SHARE, 2)
    found: list[Run] = []
    ours: list[float] = []
    theirs: list[float] = []
    with library(database) as recorder:
        for number in range(runs + 1):
            checkpoint(database)
            own, singles = threads_of(store.gather, new_streams(threads, each))
            checkpoint(database)
            other, others = threads_of(recorder.insert_events, [events(less) for _ in range(threads)])
            if number > 0:  # the first run warms connections and plans
                found.append(Run(own, other * each / less))
                ours += singles
                theirs += others
    return Result(
        f"{each * threads} appends, {threads} threads of one process",
        "eventsourcing's PostgreSQL recorder",
        each * threads,
        found,
        ours,
        theirs,
        reach=THREADS[threads],
        speed=True,
    )


@contextmanager
def library(database: str) -> Iterator[ApplicationRecorder]:
    """The recorder as its documentation sets it up."""
    given = conninfo_to_dict(database)
    names = {"DBNAME": "dbname", "HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
    settings = {f"POSTGRES_{name}": str(given.get(key) or "") for name, key in names.items()}
    settings["POSTGRES_PORT"] = settings["POSTGRES_PORT"] or "5432"
    factory = PostgresFactory(Environment("benchmark", {"PERSISTENCE_MODULE": "eventsourcing.postgres", **settings}))
    try:
        yield factory.application_recorder()
    finally:
        factory.close()


def events(length: int) -> list[list[StoredEvent]]:
    stream = uuid4()
    return [[StoredEvent(stream, version, "domain.facts:RightsEdited", _BODY)] for version in range(1, length + 1)]


def threads_of(work: Callable[[Any], object], items: Sequence[Sequence[Any]]) -> tuple[float, list[float]]:
    """Do each list in a thread of its own, all at once: seconds together, and of each item."""
    singles: list[float] = []
    begin = threading.Barrier(len(items) + 1)

    def one(mine: Sequence[Any]) -> None:
        took = []
        begin.wait()
        for item in mine:
            begun = time.perf_counter()
            work(item)
            took.append(time.perf_counter() - begun)
        singles.extend(took)

    threads = [threading.Thread(target=one, args=(mine,)) for mine in items]
    for thread in threads:
        thread.start()
    gc.collect()
    begin.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    assert len(singles) == sum(map(len, items)), "an append was refused"
    return took, singles


def _insert(connection: psycopg.Connection[Any], rows: Sequence[NewRow]) -> None:
    """The plain way: one transaction, nothing checked, nothing locked."""
    with connection.transaction():
        for row in rows:
            values = (row.fact, row.stream, row.version, row.type, row.location, row.recorded_at, row.effective_at)
            entry = connection.execute(_ENTRY, (*values, row.body)).fetchone()
            assert entry is not None
            connection.execute(_FACT, (row.fact, entry[0]))


def _processes(database: str, items: int, runs: int) -> Result:
    each = items // (PROCESSES * WRITERS)
    found = []
    for number in range(runs):
        took = {}
        for plain in (number % 2 == 0, number % 2 == 1):
            checkpoint(database)
            took[plain] = _in_processes(database, each, plain=plain)
        found.append(Run(took[False], took[True]))
    return Result(
        f"{each * PROCESSES * WRITERS} appends, {PROCESSES} processes x {WRITERS} threads",
        "plain INSERTs, no lock, no check",
        each * PROCESSES * WRITERS,
        found,
        reach="at least 1 x",
        speed=True,
    )


def _in_processes(database: str, each: int, *, plain: bool) -> float:
    spawned = multiprocessing.get_context("spawn")
    begin, end = spawned.Barrier(PROCESSES + 1), spawned.Barrier(PROCESSES + 1)
    processes = [
        spawned.Process(target=_writing_process, args=(database, each, plain, begin, end)) for _ in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    begin.wait(60)
    begun = time.perf_counter()
    end.wait(600)
    took = time.perf_counter() - begun
    for process in processes:
        process.join()
    return took


def _writing_process(database: str, each: int, plain: bool, begin: Barrier, end: Barrier) -> None:
    streams = new_streams(WRITERS, each)
    with ExitStack() as stack:
        if plain:
            works: list[Callable[[list[NewRow]], object]] = [
                partial(_insert, stack.enter_context(psycopg.connect(database, autocommit=True))) for _ in streams
            ]
        else:
            works = [stack.enter_context(sealed_store(database)).gather] * len(streams)
        threads_of(lambda one: one(), [[partial(work, rows) for rows in _stream(uuid4().hex, 8)] for work in works])
        given = [[partial(work, rows) for rows in stream] for work, stream in zip(works, streams, strict=True)]
        begin.wait(60)
        threads_of(lambda one: one(), given)
        end.wait(600)


def _alone(database: str, store: Store, items: int) -> Calls:
    with psycopg.connect(database, autocommit=True) as connection:
        own, other = _stream(uuid4().hex, items + 20), _stream(uuid4().hex, items + 20)
        pairs = [
            (partial(store.gather, mine), partial(_insert, connection, theirs))
            for mine, theirs in zip(own, other, strict=True)
        ]
        in_turns(pairs[:20])
        ours, plain = in_turns(pairs[20:])
    return Calls("an append, one writer alone", "a plain INSERT", "p50 at most 1.5 x", ours, plain, per_cent=50)


def _sequenced(database: str, store: Store, items: int, runs: int) -> Result:
    """The same appends with a sequencer in the process and without; what was not sequenced is caught up between."""
    threads = 32
    each = max(items // threads, 2)
    found = []
    for number in range(runs):
        took = {}
        for alone in (number % 2 == 0, number % 2 == 1):
            store.sequence()
            checkpoint(database)
            with nullcontext() if alone else Sequencer(store):
                took[alone], _ = threads_of(store.gather, new_streams(threads, each))
        found.append(Run(took[False], took[True]))
    name = f"{each * threads} appends, {threads} threads, while positions are given"
    return Result(name, "the same without a sequencer", each * threads, found, reach="at most 1.15 x")


def _lag(store: Store, span: float) -> Calls:
    """How long after its acknowledgement an append has its position, while others are appended at a steady pace."""
    writers = 8
    until = time.perf_counter() + span
    lags: list[float] = []

    def write() -> None:
        pause = writers / COMMITS
        due = time.perf_counter()
        for rows in endless(uuid4().hex):
            store.gather(rows)
            due += pause
            time.sleep(max(0.0, due - time.perf_counter()))
            if time.perf_counter() > until:
                return

    def probe() -> None:
        for rows in endless(uuid4().hex):
            (entry,) = store.gather(rows).entries
            acknowledged = time.perf_counter()
            while not store.connections.read(_SETTLED, (entry,)):
                time.sleep(0.002)
            lags.append(time.perf_counter() - acknowledged)
            if lags[-1] + time.perf_counter() > until:
                return
            time.sleep(0.02)

    with Sequencer(store):
        threads = [threading.Thread(target=write) for _ in range(writers)] + [threading.Thread(target=probe)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return Calls(f"a final position, at {COMMITS:,} commits/s", "", "p99 at most 500 ms", lags)


def endless(stream: str) -> Iterator[list[NewRow]]:
    """The same without an end, made as it goes."""
    for block in count():
        for (row,) in _stream(stream, 1_000):
            yield [replace(row, version=block * 1_000 + (row.version or 0))]
