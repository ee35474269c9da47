"""Sealed ledgers, each with a key store, a wrapping key and a list of erasures of its own; the demo's year in some."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infrastructure.wiring import Application
from tests.infrastructure.erasing.places import Places
from tests.infrastructure.http.serving import Running, served
from tests.infrastructure.http.told import story_lines
from tests.infrastructure.store.servers import Server


@pytest.fixture(scope="session")
def empty_template(server: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """A sealed ledger without facts, that nobody is connected to."""
    server.execute(f"CREATE DATABASE sealed_empty TEMPLATE {template}")
    server.execute("CREATE DATABASE sealed_empty_keys")
    places = Places(server, "sealed_empty", "sealed_empty_keys", tmp_path_factory.mktemp("sealed"))
    with places.opened():
        pass
    return places


@pytest.fixture(scope="session")
def told_sealed(empty_template: Places, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """One with the demo's year."""
    places = empty_template.copy(tmp_path_factory.mktemp("told_sealed"))
    with places.opened() as ledger:
        ledger.importer.run(story_lines(), name="the demo's story", by="tests")
        ledger.projector.bring_forward(ledger.store.sequence())
    return places


@pytest.fixture
def places(empty_template: Places, tmp_path: Path) -> Iterator[Places]:
    """A sealed ledger without facts."""
    found = empty_template.copy(tmp_path / "home")
    yield found
    found.drop()


@pytest.fixture
def ledger(places: Places) -> Iterator[Application]:
    """The same, open."""
    with places.opened() as found:
        yield found


@pytest.fixture
def told(told_sealed: Places, tmp_path: Path) -> Iterator[Places]:
    """A sealed ledger with the demo's year."""
    found = told_sealed.copy(tmp_path / "home")
    yield found
    found.drop()


@pytest.fixture
def demo(told: Places) -> Iterator[Running]:
    """A server over it."""
    with told.opened() as ledger, served(ledger) as found:
        yield found
