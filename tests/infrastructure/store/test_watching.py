"""A writing transaction left open holds positions back: nothing is skipped, somebody is told, and all goes on after."""

import logging
import os
import threading
import time
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from infrastructure.store import OpenTransaction, Sequencer, Store, Watcher
from infrastructure.store.checks import check_all
from tests.infrastructure.store import breaking
from tests.infrastructure.store.following import Follower
from tests.infrastructure.store.making import row, rows
from tests.infrastructure.store.servers import Server
from tests.infrastructure.store.waiting import ENOUGH, until

_LONG = os.environ.get("ACCESSLEDGER_LONG_TESTS") == "1"
_AT_ONCE = timedelta(seconds=0.5)
_SOON = timedelta(seconds=1.5)
"""Longer than a busy machine takes to give positions to what nobody holds back."""


class _Writer:
    """A thread that appends until it is stopped."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stopped = threading.Event()
        self.acknowledged: list[UUID] = []
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _write(self) -> None:
        version = 0
        while not self._stopped.wait(0.01):
            version += 1
            given = replace(row("location:W", version), recorded_at=self._store.now())
            self.acknowledged += self._store.gather([given]).facts


def _hold(held: str, store: Store, seconds: float, threshold: timedelta) -> tuple[str | None, float, float]:
    """Leave a writing transaction open while others append: the alarm, when it came, and when all had positions."""
    with Sequencer(store, threshold=threshold) as sequencer, psycopg.connect(held) as open_one:
        follower = Follower(store)
        follower.thread.start()
        writer = _Writer(store)
        until(lambda: len(follower.seen) > 5)
        open_one.execute(b"CREATE TEMPORARY TABLE held (a int)")
        begun = time.monotonic()
        seen = len(writer.acknowledged)
        told = until(lambda: sequencer.watcher.alarm is not None, 10 if seconds >= 60 else ENOUGH)
        alarm = sequencer.watcher.alarm
        time.sleep(max(0.0, begun + seconds - time.monotonic()))
        until(lambda: len(writer.acknowledged) > seen + 1)  # appends go on; one may have been under way
        writer.stop()
        store.sequence()
        behind = store.last_position() < len(writer.acknowledged)
        open_one.rollback()
        caught_up = until(lambda: store.last_position() >= len(writer.acknowledged), 1 if seconds >= 60 else ENOUGH)
        until(lambda: sequencer.watcher.alarm is None)
        follower.stop()
    assert behind, "the open transaction held nothing back"
    assert [fact for _, fact in follower.seen] == writer.acknowledged
    assert [position for position, _ in follower.seen] == list(range(1, len(follower.seen) + 1))
    assert check_all(store) == []
    return alarm, told, caught_up


@pytest.mark.parametrize("elsewhere", [False, True])
def test_an_open_transaction_is_named_and_nothing_is_skipped(
    server: Server, database: str, store: Store, elsewhere: bool, caplog: pytest.LogCaptureFixture
) -> None:
    held = server.url("postgres") if elsewhere else database
    with caplog.at_level(logging.WARNING):
        alarm, told, caught_up = _hold(held, store, 60 if _LONG else 1, timedelta(seconds=5) if _LONG else _SOON)
    assert alarm is not None
    assert " of postgres in database " + ("postgres" if elsewhere else "ledger_") in alarm
    assert alarm.startswith("Final positions wait for process ")
    assert "end that transaction" in alarm
    assert [record.getMessage() for record in caplog.records if record.name.endswith("watcher")] == [
        alarm,
        "Final positions are up to date again.",
    ]
    print(f"told after {told:.1f} s, caught up after {caught_up:.2f} s")  # noqa: T201


def test_a_sequencer_that_goes_past_an_open_transaction_is_caught(database: str, store: Store) -> None:
    breaking.rebuild(database, *breaking.NO_HORIZON)
    with pytest.raises(AssertionError, match="held nothing back"):
        _hold(database, store, 1, _SOON)


class _LooksAtHome(Store):
    """Broken on purpose: sees only the transactions of its own database."""

    def oldest_open(self) -> OpenTransaction | None:
        found = super().oldest_open()
        own = psycopg.conninfo.conninfo_to_dict(self.connections.conninfo)["dbname"]
        return found if found is not None and found.database == own else None


def test_a_watcher_that_looks_at_one_database_is_caught(server: Server, database: str) -> None:
    with _LooksAtHome(database) as broken, Store(database) as store, psycopg.connect(server.url("postgres")) as held:
        held.execute(b"CREATE TEMPORARY TABLE held (a int)")
        time.sleep(_AT_ONCE.total_seconds())
        assert store.lag().complaint(_AT_ONCE) is not None
        assert broken.lag().complaint(_AT_ONCE) is None


def test_the_lag_counts_what_is_committed_and_has_no_position(store: Store) -> None:
    assert (store.lag().rows, store.lag().age, store.lag().holder) == (0, timedelta(0), None)
    store.append([row("location:L1", 1, minute=0)])
    assert store.lag().rows == 1
    store.sequence()
    assert store.lag().rows == 0
    store.append(rows("location:L1", 2, 3))
    found = store.lag()
    assert found.rows == 3
    assert found.age > timedelta(0)
    assert found.holder is None


def test_rows_that_nobody_gives_positions_to_are_complained_of(store: Store) -> None:
    store.append([row("location:L1", 1)])  # recorded long ago
    complaint = store.lag().complaint(timedelta(seconds=5))
    assert complaint is not None
    assert complaint.startswith("1 committed rows have no final position yet")
    assert "see that a sequencer runs" in complaint


def test_the_age_of_an_import_is_counted_from_its_end(store: Store) -> None:
    with store.importing("f", "ada") as session:
        session.add([(1, row("location:L1", 0))])
        session.finish()
    assert store.lag().rows == 1
    assert store.lag().age < timedelta(hours=1)


def test_a_watcher_that_cannot_ask_says_so(store: Store) -> None:
    with Store(store.connections.conninfo, patience=0.2) as away:
        with Watcher(away, every=timedelta(seconds=0.05)) as watcher:
            away.connections.close()
            until(lambda: watcher.alarm is not None)
        assert "cannot be told" in str(watcher.alarm)
