"""An import is staged, looked at, and stored as a whole or not at all."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from infrastructure.postgres.statements import statements
from infrastructure.store import Duplicate, Existing, FactExists, NewRow, OutOfOrder, Sequencer, Store, StoreError
from infrastructure.store.appending import _parameters
from infrastructure.store.boundary import UNSEALED
from infrastructure.store.checks import check_all
from infrastructure.store.importing import ImportSession, Source
from infrastructure.store.rows import as_new
from infrastructure.store.staging import Lines, StagedChunk, packed
from tests.infrastructure.store.cutting import Cut, Proxy
from tests.infrastructure.store.making import NOON, row
from tests.infrastructure.store.servers import Server
from tests.infrastructure.store.waiting import ENOUGH, until_held_up, until_unlocked

_APPEND = statements("append")["append"]
_LONG = os.environ.get("ACCESSLEDGER_LONG_TESTS") == "1"


def _numbered(*rows: NewRow, first: int = 1) -> Iterator[tuple[int, NewRow]]:
    return iter(enumerate(rows, start=first))


def test_rows_get_the_next_versions_of_their_streams_in_the_order_of_lines(store: Store) -> None:
    store.append([row("location:L1", 1)])
    lines = [
        row("location:L1", 0, minute=1, inner=(uuid4(),), personal=b"p", command=uuid4()),
        row("location:L2", 0),
        row("observations:L1", minute=2),
        row("location:L1", 0, minute=3),
    ]
    with store.importing("history.jsonl", "ada") as session:
        assert session.add(_numbered(*lines)) == 4
        assert session.finish() == 4
    store.sequence()
    read = list(store.read_all(1))
    assert [one.version for one in read] == [2, 1, None, 3]
    assert [as_new(replace(one, version=line.version)) for one, line in zip(read, lines, strict=True)] == [
        as_new(line) for line in lines
    ]
    assert [found.fact for found in store.find([lines[0].inner[0]])] == [lines[0].fact]
    (done,) = store.imports()
    assert (done.file_name, done.by, done.facts) == ("history.jsonl", "ada", 4)
    assert {(one.generation, one.xid) for one in read} == {(done.generation, done.xid)}


def test_known_ids_are_reported_with_what_the_ledger_holds(store: Store) -> None:
    inside, other = uuid4(), uuid4()
    known = row("location:L1", 1, inner=(inside,), body=b"known", personal=b"p")
    store.append([known, row("account:a", 1, fact=other)])
    with store.importing("f", "ada") as session:
        session.add(
            _numbered(
                replace(known, version=0),
                row("account:b", 0, fact=inside),
                row("account:b", 0, inner=(other,)),
                row("account:b", 0),
                first=10,
            )
        )
        assert list(session.existing()) == [
            Existing(10, known.fact, b"known", b"p"),
            Existing(11, inside, None, None),
            Existing(12, other, None, None),
        ]
        with pytest.raises(FactExists) as refused:
            session.finish()
        assert refused.value.ids >= {known.fact, inside, other}
        assert session.drop(found.line for found in session.existing()) == 1
        assert session.finish() == 1
    assert store.head("account:b") is not None


def test_ids_that_come_twice_are_reported(store: Store) -> None:
    same, different, inside = row("account:a", 0), row("account:b", 0), row("account:c", 0)
    with store.importing("f", "ada") as session:
        session.add(
            _numbered(
                same,
                different,
                inside,
                same,
                replace(different, body=b"other"),
                row("account:d", 0, inner=(inside.fact,)),
            )
        )
        assert list(session.duplicates()) == [
            Duplicate(same.fact, (1, 4), same=True),
            Duplicate(different.fact, (2, 5), same=False),
            Duplicate(inside.fact, (3, 6), same=False),
        ]
        with pytest.raises(FactExists):
            session.finish()
        session.drop(line for found in session.duplicates() for line in found.lines[1:])
        assert session.finish() == 3


def test_lines_recorded_too_early_are_reported_and_the_rest_is_in_order(store: Store) -> None:
    store.append([row("location:L1", 1, minute=5), row("observations:L1", minute=7), row("account:a", 1, minute=3)])
    with store.importing("f", "ada") as session:
        session.add(
            _numbered(
                row("location:L1", 0, minute=6),  # before the observation that the ledger has
                row("location:L1", 0, minute=8),
                row("location:L2", 0, minute=9),
                row("observations:L2", minute=8),  # before line 3
                row("location:L2", 0, minute=9),
                row("account:a", 0, minute=2),  # before what the ledger has
                row("account:a", 0, minute=4),
            )
        )
        assert [found.line for found in session.out_of_order()] == [1, 4, 6]
        with pytest.raises(OutOfOrder):
            session.finish()
        session.drop([1, 4, 6])
        assert list(session.out_of_order()) == []
        assert session.finish() == 4


def test_an_import_that_is_not_finished_leaves_nothing(store: Store, database: str) -> None:
    with store.importing("f", "ada") as session:
        session.add(_numbered(row("location:L1", 0)))
    assert store.head("location:L1") is None
    assert _staged(database) == 0
    (begun,) = store.imports()
    assert begun.finished_at is None


def test_what_a_killed_import_left_is_cleaned_up_and_a_running_one_is_left_alone(store: Store, database: str) -> None:
    with store.importing("running", "ada") as running:
        running.add(_numbered(row("location:L1", 0)))
        with store.importing("killed", "ada") as killed:
            killed.add(_numbered(row("location:L2", 0), row("location:L2", 0)))
            with psycopg.connect(database, autocommit=True) as connection:
                connection.execute(
                    b"SELECT pg_terminate_backend(pid) FROM pg_locks"
                    b" WHERE locktype = 'advisory' AND classid = 7305 AND objid = %s",
                    (killed.id,),
                )
            until_unlocked(database, 7305, killed.id)
        assert _staged(database) == 3
        with store.importing("next", "ada") as following:
            assert _staged(database) == 1
            assert following.finish() == 0
        assert running.finish() == 1


def test_lost_staging_is_noticed(store: Store, database: str) -> None:
    with store.importing("f", "ada") as session:
        session.add(_numbered(row("location:L1", 0)))
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(b"TRUNCATE ledger.staging")
        with pytest.raises(StoreError, match="import again"):
            session.finish()


def test_finishing_twice_stores_once(store: Store) -> None:
    with store.importing("f", "ada") as session:
        session.add(_numbered(row("location:L1", 0), row("observations:L1")))
        assert session.finish() == 2
        assert session.finish() == 2
    assert store.sequence() == 2


def test_staging_holds_nobody_back(store: Store) -> None:
    with store.importing("f", "ada") as session:
        session.add(_numbered(row("location:L1", 0)))
        findings = session.existing()
        assert list(findings) == []
        assert store.wait_for(store.append([row("account:a", 1)]), timeout=ENOUGH) == (1,)
        assert store.oldest_open() is None


def test_many_streams_fit_into_the_lock_table_and_appends_go_on(store: Store) -> None:
    number = 1_000_000 if _LONG else 30_000
    with store.importing("large", "ada") as session, Sequencer(store):
        started = time.monotonic()
        session.add((n, row(f"location:L{n % 7_000}", 0)) for n in range(1, number + 1))
        staged = time.monotonic()
        assert list(session.existing()) == []
        assert list(session.duplicates()) == []
        assert list(session.out_of_order()) == []
        checked = time.monotonic()
        assert session.finish() == number
        finished = time.monotonic()
    print(  # noqa: T201 - a figure for whoever runs the large one
        f"{number} rows: staged in {staged - started:.1f} s, checked in {checked - staged:.1f} s, "
        f"stored in {finished - checked:.1f} s"
    )
    assert store.sequence() == number
    assert len(store.locations()) == 7_000


@pytest.mark.parametrize("streams", [10, 1_100])
def test_an_append_that_comes_in_between_is_counted_in(store: Store, database: str, streams: int) -> None:
    """With few streams the import waits for their locks; with many it goes ahead, fails, and locks the second time."""
    store.append([row("account:a", 1)])
    with store.importing("f", "ada") as session, psycopg.connect(database) as connection:
        session.add((n, row(f"location:L{n}", 0)) for n in range(1, streams + 1))
        connection.execute(_APPEND, _parameters([row("location:L7", 1)], [None], gaps=False))
        counts: list[int] = []
        thread = threading.Thread(target=lambda: counts.append(session.finish()))
        thread.start()
        until_held_up(connection)
        elsewhere = store.append([row("account:a", 2)])
        connection.commit()
        thread.join()
    assert counts == [streams]
    assert store.wait_for(elsewhere, timeout=ENOUGH)
    assert [one.version for one in store.read_stream("location:L7")] == [1, 2]
    assert check_all(store) == []


def _chunk(*lines: tuple[int, NewRow], digest: bytes = b"d") -> StagedChunk:
    return StagedChunk(digest, len(lines), b"note")


def _interrupted(store: Store, line: tuple[int, NewRow]) -> ImportSession:
    """An import that staged one chunk, left its line out, and was interrupted."""
    with suppress(KeyboardInterrupt), store.importing("f", "ada", Source(NOON, 100)) as session:
        session.stage(Lines(0, 1, 1), _chunk(line), packed(session.id, [line], UNSEALED))
        session.drop([1])
        raise KeyboardInterrupt
    # The server notices a little later that nobody is there any more.
    until_unlocked(store.connections.conninfo, 7305, session.id)
    return session


def test_a_chunk_is_staged_once_and_can_be_replaced(store: Store, database: str) -> None:
    first, second = row("location:L1", 0), row("location:L1", 0)
    about = Lines(0, 1, 2)
    with store.importing("f", "ada", Source(NOON, 100)) as session:
        both = [(1, first), (2, second)]
        assert session.stage(about, _chunk(*both), packed(session.id, both, UNSEALED)).rows == 2
        # A process of a killed import was quicker: what it staged is as good, if it was the same.
        assert session.stage(about, _chunk(*both), packed(session.id, both, UNSEALED)).rows == 2
        assert _staged(database) == 2
        with pytest.raises(psycopg.errors.UniqueViolation):
            session.stage(about, _chunk(*both, digest=b"other"), packed(session.id, both, UNSEALED))
        one = [(2, second)]
        assert session.stage(about, _chunk(*one), packed(session.id, one, UNSEALED), again=True).rows == 1
        assert _staged(database) == 1
        session.count(1)
        assert session.finish() == 1
    assert store.sequence() == 1
    assert _staged(database) == 0


def test_an_import_that_goes_on_has_its_chunks_its_time_and_no_findings(store: Store) -> None:
    line = (1, row("location:L1", 0))
    session = _interrupted(store, line)
    with store.importing("f", "ada", Source(NOON + timedelta(hours=1), 100)) as following:
        assert (following.id, following.stamped_at, following.goes_on) == (session.id, NOON, True)
        assert following.chunk(0) == _chunk(line)
        assert following.chunk(1) is None
        following.count(1)
        assert following.finish() == 1
    with store.importing("f", "ada", Source(NOON, 100)) as other:
        assert (other.goes_on, other.remark, other.chunk(0)) == (False, None, None)


@pytest.mark.parametrize(("name", "by", "size"), [("g", "ada", 100), ("f", "bob", 100), ("f", "ada", 101)])
def test_another_source_begins_anew(store: Store, database: str, name: str, by: str, size: int) -> None:
    line = (1, row("location:L1", 0))
    _interrupted(store, line)
    assert _staged(database) == 1
    with store.importing(name, by, Source(NOON, size)) as following:
        assert not following.goes_on
        assert _staged(database) == 0


def test_lines_of_chunks_are_compared_with_the_ledger_and_within_streams_of_no_location(store: Store) -> None:
    store.append([row("location:L1", 1, minute=5), row("observations:L1", minute=7), row("account:a", 1, minute=3)])
    lines = list(
        _numbered(
            row("location:L1", 0, minute=6),  # before the observation that the ledger has
            row("location:L1", 0, minute=8),
            row("location:L2", 0, minute=1),
            row("account:a", 0, minute=2),  # before what the ledger has
            row("account:a", 0, minute=4),
            row("account:b", 0, minute=2),
            row("account:b", 0, minute=1),  # before the line before it
        )
    )
    with store.importing("f", "ada", Source(NOON, 100)) as session:
        session.stage(Lines(0, 1, 7), _chunk(*lines), packed(session.id, lines, UNSEALED))
        session.count(7)
        by_chunks = list(session.out_of_order())
        session.add([])
        session._in_order = False
        assert by_chunks == list(session.out_of_order())
        assert [late.line for late in by_chunks] == [1, 4, 7]


def test_an_id_that_is_taken_after_the_checks_is_refused(store: Store, database: str) -> None:
    line = row("location:L1", 0)
    with store.importing("f", "ada") as session:
        session.add([(1, line), (2, row("location:L1", 0))])
        assert list(session.existing()) == []
        store.append([replace(line, stream="account:a", version=1, location=None)])
        with pytest.raises(FactExists) as refused:
            session.finish()
    assert refused.value.ids == {line.fact}
    assert store.head("location:L1") is None


def test_an_import_whose_commit_is_not_answered_is_counted_once(server: Server, database: str) -> None:
    """Once the last row is told, only the commit is still to come; its answer is lost."""
    told: list[int] = []
    with Proxy(server.home) as proxy:
        address = database.replace(str(server.home), str(proxy.folder))
        with Store(address) as store, store.importing("f", "ada") as session:
            session.add(_numbered(row("location:L1", 0), row("observations:L1")))

            def cut(stored: int) -> None:
                told.append(stored)
                if len(told) == 2:
                    proxy.arm(Cut.ANSWER_LOST)

            assert session.finish(cut) == 2
            assert proxy.done == 1
    with Store(database) as store:
        assert store.sequence() == 2


def _staged(database: str) -> int:
    with psycopg.connect(database) as connection:
        record = connection.execute(b"SELECT count(*) FROM ledger.staging").fetchone()
    assert record is not None
    return int(record[0])
