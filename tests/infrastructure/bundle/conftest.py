"""A sealed ledger with the demo's year, each test its own; the year is told once a session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infrastructure.bundle.disputing import Dispute
from tests.infrastructure.erasing.places import Places
from tests.infrastructure.http.told import story_lines
from tests.infrastructure.store.servers import Server


@pytest.fixture(scope="session")
def bundled_template(server: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """The demo's year, sealed; nobody is connected to it."""
    server.execute(f"CREATE DATABASE bundled TEMPLATE {template}")
    server.execute("CREATE DATABASE bundled_keys")
    places = Places(server, "bundled", "bundled_keys", tmp_path_factory.mktemp("bundled"))
    with places.opened() as ledger:
        ledger.importer.run(story_lines(), name="the demo's story", by="tests")
        ledger.projector.bring_forward(ledger.store.sequence())
    return places


@pytest.fixture
def disputed_places(bundled_template: Places, tmp_path: Path) -> Iterator[Places]:
    """Where a copy of it lies."""
    found = bundled_template.copy(tmp_path / "home")
    yield found
    found.drop()


@pytest.fixture
def dispute(disputed_places: Places) -> Iterator[Dispute]:
    """The same, open, with an operator who has a signer."""
    with disputed_places.opened() as ledger:
        yield Dispute(ledger)
