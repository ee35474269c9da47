"""Proofs for whoever asks: checkpoints with their cosignatures, heads of trees in them, and what leads from one on."""

from dataclasses import dataclass
from datetime import datetime

from domain.evidence.leaves import Head, read_head_leaf
from domain.evidence.notes import Checkpoint, read_checkpoint, read_note
from infrastructure.evidence.growing import HEAD_LOG, EvidenceLostError
from infrastructure.evidence.merkle import consistency, inclusion
from infrastructure.evidence.nodes import leaves_of, nodes_of
from infrastructure.postgres.statements import statements
from infrastructure.store import Store

_SQL = statements("evidence")


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint that was signed: all facts up to `position` are covered by it."""

    note: str
    """The whole note, with the witnesses' lines."""

    checkpoint: Checkpoint
    position: int
    at: datetime


@dataclass(frozen=True, slots=True)
class HeadProof:
    """A tree's newest head within a checkpoint, and that it stands in the head log."""

    head: Head
    index: int
    leaf: bytes
    proof: list[bytes]


class Proving:
    """Makes proofs out of what is stored; whether they hold is for others to say."""

    def __init__(self, store: Store) -> None:
        self._connections = store.connections

    def latest(self) -> Published | None:
        """The newest checkpoint; None while nothing was signed."""
        found = self._connections.read(_SQL["latest"])
        return self.at_size(found[0][0]) if found else None

    def covering(self, position: int) -> Published | None:
        """The first checkpoint that covers a position; None while there is none."""
        found = self._connections.read(_SQL["covering"], {"position": position})
        return self.at_size(found[0][0]) if found else None

    def at_size(self, size: int) -> Published | None:
        """The checkpoint of a head log of that size; None where none was signed."""
        found = self._connections.read(_SQL["checkpoint"], {"size": size})
        if not found:
            return None
        note, position, at, cosigned = found[0]
        return Published(note + cosigned, read_checkpoint(read_note(note).text), position, at)

    def head_of(self, tree: str, published: Published) -> HeadProof | None:
        """The newest head of a tree that a checkpoint covers; None if the tree has no fact in it."""
        size = published.checkpoint.size
        with self._connections.take() as connection:
            asked = {"tree": tree, "below": size}
            found = connection.execute(_SQL["head_of"], asked, binary=True).fetchone()
            if found is None:
                return None
            index, leaf = found
            head = read_head_leaf(leaf)
            if not isinstance(head, Head):
                raise EvidenceLostError(f"The leaf {index} of the head log is no head; run `accessledger verify`.")
            return HeadProof(head, index, leaf, inclusion(nodes_of(connection, HEAD_LOG), index, size))

    def consistency(self, first: int, second: int) -> list[bytes]:
        """The proof that the head log of one size begins with that of a smaller one."""
        with self._connections.take() as connection:
            return consistency(nodes_of(connection, HEAD_LOG), first, second)

    def inclusion(self, tree: str, index: int, size: int) -> list[bytes]:
        """The proof that a leaf of a tree stands in its first `size` leaves."""
        with self._connections.take() as connection:
            return inclusion(nodes_of(connection, self._log(tree)), index, size)

    def positions(self, tree: str, size: int) -> list[int]:
        """The positions of the facts of a tree's first leaves, in order."""
        with self._connections.take() as connection:
            return [position for position, _ in leaves_of(connection, self._log(tree), 0, size)]

    def opaque(self, tree: str) -> str | None:
        """The name that a tree goes by in the head log; None if it has no leaf yet."""
        found = self._connections.read(_SQL["log_of"], {"tree": tree})
        return found[0][1] if found else None

    def _log(self, tree: str) -> int:
        found = self._connections.read(_SQL["log_of"], {"tree": tree})
        if not found:
            raise EvidenceLostError(f"There is no tree {tree!r}; publish first, or ask for another location.")
        return int(found[0][0])
