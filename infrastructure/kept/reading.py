"""What a page reads of the ledger: entries by their positions, each once; and where facts lie that others name."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.entries import Entry
from domain.ledger import lines_of
from infrastructure.kept.entries import Stored, opened
from infrastructure.kept.veiled import Veiled
from infrastructure.mapper import entry_of
from infrastructure.postgres.statements import statements
from infrastructure.store import Store

_SQL = {**statements("kept_log"), **statements("kept_lists")}


class PageReading:
    """Reads for one page, up to a position."""

    def __init__(self, store: Store, position: int) -> None:
        self._connections = store.connections
        self.position = position
        self._entries: dict[int, Entry | None] = {}
        self._lies_at: dict[str, int] = {}

    def rows(self, name: str, asked: Mapping[str, Any]) -> list[Any]:
        """The rows of a statement, planned for what is asked."""
        return self._connections.read(_SQL[name], dict(asked), prepare=False)

    def listed(self, name: str, asked: Mapping[str, Any]) -> list[Any]:
        """The rows of a statement that walks lists: in their order, however much the planner believes is on them."""
        return self._connections.read(_SQL[name], dict(asked), prepare=False, settings=_SQL["in_order"])

    def names(self, location: str) -> Veiled:
        """What reads the names that are kept of a location."""
        return Veiled(self._connections.boundary, location)

    def fetch(self, texts: Iterable[str]) -> None:
        """Have the keys at hand that names in some texts are veiled with."""
        self._connections.boundary.fetch(texts)

    def entries(self, positions: Iterable[int]) -> dict[int, Entry]:
        """The entries at positions; what cannot be read, or lies in the ledger no more, is left out."""
        wanted = set(positions)
        missing = [position for position in wanted if position not in self._entries]
        if missing:
            asked = {"positions": missing}
            rows = self._connections.read(_SQL["entries_at"], asked, prepare=False, settings=_SQL["at_once"])
            self._entries.update(dict.fromkeys(missing))
            for stored in opened(rows, self._connections.boundary):
                self._take(stored)
        read = ((position, self._entries[position]) for position in wanted)
        return {position: entry for position, entry in read if entry is not None}

    def positions_of(self, facts: Iterable[str], undone: Iterable[str]) -> dict[str, set[int]]:
        """By fact id: where it lies, for those of `facts`; where others lie that undo it, for those of `undone`."""
        found: dict[str, set[int]] = {}
        missing: list[str] = []
        for fact in facts:
            if fact in self._lies_at:
                found[fact] = {self._lies_at[fact]}
            else:
                missing.append(fact)
        asked = {"facts": missing, "undone": list(undone), "upto": self.position}
        for fact, position in self.rows("positions_of", asked):
            found.setdefault(fact, set()).add(position)
        return found

    def _take(self, stored: Stored) -> None:
        """Read a row; an id is used once, so a fact that was read lies nowhere else."""
        entry = entry_of(stored)
        if isinstance(entry, Entry):
            self._entries[stored.position] = entry
            self._lies_at.update((line.fact.id, stored.position) for line in lines_of(entry, 0))
