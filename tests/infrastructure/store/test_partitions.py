"""Observations lie in a table a year, made ahead or with those of other years, and are found wherever they lie."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from infrastructure.store import NewRow, Store, migrate
from infrastructure.store.checks import check_all
from tests.infrastructure.store.making import row, rows
from tests.infrastructure.store.servers import Server
from tests.infrastructure.walls.unguarded import unguard

_numbers = count(1)
_MIGRATIONS = Path(__file__).parents[3] / "infrastructure/postgres/migrations"
_MAKE = b"SELECT ledger.make_partitions(%s::timestamptz[])"
_LIES_IN = b"SELECT e.tableoid::regclass::text, count(*) FROM ledger.entries AS e GROUP BY 1 ORDER BY 1"


def seen(year: int, location: str = "L1") -> NewRow:
    """An observation of some year."""
    at = datetime(year, 6, 1, tzinfo=UTC)
    return replace(row(f"observations:{location}"), recorded_at=at, effective_at=at)


def make(database: str, *years: int) -> list[str]:
    with psycopg.connect(database, autocommit=True) as connection:
        record = connection.execute(_MAKE, ([datetime(year, 3, 1, tzinfo=UTC) for year in years],)).fetchone()
    assert record is not None
    made: list[str] = record[0]
    return made


def lies_in(database: str) -> dict[str, int]:
    with psycopg.connect(database) as connection:
        return dict(connection.execute(_LIES_IN).fetchall())


def test_this_years_table_is_there_from_the_start(database: str, store: Store) -> None:
    this_year = store.now().year
    store.append([row("location:L1", 1), seen(this_year)])
    assert lies_in(database) == {"ledger.decisions": 1, f"ledger.observations_{this_year}": 1}
    assert make(database, this_year) == []


def test_a_row_of_a_year_without_a_table_is_found_by_every_question(database: str, store: Store) -> None:
    given = [seen(1999), row("location:L1", 1), seen(9999)]
    store.append(given)
    assert lies_in(database) == {"ledger.decisions": 1, "ledger.observations_other": 2}
    assert store.sequence() == 3
    facts = [one.fact for one in given]
    assert [one.fact for one in store.read_all()] == facts
    assert [one.fact for one in store.read_stream("observations:L1")] == [facts[0], facts[2]]
    assert [one.fact for one in store.read_stream("observations:L1", settled=False)] == [facts[0], facts[2]]
    assert [one.fact for one in store.find(facts)] == facts
    assert check_all(store) == []


def test_making_a_table_takes_in_the_rows_that_came_before_it(database: str, store: Store) -> None:
    store.append([seen(1999), row("location:L1", 1), seen(2001), seen(1999, "L2")])
    store.sequence()
    before = list(store.read_all())
    assert make(database, 1999, 2000) == ["observations_2000", "observations_1999"]
    assert lies_in(database) == {
        "ledger.decisions": 1,
        "ledger.observations_1999": 2,
        "ledger.observations_other": 1,
    }
    assert list(store.read_all()) == before
    assert check_all(store) == []


def test_the_last_instant_of_a_year_lies_in_its_table(database: str, store: Store) -> None:
    make(database, 1999)
    last = datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    store.append(
        [replace(seen(1999), recorded_at=last), replace(seen(1999), recorded_at=datetime(2000, 1, 1, tzinfo=UTC))]
    )
    assert lies_in(database) == {"ledger.observations_1999": 1, "ledger.observations_other": 1}


def test_several_at_once_make_each_table_once(database: str) -> None:
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.extend(make(database, *range(1980, 1990)))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made += make(database, *range(1980, 1990))
    assert sorted(made) == [f"observations_{year}" for year in range(1980, 1990)]


def test_there_are_never_more_than_thirty_tables_of_past_years(database: str, store: Store) -> None:
    made = make(database, *range(1900, 2000))
    assert made[0] == "observations_1999", "the last years first"
    assert 25 < len(made) < 30
    given = [seen(1999), seen(1901), seen(store.now().year)]
    store.append(given)
    assert lies_in(database)["ledger.observations_other"] == 1
    store.sequence()
    assert [one.fact for one in store.read_all()] == [one.fact for one in given]


def test_while_somebody_reads_for_long_no_table_is_made_and_nobody_waits_for_it(database: str, store: Store) -> None:
    with psycopg.connect(database) as reader:
        reader.execute(b"SELECT count(*) FROM ledger.entries")
        assert make(database, 1999) == []
        store.append([seen(1999)])
    assert lies_in(database) == {"ledger.observations_other": 1}
    assert make(database, 1999) == ["observations_1999"]
    assert lies_in(database) == {"ledger.observations_1999": 1}


def test_all_tables_have_the_same_indexes(database: str) -> None:
    make(database, 1999)
    with psycopg.connect(database) as connection:
        found = connection.execute(
            b"SELECT c.relname, array_agg(regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING ', '') ORDER BY 1)"
            b" FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid"
            b" WHERE c.oid IN (SELECT relid FROM pg_partition_tree('ledger.entries') WHERE isleaf) GROUP BY 1"
        ).fetchall()
    indexes = {name: sorted(defined) for name, defined in found}
    versions = "btree (stream, version)"
    assert versions in indexes["decisions"]
    # Decisions have versions, and some that are looked for by them.
    indexes["decisions"] = [defined for defined in indexes["decisions"] if not defined.startswith(versions)]
    assert len({tuple(defined) for defined in indexes.values()}) == 1
    assert "btree (id)" in indexes["decisions"]


@pytest.fixture
def older(server: Server, tmp_path: Path) -> Iterator[str]:
    """The conninfo of a database as it was before there were partitions."""
    name = f"older_{next(_numbers)}"
    server.execute(f"CREATE DATABASE {name}")
    for path in sorted(_MIGRATIONS.iterdir()):
        if path.name < "0007":
            shutil.copy(path, tmp_path)
    migrate(server.url(name), folder=tmp_path)
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


_HISTORY = b"""
SELECT ledger.renew_generation();
INSERT INTO ledger.entries (
    generation, fact, stream, version, type, location, recorded_at, effective_at, carries, command, body, personal
)
SELECT 1, gen_random_uuid(), CASE WHEN n % 3 = 0 THEN 'location:L' ELSE 'observations:L' END || n % 7,
    CASE WHEN n % 3 = 0 THEN (n + 20) / 21 END, 'T', 'L' || n % 7, '2019-01-01'::timestamptz + n * interval '1 day',
    '2019-01-01'::timestamptz, CASE WHEN n % 5 = 0 THEN ARRAY[gen_random_uuid()] END,
    CASE WHEN n % 2 = 0 THEN gen_random_uuid() END, convert_to('body ' || n, 'UTF8'),
    CASE WHEN n % 4 = 0 THEN convert_to('personal ' || n, 'UTF8') END
FROM generate_series(1, 2000) AS n ORDER BY n;
INSERT INTO ledger.facts (fact, entry)
SELECT e.fact, e.id FROM ledger.entries AS e UNION ALL SELECT unnest(e.carries), e.id FROM ledger.entries AS e;
SELECT ledger.sequence(1500);
SELECT nextval('ledger.entries_id_seq')
"""


def _everything(database: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database) as connection:
        return [
            record
            for statement in (
                b"SELECT e.*, e.xid::text FROM ledger.entries AS e ORDER BY e.id",
                b"SELECT r.* FROM ledger.rows AS r ORDER BY r.entry",
                b"SELECT p.* FROM ledger.positions AS p ORDER BY p.position",
                b"SELECT f.* FROM ledger.facts AS f ORDER BY f.fact",
            )
            for record in connection.execute(statement).fetchall()
        ]


def test_a_ledger_from_before_is_moved_as_it_is(older: str) -> None:
    with psycopg.connect(older, autocommit=True) as connection:
        connection.execute(_HISTORY)
    before = _everything(older)
    assert len(before) > 7_000
    migrate(older)
    assert _everything(older) == before
    there = lies_in(older)
    assert there.pop("ledger.decisions") == 666
    assert set(there) == {f"ledger.observations_{year}" for year in range(2019, 2025)}
    with Store(older) as store:
        assert store.sequence() == 2_000
        assert check_all(store) == []
        appended = store.append([*rows("location:new", 1, 2), seen(2019)])
        assert min(appended.entries) > 2_001, "an entry number was given twice"
        assert store.wait_for(appended) == (2_001, 2_002, 2_003)
        assert check_all(store) == []


def test_a_migration_that_leaves_a_row_behind_is_caught(older: str) -> None:
    with psycopg.connect(older, autocommit=True) as connection:
        connection.execute(_HISTORY)
    before = _everything(older)
    migrate(older)
    unguard(older)
    with psycopg.connect(older, autocommit=True) as connection:
        connection.execute(b"DELETE FROM ledger.entries WHERE id = 1234")
    assert _everything(older) != before
    with Store(older) as store:
        assert check_all(store) != []
