"""Fills the recorder seams of the eventsourcing library with this store."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID, uuid5

import psycopg
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    DataError,
    IntegrityError,
    ListenNotifySubscription,
    Notification,
    OperationalError,
    ProgrammingError,
    StoredEvent,
)

from infrastructure.store.errors import (
    FactExists,
    LedgerUnavailable,
    NotSettled,
    OutcomeUnknown,
    OutOfOrder,
    VersionConflict,
)
from infrastructure.store.listening import Listener
from infrastructure.store.rows import Appended, NewRow, Row
from infrastructure.store.store import Store

# Fact ids of events that have none of their own are derived from stream and version in this namespace.
_EVENTS = UUID("5c6f1b9e-8f52-4b7e-9d0b-0f7f6f2a4b11")

RowMaker = Callable[[StoredEvent, datetime], NewRow]
StateReader = Callable[[Row], bytes]


def plain_row(event: StoredEvent, now: datetime) -> NewRow:
    """Make a row of an event: the stream is the originator, the type its topic, the body its state."""
    stream = str(event.originator_id)
    fact = uuid5(_EVENTS, f"{stream} {event.originator_version}")
    return NewRow(
        fact=fact,
        stream=stream,
        version=event.originator_version,
        type=event.topic,
        location=None,
        recorded_at=now,
        effective_at=now,
        inner=(),
        command=None,
        body=event.state,
        personal=None,
    )


def plain_state(row: Row) -> bytes:
    """Return the state of an event that was stored by `plain_row`."""
    return row.body


class StoreAggregateRecorder(AggregateRecorder):
    """Keeps the events of aggregates as versioned rows.

    `make_row` says which row an event becomes, `read_state` which state a row has. With `gaps` (the library's own
    rule) the versions of a stream need only rise; without it they must be 1, 2, 3 and so on, and times never back.

    Its methods raise the library's errors: IntegrityError for a conflict or an id in use, OperationalError when the
    database did not answer in time or the outcome is unknown, DataError and ProgrammingError for what it cannot take.
    """

    def __init__(
        self,
        store: Store,
        *,
        make_row: RowMaker = plain_row,
        read_state: StateReader = plain_state,
        gaps: bool = True,
    ) -> None:
        self._store = store
        self._make_row = make_row
        self._read_state = read_state
        self._gaps = gaps

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:  # noqa: ARG002
        """Store all events in one transaction, or none; return None, for these have no common order."""
        self._insert(stored_events)
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return events of one originator by version, whether they have final positions yet or not."""
        with _library_errors():
            rows = self._store.read_versions(str(originator_id), above=gt, upto=lte, backwards=desc, limit=limit)
        return [StoredEvent(row.stream, row.version or 0, row.type, self._read_state(row)) for row in rows]

    def _insert(self, stored_events: Sequence[StoredEvent]) -> Appended | None:
        if not stored_events:
            return None
        with _library_errors():
            now = self._store.now()
            return self._store.append([self._make_row(event, now) for event in stored_events], gaps=self._gaps)


class StoreApplicationRecorder(StoreAggregateRecorder, ApplicationRecorder):
    """Keeps the events of an application; notification ids are final positions."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:  # noqa: ARG002
        """Store all events in one transaction, or none, and return their final positions.

        Returns None when they are stored and an open transaction holds their positions back: that is no failure.
        """
        appended = self._insert(stored_events)
        if appended is None:
            return []
        with _library_errors():
            try:
                return list(self._store.wait_for(appended))
            except NotSettled:
                return None

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return at most `limit` events from position `start` to `stop`; an event without a version has version 0."""
        first = 1 if start is None else start if inclusive_of_start else start + 1
        with _library_errors():
            rows = self._store.read_all(max(first, 1) - 1, stop, limit, types=topics or None)
            return [
                Notification(
                    originator_id=row.stream,
                    originator_version=row.version or 0,
                    topic=row.type,
                    state=self._read_state(row),
                    id=row.position or 0,
                )
                for row in islice(rows, limit)
            ]

    def max_notification_id(self) -> int | None:
        """Return the last final position, None if there is none."""
        with _library_errors():
            return self._store.last_position() or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "StoreSubscription":
        """Return an iterator over all events after position `gt`, which waits for new ones."""
        return StoreSubscription(self, self._store, gt=gt, topics=topics)


class StoreSubscription(ListenNotifySubscription[StoreApplicationRecorder]):
    """Iterates over events as they get their final positions; survives a restart of the server."""

    def __init__(
        self, recorder: StoreApplicationRecorder, store: Store, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._listener = Listener(store, self._has_been_notified.set)
        self._listener.start()

    def stop(self) -> None:
        """End the iteration."""
        super().stop()
        self._listener.stop()

    def __exit__(self, *args: object, **kwargs: Any) -> None:
        try:
            super().__exit__(*args, **kwargs)
        finally:
            self._listener.join()


@contextmanager
def _library_errors() -> Iterator[None]:
    """Say the store's errors in the library's words."""
    try:
        yield
    except (VersionConflict, FactExists, OutOfOrder) as error:
        raise IntegrityError(str(error)) from error
    except (LedgerUnavailable, OutcomeUnknown, psycopg.OperationalError) as error:
        raise OperationalError(str(error)) from error
    except psycopg.DataError as error:
        raise DataError(str(error)) from error
    except psycopg.ProgrammingError as error:
        raise ProgrammingError(str(error)) from error
