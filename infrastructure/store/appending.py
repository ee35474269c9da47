"""Appends rows: stored once, or refused, or said to be unknown, even if the connection is lost at the commit."""

import json
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg.errors import Diagnostic

from infrastructure.postgres.statements import statements
from infrastructure.store.arrays import byteas, numbers, texts, times, uuids
from infrastructure.store.boundary import make_rows
from infrastructure.store.connections import Connections, LedgerConnection, Tries, connection_lost
from infrastructure.store.errors import (
    FactExists,
    LedgerUnavailable,
    OutcomeUnknown,
    OutOfOrder,
    StoreError,
    StreamsBusy,
    VersionConflict,
)
from infrastructure.store.rows import Appended, NewRow, as_new
from infrastructure.store.states import State

_SQL = statements("append")
# The transaction is undone and may be tried again.
_UNDONE = (
    State.SERIALIZATION_FAILURE,
    State.DEADLOCK,
    State.INSUFFICIENT_RESOURCES,
    State.DISK_FULL,
    State.OUT_OF_MEMORY,
)
# Undone as well, but trying again at once would take as long.
_TOO_LONG = (State.LOCK_NOT_AVAILABLE, State.QUERY_CANCELED)


class Appending:
    """The writing side of the store."""

    def __init__(self, connections: Connections) -> None:
        self.connections = connections
        self.appended = threading.Event()

    def append(
        self,
        rows: Sequence[NewRow],
        *,
        gaps: bool = False,
        patience: float | None = None,
        may_wait: bool = True,
        epoch: int | None = None,
    ) -> Appended:
        """Store all rows in one transaction, or none, and return their entry numbers.

        A versioned row must have exactly the next version of its stream and a recorded_at not before the stream's last;
        with `gaps` versions need only rise. Rows of one stream come in the order of their versions.

        Raises VersionConflict, OutOfOrder or FactExists when refused; LedgerUnavailable when the database could not be
        reached for `patience` seconds and nothing is stored; OutcomeUnknown when the connection was lost at the commit
        and the rows could not be read back within that time. StreamsBusy, with nothing stored, instead of waiting for
        others who are appending to a stream, unless it `may_wait`. With the `epoch` of a look SubjectErased, with
        nothing stored, when keys were destroyed since: what was decided may rest on what is erased.
        """
        if not rows:
            return Appended((), (), 0, 0)
        sealed = self.connections.boundary.seal(rows, epoch=epoch)
        parameters = _parameters(rows, sealed, gaps=gaps, may_wait=may_wait)
        tries = Tries(self.connections.patience if patience is None else patience)
        unknown = False
        while True:
            sent = False
            try:
                with self.connections.take(own=tries.again, patience=tries.left()) as connection:
                    earlier = _read_back(connection, rows) if unknown else None
                    sent = True
                    appended = earlier or self._append(connection, rows, parameters)
            except psycopg.Error as error:
                if connection_lost(error):
                    unknown = unknown or sent
                elif (found := self._refused(error, rows, unknown=unknown)) is not None:
                    return found
                if not tries.another():
                    raise _given_up(error, unknown=unknown) from error
            else:
                self.appended.set()
                return appended

    def _append(
        self, connection: psycopg.Connection[Any], rows: Sequence[NewRow], parameters: Sequence[Any]
    ) -> Appended:
        warnings: list[str] = []

        def listen(notice: Diagnostic) -> None:
            if notice.sqlstate == State.WARNING:
                warnings.append(notice.message_primary or "")

        connection.add_notice_handler(listen)
        try:
            generation, xid, entries = connection.execute(_SQL["append"], parameters).fetchone() or (0, 0, ())
        finally:
            connection.remove_notice_handler(listen)
            if warnings:
                # The wait for the standby was cut short: the rows are here, and gone if the standby takes over.
                raise OutcomeUnknown(f"The rows may be missing on the standby: {warnings[0]}. Look them up later.")
        return Appended(tuple(row.fact for row in rows), tuple(entries), generation, xid)

    def _refused(self, error: psycopg.Error, rows: Sequence[NewRow], *, unknown: bool) -> Appended | None:
        """Raise the refusal that the error stands for; return what an earlier attempt stored; None to try again."""
        state = error.sqlstate or ""
        if state == State.NO_GENERATION:
            self.connections.read(_SQL["renew_generation"])
            return None
        if state in _UNDONE:
            return None
        if unknown:
            # We may have been refused because of ourselves: the lost attempt went through after we had looked.
            with self.connections.take(own=True) as connection:
                earlier = _read_back(connection, rows)
            if earlier is not None:
                return earlier
        if state in _TOO_LONG:
            raise _given_up(error, unknown=unknown) from error
        raise self._refusal(error, rows) from error

    def _refusal(self, error: psycopg.Error, rows: Sequence[NewRow]) -> Exception:
        detail = error.diag.message_detail or ""
        match error.sqlstate, error.diag.constraint_name:
            case State.VERSION_CONFLICT, _:
                return VersionConflict(*json.loads(detail))
            case State.STREAMS_BUSY, _:
                return StreamsBusy(json.loads(detail))
            case State.IDS_IN_USE, _:
                return FactExists(UUID(one) for one in detail.split(","))
            case State.OUT_OF_ORDER, _:
                return OutOfOrder(detail)
            case State.UNIQUE_VIOLATION, "facts_pkey":
                ids = Counter(fact for row in rows for fact in (row.fact, *row.inner))
                used = {fact for (fact,) in self.connections.read(_SQL["used_ids"], (list(ids),))}
                return FactExists(used | {fact for fact, times_given in ids.items() if times_given > 1})
            case State.UNIQUE_VIOLATION, _:
                return VersionConflict(next(row.stream for row in rows if row.version is not None))
            case _:
                return error


def _parameters(
    rows: Sequence[NewRow], sealed: Sequence[bytes | None], *, gaps: bool = False, may_wait: bool = True
) -> tuple[Any, ...]:
    try:
        recorded = times([row.recorded_at for row in rows])
        effective = times([row.effective_at for row in rows])
    except TypeError as error:
        naive = next(row for row in rows if row.recorded_at.tzinfo is None or row.effective_at.tzinfo is None)
        raise ValueError(f"The times of fact {naive.fact} have no offset; give every time with its offset.") from error
    return (
        uuids([row.fact for row in rows]),
        texts([row.stream for row in rows]),
        numbers([row.version for row in rows]),
        texts([row.type for row in rows]),
        texts([row.location for row in rows]),
        recorded,
        effective,
        texts([f"{{{','.join(map(str, row.inner))}}}" if row.inner else None for row in rows]),
        uuids([row.command for row in rows]),
        byteas([row.body for row in rows]),
        byteas(sealed),
        gaps,
        may_wait,
    )


def _read_back(connection: LedgerConnection, rows: Sequence[NewRow]) -> Appended | None:
    """Return what is stored if it is exactly these rows, None otherwise; of what is erased the rest is compared."""
    with connection.cursor(binary=True) as cursor:
        found = cursor.execute(_SQL["stored"], ([row.fact for row in rows],)).fetchall()
    stored = make_rows(found, connection.boundary)
    erased = {row.fact for row in stored if row.erased}
    if [as_new(row, erased) for row in stored] != [as_new(row, erased) for row in rows]:
        return None
    return Appended(
        tuple(row.fact for row in rows),
        tuple(row.entry for row in stored),
        stored[0].generation,
        stored[0].xid,
        repeated=True,
    )


def _given_up(error: psycopg.Error, *, unknown: bool) -> StoreError:
    why = str(error).strip().partition("\n")[0] or type(error).__name__
    if unknown:
        return OutcomeUnknown(
            f"The connection was lost while the rows were stored, and the database did not come back in time ({why}). "
            "Look the fact ids up before you append them again."
        )
    return LedgerUnavailable(f"The database did not answer in time ({why}). Nothing is stored; try again.")
