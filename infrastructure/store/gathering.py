"""Appends that come together are stored together, in one transaction; each is still accepted or refused alone."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from infrastructure.store.appending import Appending
from infrastructure.store.connections import Connections
from infrastructure.store.errors import FactExists, OutOfOrder, VersionConflict
from infrastructure.store.rows import Appended, NewRow

LEADERS = 2
"""Transactions under way at once: while one is being flushed the next is being sent."""

ROWS = 512
"""Rows of one transaction; a larger append goes alone."""


@dataclass(eq=False)
class _Waiting:
    """One append that waits for its outcome, or for its turn to lead."""

    rows: Sequence[NewRow]
    streams: frozenset[str]
    ids: frozenset[object]
    woken: threading.Event = field(default_factory=threading.Event)
    promoted: bool = False
    appended: Appended | None = None
    error: BaseException | None = None

    @property
    def settled(self) -> bool:
        """Whether the outcome is there."""
        return self.appended is not None or self.error is not None


class Gathering(Appending):
    """Appending for many threads. Nobody waits for company: who finds no leader leads, with whoever is there."""

    def __init__(self, connections: Connections) -> None:
        super().__init__(connections)
        self._lock = threading.Lock()
        self._queue: deque[_Waiting] = deque()
        self._leaders = 0

    def gather(self, rows: Sequence[NewRow]) -> Appended:
        """Store all rows in one transaction, or none, like `append`, together with the appends of other threads.

        Raises what `append` raises; another thread's refusal is never this one's.
        """
        one = _Waiting(
            rows,
            frozenset(row.stream for row in rows if row.version is not None),
            frozenset(fact for row in rows for fact in (row.fact, *row.inner)),
        )
        with self._lock:
            self._queue.append(one)
            leads = self._leaders < LEADERS
            self._leaders += leads
        if leads or self._wait(one):
            self._lead(one)
        if one.error is not None:
            raise one.error
        assert one.appended is not None
        return one.appended

    def _wait(self, one: _Waiting) -> bool:
        """Wait for the outcome or for the lead; whether it is the lead."""
        one.woken.wait()
        one.woken.clear()
        if one.promoted:
            one.promoted = False
            with self._lock:
                self._queue.appendleft(one)
            return True
        return False

    def _lead(self, own: _Waiting) -> None:
        """Store what waits until one's own rows are stored, then hand the lead to whoever waits longest."""
        while not own.settled:
            with self._lock:
                batch = self._take()
                self._leaders -= not batch
            if not batch and not self._wait(own):
                return  # another leader had our rows
            self._store(batch)
            for one in batch:
                if one is not own:
                    one.woken.set()
        with self._lock:
            if self._queue:
                heir = self._queue.popleft()
                heir.promoted = True
                heir.woken.set()
            else:
                self._leaders -= 1

    def _take(self) -> list[_Waiting]:
        """The next batch: in order of arrival, no stream twice, so that each stream keeps its order."""
        batch: list[_Waiting] = []
        left: deque[_Waiting] = deque()
        streams: set[str] = set()
        ids: set[object] = set()
        size = 0
        while self._queue:
            one = self._queue.popleft()
            fits = not batch or size + len(one.rows) <= ROWS
            if fits and streams.isdisjoint(one.streams) and ids.isdisjoint(one.ids):
                batch.append(one)
                size += len(one.rows)
            else:
                left.append(one)
            # Also what was left behind blocks its streams: nobody overtakes within a stream.
            streams |= one.streams
            ids |= one.ids
        self._queue = left
        return batch

    def _store(self, batch: list[_Waiting]) -> None:
        """Store a batch; whoever is refused leaves it, and the others try again without."""
        remaining = list(batch)
        while remaining:
            try:
                appended = self.append([row for one in remaining for row in one.rows])
            except (VersionConflict, OutOfOrder) as error:
                refused = [one for one in remaining if error.stream in one.streams]
                self._refuse(refused or remaining, error)
            except FactExists as error:
                used = set(error.ids)
                refused = [one for one in remaining if used & one.ids]
                self._refuse(refused or remaining, error)
            except BaseException as error:  # noqa: BLE001 - each waiting thread has to be told, whatever it is
                self._refuse(remaining, error)
            else:
                _share(remaining, appended)
            remaining = [one for one in remaining if not one.settled]

    def _refuse(self, refused: Sequence[_Waiting], error: BaseException) -> None:
        """The outcome of appends that were refused; each alone is told again what concerns it."""
        for one in refused:
            one.error = error


def _share(batch: Sequence[_Waiting], appended: Appended) -> None:
    start = 0
    for one in batch:
        end = start + len(one.rows)
        one.appended = Appended(
            appended.facts[start:end], appended.entries[start:end], appended.generation, appended.xid, appended.repeated
        )
        start = end
