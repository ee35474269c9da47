"""Secrets of the program itself, made once for a ledger and kept in its database: what binds cursors and cookies."""

import secrets

from infrastructure.door.veil import PROGRAM, Veil
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

_SQL = statements("door")
_BYTES = 32


def secret(connections: Connections, name: str) -> bytes:
    """Return the secret of that name; the same for every process of a ledger, made by the first that asks."""
    veil = Veil(connections)
    with connections.take() as connection:
        made = veil.over(PROGRAM, secrets.token_hex(_BYTES)) or ""
        connection.execute(_SQL["make_secret"], (name, made.encode()))
    ((value,),) = connections.read(_SQL["secret"], (name,))
    return bytes.fromhex(veil.under(PROGRAM, bytes(value).decode()) or "")
