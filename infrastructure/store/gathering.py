"""Appends that come together are stored together, in one transaction; each is still accepted or refused alone."""

import threading
import time
from collections import deque
from collections.abc import Sequence

from infrastructure.store.appending import Appending
from infrastructure.store.connections import Connections
from infrastructure.store.errors import (
    FactExists,
    LedgerUnavailable,
    OutcomeUnknown,
    OutOfOrder,
    StreamsBusy,
    SubjectErased,
    VersionConflict,
)
from infrastructure.store.rows import Appended, NewRow
from infrastructure.store.waiting import Waiting, wake_in_turn

LEADERS = 4
"""Transactions under way at once, when they take long."""

LONG = 0.05
"""Seconds after which a transaction takes long (it waits for a lock, or a disk). Until then at most one other is begun
beside it, and the rest gather: one transaction of many costs both sides less than several of fewer."""

COMPANY = 12
"""Appends that must be waiting, and no fewer than are under way, to begin a transaction beside another one: then one
waits for the disk while the other works, and neither is small."""

ROWS = 512
"""Rows of one transaction; a larger append goes alone."""


class Gathering(Appending):
    """Appending for many threads. Nobody waits for company: who finds nobody leading leads, with whoever is there.

    A lead belongs to a thread inside `gather`, which passes it on when it leaves, however it leaves; a thread that is
    given the lead while it waits keeps its place in the queue, so that its rows go first whoever stores them.
    """

    def __init__(self, connections: Connections) -> None:
        super().__init__(connections)
        self._lock = threading.Lock()
        self._queue: deque[Waiting] = deque()
        self._leaders: dict[Waiting, float] = {}  # and since when
        self._under_way: dict[Waiting, list[Waiting]] = {}  # by leader

    def gather(self, rows: Sequence[NewRow], *, epoch: int | None = None) -> Appended:
        """Store all rows in one transaction, or none, like `append`, together with the appends of other threads.

        Raises what `append` raises; another thread's refusal is never this one's. Who is interrupted (Ctrl-C) takes its
        rows back if no transaction has them yet; the others in a transaction that it was storing get OutcomeUnknown.
        """
        if not rows:
            return Appended((), (), 0, 0)
        one = Waiting(rows, time.monotonic() + self.connections.patience, epoch)
        try:
            with self._lock:
                self._queue.append(one)
                self._offer(one)
            timeout = min(LONG, self.connections.patience)
            while not one.settled:
                if one in self._leaders:
                    self._lead(one)
                elif one.woken.acquire(timeout=timeout):
                    timeout = LONG
                else:
                    timeout = self._waited(one, timeout)
        finally:
            one.go()
            if not one.settled or one in self._leaders:
                self._leave(one)
        if one.error is not None:
            raise one.error
        assert one.appended is not None
        return one.appended

    def _lead(self, own: Waiting) -> None:
        """Store one batch of what waits; one's own rows may be in a later one, or in another leader's hands."""
        batch: list[Waiting] = []
        try:
            with self._lock:
                self._take(own, batch)
                if batch:
                    self._leaders[own] = time.monotonic()
                    self._under_way[own] = batch
                else:
                    del self._leaders[own]
                    self._under_way.pop(own, None)
            self._store(batch)
        finally:
            for one in batch:
                if not one.settled and not (one.alone and len(batch) > 1):
                    one.error = OutcomeUnknown(
                        "The thread that stored these rows with its own was interrupted. "
                        "Look the fact ids up before you append them again."
                    )
            if own.settled:
                # The next batch is begun first, and then the others go their ways.
                self._leave(own)
            in_turn = []
            for one in batch:
                if one.alone or one in self._leaders or not one.settled:
                    one.wake()  # it has more to do before it goes, and nobody is to wait for that
                elif one is not own:
                    in_turn.append(one)
            wake_in_turn(in_turn)

    def _take(self, own: Waiting, batch: list[Waiting]) -> None:
        """Fill the next batch: in order of arrival, no stream twice, so that each stream keeps its order.

        What has to wait for others is left to its own thread, or somebody else would wait for its sake.
        """
        left: deque[Waiting] = deque()
        streams = self._streams_under_way()
        size = 0
        for one in self._queue:
            fits = one is own if one.alone or own.alone else not batch or size + len(one.rows) <= ROWS
            if fits and streams.isdisjoint(one.streams):
                one.taken = True
                batch.append(one)
                size += len(one.rows)
            else:
                left.append(one)
            # Also what was left behind blocks its streams: nobody overtakes within a stream.
            streams.update(one.streams)
        self._queue = left

    def _streams_under_way(self) -> set[str]:
        taken = [one for batch in self._under_way.values() for one in batch if one.taken and not one.settled]
        return {stream for one in taken for stream in one.streams}

    def _store(self, batch: list[Waiting]) -> None:
        """Store a batch; whoever is refused leaves it, and the others try again without.

        Nobody is tried for longer than it has patience left, counted from when it came.
        """
        remaining = list(batch)
        while remaining:
            left = min(one.until for one in remaining) - time.monotonic()
            epoch = min((one.epoch for one in remaining if one.epoch is not None), default=None)
            rows = [row for one in remaining for row in one.rows]
            try:
                # Several do not wait for the lock of a stream: that would be for the sake of one of them.
                appended = self.append(rows, patience=left, may_wait=len(remaining) == 1, epoch=epoch)
            except SubjectErased as error:
                _refuse([one for one in remaining if one.epoch not in {None, error.epoch}], error)
            except StreamsBusy as error:
                remaining = self._put_back(remaining, error.streams)
            except (VersionConflict, OutOfOrder) as error:
                self._refuse_streams(remaining, error)
            except FactExists as error:
                self._refuse_ids(remaining, error)
            except LedgerUnavailable as error:
                now = time.monotonic()
                _refuse([one for one in remaining if one.until <= now] or remaining, error)
            except OutcomeUnknown as error:
                _refuse(remaining, error)
            except Exception as error:  # noqa: BLE001 - each waiting thread has to be told, whatever it is
                if len(remaining) > 1:
                    # Nothing is stored, and it does not say whose rows it is about.
                    for one in remaining:
                        self._store([one])
                else:
                    _refuse(remaining, error)
            else:
                self._refuse_overtaken(remaining)
                _share(remaining, appended)
            remaining = [one for one in remaining if not one.settled]

    def _put_back(self, batch: Sequence[Waiting], busy: frozenset[str]) -> list[Waiting]:
        """Let those who have to wait for others do so alone, as the next ones, and return the rest of the batch."""
        with self._lock:
            for one in reversed(batch):
                if not busy.isdisjoint(one.streams):
                    one.alone = True
                    one.taken = False
                    self._queue.appendleft(one)
        return [one for one in batch if not one.alone]

    def _refuse_streams(self, batch: Sequence[Waiting], error: VersionConflict | OutOfOrder) -> None:
        """Refuse those with a stream that the refusal is about."""
        if isinstance(error, OutOfOrder):
            _refuse([one for one in batch if error.stream in one.streams], error)
            return
        for one in batch:
            moved = sorted(error.streams.intersection(one.streams))
            if moved:
                _refuse([one], VersionConflict(*moved))

    def _refuse_overtaken(self, stored: Sequence[Waiting]) -> None:
        """Refuse who waits with a version that was stored just now: each would need a transaction to be told so."""
        heads = {row.stream: row.version for one in stored for row in one.rows if row.version is not None}
        with self._lock:
            for one in [one for one in self._queue if not heads.keys().isdisjoint(one.streams)]:
                rows = (row for row in one.rows if row.version is not None)
                moved = [row.stream for row in rows if (row.version or 0) <= heads.get(row.stream, -1)]
                if moved and not _again(one, stored):
                    self._queue.remove(one)
                    one.error = VersionConflict(*moved)
                    one.wake()

    def _refuse_ids(self, batch: Sequence[Waiting], error: FactExists) -> None:
        """Refuse whose ids are in use; among several with one id, who is first shows when each is stored alone."""
        found = [(one, error.ids & {fact for row in one.rows for fact in (row.fact, *row.inner)}) for one in batch]
        refused = [(one, ids) for one, ids in found if ids]
        if len(batch) == 1 or not refused:
            _refuse(batch, error)
        elif len(refused) == 1:
            one, ids = refused[0]
            _refuse([one], FactExists(ids))
        else:
            for one, _ in refused:
                self._store([one])

    def _offer(self, one: Waiting) -> None:
        """Let one lead if nobody does, or all who do take long, or one does and there is company for another."""
        now = time.monotonic()
        quick = [leader for leader, since in self._leaders.items() if now - since < LONG]
        if len(self._leaders) < LEADERS and (not quick or (len(quick) == 1 and self._company(quick[0]))):
            self._leaders[one] = now
            one.wake()

    def _company(self, leader: Waiting) -> bool:
        """Whether enough wait for a transaction beside that of a leader who has begun one."""
        beside = self._under_way.get(leader)
        return beside is not None and len(self._queue) >= max(COMPANY, len(beside))

    def _waited(self, one: Waiting, timeout: float) -> float:
        """What comes after a wait in vain: a lead if there is one, or the end of patience. How long to wait again."""
        with self._lock:
            if one not in self._queue:
                return -1  # being stored, and that is bounded in time by itself
            left = one.until - time.monotonic()
            if left <= 0:
                self._queue.remove(one)
                one.error = LedgerUnavailable(
                    "The database did not answer in time, not even those who came before. Nothing is stored; try again."
                )
            else:
                self._offer(one)
            return max(min(left, timeout * 2), 0.0)

    def _leave(self, one: Waiting) -> None:
        """Forget what was not begun, and pass the lead to whoever waits longest."""
        with self._lock:
            if not one.settled and one in self._queue:
                self._queue.remove(one)
            self._under_way.pop(one, None)
            if one in self._leaders:
                del self._leaders[one]
                streams = self._streams_under_way()
                for other in self._queue:
                    if other not in self._leaders and streams.isdisjoint(other.streams):
                        self._offer(other)
                        break
                    streams.update(other.streams)


def _refuse(refused: Sequence[Waiting], error: Exception) -> None:
    for one in refused:
        one.error = error


def _again(one: Waiting, stored: Sequence[Waiting]) -> bool:
    """Whether a fact comes again; that is known, and no conflict, as the database will say."""
    return not {row.fact for row in one.rows}.isdisjoint(row.fact for other in stored for row in other.rows)


def _share(batch: Sequence[Waiting], appended: Appended) -> None:
    """Give each of a batch its own part of what was appended."""
    start, of_all = 0, (appended.generation, appended.xid, appended.repeated)
    for one in batch:
        part = slice(start, start + len(one.rows))
        one.appended = Appended(appended.facts[part], appended.entries[part], *of_all)
        start = part.stop
