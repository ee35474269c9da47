"""A ledger with the demo's year and a server over it, each test its own; the year is told once a session."""

from collections.abc import Iterator
from itertools import count

import pytest

from infrastructure.importing import Importer
from infrastructure.store import Store
from infrastructure.wiring import application
from tests.infrastructure.http.serving import Running, running
from tests.infrastructure.http.told import story_lines
from tests.infrastructure.store.servers import Server

_numbers = count(1)


@pytest.fixture(scope="session")
def told_template(server: Server, template: str) -> str:
    """The name of a database with the demo's year, that nobody is connected to."""
    name = "template_told"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    with Store(server.url(name)) as store:
        ledger = application(store)
        assert isinstance(ledger.importer, Importer)
        ledger.importer.run(story_lines(), name="the demo's story", by="tests")
        ledger.projector.bring_forward(store.sequence())
    return name


@pytest.fixture
def told(server: Server, told_template: str) -> Iterator[str]:
    """The conninfo of a ledger of its own with the demo's year."""
    name = f"told_{next(_numbers)}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {told_template}")
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def demo(told: str) -> Iterator[Running]:
    """A server over the demo's year."""
    with running(told) as found:
        yield found
