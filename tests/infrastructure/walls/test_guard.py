"""Nobody changes or removes a row of the ledger: not a superuser, not under replication, not through a parent."""

from datetime import UTC, datetime

import psycopg
import pytest

from infrastructure.store import Store
from tests.infrastructure.store.making import row
from tests.infrastructure.store.test_partitions import lies_in, make, seen
from tests.infrastructure.walls.unguarded import unguard

REFUSED = "LD010"
FACTS = (
    "ledger.entries",
    "ledger.decisions",
    "ledger.observations",
    "ledger.observations_1999",
    "ledger.retired",
    "ledger.observations_1998",
    "ledger.facts",
    "ledger.positions",
    "ledger.generations",
)
PARENTS = ("ledger.entries", "ledger.observations", "ledger.retired")
COLUMN = {"ledger.facts": "entry", "ledger.positions": "entry", "ledger.generations": "since"}
EVIDENCE = ("logs", "runs", "tiles", "heads", "growths", "checkpoints", "cosignatures", "events", "events_told")


@pytest.fixture
def told(database: str, store: Store) -> str:
    """A ledger with a decision, an observation in a table of its year, one in a retired one, and one of other years."""
    make(database, 1998, 1999)
    store.append([row("location:L1", 1), seen(1998), seen(1999), seen(2001)])
    store.sequence()
    store.retire(datetime(1999, 3, 1, tzinfo=UTC))
    store.append([seen(2002)])
    store.sequence()
    return database


def refusal(database: str, statement: str, *, replica: bool = True) -> str | None:
    """The SQLSTATE of a statement that a superuser gives, as a replica does or not; None when it is done."""
    with psycopg.connect(database, autocommit=True) as connection:
        if replica:
            connection.execute("SET session_replication_role = replica")
        try:
            connection.execute(statement.encode())
        except psycopg.Error as error:
            return error.sqlstate
    return None


def changes(table: str) -> list[str]:
    column = COLUMN.get(table, "body")
    return [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table}"]


@pytest.mark.parametrize("replica", [False, True])
@pytest.mark.parametrize("table", FACTS)
def test_facts_are_never_changed(told: str, table: str, *, replica: bool) -> None:
    before = lies_in(told)
    assert [refusal(told, each, replica=replica) for each in changes(table)] == [REFUSED] * 3
    assert lies_in(told) == before


@pytest.mark.parametrize("table", [name for name in FACTS if name not in PARENTS])
def test_a_guard_that_is_merely_there_lets_a_replica_through(told: str, table: str) -> None:
    """The tooth of ENABLE ALWAYS."""
    with psycopg.connect(told, autocommit=True) as connection:
        connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())
    assert [refusal(told, each) for each in changes(table)] == [None] * 3
    assert [refusal(told, each, replica=False) for each in changes(table)] == [REFUSED] * 3


def test_a_parent_whose_guard_is_off_leads_to_tables_whose_guard_is_on(told: str) -> None:
    with psycopg.connect(told, autocommit=True) as connection:
        connection.execute("ALTER TABLE ledger.entries DISABLE TRIGGER USER")
    assert refusal(told, "UPDATE ledger.entries SET body = ''") == REFUSED
    assert refusal(told, "DELETE FROM ledger.entries WHERE version IS NOT NULL") == REFUSED
    assert refusal(told, "TRUNCATE ledger.entries") == REFUSED
    unguard(told)
    assert refusal(told, "UPDATE ledger.entries SET body = ''") is None


def test_what_says_how_an_import_or_a_retirement_ended_may_change_and_nothing_else(told: str) -> None:
    for table, column in (("ledger.retirements", "facts"), ("ledger.imports", "imported_by")):
        if table == "ledger.imports":
            assert refusal(told, "INSERT INTO ledger.imports (file_name, imported_by) VALUES ('f', 'b')") is None
        assert refusal(told, f"UPDATE {table} SET {column} = NULL") == REFUSED
        assert refusal(told, f"DELETE FROM {table}") == REFUSED
        assert refusal(told, f"TRUNCATE {table}") == REFUSED
    assert refusal(told, "UPDATE ledger.retirements SET restored_at = now()") is None
    assert refusal(told, "UPDATE ledger.imports SET given_up_at = now()") is None
    assert refusal(told, "UPDATE ledger.imports SET given_up_at = now(), bytes = 7") == REFUSED


@pytest.mark.parametrize("table", EVIDENCE)
def test_evidence_is_never_changed(told: str, table: str) -> None:
    assert refusal(told, f"DELETE FROM evidence.{table}") == REFUSED
    assert refusal(told, f"TRUNCATE evidence.{table} CASCADE") == REFUSED


def test_rows_leave_the_table_of_other_years_only_for_that_of_their_year(told: str) -> None:
    other = "ledger.observations_other"
    assert lies_in(told)[other] == 2
    assert refusal(told, f"DELETE FROM {other}") == REFUSED
    assert refusal(told, f"DELETE FROM {other} WHERE false") is None
    assert refusal(told, f"UPDATE {other} SET body = ''") == REFUSED
    assert refusal(told, f"TRUNCATE {other}") == REFUSED
    assert refusal(told, "DELETE FROM ledger.observations") == REFUSED
    assert make(told, 2001, 2002) == ["observations_2002", "observations_2001"]
    assert {name: lies_in(told)[name] for name in ("ledger.observations_2001", "ledger.observations_2002")} == {
        "ledger.observations_2001": 1,
        "ledger.observations_2002": 1,
    }


_OTHER_BODY = """
SELECT g.id, g.generation, g.xid, g.fact, g.stream, g.version, g.type, g.location, g.recorded_at, g.effective_at,
    g.carries, g.command, 'other'::bytea, g.personal FROM taken AS g
"""


@pytest.mark.parametrize(
    ("arrives", "outcome"),
    [("SELECT g.* FROM taken AS g", None), ("SELECT g.* FROM taken AS g LIMIT 0", REFUSED), (_OTHER_BODY, REFUSED)],
    ids=["whole", "not at all", "with another body"],
)
def test_a_move_is_whole_or_is_not(told: str, arrives: str, outcome: str | None) -> None:
    refusal(told, "CREATE TABLE ledger.observations_2001 (LIKE ledger.observations_other INCLUDING ALL)")
    move = "WITH taken AS (DELETE FROM ledger.observations_other WHERE recorded_at < '2002-01-01' RETURNING *)"
    assert refusal(told, f"{move} INSERT INTO ledger.observations_2001 {arrives}") == outcome


def test_a_table_made_later_is_guarded_too(told: str) -> None:
    make(told, 2003)
    assert [refusal(told, each) for each in changes("ledger.observations_2003")] == [REFUSED] * 3
    before = lies_in(told)
    with Store(told) as store:
        store.restore("observations_1998")
    assert lies_in(told) == {**before, "ledger.observations_1998": 1}
    assert [refusal(told, each) for each in changes("ledger.observations_1998")] == [REFUSED] * 3
