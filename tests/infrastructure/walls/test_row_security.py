"""A reader sees the location that is set in the transaction, and nothing without one, on whatever connection."""

from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Any

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from infrastructure.store import Store
from tests.infrastructure.store.making import row, rows
from tests.infrastructure.store.test_partitions import make, seen
from tests.infrastructure.walls.conftest import As

SET = "SELECT set_config('app.location', %s, true)"
KEPT = ("locations", "lines", "strands", "awaited", "sayings", "unread", "parts")
SEEN = {
    "entries": "SELECT DISTINCT location FROM ledger.entries",
    "decisions": "SELECT DISTINCT location FROM ledger.decisions",
    "observations": "SELECT DISTINCT location FROM ledger.observations",
    "rows": "SELECT DISTINCT location FROM ledger.rows WHERE position IS NOT NULL",
    "positions": "SELECT DISTINCT e.location FROM ledger.positions AS p LEFT JOIN ledger.entries AS e ON id = entry",
    **{f"kept.{name}": f"SELECT DISTINCT location FROM kept.{name}_here" for name in KEPT},
}
"""What a reader can look at; each gives the locations that it sees there."""

_KEPT = """
INSERT INTO kept.locations SELECT l, 1, false FROM unnest('{L1,L2}'::text[]) AS l;
INSERT INTO kept.lines SELECT l, 1, 1, now() FROM unnest('{L1,L2}'::text[]) AS l;
INSERT INTO kept.strands SELECT l, 'k', 1 FROM unnest('{L1,L2}'::text[]) AS l;
INSERT INTO kept.awaited SELECT l, gen_random_uuid() FROM unnest('{L1,L2}'::text[]) AS l;
INSERT INTO kept.sayings SELECT l, 'zone', '', 1, NULL, 'UTC' FROM unnest('{L1,L2}'::text[]) AS l;
INSERT INTO kept.unread SELECT n, 's', l, 'f', 't', 'r' FROM unnest('{L1,L2}'::text[]) WITH ORDINALITY AS l (l, n);
INSERT INTO kept.parts SELECT l, 'm:1', 1, now(), 'infinity', 1, 9, true, true, 0, 0, NULL, 'secret of ' || l
FROM unnest('{L1,L2}'::text[]) AS l
"""


@pytest.fixture
def two(walled: str) -> str:
    """Two locations with decisions, observations with and without a table of their year, and what is kept of them."""
    make(walled, 2001)
    with Store(walled) as store:
        for location in ("L1", "L2"):
            store.append([*rows(f"location:{location}", 1, 3), seen(2001, location), seen(2005, location)])
        store.append([row("terms", 1)])
        store.sequence()
    with psycopg.connect(walled, autocommit=True) as connection:
        connection.execute(_KEPT)
    return walled


@pytest.fixture
def pool(two: str, as_role: As) -> Iterator[ConnectionPool]:
    """A reader's pool of one connection, not in autocommit, as other programs have them."""
    with ConnectionPool(as_role("ledger_reader"), min_size=1, max_size=1, open=True) as pool:
        yield pool


def looked(connection: psycopg.Connection[Any], statement: str) -> Sequence[Any]:
    return [found for (found,) in connection.execute(statement.encode()).fetchall()]


@pytest.mark.parametrize("what", SEEN)
def test_a_reader_sees_the_location_that_is_set_and_without_one_nothing(pool: ConnectionPool, what: str) -> None:
    for location, expected in ((None, []), ("L1", ["L1"]), ("L2", ["L2"]), ("L3", []), ("", []), ("' OR true --", [])):
        with pool.connection() as connection:
            if location is not None:
                connection.execute(SET, (location,))
            assert looked(connection, SEEN[what]) == expected


def test_what_is_counted_is_that_location_too(pool: ConnectionPool) -> None:
    counts = {}
    for location in ("L1", "L2", "", "L3"):
        with pool.connection() as connection:
            connection.execute(SET, (location,))
            counts[location] = [
                looked(connection, f"SELECT count(*) FROM ledger.{name}") for name in ("entries", "positions", "rows")
            ]
    assert counts == {"L1": [[5]] * 3, "L2": [[5]] * 3, "": [[0]] * 3, "L3": [[0]] * 3}


@pytest.mark.parametrize("end", ["commit", "rollback", "error", "savepoint"])
def test_two_readers_in_turn_on_one_connection_never_meet(pool: ConnectionPool, end: str) -> None:
    pids = set()
    for location in islice(cycle(["L1", None, "L2"]), 30):
        with pool.connection() as connection:
            pids.add(connection.info.backend_pid)
            if location is not None:
                connection.execute(SET, (location,))
            # Prepared after a few times, and planned for none of the two.
            found = [value for (value,) in connection.execute(SEEN["entries"].encode(), prepare=True).fetchall()]
            assert found == ([location] if location else [])
            if end == "rollback":
                connection.rollback()
            elif end == "error":
                with pytest.raises(psycopg.errors.DivisionByZero):
                    connection.execute("SELECT 1 / 0")
                connection.rollback()
            elif end == "savepoint":
                connection.execute("SAVEPOINT other")
                connection.execute(SET, ("L1" if location == "L2" else "L2",))
                connection.execute("ROLLBACK TO other")
                assert looked(connection, SEEN["entries"]) == ([location] if location else [])
    assert len(pids) == 1


def test_the_location_does_not_outlive_its_transaction(pool: ConnectionPool) -> None:
    with pool.connection() as connection:
        connection.execute(SET, ("L1",))
    with pool.connection() as connection:
        assert connection.execute("SELECT current_setting('app.location', true)").fetchone() in (("",), (None,))
        assert looked(connection, SEEN["entries"]) == []


def test_one_that_is_set_for_the_session_is_the_mistake_that_leaks(pool: ConnectionPool) -> None:
    """The tooth of the test before."""
    with pool.connection() as connection:
        connection.execute("SELECT set_config('app.location', 'L1', false)")
    with pool.connection() as connection:
        assert looked(connection, SEEN["entries"]) == ["L1"]


def test_no_error_tells_of_another_location(pool: ConnectionPool) -> None:
    """A condition that fails on a row is not tried on rows that are not seen."""
    with pool.connection() as connection:
        connection.execute(SET, ("L1",))
        nosy = "SELECT location FROM ledger.entries WHERE 1 / (CASE WHEN location = 'L2' THEN 0 ELSE 1 END) = 1"
        assert set(looked(connection, nosy)) == {"L1"}
        nosy = "SELECT location FROM kept.parts_here WHERE 1 / (CASE WHEN part LIKE '%L2' THEN 0 ELSE 1 END) = 1"
        assert set(looked(connection, nosy)) == {"L1"}


@pytest.mark.parametrize("table", ["entries", "decisions", "observations"])
def test_without_its_policy_or_with_row_security_off_everything_shows(two: str, as_role: As, table: str) -> None:
    """The tooth: what the tests above would see."""
    with psycopg.connect(two, autocommit=True) as owner:
        owner.execute(f"ALTER TABLE ledger.{table} DISABLE ROW LEVEL SECURITY".encode())
    with psycopg.connect(as_role("ledger_reader")) as reader:
        assert set(looked(reader, SEEN[table])) >= {"L1", "L2"}


def test_the_server_reads_all_and_costs_no_condition(two: str, as_role: As) -> None:
    with psycopg.connect(as_role("ledger_app")) as app:
        assert set(looked(app, SEEN["entries"])) == {"L1", "L2", None}
        plan = "\n".join(looked(app, "EXPLAIN SELECT * FROM ledger.decisions AS d WHERE d.stream = 'location:L1'"))
    assert "app.location" not in plan
    assert "Filter" not in plan


def test_tables_of_years_to_come_are_walled_when_the_server_makes_them(two: str, as_role: As) -> None:
    make(as_role("ledger_app"), 2003)
    with psycopg.connect(two) as owner:
        found = owner.execute(
            "SELECT relrowsecurity, relforcerowsecurity, relowner::regrole::text FROM pg_class"
            " WHERE relname = 'observations_2003'"
        ).fetchone()
    assert found == (True, True, "ledger_owner")


# --- The program's own reading of one location ---

_LOCATIONS = b"SELECT DISTINCT e.location FROM ledger.entries AS e"


@pytest.mark.parametrize("who", ["ledger_app", "postgres"])
def test_who_reads_as_of_one_location_is_given_nothing_of_another_whatever_is_asked(
    two: str, as_role: As, who: str
) -> None:
    with Store(two if who == "postgres" else as_role(who), connections=1) as store:
        connections = store.connections
        for location in islice(cycle(["L1", "L2", "L3", "' OR true --"]), 16):
            expected = [(location,)] if location in ("L1", "L2") else []
            assert connections.read(_LOCATIONS, location=location) == expected
            with pytest.raises(psycopg.errors.DivisionByZero):
                connections.read(b"SELECT 1 / 0", location=location)
            # Afterwards it is who it was.
            assert set(connections.read(_LOCATIONS)) == {("L1",), ("L2",), (None,)}
            assert connections.read(b"SELECT current_setting('app.location', true), current_user = session_user") in (
                [("", True)],
                [(None, True)],
            )


def test_where_there_are_no_walls_it_reads_as_ever(database: str, store: Store) -> None:
    store.append([row("location:L1", 1), row("location:L2", 1)])
    assert len(store.connections.read(_LOCATIONS, location="L1")) == 2
