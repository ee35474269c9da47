"""Walls are put up by a superuser or by who owns the database, again and again, in several databases at once."""

import threading
from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from infrastructure.store import Store, StoreError, migrate
from infrastructure.store.migrating import MigrationsMissing
from infrastructure.walls.logins import make_login
from infrastructure.walls.raising import gaps, raise_walls, stands
from tests.infrastructure.store.making import row
from tests.infrastructure.store.servers import Server
from tests.infrastructure.walls.conftest import As

_numbers = count(1)


@pytest.fixture(scope="module")
def fresh() -> Iterator[Server]:
    """A cluster in which no role was made yet, with four migrated databases."""
    server = Server()
    try:
        server.start()
        server.execute("CREATE DATABASE one")
        migrate(server.url("one"))
        for name in ("two", "three", "four"):
            server.execute(f"CREATE DATABASE {name} TEMPLATE one")
        yield server
    finally:
        server.remove()


def raised(database: str) -> int:
    with psycopg.connect(database, autocommit=True) as connection:
        return raise_walls(connection)


def test_databases_of_one_cluster_are_walled_at_once(fresh: Server) -> None:
    names = ("one", "two", "three", "four")
    done: dict[str, int] = {}
    threads = [
        threading.Thread(target=lambda name=name: done.update({name: raised(fresh.url(name))})) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(done) == set(names)
    assert [raised(fresh.url(name)) for name in names] == [0] * 4
    for name in names:
        with psycopg.connect(fresh.url(name), autocommit=True) as connection:
            assert stands(connection)
            assert gaps(connection) == []


def test_who_owns_a_database_and_may_make_roles_can_do_it_without_being_a_superuser() -> None:
    server = Server()
    try:
        server.start()
        server.execute("CREATE ROLE admin LOGIN CREATEROLE CREATEDB")
        server.execute("CREATE DATABASE managed OWNER admin")
        admin = make_conninfo(server.url("managed"), user="admin")
        assert "0041-walls" in migrate(admin)
        with Store(admin) as store:
            store.append([row("location:L1", 1)])
        assert raised(admin) > 0
        assert raised(admin) == 0
        with psycopg.connect(admin, autocommit=True) as connection:
            make_login(connection, "shop", "ledger_app")
        with Store(make_conninfo(server.url("managed"), user="shop")) as store:
            store.append([row("location:L1", 2)])
            assert store.sequence() == 2
            assert len(list(store.read_all())) == 2
        with Store(admin) as store:  # the administrator works on, as one who may act as the owner
            store.append([row("location:L1", 3)])
            assert store.sequence() == 3
    finally:
        server.remove()


def test_a_server_needs_no_right_to_make_anything_when_nothing_is_missing(walled: str, as_role: As) -> None:
    app = as_role("ledger_app")
    assert migrate(app) == []
    with psycopg.connect(walled, autocommit=True) as connection:
        connection.execute("DELETE FROM migrations._yoyo_migration WHERE migration_id = '0041-walls'")
    with pytest.raises(MigrationsMissing, match="ledger_migrator"):
        migrate(app)


def test_who_deploys_applies_migrations_and_new_tables_get_their_walls(walled: str, as_role: As) -> None:
    with psycopg.connect(walled, autocommit=True) as connection:
        connection.execute("DROP SCHEMA views CASCADE")
        connection.execute("DELETE FROM migrations._yoyo_migration WHERE migration_id = '0025-views'")
    assert migrate(as_role("ledger_migrator")) == ["0025-views"]
    with psycopg.connect(walled, autocommit=True) as connection:
        assert gaps(connection) == []
    with psycopg.connect(as_role("ledger_app")) as connection:
        assert connection.execute("SELECT count(*) FROM views.saved").fetchone() == (0,)


# --- Logins ---


def test_a_login_gets_a_password_that_works_and_that_stands_nowhere(walled: str, server: Server) -> None:
    name = f'o\'hara "{next(_numbers)}"'
    with psycopg.connect(walled, autocommit=True) as connection:
        password = make_login(connection, name, "ledger_reader")
        raise_walls(connection)
        (stored,) = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", (name,)).fetchone() or (
            "",
        )
        again = make_login(connection, name, "ledger_reader")
        (stored_again,) = connection.execute(
            "SELECT rolpassword FROM pg_authid WHERE rolname = %s", (name,)
        ).fetchone() or ("",)
    assert stored.startswith("SCRAM-SHA-256$")
    assert stored != stored_again
    assert password != again
    assert len(password) >= 32
    with psycopg.connect(make_conninfo(walled, user=name)) as reader:
        assert reader.execute("SHOW statement_timeout").fetchone() == ("30s",)
        assert reader.execute("SELECT count(*) FROM ledger.entries").fetchone() == (0,)


def test_a_login_is_not_made_of_somebody_else(walled: str) -> None:
    with psycopg.connect(walled, autocommit=True) as connection:
        for taken in ("postgres", "ledger_app", "test_ledger_writer"):
            with pytest.raises(StoreError, match="choose another name"):
                make_login(connection, taken, "ledger_reader")
