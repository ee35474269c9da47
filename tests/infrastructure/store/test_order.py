"""Final positions: gapless, in commit order, complete and never changed, whatever transactions do meanwhile."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from infrastructure.postgres.statements import statements
from infrastructure.store import FactExists, NotSettled, Sequencer, Store, VersionConflict
from infrastructure.store.appending import _parameters
from infrastructure.store.checks import check_all, commit_order, versions_in_order
from infrastructure.store.recorder import StoreApplicationRecorder
from tests.infrastructure.store import breaking
from tests.infrastructure.store.following import Follower, Writers
from tests.infrastructure.store.making import row, rows
from tests.infrastructure.store.servers import Server
from tests.infrastructure.store.waiting import ENOUGH, until, until_held_up

_LONG = os.environ.get("ACCESSLEDGER_LONG_TESTS") == "1"
_ROOT = Path(__file__).parents[3]
_APPEND = statements("append")["append"]


def _follow_writers(database: str, facts: int, patience: float = ENOUGH) -> tuple[Writers, Follower]:
    with Store(database) as store:
        store.connections.read(statements("append")["renew_generation"])
        writers, follower = Writers(database, facts), Follower(store)
        with Sequencer(store, tick=0.01):
            follower.thread.start()
            writers.run()
            writers.join()
            end = time.monotonic() + patience
            while store.sequence() < len(writers.acknowledged) and time.monotonic() < end:
                time.sleep(0.005)
            follower.stop()
    return writers, follower


def test_a_follower_of_eight_writers_misses_nothing(database: str, store: Store) -> None:
    started = time.monotonic()
    writers, follower = _follow_writers(database, 1_000_000 if _LONG else 8_000)
    took = time.monotonic() - started
    assert [position for position, _ in follower.seen] == list(range(1, len(follower.seen) + 1))
    facts = [fact for _, fact in follower.seen]
    assert len(set(facts)) == len(facts)
    assert set(facts) == set(writers.acknowledged)
    assert len(writers.aborted) > 0
    assert check_all(store) == []
    assert [(one.position, one.fact) for one in store.read_all()] == follower.seen
    print(f"{len(facts)} facts seen, {len(writers.aborted)} rolled back, {took:.1f} s")  # noqa: T201


def test_a_sequencer_without_horizon_is_caught(database: str) -> None:
    breaking.rebuild(database, *breaking.NO_HORIZON)
    writers, follower = _follow_writers(database, 8_000, patience=0.2)
    assert set(writers.acknowledged) - {fact for _, fact in follower.seen}, "the broken sequencer missed nothing"


def test_a_follower_by_entry_number_that_skips_gaps_misses_facts(database: str) -> None:
    """What the positions are for: the same writers, followed by id, lose facts for good."""
    with Store(database) as store:
        store.connections.read(statements("append")["renew_generation"])
    writers, seen, last = Writers(database, 8_000), set(), 0
    writers.run()
    with psycopg.connect(database, autocommit=True) as connection:
        for _ in range(20_000):
            done = not any(thread.is_alive() for thread in writers._threads)
            for entry, fact in connection.execute(
                b"SELECT id, fact FROM ledger.entries WHERE id > %s ORDER BY id", (last,)
            ).fetchall():
                seen.add(fact)
                last = entry
            if done:
                break
    writers.join()
    assert set(writers.acknowledged) - seen


def test_a_subscription_gets_everything_and_waits_for_more(store: Store) -> None:
    recorder = StoreApplicationRecorder(store)
    store.append(rows("location:L1", 1, 3))
    with recorder.subscribe(gt=0) as subscription:
        first = [next(subscription).id for _ in range(3)]
        store.append(rows("location:L1", 4, 2))
        assert first + [next(subscription).id for _ in range(2)] == [1, 2, 3, 4, 5]


def test_positions_ordered_by_id_are_caught(database: str, store: Store) -> None:
    for broken in (False, True):
        if broken:
            breaking.rebuild(database, *breaking.ORDERED_BY_ID)
        _older_transaction_with_a_newer_entry_number(database, store)
        store.sequence()
        assert bool(commit_order(store)) is broken


def _older_transaction_with_a_newer_entry_number(database: str, store: Store) -> None:
    breaking.rebuild(database, *breaking.NO_FRESH_TRANSACTION)
    with psycopg.connect(database) as early:
        early.execute(b"SELECT pg_current_xact_id()")
        store.append([row("observations:L1")])
        early.execute(_APPEND, _parameters([row("observations:L2")], [None], gaps=False))


@pytest.fixture
def early(database: str, store: Store) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """A transaction that got its id before anybody else's."""
    store.append([row("account:other", 1)])
    with psycopg.connect(database) as connection:
        connection.execute(b"SELECT pg_current_xact_id()")
        yield connection


def test_a_transaction_that_got_its_id_early_cannot_append_a_later_version(
    store: Store, early: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    store.append([row("location:L1", 1)])
    with pytest.raises(psycopg.Error, match="first write"):
        early.execute(_APPEND, _parameters([row("location:L1", 2, minute=1)], [None], gaps=False))
    early.rollback()
    early.execute(_APPEND, _parameters([row("location:L1", 2, minute=1)], [None], gaps=False))
    early.commit()
    store.sequence()
    assert check_all(store) == []


def test_without_that_guard_versions_come_out_of_order(
    database: str, store: Store, early: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    breaking.rebuild(database, *breaking.NO_FRESH_TRANSACTION)
    store.append([row("location:L1", 1)])
    early.execute(_APPEND, _parameters([row("location:L1", 2, minute=1)], [None], gaps=False))
    early.commit()
    store.sequence()
    assert versions_in_order(store)


def test_two_appends_in_one_transaction_are_refused(database: str, store: Store) -> None:
    store.append([row("account:other", 1)])
    with psycopg.connect(database) as connection:
        connection.execute(_APPEND, _parameters([row("location:L1", 1)], [None], gaps=False))
        with pytest.raises(psycopg.Error, match="first write"):
            connection.execute(_APPEND, _parameters([row("location:L2", 1)], [None], gaps=False))


def test_an_append_under_another_isolation_level_is_refused(database: str, store: Store) -> None:
    store.append([row("account:other", 1)])
    with psycopg.connect(database) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with pytest.raises(psycopg.Error, match="READ COMMITTED"):
            connection.execute(_APPEND, _parameters([row("location:L1", 1)], [None], gaps=False))
        connection.rollback()
        with pytest.raises(psycopg.Error, match="READ COMMITTED"):
            connection.execute(b"SELECT ledger.sequence(10)")


@pytest.mark.parametrize("locked", [True, False])
def test_rising_versions_stay_in_order_because_streams_are_locked(database: str, store: Store, locked: bool) -> None:
    """Versions with gaps break no unique index, so only the lock keeps a lower one from coming later."""
    store.append([row("account:other", 1)])
    if not locked:
        breaking.rebuild(database, *breaking.NO_STREAM_LOCK)
    conflicts = []
    with psycopg.connect(database) as connection:
        connection.execute(_APPEND, _parameters([row("location:L1", 7, minute=7)], [None], gaps=True))

        def append_a_lower_one() -> None:
            try:
                store.append([row("location:L1", 5, minute=5)], gaps=True)
            except VersionConflict as conflict:
                conflicts.append(conflict)

        thread = threading.Thread(target=append_a_lower_one)
        thread.start()
        if locked:
            until_held_up(connection)
        else:
            thread.join(ENOUGH)
        connection.commit()
        thread.join()
    store.sequence()
    assert (len(conflicts) == 1) is locked
    assert bool(versions_in_order(store)) is not locked


def test_appends_over_the_same_streams_do_not_wait_for_each_other(database: str) -> None:
    streams = [f"location:L{number}" for number in range(6)]
    errors: list[Exception] = []
    stored = []

    def write(seed: int) -> None:
        chance = random.Random(seed)
        with Store(database) as store:
            for _ in range(60):
                chosen = chance.sample(streams, 4)
                heads = {stream: (store.head(stream) or (0,))[0] for stream in chosen}
                try:
                    store.append([row(stream, heads[stream] + 1) for stream in chosen])
                    stored.append(4)
                except VersionConflict:
                    continue
                except Exception as error:  # noqa: BLE001 - all of them are looked at below
                    errors.append(error)

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with Store(database) as store:
        assert store.sequence() == sum(stored)
        assert check_all(store) == []


def test_one_id_used_by_two_at_once_is_stored_once(database: str, store: Store) -> None:
    """One as a fact, one inside another: there is one unique index for both."""
    store.append([row("account:other", 1)])
    given = row("account:a", 1)
    outcomes: list[str] = []

    def carry() -> None:
        try:
            store.append([row("account:b", 1, inner=(given.fact,))])
            outcomes.append("stored")
        except FactExists as refused:
            outcomes.append("refused" if refused.ids == {given.fact} else "wrong")

    with psycopg.connect(database) as connection:
        connection.execute(_APPEND, _parameters([given], [None], gaps=False))
        thread = threading.Thread(target=carry)
        thread.start()
        until_held_up(connection)
        connection.commit()
        thread.join()
    assert outcomes == ["refused"]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_an_open_writing_transaction_holds_back_and_loses_nothing(
    server: Server, database: str, store: Store, elsewhere: bool
) -> None:
    store.append(rows("location:L1", 1, 2))
    assert store.sequence() == 2
    with psycopg.connect(server.url("postgres") if elsewhere else database) as open_one:
        open_one.execute(b"CREATE TEMPORARY TABLE held (a int)")
        appended = store.append(rows("location:L1", 3, 4))
        assert store.sequence() == 2
        with pytest.raises(NotSettled, match=f"process {open_one.info.backend_pid} of postgres in database"):
            store.wait_for(appended, timeout=0.2)
        until(lambda: store.horizon_age().total_seconds() >= 0.3)
        assert [one.version for one in store.read_stream("location:L1", settled=False)] == [1, 2, 3, 4, 5, 6]
        assert [one.version for one in store.read_stream("location:L1")] == [1, 2]
    assert store.wait_for(appended, timeout=ENOUGH) == (3, 4, 5, 6)
    until(lambda: store.oldest_open() is None)
    assert check_all(store) == []


def test_an_open_reading_transaction_holds_nobody_back(database: str, store: Store) -> None:
    with psycopg.connect(database) as reader:
        reader.execute(b"SELECT count(*) FROM ledger.entries")
        assert store.wait_for(store.append(rows("location:L1", 1, 2)), timeout=ENOUGH) == (1, 2)


_SEQUENCE_FOR_EVER = """
import sys
from infrastructure.store import Store
with Store(sys.argv[1]) as store:
    print("ready", flush=True)
    while True:
        store.sequence()
"""


def test_several_sequencers_and_a_paused_one_give_each_row_one_position(database: str, store: Store) -> None:
    store.append([row("account:other", 1)])
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _SEQUENCE_FOR_EVER, database],
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for number in range(40):
            paused = processes[number % 3]
            paused.send_signal(signal.SIGSTOP)
            store.append([row("observations:L1") for _ in range(50)])
            time.sleep(0.005)
            paused.send_signal(signal.SIGCONT)
        until(lambda: store.last_position() == 2_001)
        died = [process.poll() is not None for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert died == [False] * 3
    assert store.last_position() == 2_001
    assert check_all(store) == []


@pytest.mark.parametrize("locked", [True, False])
def test_while_one_gives_positions_another_gives_none(database: str, store: Store, locked: bool) -> None:
    store.append([row("account:other", 1)])
    if not locked:
        breaking.rebuild(database, *breaking.NO_SEQUENCER_LOCK)
    with psycopg.connect(database) as first, psycopg.connect(database, autocommit=True) as second:
        first.execute(b"SELECT ledger.sequence(10)")
        second.execute(b"SET lock_timeout = '200ms'")
        if locked:
            assert second.execute(b"SELECT won, added FROM ledger.sequence(10)").fetchone() == (False, 0)
        else:
            with pytest.raises(psycopg.errors.LockNotAvailable):
                second.execute(b"SELECT won, added FROM ledger.sequence(10)")


def test_a_stopped_client_holds_no_lock(database: str, store: Store) -> None:
    """The step is one statement: a client stopped after it was sent cannot keep others from sequencing."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SEQUENCE_FOR_EVER, database], cwd=_ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGSTOP)
        for version in range(1, 6):
            assert store.wait_for(store.append([row("location:L1", version)]), timeout=ENOUGH) == (version,)
    finally:
        process.kill()
        process.communicate()
