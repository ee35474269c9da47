"""A small log to sign: its leaves, its roots and its proofs, made as RFC 9162 words it (section 2.1) and no faster."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.evidence.notes import Checkpoint
from domain.evidence.trees import EMPTY, leaf_hash, node_hash

ORIGIN = "ledger.example/tests"


@dataclass(frozen=True)
class Log:
    """A log that is as long as anybody asks; `forked` is the first leaf that differs from those of every other log."""

    origin: str = ORIGIN
    name: str = "the log"
    forked: int = 0

    def checkpoint(self, size: int) -> Checkpoint:
        return Checkpoint(self.origin, size, _root(self._leaves(size)))

    def proof(self, first: int, second: int) -> list[bytes]:
        """That the tree of `second` leaves begins with that of `first`."""
        if first in {0, second}:
            return []
        return _consistency(first, self._leaves(second), whole=True)

    def holds(self, checkpoint: Checkpoint) -> bool:
        """Whether this is a checkpoint of this very log."""
        return checkpoint == self.checkpoint(checkpoint.size)

    def _leaves(self, size: int) -> list[bytes]:
        return [leaf_hash(f"{self.name if number >= self.forked else ''} {number}".encode()) for number in range(size)]


def _root(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return leaves[0]
    half = _half(len(leaves))
    return node_hash(_root(leaves[:half]), _root(leaves[half:]))


def _consistency(first: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if first == len(leaves):
        return [] if whole else [_root(leaves)]
    half = _half(len(leaves))
    if first <= half:
        return [*_consistency(first, leaves[:half], whole=whole), _root(leaves[half:])]
    return [*_consistency(first - half, leaves[half:], whole=False), _root(leaves[:half])]


def _half(size: int) -> int:
    """The largest power of two that is smaller."""
    return 1 << (size - 1).bit_length() - 1
