"""Writers of several kinds, and a follower that remembers what it saw where."""

import random
import threading
import time
from uuid import UUID

import psycopg

from infrastructure.postgres.statements import statements
from infrastructure.store import Store
from infrastructure.store.appending import _parameters
from tests.infrastructure.store.making import row, rows

_APPEND = statements("append")["append"]


class Writers:
    """Eight writers with batches of 1 to 100 rows, a fifth of them rolled back, some slow to commit."""

    def __init__(self, database: str, facts: int) -> None:
        self._database = database
        self._each = facts // 8
        self.acknowledged: list[UUID] = []
        self.aborted: list[UUID] = []
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(8)]

    def run(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _write(self, number: int) -> None:
        chance = random.Random(number)
        written = version = 0
        with psycopg.connect(self._database) as connection:
            while written < self._each:
                size = chance.choice([1, 1, 1, 2, 5, 20, 100])
                batch = rows(f"location:W{number}", version + 1, size)
                batch += [row(f"observations:W{number}") for _ in range(chance.choice([0, 1, 3]))]
                connection.execute(_APPEND, _parameters(batch, [None] * len(batch), gaps=False))
                if chance.random() < 0.2:
                    time.sleep(chance.random() * 0.02)
                if chance.random() < 0.2:
                    connection.rollback()
                    self.aborted += [one.fact for one in batch]
                    continue
                connection.commit()
                version += size
                written += len(batch)
                self.acknowledged += [one.fact for one in batch]


class Follower:
    """Reads everything as it gets its position, and remembers what it saw where."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stopped = threading.Event()
        self.seen: list[tuple[int | None, UUID]] = []
        self.thread = threading.Thread(target=self._follow)

    def stop(self) -> None:
        self._stopped.set()
        self.thread.join()

    def _follow(self) -> None:
        last = 0
        while True:
            ending = self._stopped.is_set()
            for one in self._store.read_all(last):
                self.seen.append((one.position, one.fact))
                last = one.position or last
            if ending:
                return
            time.sleep(0.005)
