"""Whoever tells or remakes what is kept is killed at any moment: nothing is told twice, nothing is left out."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import Self

import psycopg
import pytest

from domain.entries import Entry, Stamp, stream_of
from domain.facts import OBSERVATIONS, read_fact
from infrastructure.kept.comparing import compare
from infrastructure.kept.kept import Kept
from infrastructure.kept.projector import Projector
from infrastructure.kept.rebuild import RebuildRunningError, remake
from infrastructure.kept.rows import KeptTablesDifferError
from infrastructure.mapper import new_row
from infrastructure.postgres.statements import statements
from infrastructure.store import Store
from tests.benchmarks.generate import chain
from tests.infrastructure.kept.telling import CATALOGUES
from tests.infrastructure.store.waiting import until

_REBUILD = statements("kept_rebuild")
FOLLOW = """
import sys
from infrastructure.catalogues import shipped_catalogues
from infrastructure.kept.following import Follower
from infrastructure.kept.projector import Projector
from infrastructure.store import Sequencer, Store
with Store(sys.argv[1]) as store, Sequencer(store), Follower(store, Projector(store, shipped_catalogues())):
    print("here", flush=True)
    sys.stdin.read()
"""
REMAKE = """
import sys
from infrastructure.catalogues import shipped_catalogues
from infrastructure.kept import rebuild
from infrastructure.store import Store
rebuild.FEW = rebuild.RANGE = 50
with Store(sys.argv[1]) as store:
    rebuild.remake(store, shipped_catalogues(), workers=2, progress=lambda *done: print(*done, flush=True))
"""


class Writing:
    """Appends facts of a small chain, one after the other, from start to stop."""

    def __init__(self, database: str, count: int, seed: int) -> None:
        self._database = database
        self._facts = list(chain(count, seed=seed, locations=3, observed=0.4))
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _run(self) -> None:
        heads: dict[str, int] = {}
        with Store(self._database) as store:
            for raw in self._facts:
                entry = Entry(read_fact(raw), Stamp())
                stream = stream_of(entry.fact)
                if entry.fact.type not in OBSERVATIONS:
                    heads[stream] = heads.get(stream, 0) + 1
                store.append([new_row(entry, heads.get(stream))])


@contextmanager
def program(text: str, database: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", text, database]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_a_follower_killed_again_and_again_tells_everything_once(store: Store, database: str) -> None:
    lot = Random(1)
    with Writing(database, 1_500, seed=1):
        for _ in range(6):
            with program(FOLLOW, database) as process:
                assert line_of(process)
                time.sleep(lot.random() * 0.7)
                process.kill()

    last = settled(store)
    assert Projector(store, CATALOGUES).bring_forward(wait=True) == last
    assert compare(store, CATALOGUES, sample=None) == []


def test_a_rebuild_killed_half_way_during_writes_and_started_again(store: Store, database: str) -> None:
    with Writing(database, 1_500, seed=2):
        projector = Projector(store, CATALOGUES)
        until(lambda: store.sequence() > 500)  # facts enough for several steps
        projector.bring_forward(wait=True)
        before = Kept(store, CATALOGUES).position()
        for steps in (1, 4):
            with program(REMAKE, database) as process:
                for _ in range(steps):
                    assert line_of(process)
                process.kill()
        # What answers is there, and went on.
        assert projector.bring_forward(wait=True) >= before
        made = remake_again(store)
        assert made >= before
        assert projector.bring_forward(wait=True) >= made
    assert settled(store) == projector.bring_forward(wait=True)
    assert compare(store, CATALOGUES, sample=None) == []
    with psycopg.connect(database) as connection:
        schemas = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'kept%'").fetchall()
    assert schemas == [("kept",)]


def test_a_worker_that_comes_when_its_rebuild_is_gone_fills_no_tables(store: Store, database: str) -> None:
    with Writing(database, 20, seed=5):
        pass
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(_REBUILD["tables"])
        (tables,) = connection.execute(_REBUILD["tables_beside"]).fetchone() or (0,)
        for its_own, answered in ((tables - 1, ""), (tables, "{}\n")):
            with worker(database, its_own) as process:
                give(process, {"after": 0, "upto": store.sequence()})
                assert line_of(process) == answered


def test_a_worker_ends_in_the_midst_of_its_share_when_its_rebuild_is_gone(store: Store, database: str) -> None:
    """Else the next rebuild would wait for a share that nobody wants, as long as the largest location takes."""
    with Writing(database, 20, seed=6):
        pass
    last = store.sequence()
    with psycopg.connect(database) as connection, psycopg.connect(database, autocommit=True) as rebuild:
        rebuild.execute(_REBUILD["tables"])
        (tables,) = rebuild.execute(_REBUILD["tables_beside"]).fetchone() or (0,)
        connection.execute("LOCK TABLE ledger.positions")  # so that the share takes as long as this test wants
        with worker(database, tables) as process:
            give(process, {"after": 0, "upto": last})
            until(lambda: waits_for_a_table(rebuild))
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(timeout=60)
            assert line_of(process) == ""
        connection.rollback()
        rebuild.execute(_REBUILD["wait_for_workers"])


def waits_for_a_table(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    waiting = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'").fetchone()
    return waiting != (0,)


@contextmanager
def worker(database: str, tables: int) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "infrastructure.kept.worker"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            give(process, {"database": database, "keys": None, "tables": tables})
            yield process
        finally:
            process.kill()


def give(process: "subprocess.Popen[str]", line: Mapping[str, object]) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{json.dumps(line)}\n")
    process.stdin.flush()


def settled(store: Store) -> int:
    """The last position, once all that was appended has one: what the killed left in the database has ended."""
    until(lambda: store.sequence() and not store.lag().rows)
    return store.sequence()


def remake_again(store: Store) -> int:
    """As soon as the database has noticed that the one before is gone."""
    while True:
        try:
            return remake(store, CATALOGUES).position
        except RebuildRunningError:
            time.sleep(0.05)


def test_a_rebuild_in_processes_gives_the_same_rows(store: Store, database: str) -> None:
    with Writing(database, 600, seed=3):
        pass
    last = store.sequence()
    Projector(store, CATALOGUES).bring_forward()
    told = contents(database)
    with program(REMAKE, database) as process:
        while line_of(process):
            pass
        assert process.wait() == 0
    assert contents(database) == told
    assert Kept(store, CATALOGUES).position() == last


def test_two_rebuilds_at_once_are_one_too_many(store: Store, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(7308, 0)")
        with pytest.raises(RebuildRunningError):
            remake(store, CATALOGUES)


def test_what_is_told_twice_is_refused(store: Store, database: str) -> None:
    """Were rows written without their position, a kill would have them told twice: the tables do not take them."""
    with Writing(database, 300, seed=4):
        pass
    projector = Projector(store, CATALOGUES)
    projector.bring_forward(store.sequence() // 2)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE kept.state SET position = position - 40")
    with pytest.raises(KeptTablesDifferError):
        projector.bring_forward()
    assert Kept(store, CATALOGUES).position() == 0  # nobody is answered from them any more
    assert remake(store, CATALOGUES).position == store.last_position()
    assert compare(store, CATALOGUES, sample=None) == []


def contents(database: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of what is kept, but the log's blocks, which may be in more parts."""
    with psycopg.connect(database) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'kept' AND tablename <> 'log_spans' ORDER BY 1"
        ).fetchall()
        return {
            table: sorted(connection.execute(f"SELECT t::text FROM kept.{table} AS t").fetchall())
            for (table,) in tables
        }
