"""Two tenants in one ledger: whatever is asked by whom in whatever form, nothing of the other comes back."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infrastructure.books import Books
from infrastructure.door import room
from infrastructure.door.caller import EVERYWHERE, Caller
from infrastructure.door.permissions import Sight, sight
from infrastructure.evidence.settings import SIGNER
from infrastructure.importing import Importer
from infrastructure.store import Store
from infrastructure.wiring import application
from tests.infrastructure.http.fuzzing import fuzz
from tests.infrastructure.http.processes import serving
from tests.infrastructure.http.serving import running
from tests.infrastructure.http.tenants import tenants_lines
from tests.infrastructure.signing.processes import signing
from tests.infrastructure.store.servers import Server

CALLS = 10_000 if os.environ.get("CI") else 1_000
NEVER = {
    "POST /v1/commands",
    "POST /v1/facts",
    "POST /v1/persons/export",
    "POST /v1/webhooks",
    "DELETE /v1/webhooks/{name}",
    "GET /v1/evidence/tile/{tile}",
    "GET /v1/webhooks/{name}/deliveries",
    "POST /v1/webhooks/{name}/replay",
}
"""What made up requests are too seldom right for; these have tests of their own."""


@pytest.fixture(scope="module")
def two_tenants(server: Server, template: str) -> Iterator[str]:
    """The name of a database with both tenants, that nobody is connected to."""
    name = "template_tenants"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    with Store(server.url(name)) as store:
        ledger = application(store)
        assert isinstance(ledger.importer, Importer)
        ledger.importer.run(tenants_lines(), name="two tenants", by="tests")
        ledger.projector.bring_forward(store.sequence())
    yield name
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(server: Server, two_tenants: str) -> Iterator[str]:
    """A ledger of its own with both tenants."""
    server.execute(f"CREATE DATABASE tenants_served TEMPLATE {two_tenants}")
    yield server.url("tenants_served")
    server.execute("DROP DATABASE tenants_served WITH (FORCE)")


def test_no_call_breaks_anything_or_shows_the_other_tenant(database: str, tmp_path: Path) -> None:
    with (
        signing(tmp_path / "signer") as signer,
        serving(database, more={SIGNER: str(signer.said["socket"])}) as served,
    ):
        found = fuzz(served.address, database, CALLS)
    assert found.wrong == [], "\n".join(found.wrong[:20])
    # A guard that lets everything pass by answering nothing has no tooth.
    called = {name for name, _ in found.statuses}
    assert called - {name for name, status in found.statuses if status in {200, 201}} <= NEVER
    assert found.calls >= CALLS * 0.8


# Schemathesis draws from the one source of chance that all threads of a process share.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")
def test_a_build_that_does_not_look_at_places_is_caught(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def anywhere(caller: Caller, location: str, books: Books) -> Sight:
        return sight(replace(caller, places=EVERYWHERE), location, books)

    monkeypatch.setattr(room, "sight", anywhere)
    with running(database) as served:
        found = fuzz(served.address, database, 60, only="/locations/{location}/seats")
    assert any("shows" in wrong for wrong in found.wrong)
