"""What the evidence costs: appends beside trees that grow and are signed, and how soon a checkpoint covers a fact."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from infrastructure.evidence.growing import Growing
from infrastructure.evidence.process import PublisherProcess
from infrastructure.evidence.settings import EvidenceSettings
from infrastructure.store import Sequencer, Store
from tests.benchmarks.appends import endless, new_streams, threads_of
from tests.benchmarks.databases import checkpoint, fresh_database, sealed_store
from tests.benchmarks.measuring import Calls, Line, Result, Run
from tests.benchmarks.scale import Scale
from tests.infrastructure.signing.processes import signing
from tests.infrastructure.store.waiting import until

THREADS = 32
PACE = 200
"""Appends a second beside which the way to a checkpoint is measured."""

_ALL_SIGNED = (
    b"SELECT max(g.size) = max(c.size) FROM evidence.growths AS g LEFT JOIN evidence.checkpoints AS c USING (size)"
)
_COVERED = b"SELECT 1 FROM evidence.checkpoints JOIN evidence.growths USING (size) WHERE position >= %s LIMIT 1"


def evidence(server: str, scale: Scale, runs: int) -> list[Line]:
    """Appends with the trees and without, the lag of checkpoints, and how quickly a ledger without trees gets them."""
    with TemporaryDirectory() as folder, signing(Path(folder) / "signer") as signer:
        settings = EvidenceSettings(signer=Path(str(signer.said["socket"])))
        with fresh_database(server) as database, sealed_store(database) as store:
            store.gather(new_streams(1, 1)[0][0])
            lines: list[Line] = [_beside(store, settings, scale.told, runs), _lag(store, settings, scale.paced)]
    with fresh_database(server) as database, sealed_store(database) as store:
        return [*lines, _growth(database, store, scale.told)]


@contextmanager
def _publishing(store: Store, settings: EvidenceSettings) -> Iterator[None]:
    """As a server does it: a signer and a publisher, each a process of its own."""
    with Sequencer(store), PublisherProcess(store.connections.conninfo, settings):
        until(lambda: store.connections.read(_ALL_SIGNED) == [(True,)])
        yield


def _beside(store: Store, settings: EvidenceSettings, items: int, runs: int) -> Result:
    each = max(items // THREADS, 2)
    found = []
    for number in range(runs + 1):
        took = {}
        for alone in (number % 2 == 0, number % 2 == 1):
            Growing(store).grow()
            checkpoint(store.connections.conninfo)
            with Sequencer(store) if alone else _publishing(store, settings):
                took[alone], _ = threads_of(store.gather, new_streams(THREADS, each))
        if number > 0:
            found.append(Run(took[False], took[True]))
    name = f"{each * THREADS} appends, {THREADS} threads, while trees grow and are signed"
    return Result(name, "the same without trees", each * THREADS, found, reach="at most 1.15 x")


def _lag(store: Store, settings: EvidenceSettings, span: float) -> Calls:
    """How long after its acknowledgement a checkpoint covers a fact, beside a steady pace of others."""
    lags: list[float] = []
    ended = threading.Event()

    def write() -> None:
        due = time.perf_counter()
        for rows in endless(uuid4().hex):
            store.gather(rows)
            due += 1 / PACE
            time.sleep(max(0.0, due - time.perf_counter()))
            if ended.is_set():
                return

    with _publishing(store, settings):
        writer = threading.Thread(target=write)
        writer.start()
        until_then = time.perf_counter() + span
        for rows in endless(uuid4().hex):
            appended = store.gather(rows)
            acknowledged = time.perf_counter()
            (position,) = store.wait_for(appended)
            while not store.connections.read(_COVERED, (position,)):
                time.sleep(0.01)
            lags.append(time.perf_counter() - acknowledged)
            if time.perf_counter() > until_then:
                break
            time.sleep(random.uniform(0, 0.3))  # at any moment of the publisher's round
        ended.set()
        writer.join()
    return Calls(f"a checkpoint, at {PACE} appends/s", "", "at most 2 s", lags)


def _growth(database: str, store: Store, items: int) -> Result:
    """All trees of facts that have none yet, against reading these facts once with COPY."""
    each = max(items // 100, 2)
    for stream in new_streams(100, each):
        store.append([row for rows in stream for row in rows])
    store.sequence()
    checkpoint(database)
    begun = time.perf_counter()
    Growing(store).grow()
    grown = time.perf_counter() - begun
    begun = time.perf_counter()
    with store.connections.take() as connection, connection.cursor() as cursor:
        reading = b"COPY (SELECT position, body FROM ledger.positions JOIN ledger.entries ON id = entry) TO STDOUT"
        with cursor.copy(reading) as copy:
            assert sum(1 for _ in copy.rows()) == each * 100
    read = time.perf_counter() - begun
    name = f"trees of {each * 100} facts that had none"
    return Result(name, "COPY out of these facts", each * 100, [Run(grown, read)], speed=True)
