"""Makes those who sign in: a login for one of the roles, with a password that nobody has chosen."""

import secrets
from typing import Any, Literal, TypeAlias, get_args

import psycopg

from infrastructure.postgres.statements import statements
from infrastructure.store.errors import StoreError

_SQL = statements("walls")
Role: TypeAlias = Literal[
    "ledger_app", "ledger_reader", "ledger_writer", "ledger_sequencer", "ledger_projector", "ledger_migrator"
]
ROLES: tuple[Role, ...] = get_args(Role)


def make_login(connection: psycopg.Connection[Any], name: str, role: Role) -> str:
    """Make a login that has one role, or give it another password; return the password, which is not kept anywhere.

    The server is told a SCRAM verifier and never the password, so that it stands in no log. StoreError when the name is
    that of somebody else. psycopg.Error when this user may not make roles.
    """
    password = secrets.token_urlsafe(24)
    verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    (free, ours) = connection.execute(_SQL["whose_login"], {"name": name, "role": role}).fetchone() or (True, False)
    if not free and not ours:
        raise StoreError(f"There is a role {name} that is no login of {role}; choose another name.")
    step = "make_login" if free else "renew_login"
    (statement,) = connection.execute(_SQL[step], {"name": name, "role": role, "verifier": verifier}).fetchone() or (
        "",
    )
    connection.execute(statement.encode())
    return password
