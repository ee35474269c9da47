"""Looks which walls stand, and says in a sentence what is well and what to do about the rest."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from infrastructure.findings import Finding
from infrastructure.postgres.statements import statements
from infrastructure.walls.raising import Gap, gaps, guard_gaps, stands

_SQL = statements("walls")
_MENDED = {15: 14, 16: 10, 17: 6}
"""The releases from which row security has no known hole, of each version that had one (CVE-2025-8713 and before)."""

_SHOWN = 3


def examine_walls(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    """Whether the walls stand in this database, who this connection is, and what else keeps people apart.

    Anybody may ask, and nothing is changed.
    """
    standing = stands(connection)
    missing = gaps(connection) if standing else guard_gaps(connection)
    if standing:
        yield Finding("walls", "well", "The walls were put up in this database.")
        for wall, sentence in _WALLS.items():
            yield _wall(wall, sentence, [gap for gap in missing if gap.wall == wall])
        yield from _version(connection)
    else:
        yield Finding(
            "walls", "look", "No walls: whoever can connect as this user can do everything. Run `accessledger walls`."
        )
        yield _wall("guard", _WALLS["guard"], missing)
    yield _who(connection)
    yield from _apart(connection)


_WALLS = {
    "roles": "The roles are there, and none may more than it should.",
    "owners": "Everything belongs to roles that nobody signs in as.",
    "functions": "Facts are stored by the owner's functions only.",
    "rights": "Each role may do what it is for, and nobody else may write.",
    "row security": "Row security holds for everybody, and shows readers one location.",
    "guard": "Facts can be neither changed nor removed, by superusers and replicas neither.",
}


def _wall(wall: str, sentence: str, missing: list[Gap]) -> Finding:
    if not missing:
        return Finding(wall, "well", sentence)
    shown = " ".join(gap.sentence for gap in missing[:_SHOWN])
    more = f" And {len(missing) - _SHOWN} more." if len(missing) > _SHOWN else ""
    return Finding(wall, "ill", f"{shown}{more} Run `accessledger walls` as an administrator.")


def _version(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    major, minor = divmod(connection.info.server_version, 10_000)
    if minor < _MENDED.get(major, 0):
        yield Finding("row security", "look", f"PostgreSQL {major}.{minor} has known holes in row security: update it.")


def _who(connection: psycopg.Connection[Any]) -> Finding:
    name, superuser, makes_roles, is_app, owns = connection.execute(_SQL["who"]).fetchone() or ("", *[False] * 4)
    if superuser:
        return Finding("connection", "look", f"{name} is a superuser, for whom no wall holds; serve as ledger_app.")
    if owns:
        return Finding("connection", "look", f"{name} could take the guard off the facts; serve as ledger_app.")
    if makes_roles:
        return Finding("connection", "look", f"{name} may make roles; serve as ledger_app.")
    if is_app:
        return Finding("connection", "well", f"{name} works as ledger_app.")
    return Finding("connection", "look", f"{name} is no login of ledger_app; make one by `accessledger walls --login`.")


def _apart(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    keys_here, prepared = connection.execute(_SQL["apart"]).fetchone() or (False, 0)
    yield (
        Finding("keys", "look", f"The keys of personal fields lie beside the facts; {_KEYS_ELSEWHERE}.")
        if keys_here
        else Finding("keys", "well", "No keys of personal fields lie in the ledger's database.")
    )
    yield (
        Finding("prepared", "look", f"A forgotten prepared transaction holds back all positions; {_NONE_PREPARED}.")
        if prepared
        else Finding("prepared", "well", "No prepared transaction can hold back final positions.")
    )


_KEYS_ELSEWHERE = "name another database for them by ACCESSLEDGER_KEYS_URL"
_NONE_PREPARED = "set max_prepared_transactions to 0"


def examine_signer(socket: Path) -> Finding:
    """Whether the signer at a socket is somebody else, whose keys this process cannot read."""
    try:
        found = socket.stat()
    except OSError:
        found = None
    if found is None or not stat.S_ISSOCK(found.st_mode):
        return Finding("signer", "ill", f"No signer listens at {socket}; start `accessledger signer`.")
    for key in _keys_in(socket.parent):
        if os.access(key, os.R_OK):
            return Finding("signer", "ill", f"This user can read the log's private key {key}; give the signer a user.")
    if found.st_uid == os.geteuid():
        return Finding("signer", "look", "The signer runs as this very user; give it a user of its own.")
    if stat.S_IMODE(found.st_mode) & 0o007:
        return Finding("signer", "look", f"Everybody on this machine may ask the signer; set {socket} to mode 0660.")
    return Finding("signer", "well", "The signer runs as another user, and its keys cannot be read here.")


def _keys_in(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".key")
    except OSError:
        return []
