"""What the recorders do beyond the suites that the library publishes for them."""

import pytest
from eventsourcing.persistence import IntegrityError, OperationalError, StoredEvent

from infrastructure.store import Store
from infrastructure.store.recorder import StoreApplicationRecorder
from tests.infrastructure.store.making import NOON, row


def test_observations_are_notified_with_version_zero(store: Store) -> None:
    recorder = StoreApplicationRecorder(store)
    store.append([row("observations:L1", body=b"seen", kind="SignedIn")])
    with recorder.subscribe(gt=0, topics=["SignedIn"]) as subscription:
        notification = next(subscription)
    assert (notification.id, notification.originator_id, notification.originator_version) == (1, "observations:L1", 0)
    assert notification.state == b"seen"


def test_a_recorder_for_entries_keeps_the_stores_own_rules(store: Store) -> None:
    recorder = StoreApplicationRecorder(
        store, make_row=lambda event, _now: row(str(event.originator_id), event.originator_version), gaps=False
    )
    assert recorder.insert_events([StoredEvent("location:L1", 1, "LocationOpened", b"{}")]) == [1]
    with pytest.raises(IntegrityError):
        recorder.insert_events([StoredEvent("location:L1", 3, "LocationOpened", b"{}")])
    assert store.head("location:L1") == (1, NOON)


def test_a_database_that_is_away_is_an_operational_error() -> None:
    with Store("postgresql://nobody@/none?host=/nowhere", patience=0.2) as away:
        recorder = StoreApplicationRecorder(away)
        with pytest.raises(OperationalError):
            recorder.insert_events([StoredEvent("location:L1", 1, "LocationOpened", b"{}")])
        with pytest.raises(OperationalError):
            recorder.max_notification_id()
