"""The ledgers that tests are given, as the server that runs as ledger_app finds them: made and walled by others."""

from collections.abc import Iterator
from itertools import count

import pytest
from psycopg.conninfo import make_conninfo

from infrastructure.importing import Importer
from infrastructure.store import Store
from infrastructure.wiring import application
from tests.infrastructure.http.told import story_lines
from tests.infrastructure.store.servers import Server

_numbers = count(1)


def _as_app(server: Server, name: str) -> str:
    return make_conninfo(server.url(name), user="test_ledger_app")


@pytest.fixture
def database(server: Server, walled_template: str) -> Iterator[str]:
    """The conninfo of ledger_app's login in a fresh ledger with its walls up."""
    name = f"as_app_{next(_numbers)}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {walled_template}")
    yield _as_app(server, name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def told_template(server: Server, walled_template: str) -> str:
    """The name of a database with the demo's year, told by ledger_app, that nobody is connected to."""
    name = "template_told_as_app"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {walled_template}")
    with Store(_as_app(server, name)) as store:
        ledger = application(store)
        assert isinstance(ledger.importer, Importer)
        ledger.importer.run(story_lines(), name="the demo's story", by="tests")
        ledger.projector.bring_forward(store.sequence())
    return name


@pytest.fixture
def told(server: Server, told_template: str) -> Iterator[str]:
    """The conninfo of ledger_app's login in a ledger of its own with the demo's year."""
    name = f"told_as_app_{next(_numbers)}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {told_template}")
    yield _as_app(server, name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")
