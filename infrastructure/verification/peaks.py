"""A tree as it is put together again from many leaves: its root, and the roots of its whole subtrees of 256."""

from collections.abc import Iterable
from hashlib import sha256

from domain.evidence.trees import EMPTY, HASH_SIZE, Frontier, ProofError, node_hash

FAN = 256
"""Leaves of a subtree whose root is stored."""


def cut(edge: bytes) -> list[bytes]:
    """The hashes of a stored edge."""
    return [edge[at : at + HASH_SIZE] for at in range(0, len(edge), HASH_SIZE)]


def root_of_edge(size: int, edge: bytes) -> bytes | None:
    """The root of a tree of that size with those roots along its edge; None when there cannot be one."""
    try:
        return Frontier(size, cut(edge)).root()
    except ProofError:
        return None


class Peaks:
    """Takes in leaf hashes, many at once."""

    def __init__(self) -> None:
        self.size = 0
        self.whole: list[bytes] = []
        """Roots of the whole subtrees of 256 leaves, in order."""

        self._rest = b""

    def add(self, hashes: bytes) -> None:
        """Take in the hashes of the next leaves, one after the other."""
        self.size += len(hashes) // HASH_SIZE
        self._rest += hashes
        while len(self._rest) >= FAN * HASH_SIZE:
            self.whole.append(_perfect(cut(self._rest[: FAN * HASH_SIZE])))
            self._rest = self._rest[FAN * HASH_SIZE :]

    def tiles(self) -> list[tuple[int, int, bytes]]:
        """What is to be stored of whole subtrees: level, index, root; by level, then by index."""
        found, level, row = [], 1, self.whole
        while row:
            found += [(level, index, each) for index, each in enumerate(row)]
            row = [_perfect(row[at : at + FAN]) for at in range(0, len(row) - len(row) % FAN, FAN)]
            level += 1
        return found

    def root(self) -> bytes:
        """The root of all of them."""
        peaks = [*_peaks(self.whole), *_peaks(cut(self._rest))]
        if not peaks:
            return EMPTY
        node = peaks.pop()
        while peaks:
            node = node_hash(peaks.pop(), node)
        return node


def _perfect(row: list[bytes]) -> bytes:
    while len(row) > 1:
        row = [sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in range(0, len(row), 2)]
    return row[0]


def _peaks(nodes: Iterable[bytes]) -> list[bytes]:
    """The roots of the largest whole subtrees over nodes of one level."""
    found: list[bytes] = []
    for size, each in enumerate(nodes):
        node, place = each, size
        while place & 1:
            node = node_hash(found.pop(), node)
            place >>= 1
        found.append(node)
    return found
