"""What the evidence costs: appends beside trees that grow and are signed, and how soon a checkpoint covers a fact."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.evidence.notes import Checkpoint, Key, Note
from infrastructure.evidence.growing import Growing
from infrastructure.evidence.publisher import Publisher
from infrastructure.evidence.publishing import Publishing
from infrastructure.signing.signatures import Ed25519Signer
from infrastructure.store import Sequencer, Store
from tests.benchmarks.appends import endless, new_streams, threads_of
from tests.benchmarks.databases import checkpoint, fresh_database
from tests.benchmarks.measuring import Calls, Line, Result, Run
from tests.benchmarks.scale import Scale

ORIGIN = "ledger.example/benchmark"
THREADS = 32
PACE = 200
"""Appends a second beside which the way to a checkpoint is measured."""

_COVERED = b"SELECT 1 FROM evidence.checkpoints JOIN evidence.growths USING (size) WHERE position >= %s LIMIT 1"


class _Signs:
    """Signs at once: what is measured is the ledger's work, not the way to another process."""

    def __init__(self) -> None:
        self._signer = Ed25519Signer(Ed25519PrivateKey.generate(), ORIGIN)
        self._last: Note | None = None

    def key(self) -> Key:
        """Its key."""
        return self._signer.key

    def last(self) -> Note | None:
        """What was signed last."""
        return self._last

    def sign(self, checkpoint: Checkpoint, proof: Sequence[bytes]) -> Note:
        """The note; the proof is not looked at."""
        del proof
        self._last = Note(checkpoint.written(), (self._signer.sign(checkpoint.written()),))
        return self._last


def evidence(server: str, scale: Scale, runs: int) -> list[Line]:
    """Appends with the trees and without, the lag of checkpoints, and how quickly a ledger without trees gets them."""
    with fresh_database(server) as database, Store(database) as store:
        store.gather(new_streams(1, 1)[0][0])
        lines: list[Line] = [_beside(database, store, scale.told, runs), _lag(store, scale.paced)]
    with fresh_database(server) as database, Store(database) as store:
        return [*lines, _growth(database, store, scale.told)]


@contextmanager
def _publishing(store: Store) -> Iterator[None]:
    with Sequencer(store), Publisher(store, Publishing(store, ORIGIN, _Signs())):
        yield


def _beside(database: str, store: Store, items: int, runs: int) -> Result:
    each = max(items // THREADS, 2)
    found = []
    for number in range(runs + 1):
        took = {}
        for alone in (number % 2 == 0, number % 2 == 1):
            Growing(store).grow()
            checkpoint(database)
            with ExitStack() as stack:
                stack.enter_context(Sequencer(store) if alone else _publishing(store))
                took[alone], _ = threads_of(store.gather, new_streams(THREADS, each))
        if number > 0:
            found.append(Run(took[False], took[True]))
    name = f"{each * THREADS} appends, {THREADS} threads, while trees grow and are signed"
    return Result(name, "the same without trees", each * THREADS, found, reach="at most 1.15 x")


def _lag(store: Store, span: float) -> Calls:
    """How long after its acknowledgement a checkpoint covers a fact, beside a steady pace of others."""
    until = time.perf_counter() + span
    lags: list[float] = []

    def write() -> None:
        due = time.perf_counter()
        for rows in endless(uuid4().hex):
            store.gather(rows)
            due += 1 / PACE
            time.sleep(max(0.0, due - time.perf_counter()))
            if time.perf_counter() > until:
                return

    def probe() -> None:
        for rows in endless(uuid4().hex):
            appended = store.gather(rows)
            acknowledged = time.perf_counter()
            (position,) = store.wait_for(appended)
            while not store.connections.read(_COVERED, (position,)):
                time.sleep(0.01)
            lags.append(time.perf_counter() - acknowledged)
            if time.perf_counter() > until:
                return

    with _publishing(store):
        threads = [threading.Thread(target=write), threading.Thread(target=probe)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
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
