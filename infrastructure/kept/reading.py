"""What a page reads of the ledger: entries by their positions, each once; and where facts lie that others name."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.entries import Entry
from infrastructure.kept.entries import Stored
from infrastructure.mapper import entry_of
from infrastructure.postgres.statements import statements
from infrastructure.store import Store

_SQL = statements("kept_log")


class PageReading:
    """Reads for one page, up to a position."""

    def __init__(self, store: Store, position: int) -> None:
        self._connections = store.connections
        self.position = position
        self._entries: dict[int, Entry | None] = {}

    def rows(self, name: str, asked: Mapping[str, Any]) -> list[Any]:
        """The rows of a statement, planned for what is asked."""
        return self._connections.read(_SQL[name], dict(asked), prepare=False)

    def listed(self, name: str, asked: Mapping[str, Any]) -> list[Any]:
        """The rows of a statement that walks lists: in their order, however much the planner believes is on them."""
        return self._connections.read(_SQL[name], dict(asked), prepare=False, settings=_SQL["in_order"])

    def entries(self, positions: Iterable[int]) -> dict[int, Entry]:
        """The entries at positions; what cannot be read, or lies in the ledger no more, is left out."""
        wanted = set(positions)
        missing = [position for position in wanted if position not in self._entries]
        if missing:
            self._entries.update(dict.fromkeys(missing))
            for row in self.rows("entries_at", {"positions": missing}):
                found = entry_of(Stored(*row))
                if isinstance(found, Entry):
                    self._entries[row[0]] = found
        read = ((position, self._entries[position]) for position in wanted)
        return {position: entry for position, entry in read if entry is not None}

    def positions_of(self, facts: Iterable[str], undone: Iterable[str]) -> dict[str, set[int]]:
        """By fact id: where it lies, for those of `facts`; where others lie that undo it, for those of `undone`."""
        found: dict[str, set[int]] = {}
        asked = {"facts": list(facts), "undone": list(undone), "upto": self.position}
        for fact, position in self.rows("positions_of", asked):
            found.setdefault(fact, set()).add(position)
        return found
