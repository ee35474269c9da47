"""Acknowledged rows are there exactly once: after cut connections, killed servers and restored dumps."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from uuid import UUID

import psycopg
import pytest

from infrastructure.store import (
    FactExists,
    LedgerUnavailable,
    OutcomeUnknown,
    Row,
    Store,
    VersionConflict,
    appending,
    migrate,
)
from infrastructure.store.checks import check_all
from tests.infrastructure.store import breaking
from tests.infrastructure.store.cutting import Cut, Proxy
from tests.infrastructure.store.making import row, rows
from tests.infrastructure.store.servers import FAST, Server, run
from tests.infrastructure.store.waiting import ENOUGH, until
from tests.infrastructure.walls.unguarded import unguard

_2001 = datetime(2001, 1, 1, tzinfo=UTC)
_LONG = os.environ.get("ACCESSLEDGER_LONG_TESTS") == "1"


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    """A proxy before the session's server."""
    with Proxy(server.home) as proxy:
        yield proxy


@pytest.fixture
def cut_store(proxy: Proxy, server: Server, database: str) -> Iterator[Store]:
    """A store whose connections go through the proxy."""
    with Store(database.replace(str(server.home), str(proxy.folder))) as store:
        store.append([row("account:first", 1)])
        yield store


def test_appends_cut_around_the_commit_are_stored_once(proxy: Proxy, cut_store: Store, store: Store) -> None:
    ways = cycle(
        [
            (Cut.ANSWER_LOST,),
            (Cut.REQUEST_SENT,),
            (Cut.ANSWER_LOST, Cut.ANSWER_LOST),
            (Cut.REQUEST_LOST,),
            (Cut.ANSWER_LOST, Cut.REQUEST_SENT),
        ]
    )
    number = 1_000 if _LONG else 100
    repeated = 0
    for version in range(1, number + 1):
        given = [row("location:L1", version, minute=version), row("observations:L1", minute=version)]
        proxy.arm(*next(ways))
        appended = cut_store.append(given)
        stored = store.find(appended.facts)
        assert [one.entry for one in stored] == list(appended.entries)
        assert {(one.generation, one.xid) for one in stored} == {(appended.generation, appended.xid)}
        repeated += appended.repeated
    assert proxy.done >= number
    assert repeated >= number * 3 // 5, "the first result was not returned"
    store.sequence()
    assert [one.version for one in store.read_stream("location:L1")] == list(range(1, number + 1))
    assert len(list(store.read_stream("observations:L1"))) == number
    assert check_all(store) == []


def test_without_reading_back_a_lost_answer_becomes_a_false_conflict(
    proxy: Proxy, cut_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appending, "_read_back", lambda _connection, _rows: None)
    proxy.arm(Cut.ANSWER_LOST)
    with pytest.raises(FactExists):
        cut_store.append([row("location:L1", 1)])


def test_a_real_conflict_after_a_lost_request_is_still_a_conflict(proxy: Proxy, cut_store: Store, store: Store) -> None:
    store.append([row("location:L1", 1)])
    proxy.arm(Cut.REQUEST_LOST)
    with pytest.raises(VersionConflict):
        cut_store.append([row("location:L1", 1)])


def test_an_answer_that_cannot_be_read_back_in_time_is_unknown(proxy: Proxy, cut_store: Store, store: Store) -> None:
    given = row("location:L1", 1)
    proxy.arm(Cut.ANSWER_LOST, *[Cut.REQUEST_LOST] * 10_000)
    with pytest.raises(OutcomeUnknown, match="fact ids"):
        cut_store.append([given], patience=2)
    proxy.arm()
    assert [one.fact for one in store.find([given.fact])] == [given.fact]


def test_a_finished_import_whose_answer_is_lost_is_counted_once(proxy: Proxy, cut_store: Store, store: Store) -> None:
    with cut_store.importing("f", "ada") as session:
        session.add(enumerate([row("location:L1", 0), row("observations:L1")]))
        proxy.arm(Cut.ANSWER_LOST)
        assert session.finish() == 2
    assert store.sequence() == 3


def test_a_read_survives_a_cut(proxy: Proxy, cut_store: Store) -> None:
    proxy.arm(Cut.ANSWER_LOST, Cut.REQUEST_LOST)
    assert cut_store.head("account:first") is not None
    assert proxy.done == 2


def test_a_server_that_is_away_is_said_to_be_so_and_nobody_waits_for_ever() -> None:
    with Store("postgresql://nobody@/none?host=/nowhere", patience=0.5) as away:
        for ask in (lambda: away.append([row("location:L1", 1)]), away.last_position):
            with pytest.raises(LedgerUnavailable):
                ask()


class _Load:
    """Four writers that go on through everything and remember what was acknowledged."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stopped = threading.Event()
        self.acknowledged: list[UUID] = []
        self.unknown: list[UUID] = []
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(4)]
        for thread in self._threads:
            thread.start()

    def wait_for_more(self, appends: int) -> None:
        """Wait until so many more appends were acknowledged, and are going on."""
        enough = len(self.acknowledged) + 3 * appends
        until(lambda: len(self.acknowledged) >= enough)

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _write(self, number: int) -> None:
        version = 0
        while not self._stopped.is_set():
            given = rows(f"location:W{number}", version + 1, 3)
            try:
                self._store.append(given, patience=ENOUGH)
            except OutcomeUnknown:
                self.unknown += [one.fact for one in given]
                version = (self._store.head(f"location:W{number}") or (0,))[0]
            else:
                self.acknowledged += [one.fact for one in given]
                version += 3


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server of the test's own, which commits in earnest; only the disk is trusted."""
    server = Server({**FAST, "synchronous_commit": "on"})
    try:
        server.start()
        migrate(server.url())
        yield server
    finally:
        server.remove()


def _kill_under_load(server: Server, cycles: int) -> tuple[_Load, list[Row], list[float]]:
    ready = []
    with Store(server.url(), patience=ENOUGH) as store:
        load = _Load(store)
        for _ in range(cycles):
            load.wait_for_more(100)
            server.kill()
            started = time.monotonic()
            server.start()
            store.last_position()
            ready.append(time.monotonic() - started)
        load.wait_for_more(100)
        load.stop()
        store.sequence()
        assert check_all(store) == []
        return load, list(store.read_all()), ready


def test_a_killed_server_loses_nothing_that_was_acknowledged(own_server: Server) -> None:
    load, there, ready = _kill_under_load(own_server, 100 if _LONG else 10)
    times = Counter(one.fact for one in there)
    assert set(times.values()) == {1}
    lost = [fact for fact in load.acknowledged if fact not in times]
    assert lost == []
    assert set(times) <= {*load.acknowledged, *load.unknown}
    assert max(ready) < 10 or not _LONG, "a quiet machine has it back in ten seconds"
    print(f"{len(load.acknowledged)} acknowledged, ready again after {max(ready):.1f} s at most")  # noqa: T201


def test_a_server_that_acknowledges_before_it_writes_is_caught(own_server: Server) -> None:
    """Acknowledged while still in memory: the judge above must see what a kill takes with it."""
    own_server.settings["synchronous_commit"] = "off"
    own_server.stop(signal.SIGINT)
    own_server.start()
    with Store(own_server.url()) as store:
        own_server.suspend("walwriter")
        acknowledged = [store.append([row("location:L1", n)]).facts[0] for n in range(1, 20)]
        own_server.kill()
        own_server.start()
        assert len(store.find(acknowledged)) < len(acknowledged)


def test_a_commit_that_the_standby_did_not_confirm_is_unknown(own_server: Server) -> None:
    with Store(own_server.url()) as store:
        store.append([row("location:L1", 1)])
        own_server.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        own_server.execute("SELECT pg_reload_conf()")
        outcomes: list[Exception] = []

        def append() -> None:
            # Commits wait for the standby as soon as the server has read its settings again.
            with suppress(VersionConflict):
                for version in range(2, 100_000):
                    try:
                        store.append([row("location:L1", version)])
                    except OutcomeUnknown as unknown:
                        outcomes.append(unknown)
                        return

        thread = threading.Thread(target=append)
        thread.start()
        while thread.is_alive():
            time.sleep(0.02)
            own_server.execute(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND state = 'active'"
            )
        assert "standby" in str(outcomes[0])
        own_server.execute("ALTER SYSTEM RESET synchronous_standby_names")


def _burn_transactions(server: Server, other: Server) -> None:
    """Bring the transaction ids of a server well above those of another, however long that one has been in use."""
    with psycopg.connect(other.url(), autocommit=True) as connection:
        (reached,) = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone() or (
            0,
        )
    server.execute(f"DO 'BEGIN FOR n IN 1..{reached + 5_000} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END'")


def _restore(of: Server, to: Server, database: str) -> Store:
    """Dump the ledger of one server and restore it into a new database of another."""
    dump = str(of.home / "dump")
    run("pg_dump", "-Fc", "-f", dump, of.url())
    to.execute(f"CREATE DATABASE {database}")
    run("pg_restore", "--exit-on-error", "-d", to.url(database), dump)
    return Store(to.url(database))


def _fill(server: Server, other: Server) -> list[Row]:
    """Append on a server with higher transaction ids than another has, and leave the last rows without positions."""
    _burn_transactions(server, other)
    with Store(server.url()) as store:
        store.append(rows("location:L1", 1, 5))
        store.sequence()
        store.append(rows("location:L1", 6, 5))
        return list(store.read_all())


def test_a_dump_restored_into_a_new_cluster_goes_on(server: Server, own_server: Server) -> None:
    before = _fill(own_server, server)
    with _restore(own_server, server, "restored") as store:
        store.append(rows("location:L1", 11, 5))
        store.append([row("account:a", 1)])
        assert store.sequence() == 16
        after = list(store.read_all())
        assert [(one.position, one.fact) for one in after[:5]] == [(one.position, one.fact) for one in before]
        assert [one.version for one in store.read_stream("location:L1")] == list(range(1, 16))
        assert [one.generation for one in after] == [1] * 10 + [2] * 6
        assert check_all(store) == []
    server.execute("DROP DATABASE restored WITH (FORCE)")


def test_the_sequencer_alone_goes_on_after_a_restore(server: Server, own_server: Server) -> None:
    _fill(own_server, server)
    with _restore(own_server, server, "restored") as store:
        assert store.sequence() == 10
        assert check_all(store) == []
    server.execute("DROP DATABASE restored WITH (FORCE)")


def test_a_cluster_with_the_same_identity_and_lower_transaction_ids_is_noticed(
    server: Server, own_server: Server
) -> None:
    """Containers of one image share their identity; the rows themselves then show another history."""
    _fill(own_server, server)
    with _restore(own_server, server, "restored") as store:
        unguard(server.url("restored"))
        server.execute(
            "UPDATE ledger.generations SET system_identifier = (SELECT system_identifier FROM pg_control_system())",
            "restored",
        )
        store.append(rows("location:L1", 11, 5))
        assert store.sequence() == 15
        assert [one.version for one in store.read_stream("location:L1")] == list(range(1, 16))
        assert check_all(store) == []
    server.execute("DROP DATABASE restored WITH (FORCE)")


def test_that_is_noticed_also_where_the_last_rows_are_retired(server: Server, own_server: Server) -> None:
    _burn_transactions(own_server, server)
    with Store(own_server.url()) as store:
        store.append([row("location:L1", 1)])
        store.append([replace(row("observations:L1", None), recorded_at=_2001, effective_at=_2001)])
        assert store.sequence() == 2
        assert len(store.retire(_2001 + timedelta(days=1_000))) == 1
    with _restore(own_server, server, "restored") as store:
        unguard(server.url("restored"))
        server.execute(
            "UPDATE ledger.generations SET system_identifier = (SELECT system_identifier FROM pg_control_system())",
            "restored",
        )
        store.append(rows("location:L1", 2, 4))
        assert store.sequence() == 6
        assert check_all(store) == []
    server.execute("DROP DATABASE restored WITH (FORCE)")


def test_without_generations_a_restored_ledger_stands_still(server: Server, own_server: Server) -> None:
    _fill(own_server, server)
    with _restore(own_server, server, "restored") as store:
        breaking.rebuild(server.url("restored"), *breaking.NO_GENERATIONS)
        store.append(rows("location:L1", 11, 5))
        assert store.sequence() < 15
        with psycopg.connect(server.url("restored")) as connection:
            assert connection.execute(b"SELECT count(*) FROM ledger.entries").fetchone() == (15,)
    server.execute("DROP DATABASE restored WITH (FORCE)")
