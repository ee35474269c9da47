"""A transaction that takes long holds up nobody else, and nobody waits for longer than it has patience."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from infrastructure.store import Appended, LedgerUnavailable, NewRow, Store, gathering
from infrastructure.store.gathering import COMPANY, LEADERS, Gathering
from infrastructure.store.waiting import Waiting
from tests.infrastructure.store.making import row
from tests.infrastructure.store.waiting import ENOUGH

_NOWHERE = "postgresql://nobody@/none?host=/nowhere"
_PATIENCE = 0.5
_WHILE_HELD_UP = "-c lock_timeout=170s -c statement_timeout=0"


@pytest.mark.parametrize("stuck", range(1, LEADERS))
def test_appends_go_on_beside_those_that_wait_for_a_lock(database: str, stuck: int) -> None:
    held = [f"location:held{number}" for number in range(stuck)]
    patient = make_conninfo(database, options=_WHILE_HELD_UP)
    with (
        Store(patient, patience=ENOUGH) as store,
        psycopg.connect(database) as holder,
        ThreadPoolExecutor(stuck + 8) as pool,
    ):
        holder.execute("SELECT ledger.lock_streams(%s, false)", (held,))
        waiting = [pool.submit(store.gather, [row(stream, 1)]) for stream in held]
        for version in range(1, 6):
            others = [pool.submit(store.gather, [row(f"location:L{number}", version)]) for number in range(8)]
            stored = [other.result() for other in others]
            assert all(isinstance(one, Appended) for one in stored)
        assert not any(one.done() for one in waiting)
        holder.rollback()
        assert all(one.result().entries for one in waiting)


def test_with_one_lead_everybody_waits_for_a_lock(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tooth: without a second lead the test above could not pass."""
    monkeypatch.setattr(gathering, "LEADERS", 1)
    patient = make_conninfo(database, options=_WHILE_HELD_UP)
    with Store(patient, patience=4 * _PATIENCE) as store, ThreadPoolExecutor(2) as pool:
        store.gather([row("location:first", 1)])
        with psycopg.connect(store.connections.conninfo) as holder:
            holder.execute("SELECT ledger.lock_streams(%s, false)", (["location:held"],))
            waiting = pool.submit(store.gather, [row("location:held", 1)])
            while not store._leaders:
                time.sleep(0.001)
            with pytest.raises(LedgerUnavailable, match="those who came before"):
                store.gather([row("location:L1", 1)])
            holder.rollback()
        assert waiting.result().entries


def _beside_one_held(store: Gathering, own: NewRow) -> tuple[Appended, Appended, bool]:
    """What the first append and `own` got, when a company of others was stored with the first still held up.

    And whether `own` has been in a transaction by then, and was to wait for its stream.
    """
    with psycopg.connect(store.connections.conninfo) as holder, ThreadPoolExecutor(COMPANY + 1) as pool:
        holder.execute("SELECT ledger.lock_streams(%s, false)", (["location:held"],))
        first = pool.submit(store.gather, [row("location:held", 1)])
        while not store._under_way:
            time.sleep(0.001)
        mine = pool.submit(store.gather, [own])
        while not store._queue and not mine.done():
            time.sleep(0.001)
        others = [pool.submit(store.gather, [row(f"location:L{number}", 1)]) for number in range(1, COMPANY)]
        try:
            assert all(other.result().entries for other in others)
            assert not first.done()
            put_back = any(one.alone for one in store._queue)
        finally:
            holder.rollback()
        return first.result(), mine.result(), put_back


@pytest.fixture
def never_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, no transaction takes long."""
    monkeypatch.setattr(gathering, "LONG", 1_000.0)


@pytest.mark.usefixtures("never_long")
def test_a_company_begins_beside_one_that_is_under_way(store: Store) -> None:
    first, own, _ = _beside_one_held(store, row("location:own", 1))
    assert first.xid != own.xid


@pytest.mark.usefixtures("never_long")
def test_without_a_company_all_wait_for_the_first(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tooth: where nobody begins beside another, the test above could not pass."""
    monkeypatch.setattr(gathering, "COMPANY", COMPANY + 1)
    patient = make_conninfo(database, options="-c lock_timeout=20s")
    with Store(patient, patience=_PATIENCE) as store:
        store.gather([row("location:first", 1)])
        with pytest.raises(LedgerUnavailable, match="those who came before"):
            _beside_one_held(store, row("location:own", 1))


@pytest.mark.usefixtures("never_long")
def test_who_follows_in_a_stream_under_way_is_not_taken_to_wait_for_it(store: Store) -> None:
    first, second, put_back = _beside_one_held(store, row("location:held", 2))
    assert not put_back
    assert first.entries < second.entries


class _TakesAnyStream(Gathering):
    """Broken on purpose: a second transaction takes what the first one has locked."""

    def _streams_under_way(self) -> set[str]:
        return set()


@pytest.mark.usefixtures("never_long")
def test_a_build_that_takes_streams_under_way_is_caught(store: Store) -> None:
    _, _, put_back = _beside_one_held(_TakesAnyStream(store.connections), row("location:held", 2))
    assert put_back


def _all_refused(away: Gathering) -> float:
    """How long it takes until all of many appends to one stream are told that the database is away."""
    begun = time.monotonic()

    def gather(version: int) -> None:
        with pytest.raises(LedgerUnavailable):
            away.gather([row("location:L1", version)])

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(gather, range(1, 13)))
    return time.monotonic() - begun


class _PatientOneByOne(Gathering):
    """Broken on purpose: whoever comes to the front of the queue has all its patience still before it."""

    def append(
        self,
        rows: Sequence[NewRow],
        *,
        gaps: bool = False,
        patience: float | None = None,
        may_wait: bool = True,
        epoch: int | None = None,
    ) -> Appended:
        return super().append(rows, gaps=gaps, patience=patience and _PATIENCE, may_wait=may_wait, epoch=epoch)

    def _waited(self, _one: Waiting, timeout: float) -> float:
        return timeout


def test_without_a_database_nobody_waits_longer_than_it_has_patience() -> None:
    with Store(_NOWHERE, patience=_PATIENCE) as away:
        bounded = _all_refused(away)
    with Store(_NOWHERE, patience=_PATIENCE) as away:
        one_by_one = _all_refused(_PatientOneByOne(away.connections))
    assert bounded < one_by_one / 3
