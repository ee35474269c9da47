"""One server a session, a migrated template database, and a clone of it for each test."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from infrastructure.settings import KEYS_WRAP
from infrastructure.store import Store, migrate
from tests.infrastructure.store.servers import Server

_TEMPLATE = "template_ledger"
_numbers = count(1)

# A slow machine takes its time over an example, and that is no mistake of anybody.
settings.register_profile("patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session", autouse=True)
def wrapping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wrapping key of all ledgers that are opened from settings, in other processes as well."""
    path = tmp_path_factory.mktemp("keys") / "wrapping.key"
    os.environ[KEYS_WRAP] = str(path)
    return path


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server for the whole session: fast, and not safe against a power cut."""
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """The name of a migrated database that nobody is connected to."""
    server.execute(f"CREATE DATABASE {_TEMPLATE}")
    migrate(server.url(_TEMPLATE))
    return _TEMPLATE


@pytest.fixture
def database(server: Server, template: str) -> Iterator[str]:
    """The conninfo of a fresh database; it is dropped after the test."""
    name = f"ledger_{next(_numbers)}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """A store on a fresh database, more patient than usual: a busy machine is not one that is away."""
    with Store(database, patience=60.0) as store:
        yield store
