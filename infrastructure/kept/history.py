"""The change history from the kept lists: the changes of a page, each whole, by where their first line lies.

Lists are walked by the places of lines, a page goes by those of changes. A change's lines lie side by side as a rule;
those that do not (stragglers) are looked for by themselves.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TypeAlias

from domain.ledger import Line, lines_of
from infrastructure.kept import log_keys as keys
from infrastructure.kept.asked import Asked
from infrastructure.kept.lists import walk
from infrastructure.kept.log import AT_ONCE, MOST_LOOKED_AT, chunks
from infrastructure.kept.log_lines import FAR_APART
from infrastructure.kept.reading import PageReading
from infrastructure.kept.standpoints import Standpoints
from projections.history import Change, change_of

Told: TypeAlias = Sequence[Line]


def changes_of_page(reading: PageReading, asked: Asked, stands: Standpoints) -> tuple[list[Told], int | None]:
    """The changes of a page, the newest first, and the first position of the oldest if there are others before it."""
    page = asked.page
    limit = page.limit if page is not None else None
    end = keys.place_of(asked.position + 1)
    before = end if page is None or page.before is None else min(end, keys.place_of(page.before))
    size = AT_ONCE if limit is None else limit + 1
    changes = _Changes(reading, stands, before)
    if before < end:
        changes.read(row[0] for row in reading.rows("stragglers", {"before": before}))
    looked = 0
    through = asked.wanted.looks_through
    places = walk(reading, asked, keys.DECIDING, min(end, before + FAR_APART), size)
    for positions in chunks(places, size, growing=through):
        changes.read_at(positions)
        if limit is not None and changes.settled(positions[-1]) > limit:
            break
        looked += len(positions)
        if through and limit is not None and looked >= MOST_LOOKED_AT and keys.place_of(positions[-1]) < before:
            seen = [change for change in changes.found if change[0].position >= positions[-1]]
            return sorted(seen, key=_first, reverse=True), positions[-1]
    found = sorted(changes.found, key=_first, reverse=True)
    if limit is None or len(found) <= limit:
        return found, None
    return found[:limit], keys.position_of(_first(found[limit - 1]))


class _Changes:
    """Changes that are asked for, as they come up."""

    def __init__(self, reading: PageReading, stands: Standpoints, before: int) -> None:
        self.found: list[Told] = []
        self._reading = reading
        self._stands = stands
        self._before = before
        self._seen: set[int] = set()
        self._whole: set[Change] = set()

    def read_at(self, positions: Iterable[int]) -> None:
        """Read the changes of which something lies at positions."""
        entries = self._reading.entries(positions).values()
        self.read(keys.change_key(*change_of(line)) for entry in entries for line in islice(lines_of(entry, 0), 1))

    def read(self, changes: Iterable[int]) -> None:
        """Read changes whole, and keep those that are asked for and begin early enough."""
        new = list(dict.fromkeys(change for change in changes if change not in self._seen))
        if not new:
            return
        self._seen.update(new)
        asked = {"changes": new, "end": keys.place_of(self._reading.position + 1), "before": self._before}
        positions = {keys.position_of(place) for (place,) in self._reading.rows("places_of_changes", asked)}
        entries = self._reading.entries(positions)
        whole: dict[Change, list[Line]] = {}
        for _, entry in sorted(entries.items()):
            for line in lines_of(entry, 0):
                if line.fact.type in keys.DECIDING:
                    whole.setdefault(change_of(line), []).append(line)
        told = (line for line in self._stands.asked_for(entries.values()) if line.fact.type in keys.DECIDING)
        for change in {change_of(line) for line in told} - self._whole:
            lines = [line for line in whole[change] if self._stands[line.fact.location].shows(line)]
            self._whole.add(change)
            if _first(lines) < self._before:
                self.found.append(lines)

    def settled(self, position: int) -> int:
        """How many changes begin at a position or later: nothing that comes up from there on goes before them."""
        return sum(lines[0].position >= position for lines in self.found)


def _first(lines: Told) -> int:
    return keys.place_of(lines[0].position)
