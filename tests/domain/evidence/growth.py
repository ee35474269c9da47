"""A tree of ours in memory: it grows as the stored ones do, and keeps of its nodes what those keep."""

from collections import defaultdict
from collections.abc import Sequence

from infrastructure.evidence import merkle


class Grown:
    """The leaves, the tiles above them that the edge made whole, and the root after each leaf."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.stored: dict[int, dict[int, bytes]] = defaultdict(dict)
        edge = merkle.Edge()
        self.roots = [edge.root()]
        for index, each in enumerate(leaves):
            self.stored[0][index] = each
            for level, at, hashed in edge.add(each):
                self.stored[level][at] = hashed
            edge = merkle.Edge(edge.size, edge.written())
            self.roots.append(edge.root())

    def nodes(self, level: int, first: int, end: int) -> list[bytes]:
        """What merkle.Nodes asks for."""
        stored = self.stored[level]
        return [stored[index] for index in range(first, end) if index in stored]

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof of ours."""
        return merkle.inclusion(self.nodes, index, size)

    def consistency(self, first: int, second: int) -> list[bytes]:
        """The proof of ours."""
        return merkle.consistency(self.nodes, first, second)
