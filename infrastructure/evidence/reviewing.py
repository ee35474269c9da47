"""Before anything is signed: stored rows are read back, and judged by the code that an auditor judges by."""

from collections.abc import Sequence
from typing import Any

import psycopg

from domain.evidence.leaves import Head, InvalidLeafError, fact_leaf, read_head_leaf, tree_of
from domain.evidence.trees import HASH_SIZE, Frontier, ProofError, leaf_hash
from infrastructure.evidence.growing import EvidenceLostError
from infrastructure.postgres.statements import statements

_SQL = statements("evidence")


def reviewed(connection: psycopg.Connection[Any], after: int, upto: int) -> bytes:
    """The root of the first `upto` leaves of the head log, if every head after the first `after` is true.

    A head is true when the stored bytes of the facts, read here once more, make the tree that it says. Growth by
    growth, so that memory does not depend on how much there is. EvidenceLostError, naming the place, otherwise.
    """
    stands = connection.execute(_SQL["growth_at"], {"size": after}, binary=True).fetchone()
    size, position, edge = stands if stands is not None else (0, 0, b"")
    if size != after:
        raise EvidenceLostError(f"How the head log stood at {after} leaves is not known any more; restore a backup.")
    log = Frontier(size, _cut(edge))
    for next_size, next_position in connection.execute(_SQL["growths"], {"after": after, "upto": upto}, binary=True):
        _review(connection, log, (log.size, next_size), (position, next_position))
        position = next_position
    if log.size != upto:
        raise EvidenceLostError(f"The head log has {log.size} leaves where it should have {upto}.")
    return log.root()


def _review(
    connection: psycopg.Connection[Any], log: Frontier, heads: tuple[int, int], positions: tuple[int, int]
) -> None:
    trees = _trees(connection, heads[0], positions)
    asked = {"first": heads[0], "end": heads[1]}
    for index, tree, opaque, leaf in connection.execute(_SQL["new_heads"], asked, binary=True).fetchall():
        if index != log.size:
            raise EvidenceLostError(f"The leaf {log.size} of the head log is not there any more.")
        log.add(leaf_hash(leaf))
        if tree is None:
            continue
        try:
            said = read_head_leaf(leaf)
            grown = trees.pop(tree)
        except (InvalidLeafError, KeyError):
            raise EvidenceLostError(f"The leaf {index} of the head log says nothing that holds.") from None
        if said != Head(opaque, grown.size, grown.root()):
            raise EvidenceLostError(
                f"The stored facts of positions {positions[0] + 1} to {positions[1]} do not make the head {index} of "
                "the head log: one was changed. Run `accessledger verify`, which names it."
            )
    if trees:
        raise EvidenceLostError(f"Facts of positions {positions[0] + 1} to {positions[1]} are in no head.")


def _trees(connection: psycopg.Connection[Any], index: int, positions: tuple[int, int]) -> dict[str, Frontier]:
    """The trees that facts of a range belong to, grown by these facts, from how they stood in heads already signed."""
    hashes: dict[str, list[bytes]] = {}
    asked = {"after": positions[0], "upto": positions[1]}
    last = positions[0]
    for position, location, stream, decides, body, personal in connection.execute(_SQL["stored"], asked, binary=True):
        if position != last + 1:
            raise EvidenceLostError(f"The fact at position {last + 1} is not in the ledger any more.")
        last = position
        leaf = fact_leaf(body, personal, position, decides=decides)
        hashes.setdefault(tree_of(location, stream), []).append(leaf_hash(leaf.written()))
    if last != positions[1]:
        raise EvidenceLostError(f"The fact at position {last + 1} is not in the ledger any more.")
    trees: dict[str, Frontier] = {}
    asked_trees = {"trees": list(hashes), "index": index}
    for tree, size, edge, leaf in connection.execute(_SQL["edges_before"], asked_trees, binary=True):
        trees[tree] = _standing(size, edge, leaf)
    for tree, leaves in hashes.items():
        grown = trees.setdefault(tree, Frontier())
        for each in leaves:
            grown.add(each)
    return trees


def _standing(size: int, edge: bytes, leaf: bytes) -> Frontier:
    """A tree as its head says, which is in the log that was signed: an edge that was changed has another root."""
    try:
        found, said = Frontier(size, _cut(edge)), read_head_leaf(leaf)
    except (ProofError, InvalidLeafError) as error:
        raise EvidenceLostError(f"A head of the head log cannot be read any more: {error}.") from None
    if not isinstance(said, Head) or (said.size, said.root) != (found.size, found.root()):
        raise EvidenceLostError(f"The edge of a tree of {size} leaves is not that of its head: it was changed.")
    return found


def _cut(edge: bytes) -> Sequence[bytes]:
    return [edge[at : at + HASH_SIZE] for at in range(0, len(edge), HASH_SIZE)]
