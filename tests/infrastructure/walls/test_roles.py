"""Every role against every action: what is said to be allowed is done, and all the rest is refused."""

import psycopg
import pytest

from infrastructure.store import Store
from infrastructure.walls.logins import ROLES
from infrastructure.walls.raising import gaps
from tests.infrastructure.store.making import row, rows
from tests.infrastructure.walls.conftest import As
from tests.infrastructure.walls.tables import CHANGES, LIFTING, READS, WRITES, append, here

FORBIDDEN = "42501"
SERVING = tuple(role for role in ROLES if role != "ledger_migrator")


@pytest.fixture
def ledger(walled: str) -> str:
    """Two locations with decisions and observations, some of which have positions."""
    with Store(walled) as store:
        for location in ("L1", "L2"):
            store.append([*rows(f"location:{location}", 1, 3), row(f"observations:{location}")])
        store.append([row("terms", 1)])
        store.sequence()
    return walled


def outcome(database: str, statement: str) -> str | None:
    """The SQLSTATE with which a statement was refused; None when it was done."""
    with psycopg.connect(database, autocommit=True) as connection:
        # Whoever is to read only can say otherwise: what holds are rights.
        connection.execute("SET default_transaction_read_only = off")
        try:
            connection.execute(statement.encode())
        except psycopg.Error as error:
            return error.sqlstate
    return None


@pytest.mark.parametrize("role", SERVING)
def test_nobody_changes_or_removes_a_fact(ledger: str, as_role: As, role: str) -> None:
    assert {statement: outcome(as_role(role), statement) for statement in CHANGES} == dict.fromkeys(CHANGES, FORBIDDEN)


@pytest.mark.parametrize("role", SERVING)
def test_nobody_lifts_a_wall(ledger: str, as_role: As, role: str) -> None:
    wanted: dict[str, str | None] = dict.fromkeys(LIFTING, FORBIDDEN)
    if role == "ledger_projector":
        wanted["CREATE SCHEMA mine"] = None
    assert {statement: outcome(as_role(role), statement) for statement in LIFTING} == wanted


def test_nobody_gives_away_a_right_that_is_not_theirs(ledger: str, as_role: As) -> None:
    """PostgreSQL warns and does nothing, or refuses."""
    for role in SERVING:
        outcome(as_role(role), "GRANT UPDATE ON ledger.decisions TO PUBLIC")
        outcome(as_role(role), "GRANT SELECT ON ledger.decisions TO PUBLIC")
    with psycopg.connect(ledger, autocommit=True) as connection:
        assert gaps(connection) == []


@pytest.mark.parametrize("role", SERVING)
def test_each_role_reads_what_it_is_for(ledger: str, as_role: As, role: str) -> None:
    wanted = {statement: None if role in roles else FORBIDDEN for statement, roles in READS.items()}
    assert {statement: outcome(as_role(role), statement) for statement in READS} == wanted


@pytest.mark.parametrize("role", SERVING)
def test_each_role_writes_what_it_is_for(ledger: str, as_role: As, role: str) -> None:
    wanted = {statement: None if role in roles else FORBIDDEN for statement, roles in WRITES.items()}
    assert {statement: outcome(as_role(role), statement) for statement in WRITES} == wanted


def test_who_deploys_may_what_the_owner_may_and_still_meets_the_guard(ledger: str, as_role: As) -> None:
    deployer = as_role("ledger_migrator")
    assert outcome(deployer, "UPDATE ledger.decisions SET body = ''") == "LD010"
    assert outcome(deployer, "TRUNCATE ledger.facts") == "LD010"
    assert outcome(deployer, "SET session_replication_role = replica") == FORBIDDEN
    assert outcome(deployer, "ALTER ROLE ledger_app SUPERUSER") == FORBIDDEN
    assert outcome(deployer, "CREATE TABLE ledger.more (a int)") is None
    assert outcome(deployer, "ALTER TABLE ledger.decisions DISABLE TRIGGER USER") is None
    # What the guard held, row security still does: there is no policy by which a row may be changed.
    assert outcome(deployer, "UPDATE ledger.decisions SET body = ''") is None
    with psycopg.connect(ledger) as connection:
        assert connection.execute("SELECT count(*) FROM ledger.decisions WHERE body = ''").fetchone() == (0,)


def test_a_reader_only_reads_and_not_for_long(ledger: str, as_role: As) -> None:
    with psycopg.connect(as_role("ledger_reader")) as connection:
        settings = [
            connection.execute(f"SHOW {name}".encode()).fetchone()
            for name in ("transaction_read_only", "statement_timeout", "temp_file_limit")
        ]
    assert settings == [("on",), ("30s",), ("1GB",)]


def test_a_writer_writes_to_the_location_that_is_set_and_to_no_other(ledger: str, as_role: As) -> None:
    writer = as_role("ledger_writer")
    mine = append("L1", name="append_here")
    assert outcome(writer, mine) == "LD011"
    assert outcome(writer, here("", mine)) == "LD011"
    assert outcome(writer, here("L1", mine)) is None
    assert outcome(writer, here("L1", append("L2", name="append_here"))) == FORBIDDEN
    assert outcome(writer, here("L1", append("L1", stream="observations:L2", name="append_here"))) == FORBIDDEN
    assert outcome(writer, here("L1", append("L1", stream="location:L2", version="4", name="append_here"))) == FORBIDDEN
    assert outcome(writer, here("L1", append("L1", stream="location:L1", version="4", name="append_here"))) is None


def test_under_a_location_the_server_too_writes_to_no_other(ledger: str, as_role: As) -> None:
    app = as_role("ledger_app")
    assert outcome(app, append("L2")) is None
    assert outcome(app, here("L1", append("L1"))) is None
    assert outcome(app, here("L1", append("L2"))) == FORBIDDEN


# --- Tooth tests: a wall with a hole is seen by the table above ---


@pytest.mark.parametrize(
    ("hole", "role", "statement"),
    [
        ("GRANT UPDATE ON ledger.facts TO ledger_app", "ledger_app", "UPDATE ledger.facts SET entry = 1"),
        ("GRANT DELETE ON ledger.decisions TO PUBLIC", "ledger_reader", "DELETE FROM ledger.decisions"),
        ("GRANT SELECT ON ledger.facts TO ledger_reader", "ledger_reader", "SELECT FROM ledger.facts"),
        ("GRANT ledger_owner TO ledger_writer", "ledger_writer", "SET ROLE ledger_owner"),
        ("ALTER FUNCTION ledger.sequence SECURITY INVOKER", "ledger_sequencer", "SELECT ledger.sequence(100)"),
    ],
)
def test_a_hole_is_seen(ledger: str, as_role: As, hole: str, role: str, statement: str) -> None:
    before = outcome(as_role(role), statement)
    assert outcome(ledger, hole) is None
    try:
        assert outcome(as_role(role), statement) != before
    finally:
        outcome(ledger, "REVOKE ledger_owner FROM ledger_writer")
