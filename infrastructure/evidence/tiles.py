"""The head log as tiles (C2SP tlog-tiles): files that never change, from which anybody can make any proof."""

import re
from dataclasses import dataclass

from domain.evidence.trees import HASH_SIZE
from infrastructure.evidence.growing import HEAD_LOG
from infrastructure.evidence.nodes import nodes_of
from infrastructure.evidence.proving import Published
from infrastructure.postgres.statements import statements
from infrastructure.store import Store

_SQL = statements("evidence")
WIDTH = 256
"""Hashes of a whole tile, and entries of a whole bundle."""

HIGHEST = 5
_PATH = re.compile(r"(?P<level>entries|[0-5])/(?P<index>(?:x\d{3}/)*\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?")


@dataclass(frozen=True, slots=True)
class Tile:
    """Which tile is asked for: a level (None: the entries themselves), its index, and how wide it is."""

    level: int | None
    index: int
    width: int

    @property
    def is_whole(self) -> bool:
        """Whether it will never change."""
        return self.width == WIDTH

    def written(self) -> str:
        """Its path, as the specification writes it."""
        groups = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        level = "entries" if self.level is None else str(self.level)
        return f"{level}/{'/'.join(groups)}{'' if self.is_whole else f'.p/{self.width}'}"


def read_tile(path: str) -> Tile | None:
    """The tile that the end of a path names; None when it names none."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    level = None if found["level"] == "entries" else int(found["level"])
    index = int(found["index"].replace("x", "").replace("/", ""))
    tile = Tile(level, index, int(found["width"] or WIDTH))
    return tile if tile.written() == path and tile.width <= WIDTH else None


def tiles_of(size: int) -> list[Tile]:
    """Every tile of a log of that size: what one has to fetch to have all of it."""
    found: list[Tile] = []
    level, width = 0, size
    while width:
        for index in range(-(-width // WIDTH)):
            wide = min(WIDTH, width - index * WIDTH)
            found.append(Tile(level, index, wide))
            if level == 0:
                found.append(Tile(None, index, wide))
        level, width = level + 1, width // WIDTH
    return found


def tile_bytes(store: Store, published: Published, tile: Tile) -> bytes | None:
    """The bytes of a tile within a checkpoint; None where the log has not grown so far."""
    level = tile.level or 0
    first, end = tile.index * WIDTH, tile.index * WIDTH + tile.width
    if end << (8 * level) > published.checkpoint.size:
        return None
    with store.connections.take() as connection:
        if tile.level is None:
            leaves = connection.execute(_SQL["head_leaves"], {"first": first, "end": end}, binary=True)
            return b"".join(len(leaf).to_bytes(2, "big") + leaf for _, leaf in leaves)
        found = b"".join(nodes_of(connection, HEAD_LOG)(level, first, end))
    return found if len(found) == tile.width * HASH_SIZE else None
