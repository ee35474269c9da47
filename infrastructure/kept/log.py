"""The security log from the kept lists: the lines of a page, read from the newest place down."""

from collections.abc import Iterator
from itertools import islice

from domain.facts import FACT_TYPES
from domain.ledger import Line
from infrastructure.kept import log_keys as keys
from infrastructure.kept.asked import Asked
from infrastructure.kept.lists import walk
from infrastructure.kept.reading import PageReading
from infrastructure.kept.standpoints import Standpoints

AT_ONCE = 500
"""Entries that are read together where everything is asked for."""

MOST_LOOKED_AT = 20_000
"""Entries that are read for one page where no list has what is asked for: a page then has fewer rows, or none."""

_TYPES = frozenset(FACT_TYPES)


def lines_of_page(reading: PageReading, asked: Asked, stands: Standpoints) -> tuple[list[Line], int | None]:
    """The lines of a page, and the position of its oldest entry if there are others before it."""
    limit = asked.page.limit if asked.page is not None else None
    end = asked.position + 1
    if asked.page is not None and asked.page.before is not None:
        end = min(end, asked.page.before)
    size = AT_ONCE if limit is None else limit + 1
    taken: list[Line] = []
    looked = 0
    through = asked.wanted.looks_through
    for positions in chunks(walk(reading, asked, _TYPES, keys.place_of(end), size), size, growing=through):
        entries = reading.entries(positions)
        found: dict[int, list[Line]] = {}
        for line in stands.asked_for(entries[position] for position in positions if position in entries):
            found.setdefault(line.position, []).append(line)
        for lines in found.values():
            if limit is not None and taken and len(taken) + len(lines) > limit:
                return taken, taken[-1].position
            taken += lines
        looked += len(positions)
        if through and limit is not None and looked >= MOST_LOOKED_AT:
            return taken, positions[-1]
    return taken, None


def chunks(positions: Iterator[int], size: int, *, growing: bool = False) -> Iterator[list[int]]:
    """Positions, some at a time; ever more where most of them come to nothing."""
    while some := list(islice(positions, size)):
        yield some
        size = max(size, min(size * 2, AT_ONCE)) if growing else size
