"""Appends of many threads are stored together, each accepted or refused as if it had come alone."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from infrastructure.store import Appended, FactExists, LedgerUnavailable, NewRow, Store, StoreError, VersionConflict
from infrastructure.store.gathering import Gathering, _refuse, _share
from tests.infrastructure.store.making import row, rows
from tests.infrastructure.store.waiting import until_held_up

THREADS = 24


def _at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each call gave, or the error that it raised, when all began at one moment."""
    barrier = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - the error is the answer looked at
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def _transactions(store: Store) -> int:
    return len({one.xid for one in store.read_all()})


def test_many_threads_share_transactions_and_each_gets_its_own_entries(store: Store) -> None:
    given = [[row(f"location:L{number}", version) for version in range(1, 4)] for number in range(THREADS)]

    def writer(mine: list[NewRow]) -> Callable[[], list[Appended]]:
        return lambda: [store.gather([each]) for each in mine]

    done = _at_once([writer(mine) for mine in given])
    store.sequence()
    stored = {one.fact: one.entry for one in store.read_all()}
    for mine, appended in zip(given, done, strict=True):
        assert [outcome.facts for outcome in appended] == [(each.fact,) for each in mine]
        assert [outcome.entries for outcome in appended] == [(stored[each.fact],) for each in mine]
    assert len(stored) == THREADS * 3
    assert _transactions(store) < THREADS * 3, "nobody was gathered"


def test_a_refusal_concerns_nobody_else(store: Store) -> None:
    used = row("account:first", 1)
    store.append([used])
    good = [row(f"location:L{number}", 1) for number in range(THREADS)]
    stale = [row(f"location:S{number}", 7) for number in range(5)]
    twice = [row(f"account:{number}", 1, fact=used.fact) for number in range(5)]

    def gathering(one: NewRow) -> Callable[[], Appended]:
        return lambda: store.gather([one])

    done = _at_once([gathering(one) for one in (*good, *stale, *twice)])
    assert all(isinstance(outcome, Appended) for outcome in done[: len(good)]), done
    conflicts, used_ids = done[len(good) : -5], done[-5:]
    assert [type(error) for error in conflicts] == [VersionConflict] * 5
    assert [error.stream for error in conflicts] == [one.stream for one in stale]
    assert [type(error) for error in used_ids] == [FactExists] * 5
    store.sequence()
    assert store.last_position() == len(good) + 1


def test_of_appends_to_one_version_one_wins_and_the_others_meet_a_conflict(store: Store) -> None:
    done = _at_once([lambda: store.gather([row("location:L1", 1), row("observations:L1", None)])] * THREADS)
    assert sum(isinstance(outcome, Appended) for outcome in done) == 1
    assert sum(isinstance(outcome, VersionConflict) for outcome in done) == THREADS - 1
    store.sequence()
    assert store.last_position() == 2


def test_the_same_id_from_two_threads_is_stored_once(store: Store) -> None:
    fact = uuid4()

    def gathering(number: int) -> Callable[[], Appended]:
        return lambda: store.gather([row(f"account:{number}", 1, fact=fact)])

    done = _at_once([gathering(number) for number in range(THREADS)])
    assert sum(isinstance(outcome, Appended) for outcome in done) == 1
    assert sum(isinstance(outcome, FactExists) for outcome in done) == THREADS - 1


def test_a_large_append_is_stored_whole_beside_small_ones(store: Store) -> None:
    calls = [lambda: store.gather(rows("location:large", 1, 2_000))]

    def gathering(number: int) -> Callable[[], Appended]:
        return lambda: store.gather([row(f"location:L{number}", 1)])

    done = _at_once([*calls, *(gathering(number) for number in range(8))])
    assert [len(outcome.entries) for outcome in done] == [2_000, *[1] * 8]


def test_a_lone_writer_is_not_made_to_wait(store: Store) -> None:
    for version in range(1, 50):
        store.gather([row("location:L1", version)])
    assert _transactions(store) == 0, "nothing is settled before somebody asks"
    store.sequence()
    assert _transactions(store) == 49, "each append of a lone writer goes at once"


def test_everybody_is_told_when_the_database_is_away(database: str) -> None:
    with Store(database, patience=0.3) as store:
        store.gather([row("location:L0", 1)])
        store.connections.close()

        def gathering(number: int) -> Callable[[], Appended]:
            return lambda: store.gather([row(f"location:L{number}", 1)])

        done = _at_once([gathering(number) for number in range(1, 9)])
        assert all(isinstance(outcome, Exception) for outcome in done)
    assert LedgerUnavailable.__doc__


class _SharesRefusals(Gathering):
    """Broken on purpose: one refusal is taken for that of the whole batch."""

    def _store(self, batch: list[Any]) -> None:
        try:
            appended = self.append([row for one in batch for row in one.rows])
        except StoreError as error:
            _refuse(batch, error)
        else:
            _share(batch, appended)


def test_a_build_that_shares_refusals_is_caught(store: Store) -> None:
    """Tooth: gathered with stale appends, good ones must go through; the broken build refuses them."""
    broken = _SharesRefusals(store.connections)

    def gathering(one: NewRow) -> Callable[[], Appended]:
        return lambda: broken.gather([one])

    stale = [row(f"location:S{number}", 7) for number in range(THREADS)]
    done = _at_once([gathering(one) for one in stale for _ in range(2)])
    assert all(isinstance(outcome, VersionConflict) for outcome in done)
    mixed = [one for number in range(THREADS) for one in (row(f"location:L{number}", 1), stale[number])]
    # However the threads fall into batches, some good one shares a batch with a stale one.
    refused = [
        outcome for outcome in _at_once([gathering(one) for one in mixed])[::2] if isinstance(outcome, Exception)
    ]
    assert refused


def test_who_is_overtaken_is_in_conflict_and_the_same_facts_again_are_known(store: Store) -> None:
    """Whether they wait in the queue, where that is seen at once, or ask the database."""
    first = row("location:L1", 1)
    with psycopg.connect(store.connections.conninfo) as holder, ThreadPoolExecutor(8) as pool:
        holder.execute("SELECT ledger.lock_streams(%s, false)", (["location:L1"],))
        waiting = [pool.submit(store.gather, [first])]
        until_held_up(holder)
        waiting += [pool.submit(store.gather, [one]) for one in (row("location:L1", 1), row("location:L1", 1), first)]
        holder.rollback()
        outcomes = [one.exception() or one.result() for one in waiting]
    assert [type(one) for one in outcomes] == [Appended, VersionConflict, VersionConflict, FactExists]


def test_several_streams_in_conflict_are_named_at_once(store: Store) -> None:
    with pytest.raises(VersionConflict) as refused:
        store.append([row("location:L1", 2), row("location:L2", 1), row("location:L3", 5)])
    assert refused.value.streams == {"location:L1", "location:L3"}
