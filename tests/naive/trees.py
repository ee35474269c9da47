"""Merkle trees as RFC 9162 writes them down (section 2.1), for tests alone: recursive, slow, and no line of ours.

Each function stands beside the definition that it was read from. `D_n` is the list of leaf hashes, `D[k1:k2]` its
part; what a leaf's own hash is made of is written here once more, so that even that is not taken from the product.
"""

from collections.abc import Sequence
from hashlib import sha256


def leaf(entry: bytes) -> bytes:
    """2.1.1: "MTH({d[0]}) = HASH(0x00 || d[0])"."""
    return sha256(b"\x00" + entry).digest()


class Tree:
    """All that can be said of the trees over the first leaves of a list; what was hashed once is remembered."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._leaves = leaves
        self._known: dict[tuple[int, int], bytes] = {}

    def root(self, size: int) -> bytes:
        """The Merkle Tree Hash of the first leaves."""
        return self._mth(0, size)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """PATH(m, D_n): the proof that the leaf `index` is in the tree of that size."""
        return self._path(index, 0, size)

    def consistency(self, first: int, second: int) -> list[bytes]:
        """2.1.4.1: "PROOF(m, D_n) = SUBPROOF(m, D_n, true)"."""
        return self._subproof(first, 0, second, whole=True)

    def _mth(self, start: int, end: int) -> bytes:
        """2.1.1: "MTH({}) = HASH()" and "MTH(D_n) = HASH(0x01 || MTH(D[0:k]) || MTH(D[k:n]))"."""
        if start == end:
            return sha256(b"").digest()
        if end - start == 1:
            return self._leaves[start]
        if (start, end) not in self._known:
            middle = start + _k(end - start)
            both = self._mth(start, middle) + self._mth(middle, end)
            self._known[start, end] = sha256(b"\x01" + both).digest()
        return self._known[start, end]

    def _path(self, m: int, start: int, end: int) -> list[bytes]:
        """2.1.3.1: "PATH(m, D_n) = PATH(m, D[0:k]) : MTH(D[k:n]) for m < k", else the other way round."""
        if end - start == 1:
            return []
        k = _k(end - start)
        if m < k:
            return [*self._path(m, start, start + k), self._mth(start + k, end)]
        return [*self._path(m - k, start + k, end), self._mth(start, start + k)]

    def _subproof(self, m: int, start: int, end: int, *, whole: bool) -> list[bytes]:
        """2.1.4.1, the four cases of SUBPROOF(m, D_n, b)."""
        n = end - start
        if m == n:
            return [] if whole else [self._mth(start, end)]
        k = _k(n)
        if m <= k:
            return [*self._subproof(m, start, start + k, whole=whole), self._mth(start + k, end)]
        return [*self._subproof(m - k, start + k, end, whole=False), self._mth(start, start + k)]


def _k(n: int) -> int:
    """2.1.1: "let k be the largest power of two smaller than n (i.e., k < n <= 2k)"."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k
