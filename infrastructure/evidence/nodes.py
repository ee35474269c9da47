"""The stored nodes of a tree, as `merkle` asks for them."""

from typing import Any

import psycopg

from domain.evidence.trees import HASH_SIZE, leaf_hash
from infrastructure.evidence.growing import HEAD_LOG, LONGEST_RUN
from infrastructure.evidence.merkle import Nodes
from infrastructure.postgres.statements import statements

_SQL = statements("evidence")


def nodes_of(connection: psycopg.Connection[Any], log: int) -> Nodes:
    """A reader of one tree's nodes over a connection."""

    def read(level: int, first: int, end: int) -> list[bytes]:
        if level:
            asked = {"log": log, "level": level, "first": first, "end": end}
            return [each for (each,) in connection.execute(_SQL["tile_hashes"], asked, binary=True)]
        if log == HEAD_LOG:
            found = connection.execute(_SQL["head_leaves"], {"first": first, "end": end}, binary=True)
            return [leaf_hash(leaf) for _, leaf in found]
        return [each for _, each in leaves_of(connection, log, first, end)]

    return read


def leaves_of(connection: psycopg.Connection[Any], log: int, first: int, end: int) -> list[tuple[int, bytes]]:
    """Position and leaf hash of the leaves of a range, in order."""
    asked = {"log": log, "first": first, "end": end, "longest": LONGEST_RUN}
    found: list[tuple[int, bytes]] = []
    for start, positions, hashes in connection.execute(_SQL["leaf_runs"], asked, binary=True):
        for nth, position in enumerate(positions):
            if first <= start + nth < end:
                found.append((position, hashes[nth * HASH_SIZE : (nth + 1) * HASH_SIZE]))
    return found
