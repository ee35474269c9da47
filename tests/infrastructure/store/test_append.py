"""What is appended is there, byte for byte; what may not be appended leaves nothing behind."""

from datetime import datetime
from uuid import uuid4

import pytest

from infrastructure.store import FactExists, OutOfOrder, Store, VersionConflict
from infrastructure.store.rows import as_new
from tests.infrastructure.store.making import NOON, row, rows


def test_rows_come_back_as_they_were_given(store: Store) -> None:
    given = [
        row("location:L1", 1, inner=(uuid4(), uuid4()), command=uuid4(), body=b"\x00\xff{}", personal=b"{'}"),
        row("observations:L1", None),
        row("account:a", 1, kind="TwoStepEnabled"),
    ]
    appended = store.append(given)
    assert store.wait_for(appended) == (1, 2, 3)
    read = list(store.read_all())
    assert [as_new(one) for one in read] == [as_new(one) for one in given]
    assert [one.entry for one in read] == list(appended.entries)
    assert {one.xid for one in read} == {appended.xid}
    assert [one.position for one in read] == [1, 2, 3]


def test_a_stale_version_is_a_conflict_and_nothing_of_the_batch_is_stored(store: Store) -> None:
    store.append([row("location:L1", 1)])
    for version in (1, 3):
        with pytest.raises(VersionConflict) as refused:
            store.append([row("account:a", 1), row("location:L1", version)])
        assert refused.value.stream == "location:L1"
    assert store.head("account:a") is None
    assert store.head("location:L1") == (1, NOON)


def test_versions_within_a_batch_must_follow_each_other(store: Store) -> None:
    with pytest.raises(VersionConflict):
        store.append([row("location:L1", 1), row("location:L1", 3)])
    store.append(rows("location:L1", 1, 100))
    assert store.head("location:L1") is not None
    assert [one.version for one in store.read_stream("location:L1", settled=False)] == list(range(1, 101))


def test_an_id_is_used_once_in_the_whole_ledger(store: Store) -> None:
    inside = uuid4()
    first = row("location:L1", 1, inner=(inside,))
    store.append([first])
    for again in (
        row("account:a", 1, fact=first.fact),
        row("account:a", 1, fact=inside),
        row("account:a", 1, inner=(first.fact,)),
        row("account:a", 1, inner=(inside,)),
    ):
        with pytest.raises(FactExists) as refused:
            store.append([row("account:b", 1), again])
        assert refused.value.ids <= {first.fact, inside}
    assert store.head("account:b") is None


def test_an_id_that_comes_twice_in_a_batch_is_refused(store: Store) -> None:
    fact = uuid4()
    with pytest.raises(FactExists) as refused:
        store.append([row("account:a", 1, fact=fact), row("account:b", 1, inner=(fact,))])
    assert refused.value.ids == {fact}


def test_the_same_rows_again_are_refused_as_known_and_not_as_a_conflict(store: Store) -> None:
    once = rows("location:L1", 1, 2)
    store.append(once)
    with pytest.raises(FactExists) as refused:
        store.append(once)
    assert refused.value.ids == {one.fact for one in once}


def test_recorded_at_never_goes_back_in_a_versioned_stream(store: Store) -> None:
    store.append([row("location:L1", 1, minute=5)])
    with pytest.raises(OutOfOrder) as refused:
        store.append([row("location:L1", 2, minute=4)])
    assert refused.value.stream == "location:L1"
    with pytest.raises(OutOfOrder):
        store.append([row("location:L1", 2, minute=7), row("location:L1", 3, minute=6)])
    store.append([row("location:L1", 2, minute=5), row("observations:L1", None, minute=1)])


def test_a_time_without_offset_is_refused_before_it_is_misread(store: Store) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001
    wrong = row("location:L1", 1)
    object.__setattr__(wrong, "recorded_at", naive)
    with pytest.raises(ValueError, match="offset"):
        store.append([wrong])


def test_an_append_of_nothing_stores_nothing(store: Store) -> None:
    assert store.append([]).entries == ()
    assert store.sequence() == 0
