"""Puts the walls up: compares what should be with the catalogue, and carries out what differs and nothing else.

Not in the migrations, which make the guard and all that needs no role. Roles are the cluster's: who may migrate a
database may not always make them, several databases share them, and a dump does not bring them. So they are made by a
command that can be given again, at any time and by another user; and a ledger without them works as it did.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from infrastructure.postgres.statements import statements

_SQL = {**statements("walls"), **statements("walls_rights"), **statements("walls_rows")}
_GROUPS = ("memberships", "doors", "owners", "functions", "views", "row_security", "guard", "kept", "rights")
"""In this order: what comes later may rest on what came before."""

_TRIES = 20
"""Several databases of a cluster may have their roles made at once: who comes second looks again."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a wall is not as it should be: which, a sentence, and what puts it right."""

    wall: str
    sentence: str
    statement: str


Told = Callable[[Gap], None]


def stands(connection: psycopg.Connection[Any]) -> bool:
    """Whether the walls were put up in this database; not whether all of them still stand (`gaps` tells that)."""
    return bool((connection.execute(_SQL["stand"]).fetchone() or (False,))[0])


def gaps(connection: psycopg.Connection[Any]) -> list[Gap]:
    """What is not as it should be; nothing when all walls stand. Anybody may ask, and nothing is changed."""
    return [gap for group in ("roles", *_GROUPS[1:]) for gap in _gaps(connection, group)]


def guard_gaps(connection: psycopg.Connection[Any]) -> list[Gap]:
    """The same of the guard alone, which stands also where no walls were put up."""
    return _gaps(connection, "guard")


def raise_walls(connection: psycopg.Connection[Any], told: Told = lambda _gap: None, *, roles: bool = True) -> int:
    """Put up what does not stand, tell of each, and return how much that was. Again and again it comes to the same.

    `connection` is in autocommit, of a superuser, or of who owns the database and may make roles. Who reads or writes
    waits for a second at most. Roles are made first, unless they are to be left as they are; all the rest is one
    transaction.
    Raises psycopg.Error when this user may not, or others are at work for ten seconds.
    """
    with _alone(connection):
        done = _make_roles(connection, told) if roles else 0
        with connection.transaction():
            connection.execute(_SQL["patience"])
            for group in _GROUPS:
                for gap in _gaps(connection, group):
                    connection.execute(gap.statement.encode())
                    told(gap)
                    done += 1
    return done


@contextmanager
def _alone(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """No migration runs meanwhile."""
    connection.execute(_SQL["alone"])
    try:
        yield
    finally:
        if not connection.broken:
            connection.execute(_SQL["left_alone"])


def _make_roles(connection: psycopg.Connection[Any], told: Told) -> int:
    """Until nothing is missing: what a role may do is seen only when it is there."""
    done = 0
    for left in reversed(range(_TRIES)):
        try:
            found = _gaps(connection, "roles")
            for gap in found:
                connection.execute(gap.statement.encode())
                told(gap)
                done += 1
        except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation, psycopg.errors.InternalError_):
            if not left:
                raise
        else:
            if not found:
                break
    return done


def _gaps(connection: psycopg.Connection[Any], group: str) -> list[Gap]:
    return [Gap(*found) for found in connection.execute(_SQL[group]).fetchall()]
