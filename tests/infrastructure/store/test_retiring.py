"""What is retired is kept and not read: its positions and ids stay taken, and it comes back as it was."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from infrastructure.store import FactExists, LedgerUnavailable, NewRow, NotSettled, Row, Store, StoreError, retiring
from infrastructure.store.checks import check_all, ids_used, positions_have_entries, retired_kept
from tests.infrastructure.store.making import row
from tests.infrastructure.store.test_partitions import lies_in, make, seen
from tests.infrastructure.walls.unguarded import unguard

_2001 = datetime(2001, 1, 1, tzinfo=UTC)


@pytest.fixture
def told(database: str, store: Store) -> Sequence[NewRow]:
    """A ledger with a decision between observations of three years; positions 1 to 5."""
    make(database, 1999, 2000, 2001)
    given = [seen(1999), row("location:L1", 1), seen(2000), seen(1999, "L2"), seen(2001)]
    store.append(given)
    assert store.sequence() == 5
    return given


def _positions(found: "Sequence[Row]") -> list[int | None]:
    return [one.position for one in found]


def test_a_retired_year_is_written_down_and_read_no_more(database: str, store: Store, told: Sequence[NewRow]) -> None:
    first, second = store.retire(_2001)
    assert (first.partition, first.starts, first.ends) == (
        "observations_1999",
        datetime(1999, 1, 1, tzinfo=UTC),
        datetime(2000, 1, 1, tzinfo=UTC),
    )
    assert (first.facts, first.first_position, first.last_position) == (2, 1, 4)
    assert (second.partition, second.facts, second.first_position, second.last_position) == (
        "observations_2000",
        1,
        3,
        3,
    )
    assert first.restored_at is None
    assert store.retirements() == [first, second]
    assert lies_in(database) == {"ledger.decisions": 1, "ledger.observations_2001": 1}
    assert _positions(list(store.read_all())) == [2, 5]
    assert _positions(list(store.read_all(2))) == [5]
    assert _positions(list(store.read_all(batch=1))) == [2, 5]
    assert _positions(list(store.read_all(types=["LocationOpened"]))) == [2, 5]
    assert _positions(list(store.read_stream("observations:L1"))) == [5]
    assert list(store.read_stream("observations:L2")) == []
    assert store.retire(_2001) == []
    assert check_all(store) == []


def test_many_retired_positions_are_passed_over_in_pages(database: str, store: Store) -> None:
    make(database, 1999)
    store.append([*(seen(1999) for _ in range(40)), row("location:L1", 1), *(seen(1999) for _ in range(40))])
    last = store.sequence()
    store.retire(_2001)
    for batch in (1, 7, 2_000):
        assert _positions(list(store.read_all(batch=batch))) == [41]
        assert _positions(list(store.read_all(20, last, batch=batch))) == [41]
        assert _positions(list(store.read_all(0, 40, batch=batch))) == []
        assert _positions(list(store.read_all(41, last, batch=batch))) == []


def test_a_year_that_has_not_ended_by_then_stays(database: str, store: Store, told: Sequence[NewRow]) -> None:
    assert [one.partition for one in store.retire(datetime(2000, 12, 31, 23, 59, tzinfo=UTC))] == ["observations_1999"]
    assert lies_in(database)["ledger.observations_2000"] == 1
    with pytest.raises(ValueError, match="earlier"):
        store.retire(store.now() + timedelta(days=1))


def test_retired_ids_stay_taken(store: Store, told: Sequence[NewRow]) -> None:
    store.retire(_2001)
    with pytest.raises(FactExists) as refused:
        store.append([told[0]])
    assert refused.value.ids == {told[0].fact}
    with store.importing("f", "ada") as session:
        session.add(enumerate([told[0]], start=1))
        with pytest.raises(FactExists):
            session.finish()
    assert store.sequence() == 5
    assert check_all(store) == []


def test_what_comes_back_is_what_was_there(database: str, store: Store, told: Sequence[NewRow]) -> None:
    before, tables = list(store.read_all()), lies_in(database)
    retired = store.retire(_2001)
    store.append([row("location:L1", 2)])
    for one in retired:
        store.restore(one.partition)
    store.sequence()
    assert list(store.read_all(0, 5)) == before
    assert lies_in(database) == {**tables, "ledger.decisions": 2}
    assert all(one.restored_at is not None for one in store.retirements())
    assert check_all(store) == []
    with pytest.raises(StoreError, match="not retired"):
        store.restore("observations_1999")
    assert [one.facts for one in store.retire(_2001)] == [2, 1]
    assert len(store.retirements()) == 4
    assert check_all(store) == []


def test_rows_that_come_later_for_a_retired_year_are_read_retired_and_restored(
    database: str, store: Store, told: Sequence[NewRow]
) -> None:
    store.retire(_2001)
    late = seen(1999)
    store.append([late])
    assert make(database, 1999) == []
    assert store.sequence() == 6
    assert [one.fact for one in store.read_all(5)] == [late.fact]
    (again,) = store.retire(_2001)
    assert (again.partition, again.facts, again.first_position) == ("observations_1999", 1, 6)
    assert list(store.read_all(5)) == []
    assert check_all(store) == []
    store.append([seen(1999)])
    store.sequence()
    store.restore("observations_1999")
    assert lies_in(database)["ledger.observations_1999"] == 4
    assert "ledger.observations_other" not in lies_in(database)
    assert check_all(store) == []


def test_old_rows_without_a_table_of_their_year_are_retired_too(database: str, store: Store) -> None:
    store.append([seen(1970), row("location:L1", 1), seen(1969)])
    assert [one.partition for one in store.retire(_2001)] == ["observations_1969", "observations_1970"]
    assert lies_in(database) == {"ledger.decisions": 1}
    assert check_all(store) == []


def test_rows_without_a_position_are_not_retired(database: str, store: Store, told: Sequence[NewRow]) -> None:
    with psycopg.connect(database) as open_one:
        open_one.execute(b"CREATE TEMPORARY TABLE held (a int)")
        store.append([seen(1999)])
        with pytest.raises(NotSettled, match="1999"):
            store.retire(_2001, patience=0.1)
        assert store.retirements() == []
    assert [one.facts for one in store.retire(_2001)] == [3, 1]
    assert check_all(store) == []


def test_without_that_guard_they_never_get_one(database: str, store: Store, told: Sequence[NewRow]) -> None:
    _rebuild(database, "IF unsettled", "IF false")
    with psycopg.connect(database) as open_one:
        open_one.execute(b"CREATE TEMPORARY TABLE held (a int)")
        store.append([seen(1999)])
        store.retire(_2001)
    store.sequence()
    assert check_all(store) != []


def test_retiring_gives_way_to_who_reads_for_long(
    database: str, store: Store, told: Sequence[NewRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retiring, "_BETWEEN_TRIES", 0.1)
    with psycopg.connect(database) as reader:
        reader.execute(b"SELECT count(*) FROM ledger.entries")
        with pytest.raises(LedgerUnavailable, match="try again"):
            store.retire(_2001, patience=0.2)
        assert store.retirements() == []
        store.append([row("location:L1", 2)])
    assert len(store.retire(_2001)) == 2


def test_appends_go_on_while_a_year_is_retired_and_restored(store: Store, told: Sequence[NewRow]) -> None:
    stopped = threading.Event()
    acknowledged: list[UUID] = []

    def write(number: int) -> None:
        version = 0
        while not stopped.is_set():
            version += 1
            appended = store.append([row(f"location:W{number}", version, minute=version), seen(2001, f"W{number}")])
            acknowledged.extend(appended.facts)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        assert len(store.retire(_2001)) == 2
        for partition in ("observations_1999", "observations_2000"):
            store.restore(partition)
    stopped.set()
    for thread in threads:
        thread.join()
    store.sequence()
    assert [one.fact for one in store.read_all(5)] != []
    assert {one.fact for one in store.read_all(5)} == set(acknowledged)
    assert check_all(store) == []


def test_a_check_that_forgets_what_is_retired_goes_red(database: str, store: Store, told: Sequence[NewRow]) -> None:
    store.retire(_2001)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(b"CREATE OR REPLACE VIEW ledger.ever_stored AS SELECT * FROM ledger.entries")
    assert [one.position for one in positions_have_entries(store)] == [1, 3, 4]
    assert len(ids_used(store)) == 3


def test_a_retired_row_that_is_deleted_is_missed(database: str, store: Store, told: Sequence[NewRow]) -> None:
    store.retire(_2001)
    unguard(database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(b"DELETE FROM ledger.retired WHERE fact = %s", (told[0].fact,))
    assert [one.position for one in positions_have_entries(store)] == [1]
    (missed,) = retired_kept(store)
    assert missed.sentence.startswith("observations_1999 was retired with 2 rows and has 1")


def test_a_retiring_that_deletes_goes_red(database: str, store: Store, told: Sequence[NewRow]) -> None:
    unguard(database)
    _rebuild(
        database,
        "format('ALTER TABLE ledger.observations DETACH PARTITION ledger.%I', part)",
        "format('DELETE FROM ledger.%I; ALTER TABLE ledger.observations DETACH PARTITION ledger.%I', part, part)",
    )
    store.retire(_2001)
    assert len(positions_have_entries(store)) == 3
    assert len(retired_kept(store)) == 2


def _rebuild(database: str, fragment: str, replacement: str) -> None:
    """Make the function that retires again with another fragment."""
    with psycopg.connect(database, autocommit=True) as connection:
        record = connection.execute(b"SELECT pg_get_functiondef('ledger.retire_year'::regproc)").fetchone()
        assert record is not None
        assert fragment in record[0], f"it has no {fragment!r} any more"
        connection.execute(record[0].replace(fragment, replacement).encode())
