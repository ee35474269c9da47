"""Secrets of the program itself, made once for a ledger and kept in its database: what binds cursors and cookies."""

import secrets

from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

_SQL = statements("door")
_BYTES = 32


def secret(connections: Connections, name: str) -> bytes:
    """Return the secret of that name; the same for every process of a ledger, made by the first that asks."""
    with connections.take() as connection:
        connection.execute(_SQL["make_secret"], (name, secrets.token_bytes(_BYTES)))
    ((value,),) = connections.read(_SQL["secret"], (name,))
    return bytes(value)
