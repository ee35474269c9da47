"""The doctor finds what is wrong, and nothing where nothing is."""

from datetime import timedelta

import psycopg

from infrastructure.doctoring import examine
from infrastructure.store import Store
from infrastructure.wiring import Application, application


def states(ledger: Application, **more: object) -> dict[str, str]:
    return {each.what: each.state for each in examine(ledger, **more)}  # type: ignore[arg-type]


def test_a_ledger_that_is_well_but_for_the_test_server_which_is_not_durable(store: Store) -> None:
    found = states(application(store))
    assert found.pop("durability") == "ill"
    assert found.pop("checksums") in {"well", "look"}
    # Nobody has put up walls here, and it is a superuser who asks.
    assert (found.pop("walls"), found.pop("connection")) == ("look", "look")
    assert set(found.values()) == {"well"}, found


def test_a_clock_that_is_off_and_a_schema_that_lacks_something_are_found(store: Store) -> None:
    with psycopg.connect(store.connections.conninfo) as connection:
        connection.execute("DELETE FROM migrations._yoyo_migration WHERE migration_id = '0020-door'")
    found = states(application(store), here=store.now() + timedelta(seconds=20))
    assert (found["clocks"], found["schema"]) == ("look", "ill")
