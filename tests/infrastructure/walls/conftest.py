"""Ledgers with their walls up, each test its own, and logins of every role."""

from collections.abc import Callable, Iterator
from itertools import count

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from infrastructure.walls.logins import ROLES
from infrastructure.walls.raising import raise_walls
from tests.infrastructure.store.servers import Server

_numbers = count(1)
As = Callable[[str], str]


@pytest.fixture(scope="session")
def walled_template(server: Server, template: str) -> str:
    """The name of a migrated database with its walls up, that nobody is connected to; the logins are made."""
    name = "template_walled"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    with psycopg.connect(server.url(name), autocommit=True) as connection:
        raise_walls(connection)
        for role in ROLES:
            connection.execute(f"CREATE ROLE test_{role} LOGIN IN ROLE {role}".encode())
        raise_walls(connection)
    return name


@pytest.fixture
def walled(server: Server, walled_template: str) -> Iterator[str]:
    """The conninfo of a superuser in a ledger with its walls up; it is dropped after the test."""
    name = f"walled_{next(_numbers)}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {walled_template}")
    with psycopg.connect(server.url(name), autocommit=True) as connection:
        raise_walls(connection)  # what belongs to a database itself is not copied with it
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def as_role(walled: str) -> As:
    """The conninfo of the login of a role."""
    return lambda role: make_conninfo(walled, user=f"test_{role}")
