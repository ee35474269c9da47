"""Makes what `domain.evidence.trees` checks: roots and proofs (RFC 9162, section 2.1), out of few stored nodes."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import TypeAlias

TILE = 8
"""Every eighth level of a tree is stored: a node between takes at most 255 hashes."""

Nodes: TypeAlias = Callable[[int, int, int], list[bytes]]
"""(tile level, first index, end) -> hashes of whole subtrees of 256 ** level leaves each."""

Tile: TypeAlias = tuple[int, int, bytes]
"""(level, index, hash) of a subtree of 256, 65,536, ... leaves that has just become whole."""

_HASH = 32
_NOTHING = sha256(b"").digest()


class Edge:
    """A tree as it grows at its right edge: what is needed of it to take in the next leaf."""

    __slots__ = ("size", "subtrees")

    def __init__(self, size: int = 0, edge: bytes = b"") -> None:
        self.size = size
        self.subtrees = [edge[at : at + _HASH] for at in range(0, len(edge), _HASH)]

    def add(self, leaf: bytes) -> list[Tile]:
        """Take in a leaf's hash; the tiles that this makes whole."""
        node, level, index = leaf, 0, self.size
        whole: list[Tile] = []
        while index & 1:
            node = sha256(b"\x01" + self.subtrees.pop() + node).digest()
            index >>= 1
            level += 1
            if level % TILE == 0:
                whole.append((level // TILE, index, node))
        self.subtrees.append(node)
        self.size += 1
        return whole

    def root(self) -> bytes:
        """The root as it is now."""
        if not self.subtrees:
            return _NOTHING
        *larger, node = self.subtrees
        while larger:
            node = sha256(b"\x01" + larger.pop() + node).digest()
        return node

    def written(self) -> bytes:
        """What `Edge(size, ...)` reads."""
        return b"".join(self.subtrees)


def root(nodes: Nodes, size: int) -> bytes:
    """The root of the first `size` leaves."""
    return _range(nodes, 0, size) if size else _NOTHING


def inclusion(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """The proof that a leaf stands at an index of the first `size` leaves, from the leaf upwards."""
    path: list[bytes] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            path.append(_range(nodes, middle, end))
            end = middle
        else:
            path.append(_range(nodes, first, middle))
            first = middle
    return path[::-1]


def consistency(nodes: Nodes, first: int, second: int) -> list[bytes]:
    """The proof that a tree of `second` leaves begins with the tree of `first`; empty where nothing is to be proven."""
    return list(_grown(nodes, first, 0, second, whole=True)) if 0 < first < second else []


def _grown(nodes: Nodes, old: int, first: int, end: int, *, whole: bool) -> Iterator[bytes]:
    if old == end - first:
        if not whole:
            yield _range(nodes, first, end)
        return
    middle = first + _split(end - first)
    if old <= middle - first:
        yield from _grown(nodes, old, first, middle, whole=whole)
        yield _range(nodes, middle, end)
    else:
        yield from _grown(nodes, old - (middle - first), middle, end, whole=False)
        yield _range(nodes, first, middle)


def _range(nodes: Nodes, first: int, end: int) -> bytes:
    """The root of the leaves of a range that is a subtree, or the right edge of one."""
    size = end - first
    if size & (size - 1) == 0:
        return _node(nodes, size.bit_length() - 1, first // size)
    middle = first + _split(size)
    return sha256(b"\x01" + _range(nodes, first, middle) + _range(nodes, middle, end)).digest()


def _node(nodes: Nodes, level: int, index: int) -> bytes:
    stored, above = divmod(level, TILE)
    row = nodes(stored, index << above, (index + 1) << above)
    if len(row) != 1 << above:
        raise LookupError(f"a tree has lost nodes: {1 << above} of tile level {stored} from {index << above}")
    while len(row) > 1:
        row = [sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in range(0, len(row), 2)]
    return row[0]


def _split(size: int) -> int:
    """The largest power of two below a size above one."""
    return 1 << ((size - 1).bit_length() - 1)
