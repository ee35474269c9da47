"""A ledger as it is run, sealed: its database and its keys' are two."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from infrastructure.sealing.sealing import Sealing, open_sealing
from infrastructure.store import Store
from infrastructure.store.boundary import Keys
from tests.infrastructure.store.servers import Server

_numbers = count(1)


@pytest.fixture
def keys(server: Server, tmp_path: Path) -> Iterator[Keys]:
    """A database of keys of its own."""
    name = f"keys_{next(_numbers)}"
    server.execute(f"CREATE DATABASE {name}")
    yield Keys(server.url(name), str(tmp_path / "wrapping.key"))
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sealing(keys: Keys) -> Iterator[Sealing]:
    """The boundary over these keys."""
    found = open_sealing(keys, patience=60.0)
    yield found
    found.close()


@pytest.fixture
def sealed(database: str, sealing: Sealing) -> Iterator[Store]:
    """A store on a fresh database that seals."""
    with Store(database, patience=60.0, sealing=sealing) as store:
        yield store
