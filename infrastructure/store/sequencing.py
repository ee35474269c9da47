"""Gives rows their final positions, waits for the positions of one's own rows, and tells how far behind they are."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections
from infrastructure.store.errors import NotSettled, StoreError
from infrastructure.store.rows import Appended

_SQL = statements("sequence")
_BATCH = 10_000
_FIRST_PAUSE = 0.001
_LONGEST_PAUSE = 0.05


_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """The writing transaction that holds the horizon, in any database; what this role may not see is None."""

    pid: int | None
    database: str | None
    user: str | None
    program: str | None
    age: timedelta

    def __str__(self) -> str:
        who = f"process {self.pid}" if self.pid is not None else self.program
        return f"{who} of {self.user} in database {self.database}, open for {self.age.total_seconds():.1f} s"


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the final positions are behind what is committed, at one moment."""

    rows: int
    """Committed rows without a position; counted up to 10,000."""

    age: timedelta
    """How long ago the first of them was recorded, or its import ended, by the database's clock; zero if none waits."""

    holder: OpenTransaction | None
    """Who holds them back; its age is that of the horizon."""

    def complaint(self, threshold: timedelta) -> str | None:
        """Say what is wrong, and what to do, when it has been so for at least `threshold`; None if all is well."""
        waiting = f"{self.rows}{' or more' if self.rows >= _COUNTED else ''} committed rows have no final position yet"
        if self.holder is not None and self.holder.age >= threshold:
            return f"Final positions wait for {self.holder}: {waiting}. Nothing is lost; end that transaction."
        if self.age >= threshold:
            return (
                f"{waiting}, the first for {self.age.total_seconds():.1f} s, and this role sees no open transaction in "
                "the way. Look for one as pg_monitor, and see that a sequencer runs."
            )
        return None


class Sequencing:
    """The ordering side of the store. Any number of processes may call it; one at a time does the work."""

    def __init__(self, connections: Connections) -> None:
        self.connections = connections

    def sequence(self) -> int:
        """Give positions to all rows that can have one, and return the last position given.

        If another process is just doing this, return at once.
        """
        while True:
            won, last, added = self.connections.read(_SQL["sequence"], (_BATCH,))[0]
            if not won or added < _BATCH:
                return int(last)

    def wait_for(self, appended: Appended, timeout: float = 5.0) -> tuple[int, ...]:
        """Return the final positions of what was appended, in the same order, as soon as it has them.

        Raises NotSettled, naming the transaction that is in the way, when that takes longer than `timeout` seconds.
        """
        return self._settled(appended.entries, timeout)

    def wait_for_facts(self, facts: Iterable[UUID], timeout: float = 5.0) -> tuple[int, ...]:
        """Return the final positions of the entries with these fact ids, or carrying them, in order of position.

        Raises StoreError when an id is nowhere in the ledger, NotSettled as `wait_for` does.
        """
        ids = set(facts)
        entries = [entry for (entry,) in self.connections.read(_SQL["entries_of"], (list(ids),))]
        if not entries:
            raise StoreError("None of these facts is in the ledger; append them first.")
        return tuple(sorted(self._settled(entries, timeout)))

    def lag(self) -> Lag:
        """Return how far final positions are behind, and because of whom; cheap enough to ask every second."""
        ((rows, age),) = self.connections.read(_SQL["lag"], (_COUNTED,))
        return Lag(rows, timedelta(seconds=max(0.0, float(age))), self.oldest_open())

    def oldest_open(self) -> OpenTransaction | None:
        """Return the transaction that holds back final positions, if any is open."""
        found = self.connections.read(_SQL["open_transactions"])
        if not found:
            return None
        pid, database, user, program, age = found[0]
        return OpenTransaction(pid, database, user, program, timedelta(seconds=float(age or 0)))

    def horizon_age(self) -> timedelta:
        """Return for how long the oldest open writing transaction has been open, for an alarm; zero if none is."""
        oldest = self.oldest_open()
        return timedelta(0) if oldest is None else oldest.age

    def _settled(self, entries: Sequence[int], timeout: float) -> tuple[int, ...]:
        end = time.monotonic() + timeout
        pause = _FIRST_PAUSE
        while True:
            self.sequence()
            found = dict(self.connections.read(_SQL["settled"], (list(entries),)))
            if len(found) == len(set(entries)):
                return tuple(found[entry] for entry in entries)
            if time.monotonic() >= end:
                raise NotSettled(self._why(timeout))
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _why(self, timeout: float) -> str:
        oldest = self.oldest_open()
        stored = f"The rows are stored, but have had no final position for {timeout:g} s"
        if oldest is None:
            return f"{stored}, and this role sees no open transaction; look for one as pg_monitor and end it."
        return f"{stored}; the oldest open writing transaction is {oldest}. End it, and they will be given positions."
