"""What a proof over a Merkle tree proves: roots, inclusion and consistency as RFC 9162 (section 2.1) defines them.

Only checking is here; proofs are made elsewhere, by other code, so that one mistake cannot hide the other.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()
"""The root of a tree without leaves."""

HASH_SIZE = 32
LARGEST_TREE = 1 << 62
"""More leaves than any tree will have; a size above it is not looked at."""


class ProofError(ValueError):
    """This proof does not prove what it is given for; the sentence says in which way."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf: SHA-256 of a zero byte and the leaf."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two halves of a tree: SHA-256 of a one byte and both."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the whole subtrees along the right edge of a tree that grows leaf by leaf, largest first."""

    def __init__(self, size: int = 0, edge: Sequence[bytes] = ()) -> None:
        """A tree of that size with those roots along its edge; ProofError when so many there cannot be."""
        if size.bit_count() != len(edge):
            raise ProofError(f"a tree of {size} leaves has {size.bit_count()} roots along its edge, not {len(edge)}")
        _check_hashes(*edge)
        self.size = size
        self._edge = list(edge)

    def add(self, leaf: bytes) -> None:
        """Take in the hash of the next leaf."""
        node, size = leaf, self.size
        while size & 1:
            node = node_hash(self._edge.pop(), node)
            size >>= 1
        self._edge.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        if not self._edge:
            return EMPTY
        node = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            node = node_hash(left, node)
        return node


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root of a tree of these leaf hashes, made from nothing."""
    tree = Frontier()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """ProofError unless the leaf hash stands at that index of the tree of that size and root (section 2.1.3.2)."""
    _check_hashes(leaf, root, *proof)
    if not 0 <= index < size <= LARGEST_TREE:
        raise ProofError(f"there is no leaf {index} in a tree of {size}")
    node, at, last = leaf, index, size - 1
    for other in proof:
        if last == 0:
            raise ProofError("the proof of inclusion is longer than the tree is high")
        if at & 1 or at == last:
            node = node_hash(other, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, other)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise ProofError("the proof of inclusion is shorter than the tree is high")
    if node != root:
        raise ProofError("the proof of inclusion leads to another root")


def check_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> None:
    """ProofError unless the larger tree begins with the very leaves of the smaller one (section 2.1.4.2).

    Every tree begins with the empty one; two trees of one size have to have one root; both without any proof.
    """
    _check_hashes(first_root, second_root, *proof)
    if not 0 <= first <= second <= LARGEST_TREE:
        raise ProofError(f"a tree of {second} leaves cannot have grown out of one of {first}")
    if first in {0, second}:
        expected = EMPTY if first == 0 else second_root
        if first_root != expected:
            raise ProofError(f"there are two different trees of {first} leaves")
        if proof:
            raise ProofError("nothing is to be proven here, and yet there is a proof")
        return
    _check_grown(first, second, first_root, second_root, proof)


def _check_grown(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> None:
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        raise ProofError("the proof of consistency is empty")
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    older = newer = path[0]
    for other in path[1:]:
        if last == 0:
            raise ProofError("the proof of consistency is longer than the tree is high")
        if at & 1 or at == last:
            older, newer = node_hash(other, older), node_hash(other, newer)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            newer = node_hash(newer, other)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise ProofError("the proof of consistency is shorter than the tree is high")
    if older != first_root:
        raise ProofError(f"the proof of consistency does not lead to the root of the {first} leaves")
    if newer != second_root:
        raise ProofError(f"the proof of consistency does not lead to the root of the {second} leaves")


def _check_hashes(*hashes: bytes) -> None:
    if any(len(each) != HASH_SIZE for each in hashes):
        raise ProofError(f"a hash of a proof is {HASH_SIZE} bytes long")
