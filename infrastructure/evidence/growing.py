"""The trees grow: each fact that has its final position becomes a leaf, and each tree that grew a head in the head log.

One process at a time; whatever is interrupted is as if it had not begun. Digests of stored bytes come from the
database; whoever checks reads the bytes and makes digests by other code.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from domain.evidence.leaves import FactLeaf, Head, tree_of
from domain.evidence.trees import leaf_hash
from infrastructure.evidence.merkle import Edge, Tile
from infrastructure.postgres.statements import statements
from infrastructure.store import Store, StoreError

_SQL = statements("evidence")
BATCH = 50_000
"""Facts that are taken in by one transaction: a head of a tree is written once a batch."""

LONGEST_RUN = 256
"""Leaves in one row at most."""

HEAD_LOG = 0


class EvidenceLostError(StoreError):
    """Rows that were there are not: nothing is signed over that."""


@dataclass(frozen=True, slots=True)
class Grown:
    """How far the trees are: `size` leaves in the head log, all facts up to `position`; `facts` came in just now."""

    size: int
    position: int
    facts: int


class _Growth:
    """One tree's share of a batch."""

    def __init__(self, log: int, opaque: str, edge: Edge) -> None:
        self.log = log
        self.opaque = opaque
        self.edge = edge
        self.start = edge.size
        self.positions: list[int] = []
        self.hashes: list[bytes] = []
        self.tiles: list[Tile] = []

    def add(self, leaf: FactLeaf) -> None:
        """Take in a fact."""
        hashed = leaf_hash(leaf.written())
        self.positions.append(leaf.position)
        self.hashes.append(hashed)
        self.tiles += self.edge.add(hashed)

    def runs(self) -> Iterable[tuple[int, int, int, list[int], bytes]]:
        """The rows of its leaves."""
        for at in range(0, len(self.positions), LONGEST_RUN):
            positions = self.positions[at : at + LONGEST_RUN]
            hashes = b"".join(self.hashes[at : at + LONGEST_RUN])
            yield self.log, self.start + at, positions[-1], positions, hashes


class Growing:
    """Lets the trees of a ledger grow."""

    def __init__(self, store: Store) -> None:
        self._connections = store.connections
        self._store = store

    def grow(self) -> Grown | None:
        """Take in all facts that have a position, and all events that wait; None if another process is at it."""
        settled, facts = self._store.sequence(), 0
        while True:
            with self._connections.take() as connection, connection.transaction():
                if connection.execute(_SQL["growing"]).fetchone() != (True,):
                    return None
                grown = _grow(connection, settled)
            facts += grown.facts
            if grown.position >= settled:
                return Grown(grown.size, grown.position, facts)


def _grow(connection: psycopg.Connection[Any], settled: int) -> Grown:
    size, position, edge = last_growth(connection)
    upto = min(settled, position + BATCH)
    log = Edge(size, edge)
    growths = _grown_by(connection, position, upto) if upto > position else []
    events = connection.execute(_SQL["waiting_events"]).fetchall()
    if not growths and not events:
        return Grown(size, max(position, upto), 0)
    heads: list[tuple[int, int | None, int | None, bytes | None, bytes]] = []
    told, tiles = [], []
    for event, leaf in events:
        told.append((event, log.size))
        heads.append((log.size, None, None, None, leaf))
        tiles += log.add(leaf_hash(leaf))
    for each in growths:
        leaf = Head(each.opaque, each.edge.size, each.edge.root()).written()
        heads.append((log.size, each.log, each.edge.size, each.edge.written(), leaf))
        tiles += log.add(leaf_hash(leaf))
    _copy(connection, "copy_runs", "int4 int8 int8 int8[] bytea", (run for each in growths for run in each.runs()))
    of_trees = ((each.log, *tile) for each in growths for tile in each.tiles)
    _copy(connection, "copy_tiles", "int4 int2 int8 bytea", [*of_trees, *((HEAD_LOG, *tile) for tile in tiles)])
    _copy(connection, "copy_heads", "int8 int4 int8 bytea bytea", heads)
    _copy(connection, "copy_told", "int8 int8", told)
    connection.execute(_SQL["add_growth"], {"size": log.size, "position": upto, "edge": log.written()})
    return Grown(log.size, upto, upto - position)


def _grown_by(connection: psycopg.Connection[Any], position: int, upto: int) -> list[_Growth]:
    """The trees that facts of a range belong to, with these facts taken in; in the order of their first fact."""
    leaves: dict[str, list[FactLeaf]] = {}
    last = position
    with connection.cursor(binary=True) as cursor:
        cursor.execute(_SQL["facts"], {"after": position, "upto": upto})
        for place, location, stream, decides, body, personal in cursor:
            if place != last + 1 or body is None:
                break
            last = place
            leaves.setdefault(tree_of(location, stream), []).append(FactLeaf(place, body, personal, decides))
    if last != upto:
        raise EvidenceLostError(
            f"The fact at position {last + 1} is not in the ledger any more: nothing is signed over that. "
            "Run `accessledger verify`, and bring the row back from a backup."
        )
    trees = list(leaves)
    connection.execute(_SQL["add_logs"], {"trees": trees})
    stands = {
        tree: _Growth(log, opaque, Edge(size, edge))
        for tree, log, opaque, size, edge in connection.execute(_SQL["edges"], {"trees": trees}, binary=True)
    }
    for tree, found in leaves.items():
        for leaf in found:
            stands[tree].add(leaf)
    return [stands[tree] for tree in trees]


def last_growth(connection: psycopg.Connection[Any]) -> tuple[int, int, bytes]:
    """Size of the head log, the position up to which facts are in their trees, and the log's right edge."""
    found = connection.execute(_SQL["last_growth"], binary=True).fetchone()
    return (0, 0, b"") if found is None else (found[0], found[1], found[2])


def _copy(connection: psycopg.Connection[Any], name: str, types: str, rows: Iterable[Sequence[Any]]) -> None:
    """Write rows by binary COPY; nothing is sent where there are none."""
    waiting = iter(rows)
    first = next(waiting, None)
    if first is None:
        return
    with connection.cursor() as cursor, cursor.copy(_SQL[name]) as copy:
        copy.set_types(types.split())
        copy.write_row(first)
        for row in waiting:
            copy.write_row(row)
