"""Rows are read in their final order, by stream, by id, by command, and page by page."""

from uuid import uuid4

import pytest

from infrastructure.postgres.statements import statements
from infrastructure.store import Store, StoreError, reading
from tests.infrastructure.store.making import NOON, row, rows

_SQL = statements("read")


def test_a_stream_is_read_in_order_across_pages(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PAGE", 3)
    store.append(rows("location:L1", 1, 4))
    store.append([row("observations:L1") for _ in range(7)])
    store.append(rows("location:L1", 5, 4))
    upto = store.sequence()
    assert upto == 15
    assert [one.version for one in store.read_stream("location:L1")] == list(range(1, 9))
    assert [one.version for one in store.read_stream("location:L1", after_version=2)] == list(range(3, 9))
    assert [one.version for one in store.read_stream("location:L1", upto_position=12)] == [1, 2, 3, 4, 5]
    assert [one.position for one in store.read_stream("observations:L1")] == list(range(5, 12))
    both = store.read_streams(["observations:L1", "location:L1"])
    assert [one.position for one in both] == list(range(1, 16))
    assert [one.position for one in store.read_all(batch=4)] == list(range(1, 16))
    assert [one.position for one in store.read_all(3, 9, batch=2)] == list(range(4, 10))


def test_rows_without_a_position_are_read_for_decisions_only(store: Store) -> None:
    store.append(rows("location:L1", 1, 2))
    assert list(store.read_stream("location:L1")) == []
    unsettled = list(store.read_stream("location:L1", settled=False))
    assert [(one.version, one.position) for one in unsettled] == [(1, None), (2, None)]
    assert [one.version for one in store.read_stream("location:L1", after_version=1, settled=False)] == [2]
    store.sequence()
    assert [one.position for one in store.read_stream("location:L1", settled=False)] == [1, 2]


def test_rows_are_filtered_by_type_and_location(store: Store) -> None:
    store.append([row("location:L1", 1, kind="A"), row("location:L2", 1, kind="B"), row("location:L2", 2, kind="A")])
    store.sequence()
    assert [one.position for one in store.read_all(types=["A"])] == [1, 3]
    assert [one.position for one in store.read_all(location="L2")] == [2, 3]
    assert [one.position for one in store.read_all(types=["A"], location="L2", batch=1)] == [3]
    assert store.locations() == ["L1", "L2"]


def test_rows_are_found_by_id_by_an_id_inside_and_by_command(store: Store) -> None:
    inside, command = uuid4(), uuid4()
    carrier, plain = row("location:L1", 1, inner=(inside,), command=command), row("account:a", 1)
    store.append([carrier, plain])
    assert [one.fact for one in store.find([inside])] == [carrier.fact]
    assert [one.fact for one in store.find([plain.fact, inside, carrier.fact])] == [carrier.fact, plain.fact]
    assert store.find([uuid4()]) == []
    assert [one.fact for one in store.find_command(command)] == [carrier.fact]


def test_the_head_of_a_stream_and_the_clock(store: Store) -> None:
    assert store.head("location:L1") is None
    store.append([row("location:L1", 1)])
    assert store.head("location:L1") == (1, NOON)
    assert store.now().tzinfo is not None
    assert store.last_position() == 0


def test_waiting_for_facts_gives_their_positions(store: Store) -> None:
    inside = uuid4()
    given = [row("account:a", 1), row("location:L1", 1, inner=(inside,))]
    store.append(given)
    assert store.wait_for_facts([inside]) == (2,)
    with pytest.raises(StoreError):
        store.wait_for_facts([uuid4()])


def test_what_belongs_to_no_location_is_read_alone_and_in_order(store: Store) -> None:
    store.append([row("location:L1", 1), row("account:a", 1)])
    store.append([row("terms", 1), row("observations:L1", None)])
    last = store.sequence()
    assert [one.stream for one in store.read_placeless()] == ["account:a", "terms"]
    assert [one.stream for one in store.read_placeless(last - 2)] == ["account:a"]


_OF_ONE_STREAM = (
    _SQL["page_of_stream"]
    .replace(b"(e.stream, e.generation, e.xid, e.id) > (%(stream)s, ", b"(e.generation, e.xid, e.id) > (")
    .replace(b"e.stream <= %(stream)s", b"e.stream = %(stream)s")
    .replace(b"ORDER BY e.stream, ", b"ORDER BY ")
)


def _conditions(store: Store, statement: bytes) -> list[str]:
    """By what a page of a stream, from somewhere in the middle, is looked up, where most rows are of other streams."""
    store.append([one for number in range(20) for one in rows(f"location:L{number}", 1, 100)])
    store.sequence()
    with store.connections.take() as connection, connection.transaction():
        connection.execute("ANALYZE ledger.entries, ledger.positions")
        connection.execute(_SQL["in_order"])
        last = list(store.read_stream("location:L7"))[49]
        place = {"generation": last.generation, "xid": str(last.xid), "entry": last.entry}
        asked = {"stream": "location:L7", "upto": 1 << 40, "batch": 10, **place}
        plan = [line for (line,) in connection.execute(b"EXPLAIN " + statement, asked).fetchall()]
    assert not [line for line in plan if "Sort  (" in line]
    return [line for line in plan if "Index Cond" in line and "entry = e.id" not in line]


def test_a_stream_is_walked_by_its_own_index(store: Store) -> None:
    found = _conditions(store, _SQL["page_of_stream"])
    assert found
    assert all("stream" in line for line in found)


def test_a_statement_that_reads_on_through_all_streams_is_caught(store: Store) -> None:
    assert not all("stream" in line for line in _conditions(store, _OF_ONE_STREAM))
