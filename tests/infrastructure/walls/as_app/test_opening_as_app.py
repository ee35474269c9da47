"""A ledger is opened, asked, and given commands by a user who may make nothing."""

from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from infrastructure.kept.rebuild import remake
from infrastructure.settings import Settings
from infrastructure.store import Store, migrate
from infrastructure.walls.raising import gaps, raise_walls
from infrastructure.wiring import application, open_ledger
from tests.infrastructure.at_the_desk import a_desk, done, opened


def test_a_ledger_is_opened_without_a_right_to_make_anything(database: str, tmp_path: Path) -> None:
    # Keys that have no database of their own come to lie here when an administrator opens the ledger to wall it.
    administrator = make_conninfo(database, user="postgres")
    with (
        open_ledger(Settings(database_url=administrator, home=tmp_path)),
        psycopg.connect(administrator, autocommit=True) as connection,
    ):
        raise_walls(connection)
        assert gaps(connection) == []
    with open_ledger(Settings(database_url=database, home=tmp_path)) as ledger:
        opened(ledger.desk, "L1")
        done(ledger.desk, "add_team_member", member="sana", name="Sana")
        ledger.projector.bring_forward()
        assert ledger.books().seats("L1")["location"] == "L1"


def test_a_rebuild_is_for_who_may_make_tables(database: str, store: Store) -> None:
    opened(a_desk(store), "L1")
    store.sequence()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        remake(store, application(store).catalogues)


def test_what_is_rebuilt_by_who_deploys_is_walled_as_before(database: str, store: Store) -> None:
    opened(a_desk(store), "L1", "L2")
    with psycopg.connect(make_conninfo(database, user="postgres"), autocommit=True) as connection:
        raise_walls(connection)  # what belongs to a database itself is not copied with it
    deployer = make_conninfo(database, user="test_ledger_migrator")
    assert migrate(deployer) == []
    with Store(deployer) as theirs:
        assert remake(theirs, application(theirs).catalogues).locations == 2
    done(a_desk(store), "add_team_member", member="sana", name="Sana")
    assert application(store).projector.bring_forward() == store.last_position()
    reader = make_conninfo(database, user="test_ledger_reader")
    with psycopg.connect(reader) as connection:
        connection.execute("SELECT set_config('app.location', 'L2', true)")
        assert connection.execute("SELECT DISTINCT location FROM kept.lines_here").fetchall() == [("L2",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM kept.lines")
