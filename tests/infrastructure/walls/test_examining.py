"""The doctor says which walls stand, names the one that does not, and `walls` mends it."""

import os
import socket
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from infrastructure.doctoring import examine
from infrastructure.store import Store
from infrastructure.walls.examining import examine_signer, examine_walls
from infrastructure.walls.raising import gaps, raise_walls
from infrastructure.wiring import application
from tests.infrastructure.store.servers import Server
from tests.infrastructure.walls.conftest import As

_numbers = count(1)

HOLES = {
    "a right to change": ("GRANT UPDATE ON ledger.facts TO ledger_app", "rights"),
    "a right to change one column": ("GRANT UPDATE (body) ON ledger.entries TO ledger_app", "rights"),
    "a right to remove, for everybody": ("GRANT DELETE ON ledger.decisions TO PUBLIC", "rights"),
    "a right for somebody else": ("GRANT INSERT ON ledger.positions TO test_stranger", "rights"),
    "a right to read for everybody": ("GRANT SELECT ON door.keys TO PUBLIC", "rights"),
    "a function for everybody": ("GRANT EXECUTE ON FUNCTION ledger.retire_partition TO PUBLIC", "rights"),
    "a right that is missing": ("REVOKE SELECT ON ledger.decisions FROM ledger_app", "rights"),
    "temporary tables for everybody": ("SELECT lifted('GRANT TEMPORARY ON DATABASE %I TO PUBLIC')", "rights"),
    "a trigger beside what is kept": (
        "CREATE TRIGGER mine BEFORE INSERT ON kept.state EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "rights",
    ),
    "a view of what is kept that shows all": (
        "CREATE OR REPLACE VIEW kept.parts_here WITH (security_barrier) AS SELECT * FROM kept.parts",
        "rights",
    ),
    "a policy dropped": ("DROP POLICY of_location ON ledger.observations", "row security"),
    "a policy that shows all": ("ALTER POLICY of_location ON ledger.decisions USING (true)", "row security"),
    "a policy for others": ("ALTER POLICY of_all ON ledger.entries TO PUBLIC", "row security"),
    "a policy of somebody's": ("CREATE POLICY mine ON ledger.decisions FOR UPDATE USING (true)", "row security"),
    "row security off": ("ALTER TABLE ledger.positions DISABLE ROW LEVEL SECURITY", "row security"),
    "row security not for the owner": ("ALTER TABLE ledger.retired NO FORCE ROW LEVEL SECURITY", "row security"),
    "a view of its owner's": ("ALTER VIEW ledger.rows RESET (security_invoker)", "row security"),
    "a guard that is off": ("ALTER TABLE ledger.decisions DISABLE TRIGGER guard_rows", "guard"),
    "a guard that is not always on": ("ALTER TABLE ledger.facts ENABLE TRIGGER guard", "guard"),
    "a guard for replicas only": ("ALTER TABLE evidence.heads ENABLE REPLICA TRIGGER guard_statements", "guard"),
    "a guard that is gone": ("DROP TRIGGER guard_moves ON ledger.observations_other", "guard"),
    "a guard of columns that is gone": ("DROP TRIGGER guard_rows ON ledger.retirements", "guard"),
    "a table of a superuser's": ("ALTER TABLE ledger.decisions OWNER TO postgres", "owners"),
    "a schema of the server's": ("ALTER SCHEMA evidence OWNER TO ledger_app", "owners"),
    "a function that runs as its caller": ("ALTER FUNCTION ledger.sequence SECURITY INVOKER", "functions"),
    "a function that runs as the owner": ("ALTER FUNCTION ledger.take_from_others SECURITY DEFINER", "functions"),
    "a function with a path": ("ALTER FUNCTION ledger.append SET search_path = public, pg_catalog", "functions"),
}
ROLES_WITH_HOLES = {
    "a role that is a superuser": ("ALTER ROLE ledger_app SUPERUSER", "ALTER ROLE ledger_app NOSUPERUSER"),
    "a role past row security": ("ALTER ROLE ledger_reader BYPASSRLS", "ALTER ROLE ledger_reader NOBYPASSRLS"),
    "a server that is an owner": ("GRANT ledger_owner TO ledger_app", "REVOKE ledger_owner FROM ledger_app"),
    "a reader without an end": ("ALTER ROLE ledger_reader RESET statement_timeout", "SELECT"),
}
_LIFTED = """
CREATE FUNCTION public.lifted(statement text) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN EXECUTE format(statement, current_database()); END $body$
"""


def states(database: str) -> dict[str, str]:
    with psycopg.connect(database, autocommit=True) as connection:
        return {each.what: each.state for each in examine_walls(connection)}


@pytest.fixture(scope="module")
def stranger(server: Server) -> str:
    server.execute("CREATE ROLE test_stranger")
    return "test_stranger"


def test_where_the_walls_stand_the_server_finds_all_well(walled: str, as_role: As) -> None:
    with Store(as_role("ledger_app")) as store:
        found = {each.what: each.state for each in examine(application(store))}
    assert found.pop("durability") == "ill"
    assert found.pop("checksums") in {"well", "look"}
    found.pop("row security")  # an old release of PostgreSQL has holes of its own
    assert set(found.values()) == {"well"}, found


@pytest.mark.parametrize("role", ["ledger_migrator", "ledger_reader", "ledger_projector"])
def test_another_role_is_no_server(walled: str, as_role: As, role: str) -> None:
    assert states(as_role(role))["connection"] == "look"
    assert states(walled)["connection"] == "look"


@pytest.mark.parametrize("name", HOLES)
def test_a_hole_is_named_and_mended(walled: str, as_role: As, stranger: str, name: str) -> None:
    hole, wall = HOLES[name]
    app = as_role("ledger_app")
    assert states(app)[wall] != "ill"
    with psycopg.connect(walled, autocommit=True) as owner:
        owner.execute(_LIFTED)
        owner.execute(hole.encode())
        assert states(app)[wall] == "ill"
        assert raise_walls(owner) > 0
        assert gaps(owner) == []
    assert states(app)[wall] != "ill"


@pytest.mark.parametrize("name", ROLES_WITH_HOLES)
def test_a_role_with_a_hole_is_named_and_mended(walled: str, as_role: As, name: str) -> None:
    hole, back = ROLES_WITH_HOLES[name]
    with psycopg.connect(walled, autocommit=True) as owner:
        owner.execute(hole.encode())
        try:
            assert states(as_role("ledger_reader"))["roles"] == "ill"
            assert raise_walls(owner) > 0
            assert gaps(owner) == []
        finally:
            owner.execute(back.encode())


def test_every_schema_of_the_program_has_an_owner_among_the_roles(walled: str) -> None:
    with psycopg.connect(walled) as connection:
        found = connection.execute(
            "SELECT n.nspname::text FROM pg_namespace AS n WHERE n.nspname !~ '^pg_|^information_schema$|^public$'"
            " AND pg_get_userbyid(n.nspowner) NOT LIKE 'ledger%%'",
            (),
        ).fetchall()
    assert found == []


def test_the_guard_is_looked_at_also_where_there_are_no_walls(database: str) -> None:
    assert states(database)["guard"] == "well"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ALTER TABLE ledger.positions DISABLE TRIGGER guard_rows")
    assert states(database)["guard"] == "ill"


def test_keys_beside_the_facts_are_noticed(walled: str) -> None:
    assert states(walled)["keys"] == "well"
    with psycopg.connect(walled, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA keys; CREATE TABLE keys.secrets (a int)")
    assert states(walled)["keys"] == "look"


# --- The signer ---


@pytest.fixture
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A socket with mode 0600, in a folder with nothing else."""
    path = tmp_path_factory.mktemp(f"s{next(_numbers)}") / "s"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o600)
        yield path


def test_a_signer_that_is_away_is_ill(tmp_path: Path) -> None:
    assert examine_signer(tmp_path / "s").state == "ill"
    (tmp_path / "s").write_text("no socket")
    assert examine_signer(tmp_path / "s").state == "ill"


def test_a_signer_of_this_very_user_is_looked_at(listening: Path) -> None:
    found = examine_signer(listening)
    assert (found.state, "this very user" in found.sentence) == ("look", True)


def test_a_signer_whose_key_can_be_read_is_ill(listening: Path) -> None:
    (listening.parent / "0001.key").write_text("secret")
    found = examine_signer(listening)
    assert (found.state, "0001.key" in found.sentence) == ("ill", True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a socket to somebody else")
def test_a_signer_of_another_user_is_well_unless_everybody_may_ask(listening: Path) -> None:
    os.chown(listening, 65534, 65534)
    assert examine_signer(listening).state == "well"
    listening.chmod(0o666)
    assert examine_signer(listening).state == "look"
