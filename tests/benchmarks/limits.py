"""What bounds the appends of one process: threads that hand over and store nothing, the database fed without them."""

import gc
import time
from collections.abc import Sequence
from functools import partial

from infrastructure.store import NewRow, Store
from infrastructure.store.gathering import Gathering
from infrastructure.store.rows import Appended
from tests.benchmarks.appends import THREADS, events, library, new_streams, threads_of
from tests.benchmarks.databases import checkpoint, fresh_database, sealed_store
from tests.benchmarks.measuring import Line, Result, Run, percentile, single
from tests.benchmarks.scale import Scale


class Waiting(Gathering):
    """A gathering that hands over as the store does; what would be a transaction is a wait that costs no processor."""

    def __init__(self, store: Store, transaction: float) -> None:
        super().__init__(store.connections)
        self._transaction = transaction

    def append(
        self,
        rows: Sequence[NewRow],
        *,
        gaps: bool = False,  # noqa: ARG002
        patience: float | None = None,  # noqa: ARG002
        may_wait: bool = True,  # noqa: ARG002
        epoch: int | None = None,  # noqa: ARG002
    ) -> Appended:
        """Store nothing."""
        time.sleep(self._transaction)
        return Appended(tuple(row.fact for row in rows), tuple(range(len(rows))), 1, 1)


def limits(server: str, scale: Scale, runs: int) -> list[Line]:
    """For each number of threads: the hand-over alone, and the database alone with batches of half as many."""
    found: list[Line] = []
    with fresh_database(server) as database, sealed_store(database) as store, library(database) as recorder:
        for threads in THREADS:
            each = max(scale.told // threads, 2)
            items = each * threads
            batch = threads // 2
            times: dict[str, list[Run]] = {"handed over": [], "stored": []}
            transactions: list[float] = []
            for number in range(runs + 1):
                checkpoint(database)
                took = [single(partial(store.append, one)) for one in _batches(batch, max(items // batch, 2))]
                least = percentile(took, 50)
                nothing, _ = threads_of(Waiting(store, least).gather, new_streams(threads, each))
                less = max(each // 8, 2)
                checkpoint(database)
                other, _ = threads_of(recorder.insert_events, [events(less) for _ in range(threads)])
                if number > 0:  # the first run warms connections and plans
                    theirs = other * each / less
                    times["handed over"].append(Run(nothing, theirs))
                    times["stored"].append(Run(sum(took) * items / (batch * len(took)), theirs))
                    transactions.append(least)
            wait = f"{percentile(transactions, 50) * 1_000:.2f} ms"
            names = {
                "handed over": f"{threads} threads that hand over; a wait of {wait} for each transaction",
                "stored": f"the store fed by one thread with batches of {batch}",
            }
            found += [
                Result(name, "eventsourcing's PostgreSQL recorder", items, times[kind], speed=True)
                for kind, name in names.items()
            ]
    return found


def _batches(size: int, count: int) -> list[list[NewRow]]:
    """Appends of several rows, each row to a stream of its own."""
    gc.collect()
    streams = new_streams(size, count)
    return [[row for stream in streams for row in stream[number]] for number in range(count)]
