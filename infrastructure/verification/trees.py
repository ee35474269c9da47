"""The trees of the places as the stored rows make them, growth by growth, against the heads that the log says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

from domain.evidence.leaves import Event, Head, InvalidLeafError, read_head_leaf, tree_of
from domain.evidence.trees import Frontier
from infrastructure.verification.faults import Faults, spoken
from infrastructure.verification.peaks import cut, root_of_edge
from infrastructure.verification.rows import Leaf

StoredLeaves = Callable[[int, int, int], list[tuple[int, bytes]]]
"""(log, first index, end) -> position and hash of the leaves as the evidence keeps them."""


class StoredHead(NamedTuple):
    """A row of the head log."""

    at: int
    log: int | None
    tree: str | None
    opaque: str | None
    size: int | None
    edge: bytes | None
    leaf: bytes


@dataclass
class Tree:
    """One tree: as it was at its last head, and the leaves that have come since."""

    name: str
    grown: Frontier = field(default_factory=Frontier)
    start: int = 0
    """The leaf with which this verification began."""

    log: int | None = None
    new: list[tuple[int, bytes]] = field(default_factory=list)
    digest: Any = field(default_factory=sha256)
    """Over the positions and hashes of its leaves from `start` on."""

    sound: bool = True


class Trees:
    """Takes in leaves and judges heads. `stored` tells which leaf it is where a head is not what the rows make."""

    def __init__(self, faults: Faults, stored: StoredLeaves) -> None:
        self._faults = faults
        self._stored = stored
        self._trees: dict[str, Tree] = {}
        self._of_place: dict[bytes | None, Tree] = {}
        self._touched: dict[str, Tree] = {}

    def stand(self, head: StoredHead) -> None:
        """Begin with a tree as an earlier head says it, whose rows were verified before."""
        assert head.tree is not None
        size, edge = head.size or 0, head.edge or b""
        said = _read(head.leaf)
        if not isinstance(said, Head) or (said.size, said.root) != (size, root_of_edge(size, edge)):
            self._faults.add("edge", f"The edge beside leaf {head.at} of the head log is not that of its tree.")
            return
        self._trees[head.tree] = Tree(head.tree, Frontier(size, cut(edge)), size, head.log)

    def add(self, leaf: Leaf) -> None:
        """Take in the next leaf; of a place that is new its tree begins."""
        key = leaf.place if leaf.place is not None else b"\0" + leaf.stream
        tree = self._of_place.get(key)
        if tree is None:
            name = tree_of(None if leaf.place is None else leaf.place.decode(), leaf.stream.decode())
            tree = self._of_place[key] = self._trees.setdefault(name, Tree(name))
        if not tree.new:
            self._touched[tree.name] = tree
        assert leaf.hash is not None
        tree.new.append((leaf.position, leaf.hash))

    def judge(self, heads: list[StoredHead], after: int) -> None:
        """Judge the heads of a growth that took in the leaves after a position."""
        touched, self._touched = self._touched, {}
        for head in heads:
            if head.log is None:
                continue
            name = head.tree or ""
            # A head of a tree that nothing came to: what came to it is gone.
            tree = touched.pop(name) if name in touched else self._trees.setdefault(name, Tree(name))
            self._judge(tree, head, after)
        for name, tree in touched.items():
            positions = [position for position, _ in tree.new]
            self._faults.add("head", f"What is at {spoken(positions)} is in no head of {name}.", positions[0])
            self._close(tree)

    def _judge(self, tree: Tree, head: StoredHead, after: int) -> None:
        tree.log = head.log
        start = tree.grown.size
        for _, hashed in tree.new:
            tree.grown.add(hashed)
        said = _read(head.leaf)
        if said != Head(head.opaque or "", tree.grown.size, tree.grown.root()) or head.size != tree.grown.size:
            self._name(tree, head, start, after)
            self._go_on(tree, head)
        elif head.edge is not None and root_of_edge(tree.grown.size, head.edge) != tree.grown.root():
            self._faults.add("edge", f"The edge beside leaf {head.at} of the head log is not that of its tree.")
        self._close(tree)

    def _name(self, tree: Tree, head: StoredHead, start: int, after: int) -> None:
        """Say which of the leaves since the last head is not what it was."""
        tree.sound = False
        assert head.log is not None
        made = dict(tree.new)
        stored = dict(self._stored(head.log, start, head.size or start))
        changed = sorted(
            position for position in made.keys() | stored.keys() if made.get(position) != stored.get(position)
        )
        what = f"(leaf {head.at} of the head log, tree {head.tree})"
        if changed:
            for position in changed:
                how = (
                    "was changed"
                    if position in made and position in stored
                    else "was put in later or in another place"
                    if position in made
                    else "is gone"
                )
                self._faults.add("head", f"What is stored at position {position} {how} {what}.", position)
            return
        if head.edge is not None and root_of_edge(tree.grown.size, head.edge) == tree.grown.root():
            self._faults.add("head", f"Leaf {head.at} of the head log was changed: it is not the head of {head.tree}.")
            return
        positions = sorted(made) or [after + 1]
        self._faults.add(
            "head",
            f"What is stored at {spoken(positions)} is not what was taken in, and its leaf was written anew {what}.",
            positions[0],
        )

    def _go_on(self, tree: Tree, head: StoredHead) -> None:
        """After a fault the tree goes on from what the head says, so that a later one is found as well."""
        said = _read(head.leaf)
        size, edge = head.size or 0, head.edge or b""
        if isinstance(said, Head) and said.size == size and root_of_edge(size, edge) == said.root:
            tree.grown = Frontier(size, cut(edge))

    def _close(self, tree: Tree) -> None:
        tree.digest.update(b"".join(position.to_bytes(8, "big") + hashed for position, hashed in tree.new))
        tree.new.clear()

    def all(self) -> Iterator[Tree]:
        """Every tree as it stands."""
        yield from self._trees.values()


def _read(leaf: bytes) -> Head | Event | None:
    try:
        return read_head_leaf(leaf)
    except InvalidLeafError:
        return None
