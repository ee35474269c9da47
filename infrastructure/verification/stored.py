"""The leaves and tiles that the evidence keeps, against the trees as the rows make them: proofs are made of these."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, TypeAlias

import psycopg

from domain.evidence.trees import HASH_SIZE, leaf_hash
from infrastructure.postgres.statements import statements
from infrastructure.verification.faults import Faults
from infrastructure.verification.peaks import Peaks
from infrastructure.verification.trees import Tree

_SQL = statements("verification")
HEAD_LOG = 0
Tiles: TypeAlias = dict[tuple[int, int], bytes]
_AT_ONCE = 2_000


def stored_leaves(connection: psycopg.Connection[Any], log: int, first: int, end: int) -> list[tuple[int, bytes]]:
    """Position and hash of some leaves of a tree, as they are kept."""
    found: list[tuple[int, bytes]] = []
    asked = {"log": log, "first": first, "end": end}
    for start, positions, hashes in connection.execute(_SQL["runs_of"], asked, binary=True):
        for nth, position in enumerate(positions):
            if first <= start + nth < end:
                found.append((position, hashes[nth * HASH_SIZE : (nth + 1) * HASH_SIZE]))
    return found


def judge_stored(
    connection: psycopg.Connection[Any], trees: Iterable[Tree], size: int, faults: Faults, *, whole: bool
) -> list[Tree]:
    """Judge what is kept of each tree and of the head log; the trees whose kept leaves are not those of the rows."""
    expected = {tree.log: tree for tree in trees if tree.log is not None}
    wrong: list[Tree] = []
    seen: set[int] = set()
    tiles = _tiles(connection) if whole else {}
    for log, peaks, digest in _kept(connection, expected):
        seen.add(log)
        tree = expected.get(log)
        if tree is None:
            faults.add("leaves", f"Leaves are kept of a tree number {log} that no head speaks of.")
            continue
        if (peaks.size, digest) != (tree.grown.size, tree.digest.digest()):
            wrong.append(tree)
        elif whole:
            _judge_tiles(tiles.get(log, {}), tree.name, peaks, faults)
    wrong += [tree for log, tree in expected.items() if log not in seen and tree.grown.size]
    if whole:
        peaks = Peaks()
        for leaf in _log_leaves(connection, size):
            peaks.add(leaf_hash(leaf))
        _judge_tiles(tiles.get(HEAD_LOG, {}), "the head log", peaks, faults)
    return wrong


def _kept(connection: psycopg.Connection[Any], expected: dict[int, Tree]) -> Iterator[tuple[int, Peaks, bytes]]:
    """Tree by tree what is kept: its leaves, and a digest over those from where the verification began."""
    log, peaks, digest = -1, Peaks(), sha256()
    with connection.cursor("kept_leaves", binary=True) as cursor:
        cursor.itersize = _AT_ONCE
        for at, start, positions, hashes in cursor.execute(_SQL["runs"]):
            if at != log:
                if log >= 0:
                    yield log, peaks, digest.digest()
                log, peaks, digest = at, Peaks(), sha256()
            if start != peaks.size or len(hashes) != HASH_SIZE * len(positions):
                digest.update(b"out of place")
            begins = expected[at].start if at in expected else 0
            for nth in range(max(0, begins - start), len(positions)):
                digest.update(positions[nth].to_bytes(8, "big") + hashes[nth * HASH_SIZE : (nth + 1) * HASH_SIZE])
            peaks.add(hashes)
    if log >= 0:
        yield log, peaks, digest.digest()


def _tiles(connection: psycopg.Connection[Any]) -> dict[int, Tiles]:
    """Every tile that is kept, by its tree: one for 256 leaves."""
    found: dict[int, Tiles] = {}
    with connection.cursor("tiles", binary=True) as cursor:
        cursor.itersize = _AT_ONCE
        for log, level, index, hashed in cursor.execute(_SQL["tiles"]):
            found.setdefault(log, {})[level, index] = hashed
    return found


def _judge_tiles(found: Tiles, name: str, peaks: Peaks, faults: Faults) -> None:
    made = {(level, index): hashed for level, index, hashed in peaks.tiles()}
    for level, index in sorted(made.keys() | found.keys()):
        if made.get((level, index)) != found.get((level, index)):
            first = index * 256**level
            faults.add(
                "tiles",
                f"The tile {index} of level {level} of {name} is not what its leaves {first} to "
                f"{first + 256**level - 1} make: proofs made of it do not hold.",
            )


def _log_leaves(connection: psycopg.Connection[Any], size: int) -> Iterator[bytes]:
    with connection.cursor("log_leaves", binary=True) as cursor:
        cursor.itersize = _AT_ONCE
        for (leaf,) in cursor.execute(_SQL["log_leaves"], {"size": size}):
            yield leaf
